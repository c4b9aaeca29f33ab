"""What the server says over the socket, as types: the source of `docs/asyncapi.json`, and what the tests hold every frame against."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic needs this one below Python 3.12

from realtime.schemas import FeedKey, Id, Number

exact = with_config(ConfigDict(extra="forbid", strict=True))
Stamp = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
Kind = Literal["text", "system", "file", "game"]
Presence = Literal["online", "away", "busy", "offline"]


@exact
class Reaction(TypedDict):
    """An emoji and who put it there."""

    emoji: str
    users: list[Id]


@exact
class Message(TypedDict):
    """A whole message, the same for all; of two versions the one with the higher `change` holds."""

    id: Id
    conversation: Id
    seq: Id
    change: Id
    sender: Id | None
    sender_name: str
    client_id: str | None
    kind: Kind
    body: str
    html: str | None
    reply_to: Id | None
    sent_at: Stamp
    edited_at: Stamp | None
    recalled_at: Stamp | None
    recalled_by: Id | None
    reactions: list[Reaction]


@exact
class Preview(TypedDict):
    """The last message of a conversation, a hundred letters of it."""

    seq: Id
    sender: Id | None
    kind: Kind
    text: str
    sent_at: Stamp
    recalled: bool


@exact
class Conversation(TypedDict):
    """A conversation as one person has it in the list; fields at their default may be left out (docs/protocol.md)."""

    id: Id
    kind: Literal["direct", "group", "everyone"]
    name: NotRequired[str]
    peer: NotRequired[Id | None]
    role: NotRequired[Literal["master", "manager", "member"]]
    notice: NotRequired[str]
    last_seq: Number
    last_change: Number
    read_seq: NotRequired[Number]
    cleared_seq: NotRequired[Number]
    unread: NotRequired[Number]
    mention: NotRequired[bool]
    level: NotRequired[Literal["all", "mentions", "none"]]
    pinned: NotRequired[bool]
    can_post: NotRequired[bool]
    closed: NotRequired[Literal["", "person", "friends"]]
    members: NotRequired[Number]
    peer_read_seq: NotRequired[Number]
    draft: NotRequired[str]
    preview: NotRequired[Preview | None]


@exact
class Person(TypedDict):
    """A person as everybody may see him; fields at their default may be left out."""

    id: Id
    username: str
    name: str
    avatar: NotRequired[str]
    presence: NotRequired[Presence]
    status: NotRequired[str]
    last_seen: NotRequired[Stamp | None]


@exact
class Me(TypedDict):
    """Oneself."""

    id: Id
    username: str
    name: str
    avatar: str
    language: str
    theme: str
    is_admin: bool
    options: dict[str, bool | int | str]
    status: str


@exact
class Site(TypedDict):
    """What the browser needs to know of the site's policies."""

    name: str
    friends_only: bool
    recall_minutes: int
    edit_minutes: int


@exact
class Asked(TypedDict):
    """Somebody who wants to be a friend."""

    user: Id
    words: str
    at: Stamp


@exact
class Relations(TypedDict):
    """Whom one knows, asks, is asked by, and wants to hear nothing of."""

    friends: list[Id]
    incoming: list[Asked]
    outgoing: list[Id]
    blocked: list[Id]


@exact
class Snapshot(TypedDict):
    """What a client begins with; `partial`: only what changed since its cursors."""

    me: Me
    relations: NotRequired[Relations]  # of a partial one they are what they were
    site: Site
    partial: bool
    cursor: Number
    conversations: list[Conversation]
    gone: list[Id]
    people: list[Person]
    partners: NotRequired[list[list[Id | Presence]]]  # partial only: of all direct conversations


@exact
class Read(TypedDict):
    """A read mark of one's own."""

    conversation: Id
    read_seq: Number
    unread: Number
    last_seq: Number  # up to which `unread` was counted
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


@exact
class Private(TypedDict, total=False):
    """Facts of one person; with `all`, `conversations` are all there are."""

    all: bool
    me: Me
    relations: Relations
    reads: list[Read]
    drafts: list[Draft]
    memberships: list[OwnMembership]
    options: dict[str, bool | int | str]
    conversations: list[Conversation]
    gone: list[Id]
    people: list[Person]


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
class Policies(TypedDict):
    """Policies changed."""

    site: Site


NUMBERED: dict[str, Any] = {"message": Message, "head": None, "private": Private}  # events of feeds; head has no data
PLAIN: dict[str, Any] = {
    "ready": Snapshot,
    "live": None,
    "ping": None,
    "people": PeopleData,
    "presence": PresenceData,
    "typing": Typing,
    "receipts": Receipts,
    "policies": Policies,
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
