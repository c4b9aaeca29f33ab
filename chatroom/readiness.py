"""What load balancers and monitoring ask: does the process live, can it serve people."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from chatroom.redis_client import impatient
from files.storage import on_s3
from realtime import hints

PATIENCE = 3.0  # seconds until a part that does not answer counts as failed
KEPT = 1.0  # seconds that an answer is good for: strangers may ask too, and often
log = logging.getLogger("chatroom.readiness")


class Unready(Exception):  # noqa: N818 - a state, not an error
    """A part cannot serve."""


def check_database() -> None:
    """It answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


_migrated = False


def check_migrations() -> None:
    """All are applied; what was so once stays so while this process runs."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise Unready
        _migrated = True


def check_layer() -> None:
    """Redis answers, where there is one."""
    if settings.REDIS_URL:
        with impatient() as server:
            server.ping()


def check_storage() -> None:
    """Something can be written where files lie."""
    if on_s3():
        default_storage.connection.meta.client.head_bucket(Bucket=default_storage.bucket_name)  # type: ignore[attr-defined]
        return
    path = Path(settings.DATA_DIR) / f".ready-{secrets.token_hex(4)}"
    try:
        path.write_bytes(b"ready")
    finally:
        path.unlink(missing_ok=True)


def check_serving() -> None:
    """This process takes people, and is not about to end."""
    if hints.hub is not None and hints.hub.draining:
        raise Unready


CHECKS: dict[str, Callable[[], None]] = {
    "serving": check_serving,
    "database": check_database,
    "migrations": check_migrations,
    "channel_layer": check_layer,
    "storage": check_storage,
}
_pool = ThreadPoolExecutor(len(CHECKS), thread_name_prefix="readiness")
_running: dict[str, Future] = {}
_answer: tuple[float, list[str]] = (float("-inf"), [])
_one = threading.Lock()


def failed_parts() -> list[str]:
    """The parts that cannot serve now. One that hangs holds a thread of its own, and is not asked again meanwhile."""
    global _answer
    with _one:
        if monotonic() - _answer[0] > KEPT:
            asked = {name: _begin(name, check) for name, check in CHECKS.items()}
            wait(asked.values(), PATIENCE)
            _answer = monotonic(), [name for name, future in asked.items() if not (future.done() and future.result())]
        return _answer[1]


def _begin(name: str, check: Callable[[], None]) -> Future:
    before = _running.get(name)
    if before is None or before.done():
        _running[name] = _pool.submit(_holds, name, check)
    return _running[name]


def _holds(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Unready:
        return False
    except Exception as error:  # noqa: BLE001 - whatever it is, this part cannot serve; strangers are not told
        log.warning("Not ready: %s: %r", name, error)
        return False
    finally:
        connection.close()
    return True


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200, or 503 and the names of the parts that fail; why is in the server's own log."""
    failed = failed_parts()
    return JsonResponse({"ready": not failed, "failed": failed}, status=503 if failed else 200)
