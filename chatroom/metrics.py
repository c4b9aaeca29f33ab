"""`/metrics` for Prometheus: what this process counts, and what can be read off it at this moment."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import metrics  # noqa: F401 - what is counted
from realtime import dispatch, hints

# What proxies add: a request with one of these comes from elsewhere, whoever opened the connection
FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_VIA",
)
LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


class Moment(Collector):
    """Gauges of the hub and the committers, read when they are asked for."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One reading."""
        hub = hints.hub
        yield GaugeMetricFamily("chatroom_sockets", "Open sockets of this process", len(hub.sockets) if hub else 0)
        yield GaugeMetricFamily("chatroom_people", "People with an open socket here", len(hub.by_user) if hub else 0)
        yield GaugeMetricFamily("chatroom_feeds", "Feeds that somebody follows here", len(hub.feeds) if hub else 0)
        queue = GaugeMetricFamily("chatroom_commit_queue", "Requests that wait for a commit", labels=["command"])
        for name, number in dispatch.waiting().items():
            queue.add_metric([name], number)
        yield queue


REGISTRY.register(Moment())


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """For who has the token, or asks from this machine itself."""
    if not (has_token(request) or is_local(request)):
        return HttpResponse("Only from this machine, or with a token.\n", status=403, content_type="text/plain")
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def has_token(request: HttpRequest) -> bool:
    """Whether the request carries the token of the settings."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if not settings.METRICS_TOKEN or kind.lower() != "bearer":
        return False
    return secrets.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())


def is_local(request: HttpRequest) -> bool:
    """Whether it was asked here. A proxy on this machine connects from it too: what it passes on must not count as local."""
    if any(name in request.META for name in FORWARDED):
        return False
    if split_domain_port(request.get_host())[0] not in LOCAL_NAMES:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
