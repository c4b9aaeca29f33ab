"""Conversations, memberships and messages."""

from messaging.models.conversation import Conversation, Draft, Membership, Mute
from messaging.models.message import Message, Reaction, RemovedText

__all__ = ["Conversation", "Draft", "Membership", "Message", "Mute", "Reaction", "RemovedText"]
