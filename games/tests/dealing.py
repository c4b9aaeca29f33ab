"""Decks, options and moves for tests of the card game."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from games.tienlen.cards import parse
from games.tienlen.combos import can_be_chopped
from games.tienlen.engine import Move, State, apply, new_game
from games.tienlen.hints import legal_plays
from games.tienlen.options import CHOICES, INSTANTS, PRESETS, Options

PRICES = ("last", "third", "blank", "instant_pay", "two_black", "two_red", "run3", "quad", "run4")


def some_options() -> st.SearchStrategy[Options]:
    """A preset, or any choice of everything."""
    own = st.fixed_dictionaries(
        {
            **{name: st.sampled_from(words) for name, words in CHOICES.items()},
            "quad_chops_pair2": st.booleans(),
            "chop_reopens": st.booleans(),
            "instant": st.just([]) | st.lists(st.sampled_from(INSTANTS), unique=True),
            **{name: st.integers(0, 9) for name in PRICES},
        }
    )
    return st.sampled_from(list(PRESETS.values())) | own.map(Options.make)


def deck(chance: random.Random) -> list[int]:
    """A shuffled deck, or one whose neighbours stay together, so that hands are full of bombs."""
    if chance.random() < 0.3:
        return chance.sample(range(52), 52)
    size = chance.choice([2, 4, 8])
    blocks = [list(range(52))[start : start + size] for start in range(0, 52, size)]
    chance.shuffle(blocks)
    cards = [card for block in blocks for card in block]
    for _ in range(chance.randrange(12)):
        one, other = chance.sample(range(52), 2)
        cards[one], cards[other] = cards[other], cards[one]
    return cards


def dealt(options: Options, chance: random.Random) -> State:
    """A new game of two to four players."""
    players = sorted(chance.sample(range(4), chance.choice([2, 3, 4, 4, 4])))
    first = chance.random() < 0.5
    lead = None if first else chance.choice([None, *players])
    return new_game(options, deck=deck(chance), players=players, first=first, lead=lead, hold=chance.random() < 0.3)


def next_move(state: State, chance: random.Random) -> Move:
    """A legal move, as people of all kinds make them."""
    number = chance.random()
    if number < 0.02:
        return Move(chance.choice(state.live), "leave")
    chopped = state.top and can_be_chopped(state.top)
    others = [seat for seat in state.live if chopped and (seat != state.turn or state.closing)]
    chops = [(seat, cards) for seat in others for cards in legal_plays(state, seat)]
    if chops and chance.random() < 0.5:
        return Move(chops[0][0], "play", chops[0][1])
    assert state.turn is not None
    if state.closing:
        return Move(0, "close")
    if number < 0.08:
        return Move(state.turn, "timeout")
    plays = legal_plays(state, state.turn)
    lazy = 0.25 if state.played[state.turn] else 0.7  # or nobody is ever cóng
    if state.top and (not plays or chance.random() < lazy):
        return Move(state.turn, "pass")
    bombs = [cards for cards in plays if len(cards) >= 4]
    return Move(state.turn, "play", chance.choice(bombs if bombs and chance.random() < 0.5 else plays))


def any_move(chance: random.Random) -> Move:
    """A move of anybody, mostly nonsense."""
    kind: Any = chance.choice(["play", "play", "play", "pass", "timeout", "leave", "close"])
    return Move(chance.randrange(4), kind, chance.sample(range(52), chance.choice([1, 1, 2, 3, 4, 6])))


def swapped(state: State, seat: int | None, chance: random.Random) -> State:
    """The same game, but for cards that this seat cannot know: they lie in other hands than before."""
    hidden = [other for other in state.players if other != seat]
    cards = [card for other in hidden for card in state.hands[other]]
    chance.shuffle(cards)
    other_game = state.copy()
    for other in hidden:
        count = len(state.hands[other])
        other_game.hands[other], cards = tuple(sorted(cards[:count])), cards[count:]
    return other_game


def midway(turn: str | None, top: str = "", *, by: str = "A", **hands: str) -> State:
    """A game under way: hands of seats A–D as texts; who is given has played a card before."""
    from games.tienlen.positions import build

    position: dict[str, Any] = {"seats": hands, "turn": turn, "top": {"by": by, "cards": top} if top else None}
    return build(position)


def moved(state: State, *steps: tuple[str, str] | tuple[str, str, str]) -> State:
    """The state after steps like ("A", "play", "3s")."""
    for name, kind, *cards in steps:
        state, _ = apply(state, Move("ABCD".index(name), kind, parse(cards[0]) if cards else []))
    return state
