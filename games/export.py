"""One's own matches in the export of one's data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from core.sql import rows
from games.models import Match

PAGE = 500


def parts(user: Any) -> Iterable[tuple[str, Iterable[dict]]]:
    """The matches that are over, with place and points."""
    return [("matches", _matches(user.pk))]


def _matches(user_id: int) -> Iterator[dict]:
    tables = [id for (id,) in rows("SELECT DISTINCT table_id FROM games_matchevent WHERE user_id = %s", [user_id])]
    found = Match.objects.filter(table__in=tables, ended_at__isnull=False).defer("deck", "seed", "texts").order_by("pk")
    for match in found.iterator(PAGE):
        seat = next((int(seat) for seat, user in match.players.items() if user == user_id), None)
        if seat is not None:
            places = match.result["places"]
            yield {
                "table": match.table_id,
                "match": match.no,
                "started_at": match.started_at,
                "ended_at": match.ended_at,
                "place": places.index(seat) + 1 if seat in places else None,
                "points": match.result["points"][seat],
            }
