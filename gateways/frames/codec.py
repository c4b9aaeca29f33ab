"""The bytes of `frames`: a header of type, sub-type and whole length (1, 1 and 2 bytes, big-endian), then the fields of the type.

Pure and incremental: bytes in whatever pieces they come on one side, typed messages on the other. `LAYOUTS` is the note as a table.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from gateways.errors import Malformed
from gateways.names import text_of

HEADER, NUMBER = struct.Struct("!BBH"), struct.Struct("!I")
LARGEST = 0xFFFF  # of a frame: its length has two bytes
NAME, PASSWORD, FILE_NAME = 16, 12, 36  # bytes of these fields
BLOCK = 1000  # bytes of a file in one packet
FIRST_OF_SERVER = 0x70  # smaller types come from clients


@dataclass(frozen=True, slots=True)
class Message:
    """A frame. `sub` is its sub-type: an answer, a state or a count."""

    sub: int = 0


@dataclass(frozen=True, slots=True)
class SignIn(Message):
    """A client signs in."""

    name: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class NewPassword(Message):
    """A client changes the password of whoever is signed in, or must change it first."""

    password: str = ""


@dataclass(frozen=True, slots=True)
class Say(Message):
    """A client sends a text; who receives it stands in front of it."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class SignOff(Message):
    """A client goes."""


@dataclass(frozen=True, slots=True)
class Announced(Message):
    """What a file is before its first byte: whom it goes to or comes from, bytes, packets, name."""

    who: str = ""
    size: int = 0
    packets: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Packet(Message):
    """A piece of a file."""

    who: str = ""
    number: int = 0
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Received(Message):
    """The packet of this number has come."""

    number: int = 0


class Upload(Announced):
    """A client announces a file."""


class UploadPacket(Packet):
    """A piece of it."""


class UploadAnswer(Message):
    """The server takes it (0) or not (1)."""


class UploadReceived(Received):
    """The server has the packet."""


class Offered(Announced):
    """The server tells of a file that somebody has for the client."""


class Download(Message):
    """The client wants it."""


class DownloadBegins(Announced):
    """The server announces the file before it sends it."""


class DownloadAnswer(Message):
    """The client takes it (0) or not (1)."""


class DownloadPacket(Packet):
    """A piece of it."""


class DownloadReceived(Received):
    """The client has the packet."""


class SignInAnswer(Message):
    """The server's verdict on a sign-in or a new password: the row of the table."""


class SayAnswer(Message):
    """Sent (0), a receiver does not exist (1), refused (2)."""


class Displaced(Message):
    """A newer sign-in has taken the place of this one, or the session was ended."""


@dataclass(frozen=True, slots=True)
class Presence(Message):
    """Somebody is online (0) or offline (1) now."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Online(Message):
    """Who is online: `sub` names, as `@name @name`."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Said(Message):
    """A text for the client alone (0), or for everyone or a group (1): `@sender text`."""

    text: str = ""


class Field(NamedTuple):
    """A field of `width` bytes; `open`: of at most so many, up to the end of the frame. `name` is that of the message's attribute."""

    name: str
    width: int
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]
    open: bool = False


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None


def text(name: str, width: int) -> Field:
    """UTF-8, padded with NULs; what follows the first NUL is ignored."""
    return Field(name, width, text_of, str.encode)


def number(name: str) -> Field:
    """Four bytes."""
    return Field(name, 4, lambda data: NUMBER.unpack(data)[0], NUMBER.pack)


def rest(name: str) -> Field:
    """UTF-8 up to the end of the frame."""
    return Field(name, LARGEST - HEADER.size, _text, str.encode, open=True)


def block(name: str) -> Field:
    """Up to 1000 bytes of a file."""
    return Field(name, BLOCK, bytes, bytes, open=True)


def empty(width: int) -> Field:
    """NULs that say nothing."""
    return Field("", width, bytes, bytes)


class Layout:
    """A row of the table: the type, its message, the sub-types it may have, its fields in order."""

    def __init__(self, type: int, message: type[Message], *parts: Field, subs: range = range(1)) -> None:
        self.type, self.message, self.subs, self.fields = type, message, subs, parts
        self.longest = HEADER.size + sum(part.width for part in parts)
        self.shortest = HEADER.size + sum(part.width for part in parts if not part.open)
        assert {part.name for part in parts} - {""} == {field.name for field in fields(message)} - {"sub"}

    def read(self, sub: int, body: bytes) -> Message:
        """The message of a frame. Raises Malformed."""
        values, at = {}, 0
        for part in self.fields:
            if part.name:
                values[part.name] = part.read(body[at : at + part.width])
            at += part.width
        return self.message(sub=sub, **values)

    def write(self, message: Message) -> bytes:
        """The frame of a message. Raises ValueError when something does not fit."""
        body = bytearray()
        for part in self.fields:
            data = part.write(getattr(message, part.name) if part.name else b"")
            if len(data) > part.width:
                raise ValueError(f"{part.name} of {self.message.__name__} has at most {part.width} bytes")
            body += data if part.open else data.ljust(part.width, b"\0")
        if message.sub not in self.subs:
            raise ValueError(f"{self.message.__name__} has no sub-type {message.sub}")
        return HEADER.pack(self.type, message.sub, HEADER.size + len(body)) + body


ANNOUNCEMENT = (text("who", NAME), number("size"), number("packets"), text("name", FILE_NAME))
PACKET = (text("who", NAME), number("number"), block("data"))

LAYOUTS = (
    # client → server
    Layout(0x11, SignIn, text("name", NAME), text("password", PASSWORD)),
    Layout(0x12, Say, rest("text")),
    Layout(0x15, NewPassword, text("password", PASSWORD)),
    Layout(0x16, SignOff),
    Layout(0x20, Upload, *ANNOUNCEMENT),
    Layout(0x21, UploadPacket, *PACKET),
    Layout(0x22, Download),
    Layout(0x23, DownloadAnswer, subs=range(2)),
    Layout(0x24, DownloadReceived, number("number")),
    # server → client
    Layout(0x71, SignInAnswer, subs=range(6)),
    Layout(0x72, SayAnswer, subs=range(3)),
    Layout(0x73, Displaced),
    Layout(0x75, Presence, text("name", NAME), empty(12), subs=range(2)),
    Layout(0x76, Online, rest("text"), subs=range(256)),
    Layout(0x77, Said, rest("text"), subs=range(2)),
    Layout(0x80, UploadAnswer, subs=range(2)),
    Layout(0x81, UploadReceived, number("number")),
    Layout(0x82, Offered, *ANNOUNCEMENT),
    Layout(0x83, DownloadBegins, *ANNOUNCEMENT),
    Layout(0x84, DownloadPacket, *PACKET),
)
OF_CLIENTS = {layout.type: layout for layout in LAYOUTS if layout.type < FIRST_OF_SERVER}
OF_SERVERS = {layout.type: layout for layout in LAYOUTS if layout.type >= FIRST_OF_SERVER}
OF_MESSAGES = {layout.message: layout for layout in LAYOUTS}


def encode(message: Message) -> bytes:
    """The frame of a message. Raises ValueError when something does not fit."""
    return OF_MESSAGES[type(message)].write(message)


class Decoder:
    """Messages out of bytes as they come; holds at most one frame. What it refuses it refuses before the content has come."""

    __slots__ = ("_held", "_layouts")
    is_file = False  # a packet of a file is a frame like any other

    def __init__(self, layouts: dict[int, Layout] = OF_CLIENTS) -> None:
        self._layouts, self._held = layouts, bytearray()

    @property
    def begun(self) -> bool:
        """Whether a frame has begun whose end is missing."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete now. Raises Malformed, which has those before the fault."""
        self._held += data
        found: list[Message] = []
        try:
            while (length := self._next()) is not None:
                found.append(self._take(length))
        except Malformed as malformed:
            raise Malformed(malformed.reason, found) from None
        return found

    def _next(self) -> int | None:
        """The length of the first frame; None while it is not complete. Raises Malformed."""
        if len(self._held) < HEADER.size:
            return None
        type, sub, length = HEADER.unpack_from(self._held)
        layout = self._layouts.get(type)
        if layout is None or sub not in layout.subs:
            raise Malformed("unknown type")
        if not layout.shortest <= length <= layout.longest:
            raise Malformed("bad length")
        return length if length <= len(self._held) else None

    def _take(self, length: int) -> Message:
        frame = bytes(self._held[:length])
        del self._held[:length]
        return self._layouts[frame[0]].read(frame[1], frame[HEADER.size :])
