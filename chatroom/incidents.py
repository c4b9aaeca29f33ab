"""The latest unexpected exceptions and slow queries, for the dashboard. Kept without what was in them: texts of errors can name people."""

from __future__ import annotations

import logging
import threading
from collections import deque
from datetime import datetime
from time import perf_counter, sleep
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.utils import timezone

from core import metrics
from core.models import Incident

KEPT = 200  # rows of each kind
WAITING = 50  # that a process holds until they are written
GATHER, AGAIN = 1.0, 10.0  # seconds: before writing, and before trying again

_waiting: deque[Incident] = deque(maxlen=WAITING)
_some = threading.Event()
_writer: threading.Thread | None = None
_starting = threading.Lock()


class IncidentHandler(logging.Handler):
    """Takes note of what was logged as an error with an exception."""

    def emit(self, log: logging.LogRecord) -> None:
        """Note where and of what class; a thread writes it, because here may be a transaction, or the event loop."""
        if log.exc_info and log.exc_info[0] is not None:
            metrics.errors.inc()
            note(Incident.Kind.ERROR, place_of(log), what=log.exc_info[0].__qualname__)


def place_of(log: logging.LogRecord) -> str:
    """The route of a request, the name of a task, else who logged it."""
    match = getattr(getattr(log, "request", None), "resolver_match", None)
    if match is not None:
        return f"/{match.route}"
    data = getattr(log, "data", None)
    if isinstance(data, dict) and "name" in data:
        return str(data["name"])
    return f"{log.name}.{log.funcName}"


def time_query(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Around each statement (0.3 µs); a slow one is noted, without its values."""
    began = perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = perf_counter() - began
        if seconds > settings.SLOW_QUERY_SECONDS and threading.current_thread() is not _writer:  # it would note itself
            metrics.slow_queries.inc()
            note(Incident.Kind.SLOW, " ".join(sql.split()), milliseconds=int(seconds * 1000))


def note(kind: str, place: str, *, what: str = "", milliseconds: int = 0) -> None:
    """Keep one for the dashboard; without the database it waits, and the oldest of many are lost."""
    at: datetime = timezone.now()
    _waiting.append(Incident(kind=kind, at=at, place=place[:300], what=what[:100], milliseconds=milliseconds))
    _some.set()
    global _writer
    if _writer is None or not _writer.is_alive():
        with _starting:
            if _writer is None or not _writer.is_alive():
                _writer = threading.Thread(target=_write_all, name="incidents", daemon=True)
                _writer.start()


def write() -> None:
    """Store what waits, and forget the oldest."""
    some = []
    while _waiting:
        some.append(_waiting.popleft())
    try:
        Incident.objects.bulk_create(some)
        for kind in {incident.kind for incident in some}:
            rest = Incident.objects.filter(kind=kind).order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1]
            if oldest := list(rest):
                Incident.objects.filter(kind=kind, pk__lte=oldest[0]).delete()
    except BaseException:
        _waiting.extendleft(reversed(some))
        raise


def _write_all() -> None:
    while True:
        _some.wait()
        sleep(GATHER)
        _some.clear()
        try:
            write()
        except Exception:  # noqa: BLE001 - logging it would come back here
            sleep(AGAIN)
            _some.set()
        finally:
            connection.close()


def watch(connection: Any, **kwargs: Any) -> None:
    """Time the statements of a new connection; inside of the queue of writers, so that waiting there does not count."""
    if time_query not in connection.execute_wrappers:
        connection.execute_wrappers.append(time_query)


def begin() -> None:
    """From now on this process, a server or a worker, notes what goes wrong in it."""
    connection_created.connect(watch, dispatch_uid="incidents")
    root = logging.getLogger()
    if not any(isinstance(handler, IncidentHandler) for handler in root.handlers):
        root.addHandler(IncidentHandler(logging.ERROR))
