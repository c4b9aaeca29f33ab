"""Tables with people, for tests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from games.tienlen import match, seating
from games.tienlen.options import Options
from games.tienlen.state import Illegal
from games.tienlen.table import Table

SEED = bytes(range(32))
DECK = [
    *range(0, 52, 4),
    *range(1, 52, 4),
    *range(2, 52, 4),
    *range(3, 52, 4),
]  # seat 0 has all spades, seat 3 all hearts
PLAIN = Options(instant=())
ANNA, BINH, CHI, DUNG, EM, GIANG = range(1, 7)


def seated(*users: int, now: float = 0.0, options: Options = PLAIN) -> Table:
    table = Table(options)
    for user in users:
        seating.sit(table, user, now)
    return table


def started(*users: int, now: float = 0.0, deck: list[int] = DECK, options: Options = PLAIN) -> Table:
    table = seated(*users, now=now, options=options)
    for user in users:
        seating.be_ready(table, user, now)
    match.start(table, users[0], now, deck=deck)
    return table


def refused(code: str, call: Any, table: Table, *arguments: Any, **named: Any) -> None:
    before = json.dumps(table.to_json())
    with pytest.raises(Illegal) as caught:
        call(table, *arguments, **named)
    assert caught.value.code == code
    assert json.dumps(table.to_json()) == before


def finished(table: Table, now: float) -> float:
    """Plays on, always the lowest card or a pass; the time at the end."""
    while table.phase == "playing":
        game = table.game
        if game.closing:
            now += match.CLOSE
            match.tick(table, now)
            continue
        user = table.players[game.turn]
        if game.top is None:
            match.move(table, user, "play", now, [game.hands[game.turn][0]])
        else:
            match.move(table, user, "pass", now)
    return now
