"""What each command is answered with, as types; with `wire` the source of `docs/asyncapi.json`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic needs this one below Python 3.12

from realtime.schemas import Id, Number
from realtime.wire import Error, TableName
from realtime.wire_objects import Conversation, Stamp, exact


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
class Joined(TypedDict):
    """Whether one is in now; else one's request waits."""

    joined: bool


@exact
class Taken(TypedDict):
    """Who is in now, and who was invited: by policy instead, or because the command says so."""

    joined: list[Id]
    invited: list[Id]


@exact
class OpenInvitation(TypedDict):
    """An invitation into a group that waits for its answer."""

    id: Id
    user: Id
    name: str
    inviter: Id
    at: Stamp


@exact
class OpenInvitations(TypedDict):
    """Those that wait: all of them for masters and managers, else one's own."""

    invitations: list[OpenInvitation]


@exact
class Readers(TypedDict):
    """Who has read a message, of those who take part in receipts; `of` counts them, its sender left out."""

    read: list[Id]
    of: Number


@exact
class Result(TypedDict):
    """What became of a text to one of several people: a message, or why there is none."""

    user: Id
    conversation: NotRequired[Id]
    seq: NotRequired[Id]
    error: NotRequired[Error]


@exact
class Mailed(TypedDict):
    """One text to several people."""

    mailing: Id
    results: list[Result]


@exact
class Mailing(TypedDict):
    """How many it reached and how many have read it; no text when it was recalled everywhere."""

    id: Id
    at: Stamp
    text: str
    receivers: Number
    read: Number


@exact
class Mailings(TypedDict):
    """What one has sent to several people, the last one first."""

    mailings: list[Mailing]


@exact
class MailingRow(TypedDict):
    """One receiver; who takes no part in receipts never counts as having read."""

    user: Id
    conversation: Id
    seq: Id
    read: bool


@exact
class MailingRows(TypedDict):
    """The status table of a mailing."""

    rows: list[MailingRow]


@exact
class OpenedTable(TypedDict):
    """The card table."""

    table: Id


@exact
class TableSnapshot(TypedDict):
    """A card table as one person sees it."""

    table: Id
    conversation: Id
    seq: Id
    view: dict[str, Any]
    hand: list[int] | None
    names: dict[str, TableName]
    log: list[list[Any]]
    role: Literal["host", "player", "watcher", ""]
    may_close: bool


@exact
class Acted(TypedDict):
    """The number of what was done; or, without `done`, how it stands instead."""

    seq: Id
    done: bool
    hand: list[int] | None
    snapshot: NotRequired[TableSnapshot]


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
    "message.pin": Numbers,
    "message.forward": Sent,
    "file.offer": Sent,
    "offer.answer": Numbers,
    "offer.withdraw": Numbers,
    "message.readers": Readers,
    "mailing.send": Mailed,
    "mailing.list": Mailings,
    "mailing.status": MailingRows,
    "direct.open": Conversation,
    "group.create": Conversation,
    "group.join": Joined,
    "group.add": Taken,
    "group.invite": Taken,
    "invitation.list": OpenInvitations,
    "options.save": AllOptions,
    "invite.make": NewInvite,
    "invite.list": Invites,
    "table.open": OpenedTable,
    "table.follow": TableSnapshot,
    "table.act": Acted,
}  # every other command answers Nothing; hello is answered by `ready`
