"""What happens behind the site as a whole."""

from __future__ import annotations

from celery import shared_task

from chatroom import dashboard_counts, retention
from chatroom.backup import nightly
from files.actions import look_at_disk


@shared_task(name="chatroom.look_after_site")
def look_after_site() -> None:
    """Once a minute: is there room left, and what the dashboard counts."""
    look_at_disk()
    dashboard_counts.look()


@shared_task(name="chatroom.look_after_night")
def look_after_night() -> None:
    """Tonight's backup, also when the machine was off at its hour; after it what is too old goes."""
    nightly.make_if_due()
    retention.keep_if_due()
