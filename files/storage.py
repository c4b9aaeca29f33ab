"""Where bytes lie: names in the storage, a disk storage that replaces whole files or not at all, and what is there."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, default_storage

from core.atomic import PART, atomic_file, sync_folder
from core.hold import files_held

STORED, UPLOADS = "stored", "uploads"
PREVIEW, STILL = ".preview", ".still"


def new_token() -> str:
    """A name that nobody guesses: 192 bits."""
    return secrets.token_urlsafe(24)


def stored_name(token: str, part: str = "") -> str:
    """Where a file lies; `part` is PREVIEW or STILL for what was made of it."""
    return f"{STORED}/{token[:2]}/{token}{part}"


def forget_bytes(token: str) -> None:
    """Delete a file and what was made of it, when its row is gone; what is not there is no matter. While a backup is made it is left to the sweep."""
    if files_held():
        return
    for part in ("", PREVIEW, STILL):
        default_storage.delete(stored_name(token, part))


def on_s3() -> bool:
    """Whether files lie on an S3 server."""
    return hasattr(default_storage, "bucket_name")


class DiskStorage(FileSystemStorage):
    """Files under one folder. Saving replaces, and is whole and on the disk, or did not happen: a reader keeps what he has opened."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: IO[bytes]) -> str:
        target = Path(self.path(name))
        make_folder(target.parent)
        with atomic_file(target) as file:
            content.seek(0)
            shutil.copyfileobj(content, file, 2**18)
        return name


def make_folder(folder: Path) -> None:
    """A folder that is there after a power cut too."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def free_space() -> tuple[int, int]:
    """Bytes free and in all where the data lies."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    return usage.free, usage.total


class Found(NamedTuple):
    """One object in the storage."""

    name: str
    size: int
    changed: datetime


def walk(folder: str, storage: Storage | None = None) -> Iterator[Found]:
    """All that lies under `stored` or `uploads`, in no order."""
    storage = storage or default_storage
    if hasattr(storage, "bucket_name"):
        for item in storage.bucket.objects.filter(Prefix=f"{folder}/"):  # type: ignore[attr-defined]
            yield Found(item.key, item.size, item.last_modified)
        return
    yield from _walk_tree(storage, folder)


def _walk_tree(storage: Any, folder: str) -> Iterator[Found]:
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        path = f"{folder}/{name}"
        try:
            changed = storage.get_modified_time(path)
            yield Found(path, storage.size(path), changed if changed.tzinfo else changed.replace(tzinfo=UTC))
        except FileNotFoundError:  # deleted meanwhile
            continue
    for name in folders:
        yield from _walk_tree(storage, f"{folder}/{name}")


def is_draft(name: str) -> bool:
    """Whether it is what somebody writes just now, before it gets its name."""
    last = name.rpartition("/")[2]
    return last.startswith(".") and last.endswith(PART)


def token_of(name: str) -> str:
    """To which file or upload an object belongs; empty for what has no such name."""
    top, *rest = name.split("/")
    if top == STORED and len(rest) == 2:
        token = rest[1].removesuffix(PREVIEW).removesuffix(STILL)
        return token if token[:2] == rest[0] else ""
    return rest[0] if top == UPLOADS and rest else ""
