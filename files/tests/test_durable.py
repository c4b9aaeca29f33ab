"""What an upload's offset says is on the disk: its bytes are synced before the row, or anybody, says that they have come."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

import pytest

from core import atomic
from files.models import Upload
from files.parts import DiskParts
from files.storage import UPLOADS, stored_name
from files.tests.phone import Phone
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_thread", "disk")]
DATA = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(3000))  # 96,000 bytes
STEP = 16_000


class Disk:
    """What the disk would still have after a power failure, by file, and what the row said at each moment of a sync."""

    def __init__(self, token: str) -> None:
        self.token, self.safe, self.seen = token, 0, list[tuple[int, int]]()

    def sync(self, descriptor: int) -> None:
        """After the real one."""
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(f"{UPLOADS}/{self.token}"):
            self.seen.append((Upload.objects.get(token=self.token).offset, self.safe))
            self.safe = os.fstat(descriptor).st_size


@pytest.fixture
def watched(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Phone, str, Disk]]:
    """An announced upload whose syncs are seen."""
    phone = Phone(cast.member)
    path = phone.announce(len(DATA)).headers["location"]
    disk, real = Disk(path.rstrip("/").rpartition("/")[2]), os.fdatasync

    def fdatasync(descriptor: int) -> None:
        real(descriptor)
        disk.sync(descriptor)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    monkeypatch.setattr(DiskParts, "sync_every", STEP)
    yield phone, path, disk


def test_the_row_never_says_more_than_was_synced(watched: tuple[Phone, str, Disk]):
    phone, path, disk = watched
    pieces = [DATA[at : at + STEP] for at in range(0, 64_000, STEP)]
    answered = int(phone.send(path, 0, *pieces).headers["upload-offset"])
    assert answered == 64_000 == disk.safe == Upload.objects.get(token=disk.token).offset
    assert len(disk.seen) >= len(pieces)  # while the request still runs
    phone.send(path, 64_000, DATA[64_000:70_000], cut=True)
    assert int(phone.ask("HEAD", path).headers["upload-offset"]) == 70_000 == disk.safe
    assert phone.send(path, 70_000, DATA[70_000:]).status == 204
    assert all(said <= safe for said, safe in disk.seen), disk.seen
    assert disk.safe == len(DATA)


def test_a_file_is_complete_when_its_bytes_and_then_its_name_are_synced(
    watched: tuple[Phone, str, Disk], monkeypatch: pytest.MonkeyPatch
):
    phone, path, disk = watched
    order: list[tuple[str, int]] = []
    real = atomic.sync_folder

    def sync_folder(folder: os.PathLike) -> None:
        real(folder)
        order.append((str(folder), disk.safe))

    monkeypatch.setattr("files.parts.sync_folder", sync_folder)
    token = phone.send(path, 0, DATA).headers["upload-file"]
    folder, safe = order[-1]
    assert folder.endswith(os.path.dirname(stored_name(token))) and safe == len(DATA)
