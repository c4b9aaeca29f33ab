"""Asking Redis something at once or not at all: for checks and numbers, which must not wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from redis import Redis

SECONDS = 1.5


def impatient() -> Redis:
    """A client of the site's Redis that tries once."""
    from redis import Redis  # 6 MB that a site without it does not need
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=Retry(NoBackoff(), 0)
    )
