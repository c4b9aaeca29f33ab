"""Is there room left? Looked at each minute; a change is written down, and administrators are told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.actions.people import administrators
from audit.record import record
from core.marks import remembered
from core.models import Mark
from core.room import least_free
from core.sql import Subquery, rows
from files.storage import free_space
from realtime.heads import bump_users

DISK = "disk"
MUCH = 1.2  # so many times what has to stay free must be free again, or the word would change with each file


def look_at_disk() -> None:
    """Note whether a disk of the site is nearly full now; what changed is told once."""
    low, found = is_low(), list(disks())  # before the transaction: a question that PostgreSQL refuses would end it
    wants = [name for name, free, total in found if free < least_free(total) * (MUCH if low else 1)]
    if bool(wants) == low:
        return
    with transaction.atomic():
        Mark.objects.get_or_create(key=DISK, defaults={"value": {}})
        state = Mark.objects.select_for_update(no_key=True).get(key=DISK)
        if bool(state.value.get("low")) == bool(wants):
            return
        state.value = {"low": bool(wants), "since": timezone.now().isoformat(), "disks": wants}
        state.save()
        bump_users(dict.fromkeys(administrators()))
        detail: dict[str, Any] = {name: {"free": free, "total": total} for name, free, total in found}
        record(None, "disk.filled" if wants else "disk.freed", detail=detail)


def is_low() -> bool:
    """Whether administrators were told last that a disk is nearly full."""
    return bool(remembered(DISK, {}).get("low"))


def me_part(user: Any) -> dict[str, Any]:
    """What an administrator's own page knows of it."""
    return {"disk_low": user.is_admin and Subquery("SELECT value FROM core_mark WHERE key = %s", [DISK], _says_low)}


def _says_low(value: str | None) -> bool:
    return bool(value and json.loads(value).get("low"))


def disks() -> Iterator[tuple[str, int, int]]:
    """Each disk that the site writes to: what lies there, bytes free and in all."""
    free, total = free_space()
    yield "files", free, total
    folder = _database_folder()
    if folder is not None and folder.stat().st_dev != Path(settings.DATA_DIR).stat().st_dev:
        usage = shutil.disk_usage(folder)
        yield "database", usage.free, usage.total


def _database_folder() -> Path | None:
    """Where the database lies, if that is on this machine and we know it."""
    if connection.vendor == "sqlite":
        folder = Path(settings.DATABASES["default"]["NAME"]).resolve().parent
    elif settings.DATABASES["default"].get("HOST", "") in ("", "localhost", "127.0.0.1", "::1"):
        try:
            folder = Path(rows("SHOW data_directory")[0][0])
        except DatabaseError:  # the server does not tell everybody
            return None
    else:
        return None
    try:
        return folder if folder.is_dir() else None
    except OSError:  # nor does the system
        return None
