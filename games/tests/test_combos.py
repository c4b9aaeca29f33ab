"""Combinations against a second, slow and plain reading of the rules."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest

from games.tests.dealing import deck, midway
from games.tienlen.cards import NAMES, RANKS, SUITS, parse, show
from games.tienlen.combos import KINDS, beats, can_be_chopped, classify, is_chop, price
from games.tienlen.hints import chops_out_of_turn, combos_of, explain, legal_plays
from games.tienlen.options import Options

BLACK, RED = "sc", "dh"


def named(cards: list[int]) -> list[str]:
    return [NAMES[card] for card in cards]


def kind_of(cards: list[str]) -> tuple[str, int] | None:
    """Kind and length, found by writing down every combination there could be of these ranks."""
    if len(set(cards)) != len(cards):
        return None
    ranks = Counter(card[0] for card in cards)
    for rank in RANKS:
        for count, kind in ((1, "single"), (2, "pair"), (3, "triple"), (4, "quad")):
            if ranks == {rank: count}:
                return kind, count
    row = RANKS.replace("2", "")
    for start in range(len(row)):
        for end in range(start + 3, len(row) + 1):
            if ranks == dict.fromkeys(row[start:end], 1):
                return "straight", end - start
            if ranks == dict.fromkeys(row[start:end], 2):
                return "run", end - start
    return None


def highest(cards: list[str]) -> tuple[int, int]:
    return max((RANKS.index(card[0]), SUITS.index(card[1])) for card in cards)


def wins(new: list[str], old: list[str], quad_chops_pair2: bool) -> bool:
    """The table of chops, word for word."""
    one, other = kind_of(new), kind_of(old)
    if not one or not other:
        return False
    if one == other:
        return highest(new) > highest(old)
    two = other in (("single", 1), ("pair", 2)) and {card[0] for card in old} == {"2"}
    match one:
        case ("run", 3):
            return two and len(old) == 1
        case ("quad", 4):
            return (two and (len(old) == 1 or quad_chops_pair2)) or other == ("run", 3)
        case ("run", length):
            return two or other == ("quad", 4) or (other[0] == "run" and other[1] < length)
    return False


def cost(cards: list[str], options: Options) -> int:
    kind = kind_of(cards)
    if kind in (("single", 1), ("pair", 2)):
        return sum(options.two_black if card[1] in BLACK else options.two_red for card in cards if card[0] == "2")
    if kind == ("quad", 4):
        return options.quad
    if kind and kind[0] == "run":
        return options.run3 if kind[1] == 3 else options.run4
    return 0


def hands(count: int) -> list[list[int]]:
    """Parts of decks that are rich in bombs."""
    chance = random.Random(17)
    return [deck(chance)[: chance.choice([4, 6, 8, 13])] for _ in range(count)]


def test_every_set_of_up_to_four_cards_is_what_it_is():
    few = parse("3s 3c 3d 3h 4s 4c 5s 6d Ks As Ac 2s 2c 2h")
    seen = Counter()
    for count in range(1, 9):
        for cards in itertools.combinations(few, count):
            combo, kind = classify(cards), kind_of(named([*cards]))
            assert (combo and (KINDS[combo.kind], combo.length)) == kind, show(cards)
            if combo:
                seen[kind] += 1
                assert divmod(combo.top, 4) == highest(named([*cards]))
    assert {kind for kind, _ in seen} == set(KINDS) - {"none", "run"}
    assert classify([]) is None
    assert classify([0, 0]) is None


@pytest.mark.parametrize("quad_chops_pair2", [True, False])
def test_comparisons_are_those_of_the_slow_reading(quad_chops_pair2: bool, full: bool):
    options = Options(quad_chops_pair2=quad_chops_pair2, two_black=1, two_red=20, run3=300, quad=4000, run4=50000)
    wide = [combo for hand in hands(800 if full else 200) for combo in combos_of(hand)]
    wide += [combo for combo in combos_of(range(52)) if combo.bomb or combo.twos]
    dear = [combo for combo in wide if combo.bomb or combo.twos]
    chance = random.Random(5)
    seen = Counter()
    for number in range(30_000 if full else 8_000):
        new, old = chance.sample(dear if number % 2 else wide, 2)
        one, other = named([*new.cards]), named([*old.cards])
        assert beats(new, old, options) == wins(one, other, quad_chops_pair2), (one, other)
        assert price(old, options) == cost(other, options)
        assert can_be_chopped(old) == (cost(other, options) > 0)
        if wins(one, other, quad_chops_pair2):
            assert is_chop(new, old) == (cost(other, options) > 0 and kind_of(one)[0] in ("quad", "run"))
            seen[KINDS[new.kind], KINDS[old.kind]] += 1
    assert len(seen) >= 10, "every kind on its own and the bombs on what they chop"


def test_no_two_plays_beat_each_other():
    chance, options = random.Random(8), Options()
    wide = [combo for hand in hands(100) for combo in combos_of(hand)]
    for _ in range(20_000):
        one, other = chance.sample(wide, 2)
        assert not (beats(one, other, options) and beats(other, one, options))
        assert not beats(one, one, options)


def test_hints_know_every_kind_length_and_top_card_there_is(full: bool):
    for hand in hands(200 if full else 40):
        hand = hand[:8]
        there_is = {
            (kind_of(named([*cards])), highest(named([*cards])))
            for count in range(1, len(hand) + 1)
            for cards in itertools.combinations(hand, count)
            if kind_of(named([*cards]))
        }
        found = [(kind_of(named([*combo.cards])), highest(named([*combo.cards]))) for combo in combos_of(hand)]
        assert set(found) == there_is
        assert all(set(combo.cards) <= set(hand) for combo in combos_of(hand))


def test_hints_answer_what_lies_there_cheapest_first():
    state = midway("B", "9s", A="3s", B="8h Ts Js Jd 2c 4s 4c 4d 4h", C="3c", D="3d")
    assert [show(cards) for cards in legal_plays(state, 1)] == ["Ts", "Js", "Jd", "2c"]
    assert legal_plays(state, 2) == [], "not to move"
    state = midway("B", "2s", A="3s", B="8h 2c 4s 4c 4d 4h", C="3c", D="5s 5c 6s 6c 7s 7c 8s 8c 9d")
    assert [show(cards) for cards in legal_plays(state, 1)] == ["2c", "4s 4c 4d 4h"]
    assert [show(cards) for cards in chops_out_of_turn(state, 3)] == ["5s 5c 6s 6c 7s 7c 8s 8c"]
    assert chops_out_of_turn(state, 1) == [], "who is to move needs no chop out of turn"


@pytest.mark.parametrize(
    ("cards", "why"),
    [
        ("9c Td Js", None), ("9c Td", {"code": "not_a_combo"}), ("3s", {"code": "not_in_hand"}), ("", {"code": "not_in_hand"}),
        ("4c 5d 6s", {"code": "does_not_beat", "detail": "too_low"}), ("9c Td Js Qs", {"code": "does_not_beat", "detail": "other_length"}),
        ("9c", {"code": "does_not_beat", "detail": "other_kind"}),
    ],
)  # fmt: skip
def test_why_a_play_is_not_legal(cards: str, why: dict | None):
    state = midway("B", "7s 8s 9s", A="3s", B="4c 5d 6s 9c Td Js Qs", C="3c", D="3d")
    assert explain(state, 1, parse(cards)) == why
