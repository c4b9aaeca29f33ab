"""The user's feed: numbers of private facts, bumped in the transaction that writes the fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core import registry
from core.moment import one_moment
from core.sql import rows
from realtime import hints
from realtime.frames import encode
from realtime.models import UserHead

CHUNK = 5000  # ids a query


def bump_user(user_id: int, data: dict | None = None, access: bool = False) -> None:
    """Number one private fact. `access`: sessions or conversations of the user changed, the hub looks again."""
    bump_users({user_id: data}, access)


def bump_users(facts: Mapping[int, dict | None], access: bool = False) -> None:
    """Number one private fact for each of several users. `data` None: the clients get the present state instead."""
    if not facts:
        return
    encoded: dict[int, str] = {}
    published = []
    for user_id, number in _next_numbers(sorted(facts)):
        data = facts[user_id]
        if data is not None and id(data) not in encoded:
            encoded[id(data)] = encode(data)
        text = None if data is None else encoded[id(data)]
        published.append(hints.Hint(f"u:{user_id}", number, "private", text, (), access))
    hints.publish_all(published)


def _next_numbers(user_ids: list[int]) -> list[tuple[int, int]]:
    """The next number of each of these users, the rows locked in order. One statement for many: every read mark comes here."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(user_ids), CHUNK):
        some = user_ids[start : start + CHUNK]
        found += rows(
            f"INSERT INTO realtime_userhead (user_id, number) VALUES {','.join(['(%s, 1)'] * len(some))}"  # noqa: S608
            " ON CONFLICT (user_id) DO UPDATE SET number = realtime_userhead.number + 1 RETURNING user_id, number",
            some,
        )
    return found


class UserFeed:
    """Source of the user feeds: whatever the number, reading gives the present state of the private parts."""

    def heads(self, ids: Iterable[int]) -> dict[int, int]:
        found = dict.fromkeys(ids, 0)
        wanted = list(found)
        for start in range(0, len(wanted), CHUNK):
            found.update(
                UserHead.objects.filter(user_id__in=wanted[start : start + CHUNK]).values_list("user_id", "number")
            )
        return found

    def read(self, id: int, after: int, limit: int) -> list[tuple[int, str, dict, tuple[int, ...]]]:
        state: dict = {}
        with one_moment():
            head = self.heads([id])[id]
            if head <= after:
                return []
            for part in registry.private_parts:
                state.update(part(id))
        return [(head, "private", state, ())]

    def feeds_of(self, user_id: int) -> list[int]:
        return [user_id]
