"""Long answers, sent while they are made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TypeVar

from asgiref.sync import sync_to_async

Piece = TypeVar("Piece", bound=str | bytes)
BLOCK = 256 * 1024  # bytes of a file read at a time


async def streamed(pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
    """Piece by piece off the event loop; Django would read all of a plain iterator before the first byte."""

    def following() -> Piece | None:
        return next(pieces, None)

    while (piece := await sync_to_async(following)()) is not None:
        yield piece


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file, block by block. It is open from now on: nobody takes it away under the reader."""
    file = path.open("rb")

    def blocks() -> Iterator[bytes]:
        with file:
            while block := file.read(BLOCK):
                yield block

    return blocks()
