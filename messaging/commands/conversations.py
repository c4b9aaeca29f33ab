"""What people may ask of conversations in their own list, and what others see of them while they write."""

from __future__ import annotations

from typing import Any, Literal

from core.refusal import Refusal
from core.registry import Caller, command
from messaging import actions
from messaging.commands.data import InConversation, WithUser
from messaging.typing import tell_typing
from realtime.schemas import Number


class Read(InConversation):
    """Everything up to this message was seen; with `back`, nothing after it."""

    seq: Number
    back: bool = False


class Draft(InConversation):
    """What is in the composer; blank forgets it."""

    body: str


class PinConversation(InConversation):
    """At the top of one's own list, or no longer."""

    on: bool


class Level(InConversation):
    """What of it one is notified of."""

    level: Literal["all", "mentions", "none"]


class Clear(InConversation):
    """The last message that is hidden from oneself; a lower one than before, or 0, shows the others again."""

    seq: Number


@command("conversation.read", Read, batched=True, gather=1.0)
def read(requests: list[tuple[Caller, Read]]) -> list[dict | Refusal]:
    """Move read marks."""
    return actions.mark_read([(caller, data.conversation, data.seq, data.back) for caller, data in requests])


@command("conversation.clear", Clear)
def clear(actor: Any, data: Clear) -> dict:
    """Clear the screen for oneself."""
    actions.clear_conversation(actor, data.conversation, data.seq)
    return {}


@command("conversation.typing", InConversation, batched=True, gather=0.2)
def typing(requests: list[tuple[Caller, InConversation]]) -> list[dict | Refusal]:
    """Tell those who look at the conversation that somebody writes."""
    return tell_typing([(caller, data.conversation) for caller, data in requests])


@command("draft.save", Draft)
def draft(actor: Any, data: Draft) -> dict:
    """Keep a draft."""
    actions.save_draft(actor, data.conversation, data.body)
    return {}


@command("conversation.pin", PinConversation)
def pin_conversation(actor: Any, data: PinConversation) -> dict:
    """Pin a conversation to the top of the list."""
    actions.pin_conversation(actor, data.conversation, data.on)
    return {}


@command("conversation.level", Level)
def level(actor: Any, data: Level) -> dict:
    """Choose what of a conversation one is notified of."""
    actions.set_level(actor, data.conversation, data.level)
    return {}


@command("direct.open", WithUser)
def direct(actor: Any, data: WithUser) -> dict:
    """Open the direct conversation with a person."""
    return actions.open_direct(actor, data.user)
