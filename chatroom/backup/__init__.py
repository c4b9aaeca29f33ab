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

    newest = [Event.objects.filter(action=f"backup.{how}").order_by("-id").first() for how in ("failed", "made")]
    bad, good = newest
    return bad.at if bad and (good is None or bad.id > good.id) else None
