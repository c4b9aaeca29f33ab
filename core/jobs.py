"""What is done behind the pages: a row is the job, and a task that looks each minute finds those that were left."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger("chatroom.jobs")


def soon(task: str, id: int) -> None:
    """Hand a row to the workers; where no broker answers it waits for the look after what is left."""
    try:
        current_app.send_task(task, (id,), retry=False)
    except OperationalError:
        log.warning("No broker for %s(%s); it is taken up within two minutes", task, id)
