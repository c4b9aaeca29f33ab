"""What a file is, told by its bytes and never by its name."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

import heif
import pictures
import sounds

PICTURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF87a": "GIF", b"GIF89a": "GIF"}
ZEROS = 1024 * 1024
PICTURE_BYTES = 64 * 1024 * 1024


def find(source: Path, out: Path) -> dict:
    """Kind, facts and digest; a picture's clean copy, preview and still are made in `out`, a film and a HEIC are made clean in their place."""
    with source.open("rb") as file:
        head = file.read(4096)
        file.seek(0)
        if (form := picture(head)) and source.stat().st_size <= PICTURE_BYTES:
            facts = pictures.examine(form, file.read(), out)
            return facts | {"sha256": _digest(out / "clean")}
        try:
            found = sounds.examine(file, head)
        except (ValueError, IndexError, OverflowError, struct.error):
            found = None
        try:
            told = heif.places_told(file) if heif.is_picture(head) else []
        except (KeyError, IndexError):
            told = []
        facts = found or {"kind": "file", "type": "application/octet-stream"}
        hidden = sounds.places_told(file) if facts["type"] == "video/mp4" else []
    if hidden or told:
        _hide(source, hidden, told)
        facts["changed"] = True
    return facts | {"sha256": _digest(source)}


def _hide(source: Path, boxes: list[tuple[int, int, int]], spans: list[tuple[int, int, bytes]]) -> None:
    """Makes these boxes and spans empty ones where they are: nothing moves, and doing it again is no matter."""
    with source.open("r+b") as file:
        for at, _, _ in boxes:
            file.seek(at + 4)
            file.write(b"free")
        for begin, end, empty in [*((*box[1:], b"") for box in boxes), *spans]:
            file.seek(begin)
            file.write(empty[: end - begin])
            for start in range(begin + len(empty), end, ZEROS):
                file.write(bytes(min(ZEROS, end - start)))
        file.flush()
        os.fsync(file.fileno())


def picture(head: bytes) -> str:
    """The format of a picture that is shown, else nothing."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return next((form for sign, form in PICTURES.items() if head.startswith(sign)), "")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
