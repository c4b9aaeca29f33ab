"""The blocks of a GIF: counted, checked and copied without comments, foreign data and whatever stands behind the end."""

from __future__ import annotations

from dataclasses import dataclass, field

LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
EXTENSION, IMAGE, END = 0x21, 0x2C, 0x3B
GRAPHIC, APPLICATION = 0xF9, 0xFF


@dataclass
class Blocks:
    """A GIF as it is served: bytes, size and number of frames."""

    width: int
    height: int
    frames: int = 0
    parts: list[bytes] = field(default_factory=list)

    def bytes(self) -> bytes:
        """The whole file."""
        return b"".join(self.parts) + bytes([END])


def clean(data: bytes, frames_max: int) -> Blocks:
    """Keeps frames, their times and the loop. Raises ValueError for what no browser should be given."""
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if len(data) < 13 or not width or not height:
        raise ValueError("no canvas")
    blocks, at = Blocks(width, height), 13 + _colours(data[10])
    blocks.parts.append(b"GIF89a" + data[6:at])
    control = b""
    while at < len(data) and data[at] != END:
        kind, start = data[at], at
        if kind == 0:  # some programs pad with it
            at += 1
        elif kind == EXTENSION:
            at = _after(data, at + 2)
            if not at:
                break
            label, body = data[start + 1], data[start + 3 : at]
            if label == GRAPHIC and at - start == 8:
                control = data[start:at]
            elif label == APPLICATION and body[:11] in LOOPS and body[11:13] == b"\x03\x01" and len(body) == 16:
                blocks.parts.append(b"\x21\xff\x0bNETSCAPE2.0" + body[11:])
        elif kind == IMAGE:
            at = _image(data, at, blocks)
            if not at:
                break
            blocks.parts += [control, data[start:at]]
            blocks.frames, control = blocks.frames + 1, b""
            if blocks.frames > frames_max:
                raise ValueError("too many frames")
        else:
            raise ValueError("no block of a GIF")
    if not blocks.frames:
        raise ValueError("no frame")
    return blocks


def _colours(flags: int) -> int:
    """The length of the table of colours that these flags tell of."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _image(data: bytes, at: int, blocks: Blocks) -> int:
    """Where the frame ends; 0 when the file ends before it does."""
    if at + 11 > len(data):
        return 0
    left, top, width, height = (int.from_bytes(data[at + n : at + n + 2], "little") for n in (1, 3, 5, 7))
    if not width or not height or left + width > blocks.width or top + height > blocks.height:
        raise ValueError("a frame beyond the canvas")
    return _after(data, at + 11 + _colours(data[at + 9]))


def _after(data: bytes, at: int) -> int:
    """Where a chain of sub-blocks ends; 0 when the file ends before it does."""
    while at < len(data):
        if data[at] == 0:
            return at + 1
        at += 1 + data[at]
    return 0
