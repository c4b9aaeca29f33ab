"""Steps of the script about card tables: who sits and watches, a match that begins, goes on, is left and is called off."""

from __future__ import annotations

import itertools

from games import actions
from games.actions import Act
from games.actions.acting import acts
from games.models import GameTable, Seat
from tests.cast import Cast, Person
from tests.steps import step
from tests.steps_groups import meeting

numbers = itertools.count(1)
LONG = 10.0**7  # seconds


def do(who: Person, table: int, kind: str, **fields: object) -> None:
    """An act that must be done, by somebody who has seen everything."""
    acts.held.clear()
    act = Act(table, kind, f"step-{next(numbers):06}", 2**40, **fields)
    (answer,) = actions.act([(who.caller, act)])
    assert isinstance(answer, dict), answer.code


def patient(table: int) -> None:
    """Nothing is due there for a long time: a script takes longer than a turn."""
    row = GameTable.objects.get(pk=table)
    row.state["due"] = {name: at + LONG for name, at in row.state["due"].items()}
    row.state["last_seen"] = {user: at + LONG for user, at in row.state["last_seen"].items()}
    row.deadline = None
    row.save(update_fields=["state", "deadline"])
    for seat in Seat.objects.filter(table=table):
        Seat.objects.filter(pk=seat.pk).update(last_seen=seat.last_seen + LONG)


def begun(cast: Cast) -> int:
    """Master and manager play in a group of their own, the member looks on."""
    for seat in Seat.objects.filter(user=cast.master.id, index__isnull=False):
        do(cast.master, seat.table_id, "close")  # that of a step before
    table = actions.open_table(cast.master.user, meeting(cast), options={"instant": []})
    actions.follow(cast.member.user, table)
    do(cast.manager, table, "sit")
    do(cast.manager, table, "ready")
    do(cast.master, table, "start")
    patient(table)
    return table


def lead(cast: Cast, table: int) -> None:
    """Whoever is to lead plays his lowest card."""
    game = GameTable.objects.get(pk=table).state["game"]
    who = (cast.master, cast.manager)[game["turn"]]
    do(who, table, "play", cards=(game["hands"][game["turn"]][0],))


@step
def sit_watch_and_stand_up(cast: Cast) -> None:
    table = actions.open_table(cast.member.user, meeting(cast), "family")
    actions.follow(cast.manager.user, table)
    do(cast.manager, table, "sit", seat=2)
    do(cast.manager, table, "ready")
    do(cast.member, table, "set", preset="count")
    actions.follow(cast.master.user, table)
    actions.unfollow(cast.master.user, table)
    do(cast.manager, table, "stand")
    do(cast.manager, table, "stand")
    do(cast.member, table, "stand")
    actions.unfollow(cast.member.user, table)


@step
def play_cards_and_call_it_off(cast: Cast) -> None:
    table = begun(cast)
    lead(cast, table)
    do(cast.manager, table, "quit")
    do(cast.master, table, "ready")
    do(cast.manager, table, "ready")  # again: it begins by itself
    lead(cast, table)
    do(cast.master, table, "close")


@step
def begin_to_play(cast: Cast) -> None:
    table = begun(cast)
    lead(cast, table)
    patient(table)
    actions.unfollow(cast.member.user, table)
