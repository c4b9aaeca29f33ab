"""What messages, conversations and people are on the wire: the parts of what `wire` and `wire_answers` put together."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic needs this one below Python 3.12

from realtime.schemas import Id, Number

exact = with_config(ConfigDict(extra="forbid", strict=True))
Stamp = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
Kind = Literal["text", "system", "file", "game"]
FileKind = Literal["image", "audio", "video", "file"]
Presence = Literal["online", "away", "busy", "offline"]
JoinPolicy = Literal["open", "request", "invitation"]


@exact
class Reaction(TypedDict):
    """An emoji and who put it there."""

    emoji: str
    users: list[Id]


@exact
class Forwarded(TypedDict):
    """Who wrote what somebody has passed on; an empty name is a deleted account."""

    id: Id | None
    name: str


@exact
class File(TypedDict):
    """A file in a message; fields at 0, "", false or null are left out. Sizes in bytes and pixels, `duration` in milliseconds."""

    token: str
    name: str
    size: Number
    kind: FileKind
    status: Literal["processing", "ready", "failed", "refused"]
    type: str  # as it is served
    width: NotRequired[Number]
    height: NotRequired[Number]
    duration: NotRequired[Number]
    animated: NotRequired[bool]
    color: NotRequired[str]  # "#rrggbb", to show until the picture is there
    preview: NotRequired[bool]  # there is one, and a still of what is animated
    peaks: NotRequired[list[Number]]  # of a voice message: 64 heights up to 100


@exact
class Offer(TypedDict):
    """A file that is transferred only after its receiver has agreed; the sender is the message's."""

    id: Id
    receiver: Id
    name: str
    size: Number
    state: Literal["offered", "accepted", "done", "refused", "withdrawn", "expired"]
    expires_at: Stamp


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
    mentions: NotRequired[list[Id]]
    mentions_all: NotRequired[bool]
    forwarded_from: NotRequired[Forwarded | None]
    pinned: NotRequired[bool]
    files: NotRequired[list[File]]
    offer: NotRequired[Offer]


@exact
class Preview(TypedDict):
    """The last message of a conversation, a hundred letters of it; `files`: of which kinds; `file`: the name of the first, or of what is offered."""

    seq: Id
    sender: Id | None
    kind: Kind
    text: str
    sent_at: Stamp
    recalled: bool
    files: NotRequired[list[FileKind | Literal["voice"]]]
    file: NotRequired[str]


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
    mentions: NotRequired[Number]
    level: NotRequired[Literal["all", "mentions", "none"]]
    pinned: NotRequired[bool]
    can_post: NotRequired[bool]
    closed: NotRequired[Literal["", "person", "friends"]]
    members: NotRequired[Number]
    peer_read_seq: NotRequired[Number]
    draft: NotRequired[str]
    preview: NotRequired[Preview | None]
    join_policy: NotRequired[JoinPolicy]
    discoverable: NotRequired[bool]
    posting: NotRequired[Literal["all", "managers"]]
    slow_mode: NotRequired[Number]
    members_invite: NotRequired[bool]
    tables: NotRequired[bool]  # whether one may open card tables
    muted_until: NotRequired[Stamp | None]
    notice_seq: NotRequired[Number]
    avatar: NotRequired[str]


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
    waiting: Number  # people whom an administrator has to let in; 0 for everybody else
    reports: Number  # reported messages that wait for a moderator or administrator; 0 for everybody else
    disk_low: bool  # of administrators: the server has little room left
    options: dict[str, bool | int | str]
    status: str


@exact
class Announcement(TypedDict):
    """What the site says to everybody; the key changes with the text."""

    key: str
    text: str


@exact
class Site(TypedDict):
    """What the browser needs to know of the site's policies."""

    name: str
    friends_only: bool
    announcement: Announcement | None
    recall_minutes: int
    edit_minutes: int
    max_size: Number  # bytes of a file
    file_kinds: Literal["all", "media", "images"]
    tables: bool  # whether there are card tables


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
class JoinRequest(TypedDict):
    """Somebody waits to be let into a group that one manages."""

    id: Id
    conversation: Id
    user: Id
    words: str
    at: Stamp


@exact
class Invitation(TypedDict):
    """A group that one may join; how many are in it was counted when this was written."""

    id: Id
    conversation: Id
    name: str
    members: Number
    inviter: Id | None
    at: Stamp


@exact
class OwnRequest(TypedDict):
    """A group that one waits to be let into."""

    id: Id
    conversation: Id
    name: str
    words: str
    at: Stamp


@exact
class Told(TypedDict):
    """An answer to one's own request (by `user`) or to one's own invitation (of `user`), until it is dismissed."""

    id: Id
    kind: Literal["request", "invitation"]
    conversation: Id
    name: str
    user: Id | None
    accepted: bool
    reason: str
    at: Stamp


@exact
class Joining(TypedDict):
    """What waits for an answer, and the answers that one has not yet put away."""

    requests: list[JoinRequest]
    invitations: list[Invitation]
    asked: list[OwnRequest]
    told: list[Told]
