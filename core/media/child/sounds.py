"""Sound and film by their first bytes, and how long they last where the container says so near its beginning or its end."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

Box = tuple[bytes, int, int, int]
NOT_MOVIES = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx ")
MOVIE_BYTES = 64 * 1024 * 1024  # of a header that is read
TAIL = 64 * 1024
EBML, SEGMENT, INFO, SCALE, DURATION, TRACKS = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x2AD7B1, 0x4489, 0x1654AE6B
LONGEST = 2**31 - 1


def examine(file: BinaryIO, head: bytes) -> dict | None:
    """Kind, type and duration in milliseconds (0: not told); None for what is neither."""
    size = os.fstat(file.fileno()).st_size
    found = None
    if head[4:8] == b"ftyp":
        found = _mp4(file, size)
    elif head[:4] == b"OggS":
        found = _ogg(file, head, size)
    elif head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        found = ("audio/wav", _wav(head, size))
    elif head[:4] == b"fLaC":
        found = ("audio/flac", _flac(head))
    elif head[:4] == EBML.to_bytes(4, "big") and b"webm" in head[:64]:
        found = _webm(file, head)
    elif head[:3] == b"ID3" or _frame(head, 0):
        found = _mp3(file, head, size)
    if not found:
        return None
    kind, milliseconds = found
    return {"kind": kind[:5], "type": kind, "duration": max(0, min(int(milliseconds), LONGEST))}


def _mp4(file: BinaryIO, size: int) -> tuple[str, float] | None:
    """Boxes of ISO 14496-12: the movie header tells the time, the handlers tell whether there is something to see."""
    found = None
    file.seek(8)
    if file.read(4) in NOT_MOVIES:
        return None
    for name, _, body, end in outer(file, size):
        if name == b"moov" and not found:
            file.seek(body)
            found = _movie(file.read(min(end - body, MOVIE_BYTES)))
    return found


def outer(file: BinaryIO, size: int) -> Iterator[Box]:
    """The boxes of a file, as `_box` tells them."""
    at = 0
    for _ in range(1000):
        file.seek(at)
        if not (box := _box(file.read(16), at, size)):
            return
        yield box
        at = box[3]


def inner(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes within a box."""
    while box := _box(data[start : start + 16], start, end):
        yield box
        start = box[3]


def _box(head: bytes, at: int, most: int) -> Box | None:
    """Name, begin, begin of the content and end of the box that begins here."""
    if len(head) < 8:
        return None
    length, body = int.from_bytes(head[:4], "big"), 8
    if length == 1:
        length, body = int.from_bytes(head[8:16], "big"), 16
    elif length == 0:
        length = most - at
    return (head[4:8], at, at + body, at + length) if body <= length <= most - at else None


def places_told(file: BinaryIO) -> list[tuple[int, int, int]]:
    """Boxes of a film in which a telephone writes where and with what it was taken, as `_box` tells them."""
    size = os.fstat(file.fileno()).st_size
    found: list[tuple[int, int, int]] = []
    for name, at, body, end in outer(file, size):
        if name in (b"uuid", b"meta"):
            found.append((at, body, end))
        elif name == b"moov":
            file.seek(body)
            data = file.read(min(end - body, MOVIE_BYTES))
            parts = list(inner(data, 0, len(data)))
            parts += [part for trak in parts if trak[0] == b"trak" for part in inner(data, trak[2], trak[3])]
            found += [
                (body + part[1], body + part[2], body + part[3]) for part in parts if part[0] in (b"udta", b"meta")
            ]
    return found


def _movie(moov: bytes) -> tuple[str, float]:
    video = b"vide" in [moov[at + 12 : at + 16] for at in _places(moov, b"hdlr")]
    seconds = 0.0
    if header := _places(moov, b"mvhd"):
        body = moov[header[0] + 4 :]
        form, skip = (">IQ", 20) if body[:1] == b"\1" else (">II", 12)
        if len(body) >= skip + struct.calcsize(form):
            scale, length = struct.unpack_from(form, body, skip)
            seconds = length / scale if scale and length < 2**32 - 1 else 0.0
    return "video/mp4" if video else "audio/mp4", seconds * 1000


def _places(data: bytes, name: bytes) -> list[int]:
    found: list[int] = []
    at = data.find(name)
    while at >= 0 and len(found) < 64:
        found.append(at)
        at = data.find(name, at + 4)
    return found


def _ogg(file: BinaryIO, head: bytes, size: int) -> tuple[str, float] | None:
    """The last page tells how many samples were before it."""
    if b"OpusHead" in head[:64]:
        rate = 48_000
    elif (at := head[:64].find(b"\x01vorbis")) >= 0:
        rate = int.from_bytes(head[at + 12 : at + 16], "little")
    else:
        return None
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    at = tail.rfind(b"OggS")
    samples = int.from_bytes(tail[at + 6 : at + 14], "little", signed=True) if at >= 0 else 0
    return "audio/ogg", 1000 * samples / rate if rate else 0


def _wav(head: bytes, size: int) -> float:
    at = head.find(b"fmt ")
    rate = int.from_bytes(head[at + 16 : at + 20], "little") if at >= 0 else 0
    return 1000 * size / rate if rate else 0


def _flac(head: bytes) -> float:
    packed = int.from_bytes(head[18:26], "big")  # 20 bits rate, 3 channels, 5 depth, 36 samples
    rate = packed >> 44
    return 1000 * (packed & (2**36 - 1)) / rate if rate else 0


def _webm(file: BinaryIO, head: bytes) -> tuple[str, float]:
    """Elements of Matroska: what browsers record tells no time, and none is made up."""
    file.seek(0)
    data = file.read(TAIL)
    video = any(b"\x83\x81\x01" in data[at : at + 512] for at in _places(data, TRACKS.to_bytes(4, "big"))[:1])
    video = video or b"V_VP" in data or b"V_AV1" in data
    scale, length = 1_000_000, 0.0
    for start in _places(data, INFO.to_bytes(4, "big"))[:1]:
        info = data[start : start + 512]
        if (at := info.find(b"\x2a\xd7\xb1\x83")) >= 0:
            scale = int.from_bytes(info[at + 4 : at + 7], "big")
        if (at := info.find(b"\x44\x89\x88")) >= 0 and len(info) >= at + 11:
            length = struct.unpack_from(">d", info, at + 3)[0]
        elif (at := info.find(b"\x44\x89\x84")) >= 0 and len(info) >= at + 7:
            length = struct.unpack_from(">f", info, at + 3)[0]
    milliseconds = length * scale / 1_000_000
    return "video/webm" if video else "audio/webm", milliseconds if 0 <= milliseconds < LONGEST else 0


BITRATES = {  # kbit/s of layer III
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _frame(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Bit rate, sample rate and length of the frame of MPEG layer III that begins here."""
    if len(data) < at + 4 or data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return None
    version, packed = data[at + 1] >> 3 & 3, data[at + 2]
    if version == 1 or packed >> 4 in (0, 15) or packed >> 2 & 3 == 3:
        return None
    bitrate, rate = BITRATES[3 if version == 3 else 2][packed >> 4] * 1000, RATES[version][packed >> 2 & 3]
    return bitrate, rate, (144 if version == 3 else 72) * bitrate // rate + (packed >> 1 & 1)


def _mp3(file: BinaryIO, head: bytes, size: int) -> tuple[str, float] | None:
    """Two frames in a row make it sound; the time is told by the Xing header, else by the rate of the first frame."""
    start = 0
    if head[:3] == b"ID3":
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
    file.seek(start)
    data = file.read(TAIL)
    for at in range(min(len(data), 4096)):
        if (first := _frame(data, at)) and _frame(data, at + first[2]):
            bitrate, rate, _ = first
            samples = 1152 if rate >= 32_000 else 576
            for name in (b"Xing", b"Info"):
                mark = data.find(name, at, at + 64)
                if mark >= 0 and data[mark + 7] & 1:
                    return "audio/mpeg", 1000 * int.from_bytes(data[mark + 8 : mark + 12], "big") * samples / rate
            return "audio/mpeg", 8000 * (size - start) / bitrate
    return None
