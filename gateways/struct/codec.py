"""Frames of `struct`: the memory image of a C struct on x86, always 1008 bytes, the same in both directions.

    struct message { int typeMess; int typeData; char payLoad[1000]; };

The payload has at most 999 bytes of text and is padded with NULs; what follows the first NUL is ignored.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from gateways.errors import Malformed
from gateways.names import split, text_of

FIELDS = (("typeMess", "i"), ("typeData", "i"), ("payLoad", "1000s"))
LAYOUT = struct.Struct("<" + "".join(kind for _, kind in FIELDS))
TEXT_MAX = 999  # bytes: there is always one NUL


class Type(IntEnum):
    """`typeMess`."""

    HOME = 0
    SIGN_UP = 1
    SIGN_IN = 2
    SIGN_OUT = 3
    DIRECT = 4
    GROUP = 5


# What a client may send: typeMess -> its typeData
REQUESTS = {
    Type.HOME: (0,),
    Type.SIGN_UP: (0, 1),
    Type.SIGN_IN: (0, 1, 2),
    Type.SIGN_OUT: (0,),
    Type.DIRECT: (0, 1, 2, 3),
    Type.GROUP: (0, 1, 2, 3, 4, 5, 6, 7),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One frame."""

    type: int
    data: int
    text: str = ""


class Decoder:
    """Bytes to frames, however they are cut."""

    __slots__ = ("held",)
    is_file = False

    def __init__(self) -> None:
        self.held = b""

    @property
    def begun(self) -> bool:
        """Whether a frame has begun and is not complete."""
        return bool(self.held)

    def feed(self, data: bytes) -> list[Message]:
        """The frames that are complete now. Raises Malformed, which has those before the fault."""
        data = self.held + data if self.held else bytes(data)
        end = len(data) - len(data) % LAYOUT.size
        messages: list[Message] = []
        try:
            for start in range(0, end, LAYOUT.size):
                messages.append(_read(data, start))
            self.held = data[end:]
            if len(self.held) >= 8:
                _check(*struct.unpack_from("<ii", self.held))
        except Malformed as malformed:
            raise Malformed(malformed.reason, messages) from None
        return messages


def _check(type: int, data: int) -> None:
    if data not in REQUESTS.get(type, ()):  # type: ignore[call-overload]
        raise Malformed(f"unknown type {type}/{data}")


def _read(data: bytes, start: int) -> Message:
    type, kind, payload = LAYOUT.unpack_from(data, start)
    _check(type, kind)
    return Message(type, kind, text_of(payload))


def encode(message: Message) -> bytes:
    """One frame; its text fits."""
    payload = message.text.encode()
    assert len(payload) <= TEXT_MAX
    return LAYOUT.pack(message.type, message.data, payload)


def encode_list(type: int, data: int, names: list[str]) -> bytes:
    """Names between blanks, over as many frames as they need; one at least."""
    frames, line = [], ""
    for name in names:
        longer = f"{line} {name}" if line else name
        if len(longer.encode()) > TEXT_MAX:
            frames.append(line)
            longer = name
        line = longer
    return b"".join(encode(Message(type, data, text)) for text in [*frames, line])


def encode_text(type: int, data: int, head: str, text: str, tail: str = "") -> bytes:
    """A text over as many frames as it needs, each with the head (and the tail) around its part."""
    room = TEXT_MAX - len(head.encode()) - len(tail.encode())
    return b"".join(encode(Message(type, data, f"{head}{part}{tail}")) for part in split(text, room))
