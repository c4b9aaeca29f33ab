"""Tables that were closed long ago go with everything at them; what is younger, open or misdated stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from audit.models import Event
from chatroom.retention import keep_if_due
from core import policies
from games import access, clock
from games.actions import expire_tables
from games.models import GameTable, Match, MatchEvent, Seat
from games.tests.at_table import HOUR, Time, do, opened, play_on, started
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db
DAY = 86_400.0


@pytest.fixture
def old(cast: Cast, table_time: Time, plain_deck: list[int]) -> tuple[int, int]:
    """A table at which two matches were played, closed 400 days ago, and one that was closed yesterday."""
    table = started(cast, cast.manager)
    for _ in range(2):
        play_on({who.id: who for who in (cast.master, cast.manager)}, table)
        for who in (cast.master, cast.manager):
            do(who, table, "ready")
    do(cast.manager, table, "close")
    table_time.pass_by(399 * DAY)
    young = started(cast, cast.manager)
    play_on({who.id: who for who in (cast.master, cast.manager)}, young)
    do(cast.manager, young, "close")
    table_time.pass_by(DAY)
    return table, young


def left(table: int) -> tuple[int, int, int]:
    """Rows of the table, its matches and its steps."""
    found = (
        GameTable.objects.filter(pk=table),
        Match.objects.filter(table=table),
        MatchEvent.objects.filter(table=table),
    )
    return found[0].count(), found[1].count(), found[2].count()


def test_what_is_too_old_goes_and_what_is_not_stays(cast: Cast, table_time: Time, old: tuple[int, int]):
    table, young = old
    stays = left(young)
    assert left(table)[:2] == (1, 3) and access.get_replay(cast.member.user, table, 1)["hands"]
    running = started(cast, cast.manager)
    assert expire_tables(clock.moment(table_time.at - 365 * DAY)) == 1
    assert left(table) == (0, 0, 0) and left(young) == stays
    assert refusal_of(access.get_replay, cast.member.user, table, 1) == "not_found"
    assert access.get_replay(cast.member.user, young, 1)["hands"]
    assert left(running)[:2] == (1, 1) and Seat.objects.filter(table=running).count() == 2
    (told,) = Event.objects.filter(action="tables.expired")
    assert told.detail["count"] == 1 and told.actor_id is None
    assert expire_tables(clock.moment(table_time.at - 365 * DAY)) == 0
    assert Event.objects.filter(action="tables.expired").count() == 1


def test_a_table_that_a_wrong_clock_has_closed_goes_in_its_turn(cast: Cast, table_time: Time, old: tuple[int, int]):
    _, young = old
    GameTable.objects.filter(pk=young).update(closed_at=clock.moment(HOUR - 5000 * DAY))
    later = opened(cast, cast.member)
    GameTable.objects.filter(pk=later).update(opened_at=clock.moment(0), closed_at=clock.moment(1))
    assert expire_tables(clock.moment(table_time.at - 365 * DAY)) == 1
    assert left(young)[0] == left(later)[0] == 1


def test_the_policy_says_after_how_many_days(
    cast: Cast, table_time: Time, old: tuple[int, int], settings: Any, tmp_path: Path
):
    settings.DATA_DIR = tmp_path
    table, young = old
    for days, days_later, expected in ((0, 0, (1, 1)), (500, 1, (1, 1)), (365, 2, (0, 1))):
        cache.clear()
        policies.store("games.tables_days", days)
        keep_if_due(clock.moment(table_time.at) + timedelta(days=days_later))
        assert (left(table)[0], left(young)[0]) == expected
    cache.clear()
    keep_if_due(clock.moment(table_time.at) + timedelta(days=3650))  # a clock that leaps makes nothing old
    assert left(young)[0] == 1
    cache.clear()
