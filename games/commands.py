"""What people may ask of card tables, over the socket and the HTTP API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from core.refusal import Refusal
from core.registry import Caller, command
from games import actions
from messaging.commands.data import ClientId, InConversation
from realtime.dispatch import Schema
from realtime.schemas import Id, Number

GATHER = 0.025  # seconds that acts of all tables wait for each other: one commit for them, so that messages of the chat do not wait for each
Card = Annotated[int, Field(ge=0, le=51)]
Options = dict[Annotated[str, Field(max_length=32)], bool | int | str | list[str]]


class Open(InConversation):
    """The rules: a preset, and what is different from it."""

    preset: Annotated[str, Field(max_length=16)] = "standard"
    options: Annotated[Options, Field(max_length=32)] | None = None


class AtTable(Schema):
    """Names a table."""

    table: Id


class Deed(AtTable):
    """What one does; `seq`: the last number of the table that one has seen. Each kind has fields of its own."""

    client_id: ClientId
    kind: Literal[
        "watch", "sit", "stand", "ready", "unready", "start", "play", "pass", "quit", "vote", "heartbeat", "say", "set", "reset", "unseat",
        "close",
    ]  # fmt: skip
    seq: Number = 0
    cards: Annotated[list[Card], Field(max_length=13)] = []
    seat: Annotated[int, Field(ge=0, le=3)] | None = None
    text: Annotated[str, Field(max_length=64)] = ""
    what: Literal["", "cancel", "wait"] = ""
    phrase: Annotated[str, Field(max_length=16)] = ""
    user: Number = 0
    preset: Annotated[str, Field(max_length=16)] = ""
    options: Annotated[Options, Field(max_length=32)] | None = None


@command("table.open", Open)
def open_table(actor: Any, data: Open) -> dict:
    """Open a card table in a conversation."""
    return {"table": actions.open_table(actor, data.conversation, data.preset, data.options)}


@command("table.follow", AtTable)
def follow(actor: Any, data: AtTable) -> dict:
    """Watch a table, and hear what happens there."""
    return actions.follow(actor, data.table)


@command("table.unfollow", AtTable)
def unfollow(actor: Any, data: AtTable) -> dict:
    """Watch it no longer."""
    actions.unfollow(actor, data.table)
    return {}


@command("table.act", Deed, batched=True, gather=GATHER)
def act(requests: list[tuple[Caller, Deed]]) -> list[dict | Refusal]:
    """Do something at a table."""
    lively = [(caller, data.table) for caller, data in requests if data.kind == "heartbeat"]
    heard = iter(actions.heartbeat(lively) if lively else [])
    played = [(caller, _act_of(data)) for caller, data in requests if data.kind not in ("heartbeat", "say")]
    done = iter(actions.act(played) if played else [])
    answers: list[dict | Refusal] = []
    for caller, data in requests:
        if data.kind == "say":
            answers.append(actions.say(caller, data.table, data.phrase))
        else:
            answers.append(next(heard if data.kind == "heartbeat" else done))
    return answers


def _act_of(data: Deed) -> actions.Act:
    return actions.Act(**{**data.model_dump(), "cards": tuple(data.cards)})
