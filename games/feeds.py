"""The feed of a table by `seq`; who sits at it or watches it follows it. Reading it gives what happened and how it stands now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.sql import Subquery
from games import clock, shown
from games.access import followed, hands_of, listing, table_of, tables_of
from games.models import GameTable

CHUNK = 5000  # ids a query


class TableFeed:
    """Source of the tables' feeds."""

    def heads(self, ids: Iterable[int]) -> dict[int, int]:
        ids = list(ids)
        found: dict[int, int] = {}
        for start in range(0, len(ids), CHUNK):
            found.update(GameTable.objects.filter(pk__in=ids[start : start + CHUNK]).values_list("pk", "seq"))
        return found

    def read(self, id: int, after: int, limit: int) -> list[tuple[int, str, dict, tuple[int, ...]]]:
        row = GameTable.objects.filter(pk=id, seq__gt=after).first()
        if row is None:
            return []
        table = table_of(row)
        events = shown.events_after(row, after)
        why = next((event["why"] for event in events if event["kind"] == "closed"), "closed") if row.closed_at else ""
        data = shown.event_data(row, table, events, clock.now(), shown.everybody(table), why)
        return [(row.seq, "table", data, ())]

    def feeds_of(self, user_id: int) -> Subquery:
        return followed(user_id)


def snapshot_part(user: Any, snapshot: dict, heads: dict[str, int], known: dict[str, int]) -> None:
    """Where somebody sits or watches, and the cards he holds; both always, because they are few."""
    mine = tables_of(user.pk)
    if not mine:
        return
    heads.update({f"table:{table}": seq for table, _, seq, _ in mine})
    snapshot["tables"] = [{"table": table, "conversation": where, "seat": seat} for table, where, _, seat in mine]
    seated = [table for table, _, _, seat in mine if seat is not None]
    if seated and (hands := hands_of(user.pk, seated)):
        snapshot["hands"] = hands


def private_part(user_id: int) -> dict:
    """Where somebody sits or watches, and the cards he holds now."""
    mine = listing(user_id)
    seated = [at["table"] for at in mine if at["seat"] is not None]
    return {"tables": mine, "hands": hands_of(user_id, seated) if seated else {}}
