"""What people may ask of texts to several people."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from core.refusal import Refusal
from core.registry import command
from messaging import actions
from messaging.commands.data import ClientId
from messaging.commands.messages import caller_of
from messaging.mailings import mailings_of, status_of
from realtime.dispatch import Schema, explain
from realtime.schemas import Empty, Id


class Mail(Schema):
    """A text and who gets it; the same `client_id` again gives the same answer."""

    client_id: ClientId
    users: Annotated[list[Id], Field(max_length=1000)]
    body: str


class OfMailing(Schema):
    """Names a mailing."""

    mailing: Id


@command("mailing.send", Mail)
def send(actor: Any, data: Mail) -> dict:
    """Send one text to several people, each in the direct conversation with the sender."""
    answer = actions.send_mailing(caller_of(actor), data.client_id, data.users, data.body)
    for result in answer["results"]:
        if isinstance(refusal := result.get("error"), Refusal):
            code, message = explain(refusal, actor.language)
            result["error"] = {"code": code, "message": message}
    return answer


@command("mailing.list", Empty)
def list_mailings(actor: Any, data: Empty) -> dict:
    """What one has sent to several people."""
    return {"mailings": mailings_of(actor)}


@command("mailing.status", OfMailing)
def status(actor: Any, data: OfMailing) -> dict:
    """Who has got and read it."""
    return {"rows": status_of(actor, data.mailing)}
