"""Pictures in boxes (HEIC, AVIF), which we do not decode: where in them a telephone writes where and with what they were taken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from sounds import NOT_MOVIES, inner, outer

HEADER_BYTES = 16 * 1024 * 1024
TOLD_BYTES = 8 * 1024 * 1024  # Exif and XMP of a picture are far below; what says more is left as it is
IN_FILE, IN_HEADER = 0, 1
EMPTY_EXIF = bytes(4) + b"II*\0\x08\0\0\0"  # decoders refuse a picture whose Exif is none


class Reader:
    """Big-endian numbers one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def number(self, size: int) -> int:
        """Of so many bytes; none is 0."""
        self.at += size
        if self.at > len(self.data):
            raise IndexError
        return int.from_bytes(self.data[self.at - size : self.at], "big")


def is_picture(head: bytes) -> bool:
    """Whether these are the first bytes of one."""
    return head[4:8] == b"ftyp" and head[8:12] in NOT_MOVIES


def places_told(file: BinaryIO) -> list[tuple[int, int, bytes]]:
    """Begin and end of what tells it, and with what an empty one begins. (How the picture stands is told elsewhere, `irot`.)"""
    size = os.fstat(file.fileno()).st_size
    found: list[tuple[int, int, bytes]] = []
    for name, _, body, end in outer(file, size):
        if name == b"meta":
            file.seek(body)
            data = file.read(min(end - body, HEADER_BYTES))
            parts = {part[0]: part for part in inner(data, 4, len(data))}
            items = _telling(data, *parts[b"iinf"][2:])
            header = body + parts[b"idat"][2] if b"idat" in parts else 0
            found += _extents(Reader(data, parts[b"iloc"][2]), items, header)
    whole = [span for span in found if span[0] < span[1] <= size]
    return whole if sum(end - begin for begin, end, _ in whole) <= TOLD_BYTES else []


def _telling(data: bytes, body: int, end: int) -> dict[int, bytes]:
    """The numbers of items that are Exif or XMP (`iinf`, ISO 14496-12), and with what empty ones begin."""
    items = {}
    for name, _, begin, last in inner(data, body + (8 if data[body] else 6), end):
        reader = Reader(data, begin + 4)
        if name == b"infe" and data[begin] >= 2:
            number, _ = reader.number(2 if data[begin] == 2 else 4), reader.number(2)
            kind = data[reader.at : reader.at + 4]
            if kind == b"Exif" or (kind == b"mime" and b"rdf+xml" in data[reader.at : last]):
                items[number] = EMPTY_EXIF if kind == b"Exif" else b""
    return items


def _extents(reader: Reader, items: dict[int, bytes], header: int) -> Iterator[tuple[int, int, bytes]]:
    """Where the bytes of these items are (`iloc`); `header` is where those begin that lie beside it."""
    version = reader.number(4) >> 24
    sizes = reader.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(reader.number(2 if version < 2 else 4)):
        item = reader.number(2 if version < 2 else 4)
        way = reader.number(2) & 15 if version else IN_FILE
        elsewhere, base = reader.number(2), reader.number(base_size)
        for number in range(reader.number(2)):
            reader.number(index_size if version else 0)
            offset, length = base + reader.number(offset_size), reader.number(length_size)
            if item in items and not elsewhere and way in (IN_FILE, IN_HEADER):
                offset += header if way == IN_HEADER else 0
                yield offset, offset + length, b"" if number else items[item]
