"""Conversations, memberships and messages."""

from messaging.models.conversation import Conversation, Draft, Membership, Mute, running_mutes
from messaging.models.file import MessageFile, MessageOffer
from messaging.models.invite import InviteLink
from messaging.models.joining import Invitation, JoinRequest, Waiting
from messaging.models.mailing import Mailing
from messaging.models.message import Mention, Message, Pin, Reaction, RemovedText
from messaging.models.report import Report

__all__ = [
    "Conversation",
    "Draft",
    "Invitation",
    "InviteLink",
    "JoinRequest",
    "Mailing",
    "Membership",
    "Mention",
    "Message",
    "MessageFile",
    "MessageOffer",
    "Mute",
    "Pin",
    "Reaction",
    "RemovedText",
    "Report",
    "Waiting",
    "running_mutes",
]
