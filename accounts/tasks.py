"""What happens behind the pages. What is to be done are rows, so that nothing is lost with a worker."""

from __future__ import annotations

from celery import shared_task

from accounts import actions


@shared_task(name="accounts.run_import")
def run_import(id: int) -> None:
    """Make the accounts of a checked file."""
    actions.run_import(id)


@shared_task(name="accounts.erase_messages")
def erase_messages(user_id: int) -> None:
    """Take the messages of a deleted account back."""
    actions.erase_messages(user_id)


@shared_task(name="accounts.forget_old_tries")
def forget_old_tries() -> None:
    """Drop the counts of failed sign-ins that rested for a month."""
    actions.forget_old_tries()


@shared_task(name="accounts.look_after_jobs")
def look_after_jobs() -> None:
    """Take up again what a stopped worker has left."""
    for id in actions.pending_imports():
        run_import.delay(id)
    for user_id in actions.to_erase():
        erase_messages.delay(user_id)
