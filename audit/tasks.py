"""What happens behind the log. What is to be done are rows, so that nothing is lost with a worker."""

from __future__ import annotations

from celery import shared_task

from audit import actions


@shared_task(name="audit.run_export")
def run_export(id: int) -> None:
    """Write an export."""
    actions.run_export(id)


@shared_task(name="audit.look_after_exports")
def look_after_exports() -> None:
    """Take up again what a stopped worker has left; forget what is old."""
    for id in actions.look_after_exports():
        run_export.delay(id)
