"""What happens behind the log. What is to be done are rows, so that nothing is lost with a worker."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from audit import actions

log = logging.getLogger("chatroom.audit")


@shared_task(name="audit.run_export")
def run_export(id: int) -> None:
    """Write an export."""
    actions.run_export(id)


@shared_task(name="audit.look_after_exports")
def look_after_exports() -> None:
    """Take up again what a stopped worker has left; forget what is old."""
    for id in actions.look_after_exports():
        run_export.delay(id)


def export_soon(id: int) -> None:
    """Hand an export to the workers; where no broker answers, the look after what is left finds the row."""
    try:
        run_export.apply_async((id,), retry=False)
    except OperationalError:
        log.warning("No broker for export %s; it is taken up within two minutes", id)
