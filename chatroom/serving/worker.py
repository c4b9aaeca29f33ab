"""A Celery worker and beat as threads of `serve`, for sites without Redis."""

import threading
from typing import Any

from celery.beat import EmbeddedService
from celery.worker import WorkController

from chatroom.celery import app


class EmbeddedWorker:
    """Two worker threads and one beat thread on the memory:// broker."""

    def __init__(self) -> None:
        app.set_default()
        app.set_current()
        self.worker = WorkController(
            app=app, pool_cls="threads", concurrency=2, loglevel="WARNING", hostname="embedded", ready_callback=None
        )
        self.beat: Any = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
        self.thread = threading.Thread(target=self.worker.start, name="celery-worker", daemon=True)
        self.stopper = threading.Thread(target=self.end, name="celery-stopper", daemon=True)

    def start(self) -> None:
        """Starts both."""
        self.thread.start()
        self.beat.start()

    def stop(self) -> None:
        """Takes no more tasks; returns at once."""
        self.stopper.start()

    def end(self) -> None:
        """Ends beat and worker; running tasks end first."""
        self.beat.stop()
        self.worker.stop()

    def join(self) -> None:
        """Waits until both have ended."""
        if not self.stopper.ident:
            self.stopper.start()
        self.stopper.join()
        self.thread.join()
