"""The backup of each night: when it is due, and which ones stay."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.actions.imports import stand_back
from audit.models import Event
from chatroom.backup.make import folder, make_backup
from chatroom.backup.places import PREFIX, SUFFIX
from chatroom.backup.policies import Backups
from core import policies
from core.hold import files_held
from core.refusal import Refusal

log = logging.getLogger("chatroom.backup")
NIGHTLY = PREFIX + "nightly-"
AGAIN = timedelta(hours=6)  # after a failure


def make_if_due(now: datetime | None = None) -> Path | None:
    """Tonight's backup, unless it is made already; one that was missed is made up. Where it is, if one was made."""
    now = now or timezone.now()
    if not is_due(now):
        return None
    place = folder() / f"{NIGHTLY}{timezone.localtime(now):%Y%m%d-%H%M%S}{SUFFIX}"
    with ThreadPoolExecutor(1, "backup", stand_back) as own:  # people come first
        if not own.submit(_make, place).result():
            return None
    forget_old(policies.get(Backups).keep)
    return place


def _make(place: Path) -> bool:
    files = policies.get(Backups).files
    try:
        try:
            made = make_backup(str(place), files, nightly=True)
            if missing := made.manifest.get("missing"):
                log.warning("Files that the backup does not have, because they are gone: %s", len(missing))
        except Refusal as refusal:
            if refusal.code != "disk_full" or not files:
                raise
            log.error("%s The database is kept without the files.", refusal.message)
            make_backup(str(place), False, nightly=True)
    except (Refusal, OSError, DatabaseError) as error:
        log.error("No backup was made: %s", error.message if isinstance(error, Refusal) else error)
        return False
    finally:
        connection.close()  # of this thread
    return True


def is_due(now: datetime) -> bool:
    """Whether the hour has passed since the last one. A site of today has its first one tonight."""
    policy = policies.get(Backups)
    if not policy.nightly or settings.REDIS_URL:  # a site of several machines says itself where to: docs/operate.md
        return False
    if files_held():  # one is being made
        return False
    hour = last_hour(now, policy.hour)
    failed = Event.objects.filter(action="backup.failed", detail__nightly=True, at__gt=now - AGAIN)
    made = Event.objects.filter(action="backup.made", detail__nightly=True, at__gte=hour)
    begun = Event.objects.order_by("id").first()
    return begun is not None and begun.at < hour and not made.exists() and not failed.exists()


def last_hour(now: datetime, hour: int) -> datetime:
    """When it was this hour the last time, by the clock of the site."""
    local = timezone.localtime(now)
    today = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= local else today - timedelta(days=1)


def forget_old(keep: int) -> None:
    """Delete all but the newest; only nightly ones. The newest one with all files stays, however many came after it without."""
    whole = Event.objects.filter(action="backup.made", detail__nightly=True, detail__files=True, detail__missing=0)
    last = whole.order_by("-id").first() if policies.get(Backups).files else None
    stays = Path(last.detail["place"]).name if last else ""
    for old in sorted(folder().glob(f"{NIGHTLY}*{SUFFIX}"))[:-keep]:
        if old.name != stays:
            old.unlink(missing_ok=True)
