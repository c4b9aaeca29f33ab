"""What happens to files behind the pages. What is to be done are rows, so that nothing is lost with a worker."""

from __future__ import annotations

from celery import shared_task

from files import processing
from files.actions import delete_unused
from files.actions.uploads import process_soon


@shared_task(name="files.process")
def process(id: int) -> None:
    """Look at an uploaded file and make what is shown of it."""
    processing.process(id)


@shared_task(name="files.look_after")
def look_after() -> None:
    """Take up again what a stopped worker has left."""
    for id in processing.look_after():
        process_soon(id)


@shared_task(name="files.sweep")
def sweep() -> None:
    """Delete what nobody refers to any more."""
    delete_unused()
    processing.forget_left_over()
