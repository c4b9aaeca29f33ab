"""Making a backup while people chat: the database at one moment, then the files that it refers to, the keys, and the manifest."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatroom import actions
from chatroom.backup.archive import PIECE, Writer
from chatroom.backup.contents import FILES, keys, list_files, open_file
from chatroom.backup.places import PREFIX, S3, place_of, plainly, writing
from chatroom.backup.snapshot import Snapshot, stepping, take_snapshot
from core.atomic import PART
from core.hold import hold_files
from core.refusal import Refusal
from core.room import spare

NO_ROOM = _("There is no room for a backup: it may need %(needed)s MiB, and %(free)s MiB may be used.")
DRAFT_SECONDS = 86_400  # nobody writes to a draft that rested so long
Step = Callable[[float, int], None]


@dataclass(frozen=True)
class Made:
    """A backup that is there."""

    place: str
    manifest: dict[str, Any]


def make_backup(out: str, files: bool = True, step: Step = lambda share, done: None, nightly: bool = False) -> Made:
    """Write an archive to a file, into a folder or to `s3://bucket/name`; it is in the log, also when it failed. Raises Refusal, OSError."""
    place = place_of(out)
    with hold_files():
        try:
            with plainly():
                manifest = _write(place, files, step)
        except BaseException as error:
            why = error.message if isinstance(error, Refusal) else error
            told = str(why)[:200] or type(error).__name__
            with suppress(DatabaseError):  # what broke may be the database, or the disk that it lies on
                actions.note_failed_backup({"place": place, "why": told, "nightly": nightly})
            raise
    facts = {name: manifest[name] for name in ("files", "members", "bytes", "digest")}
    facts["missing"] = len(manifest.get("missing", ()))
    actions.note_backup({"place": place, **facts, "nightly": nightly})
    return Made(place, manifest)


def folder() -> Path:
    """Where backups lie that nobody wants elsewhere."""
    found = Path(settings.DATA_DIR) / "backups"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def _write(place: str, files: bool, step: Step) -> dict[str, Any]:
    own = folder()
    for left in own.glob(f".*{PART}"):  # of a backup that was killed: nobody else makes one now
        left.unlink(missing_ok=True)
    if not place.startswith(S3):
        _forget_drafts(Path(place).parent)
    if connection.vendor == "sqlite":
        _demand_room(own, Path(settings.DATABASES["default"]["NAME"]).stat().st_size)
    with take_snapshot(own) as snapshot, tempfile.TemporaryFile("w+", dir=own) as names:
        size = list_files(snapshot, names) if files else 0
        total = snapshot.size + size
        if not place.startswith(S3):
            _demand_room(Path(place).parent, total)
        done = 0

        def told(size: int) -> None:
            nonlocal done
            done += size
            step(done / max(1, total), done)

        with writing(place) as stream:
            archive = Writer(stream)
            manifest = _facts(snapshot) | {"files": files} | snapshot.write(archive, told)
            if files:
                manifest["missing"] = _add_files(archive, names, told)
            for name, content in keys():
                archive.add(name, len(content), [content])
            archive.close(manifest)
    return manifest | {"members": archive.members, "bytes": archive.bytes, "digest": archive.digest.hexdigest()}


def _forget_drafts(folder: Path) -> None:
    """What killed backups have left elsewhere, keys and all; another site may be writing one there just now."""
    for left in folder.glob(f".{PREFIX}*{PART}"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - DRAFT_SECONDS:
                left.unlink()


def _facts(snapshot: Snapshot) -> dict[str, Any]:
    [head] = list(snapshot.rows("SELECT number, hash FROM audit_chainhead")) or [(0, "")]
    migrations = snapshot.rows("SELECT app, name FROM django_migrations ORDER BY id")
    return {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "vendor": snapshot.vendor,
        "migrations": [list(row) for row in migrations],
        "head": list(head),
    }


def _add_files(archive: Writer, names: IO[str], told: Callable[[int], None]) -> list[str]:
    """Add each file; answers what is not there: a picture of somebody that was replaced since, or a file that was lost before."""
    missing = []
    names.seek(0)
    for line in names:
        name = json.loads(line)
        opened = open_file(name)
        if opened is None:
            missing.append(name)
            continue
        file, size = opened
        with closing(file):
            archive.add(FILES + name, size, stepping(iter(partial(file.read, PIECE), b""), told))
    return missing


def _demand_room(where: Path, size: int) -> None:
    if (free := spare(where)) < size:
        raise Refusal("disk_full", NO_ROOM, 507, needed=size // 2**20 + 1, free=max(0, free) // 2**20)
