"""What stands beside the site: Redis, workers, S3, and the server itself."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
from collections.abc import Iterator

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chatroom.celery import app
from chatroom.doctor import Check, Finding, error, ok, warning
from chatroom.redis_client import impatient
from files.storage import on_s3

SECONDS = 3  # for anything that is asked


def redis() -> Iterator[Finding]:
    """It answers, and belongs to a database that several processes may use."""
    if not settings.REDIS_URL:
        return
    from redis import RedisError

    try:
        with impatient() as server:
            server.ping()
    except (RedisError, ValueError) as problem:
        yield error(
            _("Redis does not answer: %(error)s") % {"error": problem},
            _("Start Redis, and compare REDIS_URL: redis://host:6379/0"),
        )
        return
    yield ok(_("Redis answers."))
    if not settings.DATABASE_URL:
        yield warning(
            _("Several processes share one SQLite database."), _("Use PostgreSQL (DATABASE_URL) where there is Redis.")
        )
    count = len(app.control.ping(timeout=1.0) or [])
    if count:
        yield ok(
            ngettext("%(count)d Celery worker answers.", "%(count)d Celery workers answer.", count) % {"count": count}
        )
    else:
        yield error(_("No Celery worker answers."), _("Start one: celery -A chatroom.celery worker -P threads"))


def s3() -> Iterator[Finding]:
    """Objects can be written, read and deleted."""
    if not on_s3():
        return
    from boto3.exceptions import Boto3Error  # they take 30 MiB
    from botocore.exceptions import BotoCoreError, ClientError

    name, content = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(16)
    try:
        default_storage.save(name, ContentFile(content))
        with default_storage.open(name) as file:
            same = file.read() == content
        default_storage.delete(name)
    except (Boto3Error, BotoCoreError, ClientError, OSError) as problem:
        yield error(
            _("S3 does not take and give files: %(error)s") % {"error": " ".join(str(problem).split())},
            _("Compare S3_ENDPOINT, S3_BUCKET and the keys; the keys must be allowed to write, read and delete."),
        )
        return
    if same:
        yield ok(_("S3 takes, gives and deletes files."))
    else:
        yield error(_("S3 gives back something else than was stored."), _("Look at the server behind S3_ENDPOINT."))


def serving(port: int) -> Iterator[Finding]:
    """What listens where the site should."""
    told = {"port": port}
    try:
        _status, body = ask(port, "/readyz")
    except ConnectionRefusedError:
        yield warning(
            _("Nothing listens on port %(port)s.") % told,
            _("Start the site, or name its port: manage.py doctor --port 8001"),
        )
        return
    except (OSError, http.client.HTTPException) as problem:
        yield error(
            _("What listens on port %(port)s does not answer: %(error)s")
            % {**told, "error": problem or type(problem).__name__},
            _("Restart the site, or name its port: manage.py doctor --port 8001"),
        )
        return
    try:
        answer = json.loads(body)
        ready, failed = answer["ready"], ", ".join(answer["failed"])
    except (ValueError, KeyError, TypeError):
        yield error(
            _("Another program listens on port %(port)s.") % told, _("End it, or start the site with another --port.")
        )
        return
    if ready:
        yield ok(_("The site serves on port %(port)s.") % told)
    else:
        yield error(
            _("The site on port %(port)s is not ready: %(failed)s.") % {**told, "failed": failed},
            _("Mend what stands above; the site takes it up by itself."),
        )


def ask(port: int, path: str) -> tuple[int, bytes]:
    """Status and body, in clear or through TLS: whose certificate it is does not matter on this machine."""
    try:
        return _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS), path)
    except (http.client.BadStatusLine, ConnectionResetError):
        own = ssl._create_unverified_context()  # noqa: S323 - loopback, and nothing secret is sent
        return _ask(http.client.HTTPSConnection("127.0.0.1", port, timeout=SECONDS, context=own), path)


def _ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read(10_000)
    finally:
        connection.close()


CHECKS: list[Check] = [redis, s3]
