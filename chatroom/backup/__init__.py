"""Backups: one archive with the database at one moment, the files it refers to and the keys; and the way back from it."""

from __future__ import annotations

from datetime import datetime


def latest() -> datetime | None:
    """When the newest complete backup was made (with the files), wherever it was put; None when there is none."""
    from audit.models import Event

    made = Event.objects.filter(action="backup.made", detail__files=True).order_by("-id").first()
    return made.at if made else None


def failed() -> datetime | None:
    """When the newest backup failed; None where it did not."""
    from audit.models import Event

    newest = Event.objects.filter(action__in=("backup.failed", "backup.made")).order_by("-id").first()
    return newest.at if newest and newest.action == "backup.failed" else None
