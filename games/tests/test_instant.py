"""Instant wins: each kind with a hand that just has it and one that just has not, priorities, ties, payments."""

from __future__ import annotations

import random

import pytest

from games.tienlen.cards import parse
from games.tienlen.engine import new_game
from games.tienlen.instant import KINDS, kinds_of, winner_of
from games.tienlen.options import INSTANTS, Options

ALL = Options(instant=INSTANTS)
PLAIN = parse("3s 4c 5d 7h 8s 9c Jd Qh Ks Kc Ad 2h 2s")


@pytest.mark.parametrize(
    ("kind", "has", "has_not"),
    [
        ("dragon", "3s 4c 5d 6h 7s 8c 9d Th Js Qc Kd Ah Ac", "4s 4c 5d 6h 7s 8c 9d Th Js Qc Kd Ah 2s"),
        ("five_run", "3s 3c 4s 4c 5s 5c 6s 6c 7s 7c 9d Jd Kh", "3s 3c 4s 4c 5s 5c 6s 6c 8s 8c 9d Jd Kh"),
        ("five_run", "Ts Tc Js Jc Qs Qc Ks Kc As Ac 3d 4d 6h", "Js Jc Qs Qc Ks Kc As Ac 2s 2c 3d 4d 6h"),
        ("four_twos", "2s 2c 2d 2h 3s 4s 6s 7s 9s Js Qs Ks 8d", "2s 2c 2d As 3s 4s 6s 7s 9s Js Qs Ks 8d"),
        ("six_pairs", "3s 3c 5s 5c 7s 7c 9s 9c Js Jc 2d 2h 4d", "3s 3c 5s 5c 7s 7c 9s 9c Js Jc 2d Ah 4d"),
        ("six_pairs", "3s 3c 3d 3h 7s 7c 9s 9c Js Jc Kd Kh 4d", "3s 3c 3d 4h 7s 7c 9s 9c Js Jc Kd 8h 5d"),
        ("one_colour", "3s 3c 4s 4c 5s 7c 8s 9c Js Jc Qs Kc Ad", "3s 3c 4s 4c 5s 7c 8s 9c Js Jc Qs Kd Ad"),
        ("four_triples", "3s 3c 3d 5s 5c 5d 7s 7c 7d 2s 2c 2d 9h", "3s 3c 3d 5s 5c 5d 7s 7c 7d 2s 2c 9d 9h"),
        ("four_threes", "3s 3c 3d 3h 5s 6c 7s 8c 9d Ts Jc Kd Ah", "3s 3c 3d 4h 5s 6c 7s 8c 9d Ts Jc Kd Ah"),
        ("run3_with_3s", "3s 3c 4d 4h 5s 5c 7s 8c 9d Ts Jc Kd Ah", "3d 3c 4d 4h 5s 5c 7s 8c 9d Ts Jc Kd Ah"),
    ],
)
def test_kind(kind: str, has: str, has_not: str):
    only = Options(instant=(kind,))
    assert kinds_of(parse(has), only, first=True) == [kind]
    assert kinds_of(parse(has_not), only, first=True) == []
    assert len(parse(has)) == len(set(parse(has))) == len(parse(has_not)) == 13


def test_some_count_in_the_first_game_only():
    hand = parse("3s 3c 3d 3h 5s 6c 7s 8c 9d Ts Jc Kd Ah")
    assert kinds_of(hand, ALL, first=True) == ["four_threes"]
    assert kinds_of(hand, ALL, first=False) == []
    assert winner_of([hand, []], ALL, first=True) == ("four_threes", 0)
    assert winner_of([hand, []], ALL, first=False) is None


@pytest.mark.parametrize(
    ("hands", "winner"),
    [
        # five pairs in a row before four 2s, four 2s before six pairs, a dragon before all
        (["2s 2c 2d 2h 3s 4s 6s 7s 9s Js Qs Ks 8d", "3c 3d 4c 4d 5c 5d 6c 6d 7c 7d 9d Jd Kh"], 1),
        (["3c 3d 5c 5d 7c 7d 9c 9d Jc Jd Ac Ad 4d", "2s 2c 2d 2h 3s 4s 6s 7s 9s Js Qs Ks 8d"], 1),
        (["3d 4d 5d 6d 7d 8d 9d Td Jd Qd Kd Ad Ah", "2s 2c 2d 2h 3s 4s 6s 7s 9s Js Qs Ks 8s"], 0),
        # the deciding card: of runs the highest pair, of six pairs the highest pair, of dragons the ace
        (["3s 3c 4s 4c 5s 5c 6s 6c 7s 7h 2d 2h Kh", "3d 3h 4d 4h 5d 5h 6d 6h 7c 7d 9d Jd Ks"], 0),
        (["4s 4c 5s 5c 6s 6c 7s 7c 8s 8c 9d Jd Kh", "3s 3c 4d 4h 5d 5h 6d 6h 7d 7h Ad Ah 2h"], 0),
        (["3s 3c 5s 5c 7s 7c 9s 9c Js Jc 2s 2h 4d", "3d 3h 5d 5h 7d 7h 9d 9h Jd Jh 2c 2d 4c"], 0),
        (["3s 4s 5s 6s 7s 8s 9s Ts Js Qs Ks Ah Ac", "3d 4d 5d 6d 7d 8d 9d Td Jd Qd Kd Ad 2h"], 0),
        (["3s 3c 3d 5s 5c 7s 7c 9s 9c Js Jc Kd Ks", "3h 4h 6s 6c 8s 8c Ts Tc Qs Qc Kc Kh 4d"], 1),
    ],
)
def test_who_wins(hands: list[str], winner: int):
    both = [parse(hand) for hand in hands]
    assert len({*both[0], *both[1]}) == 26
    assert (winner_of(both, Options()) or ("", None))[1] == winner
    assert (winner_of([*reversed(both)], Options()) or ("", None))[1] == 1 - winner, "not by seat"


def test_thirteen_of_a_colour_stand_above_twelve():
    twelve, thirteen = parse("2d 2h Ad Ah Kd Kh Qd Qh Jd Jh Td Th 3s"), parse("3d 3h 4d 4h 5d 6h 7d 7h 8d 8h 9d 9h 6d")
    assert winner_of([twelve, thirteen], Options(instant=("one_colour",))) == ("one_colour", 1)


def test_the_winner_is_paid_by_each_of_the_others_and_nothing_else():
    hands = [parse("3d 4d 5d 6d 7d 8d 9d Td Jd Qd Kd Ad Ah"), parse("2s 2c 2d 2h 3s 4s 6s 7s 9s Js Qs Ks 8s")]
    state = new_game(Options(), hands=[*hands, [], []], players=[0, 1])
    assert (state.over, state.places, state.instant, state.points()) == (True, [0], "dragon", [4, -4, 0, 0])
    assert [(entry.reason, entry.payer, entry.receiver) for entry in state.entries] == [("instant", 1, 0)]
    state = new_game(Options(instant=()), hands=[*hands, [], []], players=[0, 1])
    assert (state.over, state.places, state.instant, state.points()) == (False, [], None, [0, 0, 0, 0])


def test_as_often_as_measured(full: bool):
    """The note of the rules counted 3.2 % of 40,000 deals, half of them six pairs."""
    chance = random.Random(1)
    deals = 40_000 if full else 4_000
    won = []
    for _ in range(deals):
        deck = chance.sample(range(52), 52)
        won.append(winner_of([deck[start : start + 13] for start in (0, 13, 26, 39)], Options()))
    kinds = [kind for kind, _ in filter(None, won)]
    assert 0.025 < len(kinds) / deals < 0.04
    assert kinds.count("six_pairs") > kinds.count("four_twos") > kinds.count("dragon")
    assert set(KINDS) == set(INSTANTS)
