"""What a client needs to begin: everything it may see, or only what changed since its cursors."""

from __future__ import annotations

from typing import Any

from core import registry
from core.moment import one_moment
from realtime.heads import UserFeed

MISSING_MAX = 1000


def build(user: Any, known: dict[str, int] | None = None) -> tuple[dict, dict[str, int]]:
    """The snapshot and the heads of all feeds of the user, read before the rows. `known`: numbers the client has already."""
    known = known or {}
    with one_moment():  # a message that is in a count but not under the head would be counted again when it comes
        number = UserFeed().heads([user.pk])[user.pk]
        heads = {f"u:{user.pk}": number}
        partial = known.get(f"u:{user.pk}") == number  # a private fact that was missed: send all of it again
        snapshot: dict[str, Any] = {"partial": partial, "cursor": number, "site": registry.site()}
        for part in registry.snapshot_parts:
            part(user, snapshot, heads, known if partial else {})
    return snapshot, heads


def missing(cursors: dict[str, int], heads: dict[str, int]) -> tuple[list[tuple[str, list]], list[str]]:
    """The facts after each cursor, at most 1,000 in all, and the feeds that are too far behind."""
    left, facts, resync = MISSING_MAX, [], []
    for key, cursor in cursors.items():
        behind = heads.get(key, -1) - cursor
        kind, _, id = key.partition(":")
        if key not in heads or kind == "u" or behind == 0:
            continue
        if behind < 0 or behind > left:  # a cursor from the future: the database was restored from a backup
            resync.append(key)
            continue
        left -= behind
        rows = registry.feeds[kind].read(int(id), cursor, MISSING_MAX + 1)
        facts.append((key, [row for row in rows if row[0] <= heads[key]] if len(rows) > MISSING_MAX else rows))
    return facts, resync
