"""Conversations, memberships and messages."""

from messaging.models.conversation import Conversation, Draft, Membership, Mute
from messaging.models.invite import InviteLink
from messaging.models.message import Message, Reaction, RemovedText

__all__ = ["Conversation", "Draft", "InviteLink", "Membership", "Message", "Mute", "Reaction", "RemovedText"]
