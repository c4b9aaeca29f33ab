"""What happens behind the card tables, where no server process is left to look after them."""

from __future__ import annotations

from celery import shared_task

from games import actions


@shared_task(name="games.look_after_tables")
def look_after_tables() -> None:
    """Do what is overdue. Each server process does so too, every few seconds."""
    actions.attend(actions.find_work())
