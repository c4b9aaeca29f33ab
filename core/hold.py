"""While a backup reads files, nobody deletes them: what goes meanwhile is left over, and swept away later."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from django.utils.translation import gettext_lazy as _

from core.refusal import Refusal
from core.sql import rows

KEY = 0x62616B75  # a number of our own for pg_advisory_lock
TRIES, PAUSE = 40, 0.05  # whoever asks whether files are held has the lock for an instant


@contextmanager
def hold_files() -> Iterator[None]:
    """One backup at a time; ends with its process. Raises Refusal."""
    with _file() as lock:
        if not _taken(lock, fcntl.LOCK_EX):
            raise _busy()
        if connection.vendor != "postgresql":
            yield
            return
        own = connections.create_connection("default")  # of a session of its own: processes elsewhere see it too
        try:
            with own.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
                if not cursor.fetchone()[0]:
                    raise _busy()
                try:
                    yield
                finally:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [KEY])
        finally:
            own.close()


def files_held() -> bool:
    """Whether a backup reads now. Asked after the row is gone for good: a backup that begins later does not know the file."""
    if Path(settings.DATA_DIR).is_dir():  # a worker on another machine may have none
        with _file() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    if connection.vendor != "postgresql":
        return False
    held = (
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND classid = 0 AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return bool(rows(held, [KEY]))


def _busy() -> Refusal:
    return Refusal("conflict", _("Another backup is being made."), 409)


@contextmanager
def _file() -> Iterator[int]:
    descriptor = os.open(Path(settings.DATA_DIR) / "backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _taken(lock: int, kind: int) -> bool:
    for _try in range(TRIES):
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(PAUSE)
    return False
