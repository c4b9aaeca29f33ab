"""The chunks of moving WebP and PNG files: those that draw are copied, all others and what stands behind the end are left out."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND"}
WEBP_KEPT = {b"VP8X", b"ANIM", b"ANMF"}
FRAME_KEPT = {b"ALPH", b"VP8 ", b"VP8L"}
METADATA_FLAGS = 0x20 | 0x08 | 0x04  # ICC, EXIF, XMP


@dataclass(frozen=True)
class Moving:
    """A moving picture as it is served."""

    width: int
    height: int
    frames: int
    data: bytes


def png(data: bytes) -> Moving | None:
    """The moving picture, or None when it does not move. Raises ValueError."""
    if b"acTL" not in data:
        return None
    parts, at, frames, size, drawn, moves = [data[:8]], 8, 0, (0, 0), False, False
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : end - 4]
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise ValueError("a broken chunk")
        if kind == b"IHDR":
            size = (int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big"))
        elif kind == b"IDAT":
            drawn = True
        elif kind == b"acTL":
            moves = not drawn
        elif kind == b"fcTL":
            frames += 1
            width, height, left, top = (int.from_bytes(body[n : n + 4], "big") for n in (4, 8, 12, 16))
            if left + width > size[0] or top + height > size[1]:
                raise ValueError("a frame beyond the canvas")
        if kind in PNG_KEPT:
            parts.append(data[at:end])
        at = end
        if kind == b"IEND":
            return Moving(*size, frames, b"".join(parts)) if moves and frames > 1 else None
    raise ValueError("no end")


def webp(data: bytes) -> Moving | None:
    """The moving picture, or None when it does not move. Raises ValueError."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise ValueError("no end")
    if data[12:16] != b"VP8X" or not data[20] & 0x02:
        return None
    width, height = (1 + int.from_bytes(data[n : n + 3], "little") for n in (24, 27))
    parts, frames = [], 0
    for kind, body in _riff(data[12:end]):
        if kind == b"VP8X":
            body = _without_metadata(body)
        elif kind == b"ANMF":
            frames += 1
            left, top = (2 * int.from_bytes(body[n : n + 3], "little") for n in (0, 3))
            wide, high = (1 + int.from_bytes(body[n : n + 3], "little") for n in (6, 9))
            if left + wide > width or top + high > height:
                raise ValueError("a frame beyond the canvas")
            body = body[:16] + b"".join(_chunk(*inner) for inner in _riff(body[16:]) if inner[0] in FRAME_KEPT)
        if kind in WEBP_KEPT:
            parts.append(_chunk(kind, body))
    return Moving(width, height, frames, _whole(parts))


def plain_webp(data: bytes) -> bytes:
    """A WebP that does not move, as it is served."""
    parts = []
    for kind, body in _riff(data[12 : 8 + int.from_bytes(data[4:8], "little")]):
        if kind == b"VP8X":
            parts.append(_chunk(kind, _without_metadata(body)))
        elif kind in FRAME_KEPT:
            parts.append(_chunk(kind, body))
            if kind != b"ALPH":  # which stands before the colours; nothing that draws follows them
                break
    return _whole(parts)


def _without_metadata(head: bytes) -> bytes:
    return bytes([head[0] & ~METADATA_FLAGS]) + head[1:10]


def _whole(parts: list[bytes]) -> bytes:
    content = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(content).to_bytes(4, "little") + content


def _riff(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and content of each chunk."""
    found, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > len(data):
            raise ValueError("a broken chunk")
        found.append((data[at : at + 4], data[at + 8 : at + 8 + size]))
        at += 8 + size + (size & 1)
    return found


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) & 1)
