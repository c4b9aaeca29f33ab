"""The protocol `lines`: one request a line, fields between single blanks, the last field to the end of the line. Pure: no I/O, no rules."""

from __future__ import annotations

from dataclasses import dataclass

from gateways.errors import Malformed
from gateways.names import split

LINE_MAX = 4096  # bytes, without the end of the line

# The requests, as the note writes them; (ext): ours
REQUESTS = {
    "1": "name password",  # sign up
    "2": "name password",  # sign in
    "3": "name group text",
    "4": "name friend",  # ask somebody to be a friend
    "5": "name receiver text",
    "6": "name requester answer",  # to a friend's request
    "7": "name",  # friends
    "8": "name",  # update socket
    "9": "name group",  # create
    "a": "name group",  # ask to join
    "b": "name",  # my groups
    "c": "group",  # members
    "d": "name requester group answer",  # to a request to join
    "e": "old new",  # (ext) new password
    "f": "op who n",  # (ext) older messages: `5` with somebody, `3` of a group
    "v": "form",  # (ext) `tagged`, as the first line
}
FIELDS = {op: tuple(names.split()) for op, names in REQUESTS.items()}

# Names that a list may not begin with, or a client takes it for a code, a forwarded line or a refusal
TELLTALE = {*"0123456789abcd", "!"}


@dataclass(frozen=True, slots=True)
class Request:
    """One line of a client: its operation and the fields of the table above."""

    op: str
    values: tuple[str, ...]

    def __getitem__(self, field: str) -> str:
        return self.values[FIELDS[self.op].index(field)]


@dataclass(frozen=True, slots=True)
class Code:
    """An answer of one character."""

    op: str
    code: str


@dataclass(frozen=True, slots=True)
class Listing:
    """An answer that is a list of names; `none` is what an empty one is."""

    op: str
    names: tuple[str, ...]
    none: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer where the note has no code."""

    op: str
    reason: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The request line of somebody: `op`, its names, and the text of `3` and `5`. `asked`: it answers this request (history)."""

    op: str
    names: tuple[str, ...]
    text: str | None = None
    asked: str = ""


Answer = Code | Listing | Refused | Forwarded


class Decoder:
    """Requests out of bytes as they come; holds at most one unfinished line."""

    __slots__ = ("_held",)
    is_file = False

    def __init__(self) -> None:
        self._held = b""

    @property
    def begun(self) -> bool:
        """Whether a line has begun whose end is missing."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Request]:
        """The requests that are complete now. Raises Malformed, which has those before the fault."""
        *lines, self._held = (self._held + data).split(b"\n")
        found: list[Request] = []
        try:
            for line in lines:
                found.append(decode(line))
        except Malformed as malformed:
            raise Malformed(malformed.reason, found) from None
        if len(self._held) > LINE_MAX + self._held.endswith(b"\r"):
            raise Malformed("line too long", found)
        return found


def decode(line: bytes) -> Request:
    """One line without its `\\n`. Raises Malformed."""
    line = line.removesuffix(b"\r")
    if len(line) > LINE_MAX:
        raise Malformed("line too long")
    try:
        op, *values = line.decode().split(" ", len(FIELDS.get(line[:1].decode(errors="replace"), "")))
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
    fields = FIELDS.get(op)
    if fields is None:
        raise Malformed("unknown type")
    if len(values) != len(fields) or not all(values):
        raise Malformed("missing field")
    return Request(op, tuple(values))


def encode(answer: Answer, tagged: bool = False) -> bytes:
    """The lines of an answer or of what is forwarded; `tagged`: answers begin with the op of their request and a blank."""
    if isinstance(answer, Forwarded):
        return _forwarded(answer, f"{answer.asked} " if tagged and answer.asked else "")
    if isinstance(answer, Code):
        line = answer.code
    elif isinstance(answer, Listing):
        line = " ".join(answer.names) or answer.none
    else:
        line = f"! {answer.op} {answer.reason}"
    return f"{answer.op} {line}\n".encode() if tagged else f"{line}\n".encode()


def _forwarded(line: Forwarded, tag: str) -> bytes:
    """A line for each non-empty line of the text, each with the whole head, none above 4096 bytes: no text can forge a line."""
    head = f"{tag}{' '.join((line.op, *line.names))}"
    if line.text is None:
        return f"{head}\n".encode()
    room = LINE_MAX - len(head.encode()) - 1
    return "".join(f"{head} {part}\n" for row in line.text.splitlines() if row for part in split(row, room)).encode()
