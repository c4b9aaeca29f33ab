"""What the server says over the socket, as types: the source of `docs/asyncapi.json`, and what the tests hold every frame against."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic needs this one below Python 3.12

from realtime.schemas import FeedKey, Id, Number
from realtime.wire_objects import Conversation, Joining, Me, Message, Person, Presence, Relations, Site, Stamp, exact


@exact
class AtTable(TypedDict):
    """A card table at which one sits (0–3) or that one watches."""

    table: Id
    conversation: Id
    seat: int | None


@exact
class Hand(TypedDict):
    """One's own cards in a running match, as they were at that number of the table."""

    seq: Number
    match: Id
    cards: list[int]


@exact
class Snapshot(TypedDict):
    """What a client begins with; `partial`: only what changed since its cursors."""

    me: Me
    relations: NotRequired[Relations]  # of a partial one they are what they were
    joining: NotRequired[Joining]  # likewise
    site: Site
    partial: bool
    cursor: Number
    conversations: list[Conversation]
    gone: NotRequired[list[Id]]  # partial only
    people: list[Person]
    partners: NotRequired[list[list[Id | Presence]]]  # partial only: of all direct conversations
    tables: NotRequired[list[AtTable]]
    hands: NotRequired[dict[str, Hand]]  # by table


@exact
class Read(TypedDict):
    """A read mark of one's own."""

    conversation: Id
    read_seq: Number
    unread: Number
    mentions: Number
    last_seq: Number  # up to which `unread` and `mentions` were counted
    back: NotRequired[bool]  # the mark may lie behind the one before


@exact
class Draft(TypedDict):
    """A draft of one's own."""

    conversation: Id
    body: str


@exact
class OwnMembership(TypedDict):
    """How one keeps a conversation in one's own list."""

    conversation: Id
    pinned: bool
    level: Literal["all", "mentions", "none"]
    cleared_seq: Number


@exact
class Private(TypedDict, total=False):
    """Facts of one person; with `all`, `conversations` are all there are."""

    all: bool
    me: Me
    relations: Relations
    joining: Joining
    reads: list[Read]
    drafts: list[Draft]
    memberships: list[OwnMembership]
    options: dict[str, bool | int | str]
    conversations: list[Conversation]
    gone: list[Id]
    people: list[Person]
    tables: list[AtTable]  # all there are
    hands: dict[str, Hand]  # by table; with `all`, these are all there are


@exact
class Face(TypedDict):
    """How somebody calls and shows himself now."""

    id: Id
    name: str
    avatar: str
    status: str


@exact
class PeopleData(TypedDict):
    """People who have changed their name, picture or status."""

    people: list[Face]


@exact
class Seen(TypedDict):
    """A change of presence."""

    id: Id
    presence: Presence
    last_seen: Stamp | None


@exact
class PresenceData(TypedDict):
    """Whose presence changed."""

    people: list[Seen]


@exact
class Typing(TypedDict):
    """Somebody writes; forget it after six seconds."""

    conversation: Id
    user: Id
    name: str


@exact
class Receipts(TypedDict):
    """Read marks of others: pairs of user and seq."""

    conversation: Id
    reads: list[Annotated[list[Number], Field(min_length=2, max_length=2)]]
    back: NotRequired[bool]


@exact
class PinsData(TypedDict):
    """The pinned messages of a conversation, the one pinned last first."""

    conversation: Id
    pins: list[Message]


@exact
class HereData(TypedDict):
    """Somebody has opened the conversation, or no longer shows it."""

    conversation: Id
    user: Id
    on: bool


@exact
class Policies(TypedDict):
    """Policies changed."""

    site: Site


@exact
class TableName(TypedDict):
    """How somebody at a table calls and shows himself."""

    name: str
    avatar: str


@exact
class TableData(TypedDict):
    """What happened at a card table, and how it stands for everybody (docs/protocol.md)."""

    table: Id
    conversation: Id
    seq: Id
    view: dict[str, Any]
    events: list[dict[str, Any]]
    names: NotRequired[dict[str, TableName]]
    closed: NotRequired[Literal["closed", "empty", "dissolved", "off", "blocked"]]


@exact
class SaidData(TypedDict):
    """A phrase of somebody at a table, for a moment."""

    table: Id
    user: Id
    seat: int | None
    phrase: str


NUMBERED: dict[str, Any] = {
    "message": Message,
    "head": None,
    "private": Private,
    "table": TableData,
}  # events of feeds; head has no data
PLAIN: dict[str, Any] = {
    "ready": Snapshot,
    "live": None,
    "ping": None,
    "people": PeopleData,
    "presence": PresenceData,
    "typing": Typing,
    "receipts": Receipts,
    "pins": PinsData,
    "here": HereData,
    "policies": Policies,
    "said": SaidData,
}


@exact
class Done(TypedDict):
    """The answer to a command that was done."""

    type: Literal["reply"]
    ref: int | None
    ok: Literal[True]
    data: dict[str, Any]


@exact
class Error(TypedDict):
    """A stable code for programs, a text in the user's language for people."""

    code: str
    message: str


@exact
class Refused(TypedDict):
    """The answer to a command that was not done."""

    type: Literal["reply"]
    ref: int | None
    ok: Literal[False]
    error: Error


@exact
class Resync(TypedDict):
    """Too much is missing: drop what you hold of the feed and fetch a page."""

    type: Literal["resync"]
    feed: FeedKey


def _event(name: str, data: Any, numbered: bool) -> Any:
    fields: dict[str, Any] = {"type": Literal[name]}
    if numbered:
        fields |= {"feed": FeedKey, "number": Number, "prev": Number}
    if data is not None:
        fields["data"] = data
    return exact(TypedDict(f"{name.capitalize()}Event", fields))  # type: ignore[operator]


EVENTS: dict[str, Any] = {
    **{name: _event(name, data, True) for name, data in NUMBERED.items()},
    **{name: _event(name, data, False) for name, data in PLAIN.items()},
    "resync": Resync,
}
REPLIES: tuple[Any, ...] = (Done, Refused)
