"""The way back: an archive is read twice, first to check all of it, then to make the site of it. A site that is half there is never served."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext_lazy as _

from chatroom import actions
from chatroom.backup.archive import PIECE, Member, Reader, broken
from chatroom.backup.contents import FILE_NAME, FILES, KEY_MAX, KEY_NAME, KEYS, TLS
from chatroom.backup.load import PostgresLoad, SqliteLoad, check_fits, check_shape, count_rows, settle
from chatroom.backup.places import S3, plainly, reading
from chatroom.backup.snapshot import DATABASE
from chatroom.serving.preparation import SERVING, UNFINISHED
from core.atomic import atomic_file, sync_folder
from core.refusal import Refusal
from core.sql import rows
from files.storage import make_folder, on_s3
from messaging import search_index

ANY = 2**63
OTHER_TABLES = ("django_migrations", search_index.TABLE)  # those of ours that no model has
STRANGE = _("The database has tables of another program, such as %(name)s. Choose one that is empty.")
Step = Callable[[float, int], None]


@dataclass
class Restored:
    """What was in the archive, and what the operator should know."""

    manifest: dict[str, Any]
    parts: int = 0  # of the database
    files: int = 0
    keys: int = 0
    notes: list[str] = field(default_factory=list)


@plainly()
def restore_backup(
    place: str, replace: bool = False, only_check: bool = False, step: Step = lambda share, done: None
) -> Restored:
    """Make the site of the settings out of an archive. Raises Refusal, OSError; refused before anything is changed, or unfinished and closed."""
    data = Path(settings.DATA_DIR)
    there = next(folder for folder in (data, *data.parents) if folder.is_dir())
    limit = ANY if on_s3() or only_check else shutil.disk_usage(there).free
    restored = _check(place, limit, step)
    if only_check:
        return restored
    manifest = restored.manifest
    check_fits(manifest)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _nobody_serves(data):
        _demand_empty(data, replace)
        if not restored.parts:
            raise broken("it has no database")
        with atomic_file(data / UNFINISHED) as marker:
            marker.write(place.encode())
        if replace:
            _put_aside(data, restored)
        _fill(place, manifest, limit, step)
        count_rows(manifest)
        call_command("migrate", interactive=False, verbosity=0)
        settle(manifest)
        head = manifest["head"]
        actions.note_restored_backup({"made_at": manifest["made_at"], "event": head[0], "files": restored.files})
        connection.close()
        _note(restored)
        os.sync()
        (data / UNFINISHED).unlink()
        sync_folder(data)
    return restored


def _check(place: str, limit: int, step: Step) -> Restored:
    """Read the whole archive: every name is one of ours, every digest right. Raises Refusal."""
    found = Restored({})
    with _opened(place, limit, step) as archive:
        for member in archive:
            name = member.name
            if FILE_NAME.fullmatch(name):
                found.files += 1
            elif KEY_NAME.fullmatch(name):
                found.keys += 1
                if member.size > KEY_MAX:
                    raise broken(f"{name} is too large")
            elif name.startswith(DATABASE):
                found.parts += 1
            else:
                raise broken(f"it has a file of the name {name!r}")
    found.manifest = archive.manifest
    check_shape(found.manifest)
    return found


def _fill(place: str, manifest: dict[str, Any], limit: int, step: Step) -> None:
    """The second reading; rows count only when all of it was read."""
    loader = SqliteLoad if connection.vendor == "sqlite" else PostgresLoad
    with loader(manifest) as database, _opened(place, limit, step) as archive:
        for member in archive:
            if member.name.startswith(DATABASE):
                database.add(member)
            elif FILE_NAME.fullmatch(member.name):
                _store_file(member)
            elif KEY_NAME.fullmatch(member.name):
                _store_key(member)
            else:
                raise broken("it is not the one that was checked")


def _store_file(member: Member) -> None:
    name = member.name.removeprefix(FILES)
    if on_s3():
        bucket: Any = default_storage.bucket  # type: ignore[attr-defined]
        with tempfile.TemporaryFile(dir=settings.DATA_DIR) as whole:
            for piece in member.pieces():
                whole.write(piece)
            whole.seek(0)
            kind = {"ContentType": "application/octet-stream"}
            bucket.upload_fileobj(whole, name, ExtraArgs=kind, Config=default_storage.transfer_config)  # type: ignore[attr-defined]
        return
    path = Path(default_storage.path(name))
    make_folder(path.parent)
    with path.open("wb") as file:  # all go to the disk at the end, before the site counts as whole
        for piece in member.pieces():
            file.write(piece)


def _store_key(member: Member) -> None:
    path = Path(settings.DATA_DIR) / member.name.removeprefix(KEYS)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with atomic_file(path) as file:
        file.write(member.read())


@contextmanager
def _nobody_serves(data: Path) -> Iterator[None]:
    """Hold the folder: a server that runs on it holds it too. Raises Refusal."""
    running = Refusal("conflict", _("The site is running. Stop the server first."), 409)
    with (data / SERVING).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise running from None
        if "realtime_serverprocess" in _tables() and rows(
            "SELECT 1 FROM realtime_serverprocess WHERE expires_at > now() LIMIT 1"
        ):
            raise running  # on another machine
        yield


def _own(data: Path) -> list[Path]:
    """What belongs to the site in its folder."""
    names = (
        "db.sqlite3",
        "db.sqlite3-wal",
        "db.sqlite3-shm",
        "db.sqlite3.restoring",
        "secret_key",
        TLS,
        "files",
        "exports",
    )
    return [path for name in names if (path := data / name).exists()]


def _tables() -> list[str]:
    """Those of a database that is not a file of the folder."""
    return connection.introspection.table_names() if connection.vendor == "postgresql" else []


def _demand_empty(data: Path, replace: bool) -> None:
    there = set(_tables())
    if strange := there - {*connection.introspection.django_table_names(), *OTHER_TABLES}:
        raise Refusal("conflict", STRANGE, 409, name=min(strange))  # they would all be dropped
    users = "accounts_user" in there and rows("SELECT 1 FROM accounts_user LIMIT 1")
    if not replace and (_own(data) or users):
        raise Refusal("conflict", _("There is a site already. Choose another folder, or --replace it."), 409)


def _put_aside(data: Path, restored: Restored) -> None:
    """Keep what was there; a backup without files goes to the files that are there."""
    aside = data / f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    for path in _own(data):
        if path.name != "files" or restored.manifest["files"]:
            aside.mkdir(mode=0o700, exist_ok=True)
            path.rename(aside / path.name)
    if aside.exists():
        restored.notes.append(f"What was there before is in {aside}; delete it when all is well.")


def _note(restored: Restored) -> None:
    key = Path(settings.DATA_DIR) / "secret_key"
    other = os.environ.get("CHATROOM_SECRET_KEY")
    if not key.exists():
        restored.notes.append(
            "The backup has no secret key: without the old CHATROOM_SECRET_KEY second factors do not work."
        )
    elif other and key.read_text().strip() != other:
        restored.notes.append(
            "CHATROOM_SECRET_KEY is not the key of this backup: second factors will not work with it."
        )
    if not restored.manifest["files"]:
        restored.notes.append("The backup has no files; manage.py check_files names what is missing.")
    restored.notes.append("Everybody signs in again. Check: manage.py verify_log, manage.py check_files --digests.")


@contextmanager
def _opened(place: str, limit: int, step: Step) -> Iterator[Reader]:
    total = 0 if place.startswith(S3) or not Path(place).is_file() else Path(place).stat().st_size
    with reading(place) as file:
        yield Reader(_Told(file, total, step), limit)  # type: ignore[arg-type]


class _Told:
    """A stream that tells how far it was read."""

    def __init__(self, file: IO[bytes], total: int, step: Step) -> None:
        self.file, self.total, self.step, self.done = file, total, step, 0

    def read(self, size: int = PIECE) -> bytes:
        data = self.file.read(size)
        self.done += len(data)
        self.step(self.done / self.total if self.total else 0, self.done)
        return data
