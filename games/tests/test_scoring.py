"""What is left in hands, against trying every split; the result sheet explains itself."""

from __future__ import annotations

import itertools
import random

import pytest

from games.tests.dealing import deck, midway, moved
from games.tests.test_combos import cost, kind_of, named
from games.tienlen.cards import parse, show
from games.tienlen.options import Options
from games.tienlen.scoring import rot_of
from games.tienlen.state import Entry


def dearest(cards: list[int], options: Options) -> int:
    """The most a hand can cost, by taking away each bomb in turn; nothing counts twice."""
    best = 0
    for count in (4, 6, 8, 10, 12):
        for part in itertools.combinations(cards, count):
            kind = kind_of(named([*part]))
            if kind and kind[0] in ("quad", "run"):
                rest = [card for card in cards if card not in part]
                best = max(best, cost(named([*part]), options) + dearest(rest, options))
    return best


def test_thoi_is_the_dearest_split(full: bool):
    chance, options = random.Random(4), Options(run3=3, quad=4, run4=7)  # one of four is dearer than two of three
    found = set()
    for _ in range(600 if full else 120):
        hand = sorted(card for card in deck(chance)[: chance.choice([6, 8, 10])] if card < 48)
        parts = rot_of(hand, options)
        assert sum(cost(named(part), options) for part in parts) == dearest(hand, options), show(hand)
        cards = [card for part in parts for card in part]
        assert len(set(cards)) == len(cards) and set(cards) <= set(hand)
        found |= {kind_of(named(part)) for part in parts}
    assert found >= {("quad", 4), ("run", 3)}


@pytest.mark.parametrize(
    ("hand", "parts"),
    [
        ("3s 5d 9h", []), ("2s 2h 3c", ["2s", "2h"]), ("2s 2c 2d 2h", ["2s", "2c", "2d", "2h"]), ("3s 3c 3d 3h 4s", ["3s 3c 3d 3h"]),
        ("3s 3c 4s 4c 5s 5c", ["3s 3c 4s 4c 5s 5c"]), ("3s 3c 4s 4c 5s 5c 5d 5h", ["5s 5c 5d 5h"]),
        ("3s 3c 4s 4c 5s 5c 6s 6c 6d 6h", ["3s 3c 4s 4c 5s 5c", "6s 6c 6d 6h"]),
        ("3s 3c 4s 4c 5s 5c 6s 6c 7s 7c 8s 8c", ["3s 3c 4s 4c 5s 5c 6s 6c 7s 7c 8s 8c"]), ("Ks Kc As Ac 2s 2c", ["2s", "2c"]),
    ],
)  # fmt: skip
def test_thoi_of_a_hand(hand: str, parts: list[str]):
    assert sorted(sorted(part) for part in rot_of(parse(hand), Options())) == sorted(
        sorted(parse(part)) for part in parts
    )


def test_every_point_is_explained():
    state = midway("A", A="2h 3s", B="6s 6c 6d 6h 4d", C="5s", D="9s 2d 8s 8c 8d 8h")
    state = moved(state, ("A", "play", "2h"), ("B", "play", "6s 6c 6d 6h"), ("C", "pass"))
    state = moved(state, ("D", "play", "8s 8c 8d 8h"), ("A", "pass"), ("B", "pass"))
    assert state.entries == [
        Entry(1, 3, "chop", 2, (51,)), Entry(1, 3, "chop", 4, (12, 13, 14, 15)),
    ]  # fmt: skip
    for card in ("9s", "2d"):
        state = moved(state, ("D", "play", card), ("A", "pass"), ("B", "pass"), ("C", "pass"))
    assert state.over is False and state.out == [3] and state.turn == 0, "nobody could beat it, the next seat leads"
    state = moved(state, ("A", "play", "3s"), ("B", "play", "4d"))
    assert [entry.to_json() for entry in state.entries[2:]] == [
        {"from": 2, "to": 3, "reason": "last", "units": 2, "cards": []},
        {"from": 1, "to": 0, "reason": "third", "units": 1, "cards": []},
    ]
    assert state.points() == [1, -7, -2, 8]


def test_an_open_chain_is_seen_before_it_is_paid():
    state = midway("B", "2h", A="3s 4d", B="6s 6c 6d 6h 4c", C="7s 7c 7d 7h 5s", D="9s")
    state = moved(state, ("B", "play", "6s 6c 6d 6h"), ("C", "play", "7s 7c 7d 7h"))
    assert [(item.seat, item.units) for item in state.chain] == [(0, 2), (1, 4)]
    assert state.points() == [0, 0, 0, 0]
    assert moved(state, ("D", "pass"), ("A", "pass"), ("B", "pass")).points() == [0, -6, 6, 0]
