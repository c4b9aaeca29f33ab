"""The time of the tables, in seconds since 1970: stored, so it holds across restarts and processes. Tests set their own."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> float:
    """What time it is."""
    return time.time()


def moment(seconds: float) -> datetime:
    """As the database keeps it."""
    return datetime.fromtimestamp(seconds, UTC)
