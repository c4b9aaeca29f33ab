"""Signs of life of those at tables, kept in memory and written together: a row for each heartbeat would cost more than the game."""

from __future__ import annotations

from threading import Lock

from django.db import connection

_heard: dict[tuple[int, int], float] = {}  # (table, user) -> when
_lock = Lock()


def note(table: int, user: int, now: float) -> None:
    """He is there."""
    with _lock:
        _heard[table, user] = now


def last(table: int, user: int, stored: float) -> float:
    """When he was last heard, as far as this process knows; `stored`: what the row says."""
    return max(stored, _heard.get((table, user), 0.0))


def store() -> None:
    """Write what has come in since the last time."""
    with _lock:
        taken = dict(_heard)
        _heard.clear()
    if taken:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE games_seat SET last_seen = %s WHERE table_id = %s AND user_id = %s AND last_seen < %s",
                [(at, table, user, at) for (table, user), at in sorted(taken.items())],
            )


def forget() -> None:
    """Nobody was heard (tests)."""
    with _lock:
        _heard.clear()
