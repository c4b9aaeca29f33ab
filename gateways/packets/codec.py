"""The frames of `packets`: bytes to messages and back, as they come, without any I/O. TO_SERVER and TO_CLIENT are the note's tables.

Nothing is ever gathered but one head: a length that its type cannot have is refused when the header is there, a count that does not fit its
frame as soon as it is there, and the content of a file is handed on in the pieces in which it comes.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from gateways.errors import Malformed
from gateways.names import text_of
from gateways.packets import messages as m
from gateways.packets.messages import Code, Listed, Message, Online

HEADER = struct.Struct("!HHI")  # type, sub-type, length of what follows
NUMBER = struct.Struct("!I")
NAME, TIME, FILE_NAME = 32, 19, 64  # bytes
RECEIVERS_MAX = 100
TEXT_MAX = SETTINGS_MAX = 64 * 1024
PEOPLE_MAX = 2**20
ANY_SIZE = 2**32 - 1


class Fixed(NamedTuple):
    """A text in a field of so many bytes, filled up with NULs; what follows the first NUL is ignored."""

    name: str
    width: int

    def read(self, body: bytes) -> str:
        """The text. Raises Malformed."""
        return text_of(body)

    def write(self, text: str) -> bytes:
        """The field. Raises ValueError when the text does not fit."""
        data = text.encode()
        if len(data) > self.width:
            raise ValueError(f"{self.name} does not fit into {self.width} bytes")
        return data.ljust(self.width, b"\0")


class Number(NamedTuple):
    """Four bytes."""

    name: str
    width: int = NUMBER.size

    def read(self, body: bytes) -> int:
        """The number."""
        return NUMBER.unpack(body)[0]

    def write(self, number: int) -> bytes:
        """The field."""
        return NUMBER.pack(number)


class Names(NamedTuple):
    """A count n and n names."""

    name: str
    most: int
    each: int = NAME

    def read(self, body: bytes) -> tuple[str, ...]:
        """The names, without the count. Raises Malformed."""
        return tuple(FIELD.read(body[at : at + NAME]) for at in range(0, len(body), NAME))

    def write(self, names: Iterable[str]) -> bytes:
        """Count and names."""
        names = tuple(names)
        return NUMBER.pack(len(names)) + b"".join(map(FIELD.write, names))


class People(NamedTuple):
    """A count n and n times a name and `1` online or `0` offline."""

    name: str
    most: int = PEOPLE_MAX
    each: int = NAME + 1

    def read(self, body: bytes) -> tuple[Listed, ...]:
        """The people, without the count. Raises Malformed."""
        some = (body[at : at + self.each] for at in range(0, len(body), self.each))
        return tuple(Listed(FIELD.read(one[:NAME]), one[NAME:] == b"1") for one in some)

    def write(self, people: Iterable[Listed]) -> bytes:
        """Count and people."""
        people = tuple(people)
        return NUMBER.pack(len(people)) + b"".join(
            FIELD.write(one.name) + (b"1" if one.online else b"0") for one in people
        )


class Text(NamedTuple):
    """UTF-8 to the end of the frame."""

    name: str
    most: int = TEXT_MAX

    def read(self, body: bytes) -> str:
        """The text. Raises Malformed."""
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise Malformed("not UTF-8") from None

    def write(self, text: str) -> bytes:
        """The bytes."""
        return text.encode()


class Document(NamedTuple):
    """Bytes to the end of the frame, handed on as they are."""

    name: str
    most: int = SETTINGS_MAX

    def read(self, body: bytes) -> bytes:
        """The same."""
        return body

    def write(self, data: bytes) -> bytes:
        """The same."""
        return data


class Content(NamedTuple):
    """What is in a file, to the end of the frame: the message has its size, the bytes follow as FileBytes."""

    name: str = "size"


Field = Fixed | Number | Names | People | Text | Document | Content
FIELD = Fixed("name", NAME)


class Layout(NamedTuple):
    """One row of a table: type, sub-type, what it is, its fields in order."""

    type: int
    sub: int
    made: Callable[..., Any]
    fields: tuple[Field, ...] = ()

    def least(self) -> int:
        """The shortest length that such a frame can have."""
        return sum(_least(field) for field in self.fields)

    def most(self, file_max: int) -> int:
        """The greatest one."""
        return sum(_most(field, file_max) for field in self.fields)

    def head(self, begun: bytearray, length: int, file_max: int) -> int | None:
        """How many bytes of the frame must be there to make its message; None as long as a count is missing. Raises Malformed."""
        at = 0
        for field in self.fields:
            if isinstance(field, Fixed | Number):
                at += field.width
            elif isinstance(field, Names | People):
                if len(begun) < at + NUMBER.size:
                    return None
                (count,) = NUMBER.unpack_from(begun, at)
                if count > field.most:
                    raise Malformed(f"{count} {field.name}")
                at += NUMBER.size + count * field.each
        last = self.fields[-1] if self.fields else None
        rest = length - at
        if rest < 0 or rest > (_most(last, file_max) if isinstance(last, Text | Document | Content) else 0):
            raise Malformed(f"length {length} of {self.type:#x}/{self.sub:#x}")
        return at if isinstance(last, Content) else length

    def read(self, body: bytes, length: int) -> Message:
        """The message of a frame whose head is there. Raises Malformed."""
        values: dict[str, Any] = {"sub": self.sub} if self.made in WITH_SUB else {}
        at = 0
        for field in self.fields:
            if isinstance(field, Content):
                values[field.name] = length - at
                continue
            if isinstance(field, Fixed | Number):
                end = at + field.width
            elif isinstance(field, Names | People):
                (count,) = NUMBER.unpack_from(body, at)
                at += NUMBER.size
                end = at + count * field.each
            else:
                end = length
            values[field.name] = field.read(body[at:end])
            at = end
        return self.made(**values)

    def write(self, message: Any) -> bytes:
        """The frame of a message; of one with content all but that."""
        body = b"".join(
            field.write(getattr(message, field.name)) for field in self.fields if not isinstance(field, Content)
        )
        content = message.size if any(isinstance(field, Content) for field in self.fields) else 0
        return HEADER.pack(self.type, self.sub, len(body) + content) + body


WITH_SUB = {m.Answer, m.SignedIn, m.Presence}
RECEIVERS = Names("receivers", RECEIVERS_MAX)
SENDER, SENT, NAMED, FILE = Fixed("name", NAME), Fixed("time", TIME), Fixed("file_name", FILE_NAME), Number("file")

TO_SERVER = (
    Layout(0x10, 0x00, m.SignIn, (Fixed("name", NAME), Fixed("password", NAME))),
    Layout(0x10, 0x01, m.Register, (Fixed("name", NAME), Fixed("password", NAME))),
    Layout(0x10, 0x02, m.ChangePassword, (Fixed("name", NAME), Fixed("old", NAME), Fixed("new", NAME))),
    Layout(0x12, 0x00, m.SendText, (RECEIVERS, Text("text"))),
    Layout(0x12, 0x02, m.SendFile, (RECEIVERS, NAMED, Content())),
    Layout(0x12, 0x04, m.GetFile, (FILE,)),
    Layout(0x12, 0x05, m.LookBack, (Number("count"),)),
    Layout(0x13, 0x00, m.SaveSettings, (Document("document"),)),
)
TO_CLIENT = (
    *(Layout(0x80, code, m.SignedIn, (Fixed("last", TIME), People("people"))) for code in (Code.DONE, Code.DISPLACED)),
    *(Layout(0x80, code, m.Answer) for code in Code if code != Code.DISPLACED),  # 0x00 without data: registered
    *(Layout(0x81, sub, m.Presence, (Fixed("name", NAME),)) for sub in Online),
    Layout(0x82, 0x00, m.Said, (SENDER, SENT, Text("text", ANY_SIZE))),
    Layout(0x82, 0x01, m.FileNote, (SENDER, SENT, NAMED, FILE)),
    Layout(0x82, 0x02, m.FileContent, (SENDER, SENT, NAMED, FILE, Content())),
    Layout(0x82, 0x03, m.Clear),
    Layout(0x83, 0x00, m.Settings, (Document("document"),)),
)
WRITERS = {(layout.made, layout.sub if layout.made in WITH_SUB else None): layout for layout in TO_SERVER + TO_CLIENT}


def encode(message: Message) -> bytes:
    """The bytes of a message; of one with content all but that, which goes out after it. Raises ValueError for what does not fit."""
    if isinstance(message, m.FileBytes):
        return message.data
    return WRITERS[type(message), getattr(message, "sub", None)].write(message)


class Decoder:
    """Bytes as they come to messages; `file_max` is asked for each file: how large one may be."""

    __slots__ = ("_buffer", "_layout", "_layouts", "_left", "_length", "_most", "file_max")

    def __init__(self, table: tuple[Layout, ...] = TO_SERVER, file_max: Callable[[], int] = lambda: ANY_SIZE) -> None:
        self.file_max = file_max
        self._layouts = _by_type(table)
        self._buffer = bytearray()
        self._layout: Layout | None = None  # of the frame that was begun
        self._length = 0
        self._most = 0
        self._left = 0  # bytes of content that are still to come

    @property
    def begun(self) -> bool:
        """Whether a frame was begun that is not complete."""
        return bool(self._buffer or self._layout or self._left)

    @property
    def is_file(self) -> bool:
        """Whether that frame is a file whose content is on its way: a frame that may take long."""
        return self._left > 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are there now. Raises Malformed, which has those before the fault; nothing is to be fed after that."""
        self._buffer += data
        found: list[Message] = []
        try:
            while (message := self._next()) is not None:
                found.append(message)
        except Malformed as malformed:
            raise Malformed(malformed.reason, found) from None
        return found

    def _next(self) -> Message | None:
        if self._left:
            piece = self._take(min(self._left, len(self._buffer)))
            self._left -= len(piece)
            return m.FileBytes(piece) if piece else None
        if self._layout is None:
            if len(self._buffer) < HEADER.size:
                return None
            self._begin(*HEADER.unpack(self._take(HEADER.size)))
        assert self._layout is not None
        head = self._layout.head(self._buffer, self._length, self._most)
        if head is None or len(self._buffer) < head:
            return None
        layout, self._layout = self._layout, None
        self._left = self._length - head
        return layout.read(self._take(head), self._length)

    def _begin(self, type: int, sub: int, length: int) -> None:
        layouts = self._layouts.get((type, sub))
        if layouts is None:
            raise Malformed(f"type {type:#x}/{sub:#x}")
        self._most = self.file_max()
        self._length = length
        self._layout = next((one for one in layouts if one.least() <= length <= one.most(self._most)), None)
        if self._layout is None:
            raise Malformed(f"length {length} of {type:#x}/{sub:#x}")

    def _take(self, size: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return taken


@cache
def _by_type(table: tuple[Layout, ...]) -> dict[tuple[int, int], list[Layout]]:
    found: defaultdict[tuple[int, int], list[Layout]] = defaultdict(list)
    for layout in table:
        found[layout.type, layout.sub].append(layout)
    return dict(found)


def _least(field: Field) -> int:
    if isinstance(field, Fixed | Number):
        return field.width
    return NUMBER.size if isinstance(field, Names | People) else 0


def _most(field: Field | None, file_max: int) -> int:
    if isinstance(field, Fixed | Number):
        return field.width
    if isinstance(field, Names | People):
        return NUMBER.size + field.most * field.each
    return field.most if isinstance(field, Text | Document) else file_max
