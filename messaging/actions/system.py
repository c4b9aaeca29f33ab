"""System messages: facts of a conversation, as code and arguments, worded in the browser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from core import registry
from messaging.actions.facts import store_numbers
from messaging.events import data_of_message
from messaging.models import Conversation, Message
from realtime import hints
from realtime.frames import encode


def name_of(user: Any) -> str:
    """How a person is called."""
    return user.display_name or user.username


def people(users: Iterable[Any]) -> list[dict]:
    """Users as the arguments of a system message."""
    return [{"id": user.pk, "name": name_of(user)} for user in users]


def conversation_changed(conversation: Conversation) -> None:
    """Tell upper apps that the conversation has fewer members, or other settings."""
    for hook in registry.conversation_changed:
        hook(conversation.pk)


def post_system(
    conversation: Conversation, actor: Any, code: str, detach: Iterable[int] = (), **arguments: Any
) -> Message:
    """Number and write a fact; the conversation's row is locked by the caller."""
    conversation.last_seq += 1
    conversation.last_change += 1
    message = Message.objects.create(
        conversation=conversation, seq=conversation.last_seq, change=conversation.last_change, sender=actor, kind=Message.Kind.SYSTEM,
        body=encode({"code": code, **arguments}), sent_at=timezone.now(),
    )  # fmt: skip
    store_numbers([(conversation.last_seq, conversation.last_change, conversation.pk)])
    hints.publish(f"c:{conversation.pk}", message.change, "message", data_of_message(message.pk), detach)
    return message


def publish_change(conversation: Conversation, message: Message) -> None:
    """Give a message the next change and announce it as it is now; the conversation's row is locked by the caller."""
    conversation.last_change += 1
    Message.objects.filter(pk=message.pk).update(change=conversation.last_change)
    store_numbers([(conversation.last_seq, conversation.last_change, conversation.pk)])
    message.change = conversation.last_change
    hints.publish(f"c:{conversation.pk}", message.change, "message", data_of_message(message.pk))
