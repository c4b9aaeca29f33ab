"""What `serve` does before it listens: one process at a time per data folder."""

import contextlib
import fcntl
import hashlib
import resource
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chatroom.backup.snapshot import copy_sqlite
from chatroom.styles import BUNDLES

BACKUPS_KEPT = 5
SERVING = "serve.lock"  # held by every server of the folder while it runs
UNFINISHED = "restore.unfinished"  # there while a backup is being restored
MIGRATION_LOCK = 0x63686174  # a number of our own for pg_advisory_lock
WAL_RESET_FIXED = [(3, 44, 6), (3, 50, 7), (3, 51, 3)]  # first versions of their branches without the WAL-reset bug


def hold_folder(data: Path) -> IO[str]:
    """Holds the folder for as long as the file stays open: nobody restores a backup into it. Raises BlockingIOError while that is done."""
    lock = (data / SERVING).open("w")
    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    if (data / UNFINISHED).exists():
        raise BlockingIOError
    return lock


def is_shared(lock: IO[str]) -> bool:
    """Whether another server holds the folder too. Raises BlockingIOError where a restore came between."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # also where the other was refused: it is gone then
    return False


@contextlib.contextmanager
def alone(data: Path) -> Iterator[None]:
    """Holds off other processes that start on the same data folder or database."""
    with open(data / "prepare.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def migrate(data: Path) -> Path | None:
    """Brings the database up to date; an SQLite database is copied first. The copy's path, when one was made."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return None
    copy = (
        copy_database(data / "backups")
        if connection.vendor == "sqlite" and connection.introspection.table_names()
        else None
    )
    call_command("migrate", interactive=False, verbosity=0)
    return copy


def copy_database(folder: Path) -> Path:
    """A consistent copy of the SQLite database, also while others write; the oldest copies go."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"db-{datetime.now(UTC):%Y%m%d-%H%M%S}.sqlite3"
    copy_sqlite(path)
    for old in sorted(folder.glob("db-*.sqlite3"))[:-BACKUPS_KEPT]:
        old.unlink()
    return path


def collect_static(root: Path) -> bool:
    """Collects hashed and compressed static files when a source changed since the last time."""
    if settings.DEBUG:
        return False
    print_file = root / ".fingerprint"
    fingerprint = static_fingerprint()
    if print_file.exists() and print_file.read_text() == fingerprint:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    print_file.write_text(fingerprint)
    return True


def static_fingerprint() -> str:
    """A digest over path, size and time of every static source file."""
    digest = hashlib.sha256(repr(BUNDLES).encode())
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=None):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def raise_file_limit() -> int:
    """Allows this process as many open files as the system grants it; the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def sqlite_warning() -> str:
    """A warning when this SQLite can lose commits in WAL mode (sqlite.org/wal.html#walresetbug); empty when it is sound."""
    version = sqlite3.sqlite_version_info
    sound = version >= WAL_RESET_FIXED[-1] or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in WAL_RESET_FIXED
    )
    if connection.vendor != "sqlite" or sound:
        return ""
    return f"SQLite {sqlite3.sqlite_version} has a known fault in WAL mode; install the package pysqlite3 or use PostgreSQL."
