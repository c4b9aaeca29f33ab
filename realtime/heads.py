"""The user's feed: numbers of private facts, bumped in the transaction that writes the fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import F

from core import registry
from core.moment import one_moment
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
    UserHead.objects.bulk_create([UserHead(user_id=user_id) for user_id in facts], ignore_conflicts=True)
    rows = list(UserHead.objects.select_for_update().filter(user_id__in=list(facts)).order_by("user_id"))
    UserHead.objects.filter(user_id__in=list(facts)).update(number=F("number") + 1)
    for row in rows:
        row.number += 1
    encoded: dict[int, str] = {}
    published = []
    for row in rows:
        data = facts[row.user_id]
        if data is not None and id(data) not in encoded:
            encoded[id(data)] = encode(data)
        text = None if data is None else encoded[id(data)]
        published.append(hints.Hint(f"u:{row.user_id}", row.number, "private", text, (), access))
    hints.publish_all(published)


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
