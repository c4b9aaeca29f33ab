"""Bytes of uploads that are not complete: a growing file on disk, or pieces on S3 that are put together at the end.

What is appended counts only after `sync`. Nothing here knows rights, limits or the database: `actions` decide, and the row's offset is
what was confirmed. Bytes behind it are rubbish of a broken connection and are written over.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

from django.conf import settings
from django.core.files.storage import default_storage

from core.atomic import sync_folder
from files.storage import UPLOADS, make_folder, on_s3, stored_name


class HeldError(Exception):
    """Another process writes to this upload."""


class Parts(Protocol):
    """An upload that is written to by one connection."""

    sync_every: int  # bytes after which it is worth it

    def append(self, data: bytes) -> None:
        """Take bytes."""

    def sync(self) -> None:
        """What was appended is safe from now on."""

    def close(self) -> None:
        """Let others write; what was not synced is lost."""


def open_parts(token: str, offset: int) -> Parts:
    """Write to an upload from this offset on. Raises HeldError."""
    return S3Parts(token, offset) if on_s3() else DiskParts(token, offset)


def complete(token: str, size: int) -> None:
    """Make the stored file of the pieces; again is no matter. Raises LookupError when bytes are missing."""
    (complete_on_s3 if on_s3() else complete_on_disk)(token, size)


def forget_parts(token: str) -> None:
    """Delete what has come of an upload."""
    if on_s3():
        pieces: Any = default_storage.bucket.objects.filter(Prefix=f"{UPLOADS}/{token}/")  # type: ignore[attr-defined]
        pieces.delete()
    else:
        default_storage.delete(f"{UPLOADS}/{token}")


class DiskParts:
    """One file; the lock on it ends with the process that holds it."""

    sync_every = 16 * 2**20  # a commit of its own each time, which messages wait for

    def __init__(self, token: str, offset: int) -> None:
        self.written = offset
        path = Path(default_storage.path(f"{UPLOADS}/{token}"))
        make_folder(path.parent)
        try:
            self.descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | (0 if offset else os.O_CREAT), 0o600)
        except FileNotFoundError:
            raise LookupError("the bytes are gone") from None
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(self.descriptor).st_nlink == 0 or os.fstat(self.descriptor).st_size < offset:
                raise LookupError("the bytes are gone")
            os.lseek(self.descriptor, offset, os.SEEK_SET)
            if not offset:
                sync_folder(path.parent)
        except BlockingIOError:
            os.close(self.descriptor)
            raise HeldError from None
        except BaseException:
            os.close(self.descriptor)
            raise

    def append(self, data: bytes) -> None:
        """Write, perhaps in several steps, and let the disk begin: else the next commit of the database waits for all of it (ext4)."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self.descriptor, self.written, len(data), os.POSIX_FADV_DONTNEED)
        self.written += len(data)

    def sync(self) -> None:
        """Onto the disk."""
        os.fdatasync(self.descriptor)

    def close(self) -> None:
        """Gives the lock back."""
        os.close(self.descriptor)


def complete_on_disk(token: str, size: int) -> None:
    """Moves the file: it is there as a whole or not at all."""
    part, target = (Path(default_storage.path(name)) for name in (f"{UPLOADS}/{token}", stored_name(token)))
    make_folder(target.parent)
    if not size and not target.exists():
        make_folder(part.parent)
        part.touch()
    with suppress(FileNotFoundError):
        if part.stat().st_size == size:
            part.replace(target)
            sync_folder(target.parent)
    if not target.exists() or target.stat().st_size != size:
        raise LookupError("bytes are missing")


class S3Parts:
    """An object `uploads/<token>/<offset>-<length>` for each piece, gathered in a file so that memory stays flat.

    A connection that was given up may still store a piece after its successor has begun: it has a name of its own unless it is the
    same piece, and the row's offset, moved forward by one of them only, says which pieces follow each other.
    """

    sync_every = 8 * 2**20

    def __init__(self, token: str, offset: int) -> None:
        self.token, self.offset, self.length = token, offset, 0
        self.file: IO[bytes] = tempfile.TemporaryFile(dir=settings.DATA_DIR)  # noqa: SIM115 - closed by close()

    def append(self, data: bytes) -> None:
        """Gathers."""
        self.file.write(data)
        self.length += len(data)

    def sync(self) -> None:
        """Stores what was gathered as one piece."""
        if self.length:
            self.file.seek(0)
            bucket: Any = default_storage.bucket  # type: ignore[attr-defined]
            bucket.put_object(Key=f"{UPLOADS}/{self.token}/{self.offset}-{self.length}", Body=self.file)
            self.file.seek(0)
            self.file.truncate()
            self.offset, self.length = self.offset + self.length, 0

    def close(self) -> None:
        """Drops what was not stored."""
        self.file.close()


def complete_on_s3(token: str, size: int) -> None:
    """Puts the pieces together in a file on this machine, then stores it as one object."""
    storage: Any = default_storage
    name = stored_name(token)
    if storage.exists(name) and storage.size(name) == size:
        return
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as whole:
        for piece in _chain(storage.bucket.objects.filter(Prefix=f"{UPLOADS}/{token}/"), size):
            shutil.copyfileobj(piece.get()["Body"], whole, 2**18)
        if whole.tell() != size:
            raise LookupError("bytes are missing")
        whole.seek(0)
        kind = {"ContentType": "application/octet-stream"}
        storage.bucket.upload_fileobj(whole, name, ExtraArgs=kind, Config=storage.transfer_config)


def _chain(pieces: Any, size: int) -> list[Any]:
    """Pieces that follow each other from the first byte to the last; none when there is no such row."""
    ends: dict[int, Any] = {0: None}  # a byte that is reached -> the piece that ends there
    for piece in sorted(pieces, key=_begin):
        if _begin(piece) in ends:
            ends.setdefault(_begin(piece) + piece.size, piece)
    chain: list[Any] = []
    while size and size in ends:
        chain.append(ends[size])
        size = _begin(ends[size])
    return chain[::-1]


def _begin(piece: Any) -> int:
    return int(piece.key.rpartition("/")[2].partition("-")[0])
