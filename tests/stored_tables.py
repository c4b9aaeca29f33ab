"""Card tables for tests that ask for every command and every page."""

from __future__ import annotations

import itertools

from django.utils import timezone

from accounts import actions as accounts
from core.registry import Caller
from games import actions
from games.models import GameTable, Match, Seat
from messaging.actions import add_members
from tests.cast import Cast, person

numbers = itertools.count(1)


def no_tables(cast: Cast) -> int:
    """The group, when all card tables are closed."""
    Seat.objects.all().delete()
    GameTable.objects.update(closed_at=timezone.now())
    return cast.group


def new_table(cast: Cast) -> int:
    """A card table in the group, the only one; somebody new is its host, and there was a match."""
    host, other = (person(f"player-{next(numbers)}").user for _ in range(2))
    add_members(cast.master.user, cast.group, [host.pk, other.pk])
    table = actions.open_table(host, no_tables(cast), options={"instant": []})
    callers = {user: Caller(user.pk, accounts.open_session(user, kind="phone").pk) for user in (host, other)}
    for user, kind in ((other, "sit"), (other, "ready"), (host, "start"), (host, "vote"), (other, "vote")):
        act = actions.Act(table, kind, f"matrix-{next(numbers):06}", what="cancel", seq=2**50)
        assert isinstance(actions.act([(callers[user], act)])[0], dict)
    return table


def kept_table(cast: Cast) -> int:
    """One that all may look at: the table of before, if it is still open."""
    found = Match.objects.filter(table__closed_at=None, table__conversation=cast.group).values_list("table", flat=True)
    return found.first() or new_table(cast)
