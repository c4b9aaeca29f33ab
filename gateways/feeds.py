"""What happens for a signed-in person, as the gateways see it: names looked up, the same object for all connections."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple


class Person(NamedTuple):
    """An account; `name` is its user name."""

    id: int
    name: str


class Place(NamedTuple):
    """A conversation. `people`: the two of a direct one (one, where he writes to himself)."""

    id: int
    kind: str
    name: str = ""
    people: tuple[Person, ...] = ()

    def other(self, user_id: int) -> Person:
        """The partner in a direct conversation; oneself in that with oneself."""
        return next((person for person in self.people if person.id != user_id), self.people[0])


class Face(NamedTuple):
    """Somebody in the list of people."""

    person: Person
    online: bool
    friend: bool


class FileFact(NamedTuple):
    """A stored file."""

    id: int
    token: str
    name: str
    size: int


class OfferFact(NamedTuple):
    """A file offered to one person."""

    id: int
    receiver: int
    name: str
    size: int
    state: str


@dataclass(slots=True, eq=False)
class Text:
    """A message: a text, files or an offer."""

    place: Place
    seq: int
    sender: Person
    at: datetime
    body: str
    files: tuple[FileFact, ...] = ()
    offer: OfferFact | None = None
    client_id: str = ""
    number: int = 0  # the change it came with
    news: bool = True  # not taken back
    forms: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        """The text, and a line for each file: for protocols that have no files."""
        carried = self.files or ((self.offer,) if self.offer else ())
        return "\n".join([*([self.body] if self.body else []), *(file_line(file.name, file.size) for file in carried)])

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once for all connections that get this message."""
        form = self.forms.get(key)
        if form is None:
            form = self.forms[key] = make()
        return form


def file_line(name: str, size: int) -> str:
    """A file as text."""
    if size < 1024:
        return f"[file] {name} ({size} B)"
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024  # type: ignore[assignment]
        if size < 1000 or unit == "GiB":
            break
    return f"[file] {name} ({size:.3g} {unit})"


class FriendRequest(NamedTuple):
    """Somebody wants to be a friend."""

    person: Person
    words: str


class FriendAnswer(NamedTuple):
    """The answer to one's own request."""

    person: Person
    accepted: bool


class FriendAnswered(NamedTuple):
    """This person has answered somebody's request, on whatever device."""

    person: Person
    accepted: bool


class JoinAsked(NamedTuple):
    """Somebody wants to join a group that this person manages."""

    id: int
    place: Place
    person: Person
    words: str


class JoinAnswered(NamedTuple):
    """The answer to one's own request."""

    id: int
    place: Place
    by: Person | None
    accepted: bool
    reason: str


class Invited(NamedTuple):
    """An invitation to a group."""

    id: int
    place: Place
    inviter: Person


class InviteAnswered(NamedTuple):
    """The answer to an invitation that this person has made."""

    id: int
    place: Place
    person: Person
    accepted: bool


class Joined(NamedTuple):
    """New members, told in the conversation."""

    place: Place
    people: tuple[Person, ...]


class Left(NamedTuple):
    """Members who left or were removed, told in the conversation."""

    place: Place
    people: tuple[Person, ...]


class Here(NamedTuple):
    """Somebody opened the conversation that this connection has open, or left it."""

    place: Place
    person: Person
    on: bool


class Presence(NamedTuple):
    """Somebody came or went."""

    person: Person
    online: bool


class Offered(NamedTuple):
    """An open offer to this person, told after the sign-in."""

    text: Text


class OfferChanged(NamedTuple):
    """An offer took another state."""

    text: Text


class Recalled(NamedTuple):
    """A message was taken back."""

    place: Place
    seq: int


class Gone(NamedTuple):
    """No member of this conversation any more."""

    place: Place


class Waiting(NamedTuple):
    """What waits for an answer by this person."""

    friends: list[FriendRequest]
    requests: list[JoinAsked]
    invitations: list[Invited]
