"""What people may ask of messages, over the socket and the HTTP API."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from core.refusal import Refusal
from core.registry import Caller, command
from messaging import actions
from messaging.commands.data import ClientId, InConversation, OfMessage
from messaging.files import FILES_MAX
from messaging.summary import get_readers
from realtime.schemas import Id

FileToken = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]


class Send(InConversation):
    """A text, files, or both; the same `client_id` again gives the same answer."""

    client_id: ClientId
    body: str
    reply_to: Id | None = None
    files: Annotated[list[FileToken], Field(max_length=FILES_MAX)] = []


class Edit(OfMessage):
    """The new text."""

    body: str


class React(OfMessage):
    """An emoji, put or taken away."""

    emoji: Annotated[str, Field(max_length=16)]
    on: bool


class PinMessage(OfMessage):
    """In sight for everybody in the conversation, or no longer."""

    on: bool


class Forward(OfMessage):
    """Where a copy goes; the same `client_id` again gives the same answer."""

    to: Id
    client_id: ClientId


class OfferFile(InConversation):
    """A file that the other person may take; the same `client_id` again gives the same answer."""

    client_id: ClientId
    name: Annotated[str, Field(max_length=1000)]
    size: Annotated[int, Field(ge=0, lt=2**53)]


class AnswerOffer(OfMessage):
    """Take it, or refuse it."""

    accept: bool


def caller_of(actor: Any) -> Caller:
    """The actor as the send action wants to know him: with the session that he asks in."""
    return Caller(actor.pk, actor._login_session.pk, actor.language, getattr(actor, "ip", ""))


@command("message.send", Send, batched=True)
def send(requests: list[tuple[Caller, Send]]) -> list[dict | Refusal]:
    """Send texts that came in together."""
    return actions.send_messages(
        [
            actions.SendRequest(caller, data.conversation, data.client_id, data.body, data.reply_to, files=data.files)
            for caller, data in requests
        ]
    )


def _numbers(message: Any) -> dict:
    return {"seq": message.seq, "change": message.change}


@command("message.edit", Edit)
def edit(actor: Any, data: Edit) -> dict:
    """Edit one's own message."""
    return _numbers(actions.edit_message(actor, data.conversation, data.seq, data.body))


@command("message.recall", OfMessage)
def recall(actor: Any, data: OfMessage) -> dict:
    """Recall a message."""
    return _numbers(actions.recall_message(actor, data.conversation, data.seq))


@command("message.react", React)
def react(actor: Any, data: React) -> dict:
    """React to a message."""
    return _numbers(actions.react(actor, data.conversation, data.seq, data.emoji, data.on))


@command("message.pin", PinMessage)
def pin(actor: Any, data: PinMessage) -> dict:
    """Pin a message, or take the pin out."""
    return _numbers(actions.pin_message(actor, data.conversation, data.seq, data.on))


@command("message.forward", Forward)
def forward(actor: Any, data: Forward) -> dict:
    """Copy a message into another conversation."""
    return actions.forward_message(caller_of(actor), data.conversation, data.seq, data.to, data.client_id)


@command("message.readers", OfMessage)
def readers(actor: Any, data: OfMessage) -> dict:
    """Who has read a message."""
    return get_readers(actor, data.conversation, data.seq)


@command("file.offer", OfferFile)
def offer_file(actor: Any, data: OfferFile) -> dict:
    """Offer a file to the other person of a direct conversation."""
    return actions.offer_file(caller_of(actor), data.conversation, data.client_id, data.name, data.size)


@command("offer.answer", AnswerOffer)
def answer_offer(actor: Any, data: AnswerOffer) -> dict:
    """Answer an offer."""
    return _numbers(actions.answer_offer(actor, data.conversation, data.seq, data.accept))


@command("offer.withdraw", OfMessage)
def withdraw_offer(actor: Any, data: OfMessage) -> dict:
    """Take an offer back."""
    return _numbers(actions.withdraw_offer(actor, data.conversation, data.seq))
