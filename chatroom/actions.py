"""What the site itself leaves in the log: backups made, failed and restored."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from audit.record import record


def note_backup(detail: dict[str, Any]) -> None:
    """A backup is whole and in its place."""
    with transaction.atomic():
        record(None, "backup.made", detail=detail)


def note_failed_backup(detail: dict[str, Any]) -> None:
    """A backup did not come about; `why` says the reason."""
    with transaction.atomic():
        record(None, "backup.failed", detail=detail)


def note_restored_backup(detail: dict[str, Any]) -> None:
    """The site is what it was when a backup was made."""
    with transaction.atomic():
        record(None, "backup.restored", detail=detail)
