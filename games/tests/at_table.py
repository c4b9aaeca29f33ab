"""People of the cast at card tables, for tests of the actions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from core.refusal import Refusal
from games import actions, clock, heard
from games.actions import Act
from games.actions.acting import acts
from games.actions.follow import said
from games.models import GameTable
from games.tests.tables import DECK
from games.tienlen import match as rules
from games.tienlen.table import Table
from tests.cast import Cast, Person

numbers = itertools.count(1)
HOUR = 1_800_000_000.0


class Time:
    """The clock of the tables, which stands still until it is moved."""

    def __init__(self) -> None:
        self.at = HOUR

    def __call__(self) -> float:
        return self.at

    def pass_by(self, seconds: float) -> None:
        """Let some time go."""
        self.at += seconds


@pytest.fixture
def table_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    """A clock of the test, full buckets, and nobody heard before."""
    time = Time()
    monkeypatch.setattr(clock, "now", time)
    for buckets in (acts, said):
        buckets.held.clear()
    heard.forget()
    yield time
    heard.forget()


@pytest.fixture
def plain_deck(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seat 0 is dealt all spades, seat 3 all hearts: four dragons, so matches of such a table have no instant wins."""
    monkeypatch.setattr(rules, "deck_of", lambda seed, texts: [*DECK])
    return DECK


PLAIN: dict[str, Any] = {"instant": []}


def opened(cast: Cast, who: Person | None = None, where: int | None = None, **options: Any) -> int:
    """A table of the master's in the group, without instant wins."""
    who = who or cast.master
    return actions.open_table(who.user, where or cast.group, "standard", {**PLAIN, **options})


def do(who: Person, table: int, kind: str, **fields: Any) -> dict:
    """An act that must be done."""
    answer = tried(who, table, kind, **fields)
    assert isinstance(answer, dict), answer.code
    return answer


def tried(who: Person, table: int, kind: str, **fields: Any) -> dict | Refusal:
    """The answer to an act, as the one who has seen everything."""
    fields.setdefault("client_id", f"act-{next(numbers):06}")
    fields.setdefault("seq", GameTable.objects.values_list("seq", flat=True).get(pk=table))
    acts.held.clear()
    return actions.act([(who.caller, Act(table, kind, **fields))])[0]


def code_of(who: Person, table: int, kind: str, **fields: Any) -> str:
    """The code with which an act is refused."""
    answer = tried(who, table, kind, **fields)
    assert isinstance(answer, Refusal), answer
    return answer.code


def started(cast: Cast, *others: Person, **options: Any) -> int:
    """A table at which the master and these play."""
    table = opened(cast, **options)
    for person in others:
        do(person, table, "sit")
        do(person, table, "ready")
    do(cast.master, table, "start")
    return table


def state(table: int) -> Table:
    """The rules' table as it is stored."""
    return Table.from_json(GameTable.objects.get(pk=table).state)


def play_on(people: dict[int, Person], table: int) -> None:
    """Everybody plays his lowest card or passes until the match is over."""
    while (now := state(table)).phase == "playing":
        game = now.game
        if game.closing:
            clock.now.pass_by(rules.CLOSE)
            actions.tick_tables([table])
            continue
        who = people[now.players[game.turn]]
        if game.top is None:
            do(who, table, "play", cards=(game.hands[game.turn][0],))
        else:
            do(who, table, "pass")
