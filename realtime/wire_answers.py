"""What each command is answered with, as types; with `wire` the source of `docs/asyncapi.json`."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict  # pydantic needs this one below Python 3.12

from realtime.schemas import Id, Number
from realtime.wire import Conversation, Stamp, exact


@exact
class Sent(TypedDict):
    """Where the message stands."""

    conversation: Id
    seq: Id
    change: Id
    id: Id
    sent_at: Stamp


@exact
class Numbers(TypedDict):
    """The message's place and the number of what was done to it."""

    seq: Id
    change: Id


@exact
class ReadMark(TypedDict):
    """The read mark that holds now."""

    read_seq: Number


@exact
class Here(TypedDict):
    """Who shows the conversation."""

    here: list[Id]


@exact
class Resumed(TypedDict, total=False):
    """The feed's number now, or: drop what you hold."""

    number: Number
    resync: bool


@exact
class AllOptions(TypedDict):
    """All of one's options."""

    options: dict[str, bool | int | str]


@exact
class Invite(TypedDict):
    """An invite link into a group."""

    id: Id
    maker: str
    expires_at: Stamp
    uses: Number
    max_uses: Number | None


@exact
class NewInvite(Invite):
    """The same with its token, which only this answer has."""

    token: str


@exact
class Invites(TypedDict):
    """Those that still work."""

    invites: list[Invite]


@exact
class Nothing(TypedDict):
    """Done."""


ANSWERS: dict[str, Any] = {
    "feed.resume": Resumed,
    "conversation.open": Here,
    "conversation.read": ReadMark,
    "message.send": Sent,
    "message.edit": Numbers,
    "message.recall": Numbers,
    "message.react": Numbers,
    "direct.open": Conversation,
    "group.create": Conversation,
    "options.save": AllOptions,
    "invite.make": NewInvite,
    "invite.list": Invites,
}  # every other command answers Nothing; hello is answered by `ready`
