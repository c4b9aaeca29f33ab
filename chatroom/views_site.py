"""Pages about the site itself: health for monitors, the certificate of `serve --tls`."""

from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chatroom.serving.authority import Authority
from chatroom.serving.server import draining


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this process should get requests: 503 while it drains or cannot reach the database or Redis."""
    parts = {"draining": not draining.is_set(), "database": database_answers()}
    if settings.REDIS_URL:
        parts["redis"] = redis_answers()
    ready = all(parts.values())
    return JsonResponse({name: "ok" if good else "failing" for name, good in parts.items()}, status=200 if ready else 503)


def database_answers() -> bool:
    """One query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_answers() -> bool:
    """One PING."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def authority() -> Authority:
    """The certificate authority of this data folder; 404 without one."""
    found = Authority(Path(settings.DATA_DIR) / "tls")
    if not (settings.TLS and found.ca_file.exists()):
        raise Http404
    return found


@require_safe
def trust(request: HttpRequest) -> HttpResponse:
    """How to make a device trust this site's certificate."""
    return render(request, "trust.html", {"fingerprint": authority().fingerprint()})


@require_safe
def trust_certificate(request: HttpRequest) -> FileResponse:
    """The certificate of the authority, in the form that phones and computers install."""
    file = authority().ca_file.open("rb")
    return FileResponse(file, as_attachment=True, filename="chatroom-ca.crt", content_type="application/x-x509-ca-cert")
