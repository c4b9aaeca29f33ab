"""What the site's policy keeps for so many days only: tables that were closed before, with their matches and all that happened there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit.record import record
from games.models import GameTable, Match, MatchEvent

BATCH = 5  # matches in one transaction: others wait for it
STEPS = 500  # of no match


def expire_tables(before: datetime) -> int:
    """Delete the tables closed before a moment; answers how many. What a killed worker has left goes the next time.

    Only those below the first table that was opened since: one that a wrong clock has closed long ago was opened in its turn.
    """
    newer = GameTable.objects.filter(opened_at__gte=before).order_by("pk").values_list("pk", flat=True).first()
    found = GameTable.objects.filter(closed_at__lt=before)
    tables = list((found if newer is None else found.filter(pk__lt=newer)).order_by("pk").values_list("pk", flat=True))
    if tables:
        with transaction.atomic():
            record(None, "tables.expired", detail={"count": len(tables), "before": before.isoformat()})
    for table in tables:
        _delete(table)
    return len(tables)


def _delete(table: int) -> None:
    """A match goes with its steps: whoever watches one again meanwhile finds all of it, or nothing."""
    while matches := list(Match.objects.filter(table=table).order_by("no")[:BATCH].values_list("pk", flat=True)):
        with transaction.atomic():
            MatchEvent.objects.filter(match__in=matches).delete()
            Match.objects.filter(pk__in=matches).delete()
    while steps := list(MatchEvent.objects.filter(table=table).order_by("seq")[:STEPS].values_list("pk", flat=True)):
        MatchEvent.objects.filter(pk__in=steps).delete()
    GameTable.objects.filter(pk=table).delete()
