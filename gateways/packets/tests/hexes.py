"""Frames as they are written by hand: hex with blanks anywhere, and `00*29` for 29 NULs."""

from __future__ import annotations


def raw(text: str) -> bytes:
    """The bytes."""
    data = b""
    for word in text.split():
        data += bytes(int(word[3:])) if word.startswith("00*") else bytes.fromhex(word)
    return data
