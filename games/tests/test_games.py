"""Random games over random options: what holds in all of them."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.tests.dealing import any_move, dealt, next_move, some_options, swapped
from games.tienlen.engine import Illegal, apply, new_game, refusal, view_for
from games.tienlen.hints import explain, legal_plays
from games.tienlen.options import Options
from games.tienlen.state import Move, State
from games.tienlen.status import command_of, pack, status_of, to_char, to_number, unpack

CODES = {
    "not_playing", "not_in_hand", "not_a_combo", "not_your_turn", "must_include_3s", "does_not_beat", "ends_on_two",
    "leader_cannot_pass",
}  # fmt: skip
MOST_MOVES = 52 * 5  # every play takes a card; three passes and the end of a trick come behind it


@pytest.mark.timeout(3600)
def test_what_holds_in_all_games(full: bool):
    @settings(max_examples=10_000 if full else 200, deadline=None, derandomize=not full, database=None)
    @given(options=some_options(), seed=st.integers(0, 2**64))
    def check(options: Options, seed: int) -> None:
        one_game(options, random.Random(seed))

    check()


def one_game(options: Options, chance: random.Random) -> None:
    state = dealt(options, chance)
    start, moves, gone_cards = state, [], []
    while not state.over:
        holds_midway(state, gone_cards)
        refuses(state, chance)
        sees_nothing(state, chance)
        move = next_move(state, chance)
        stored = json.dumps(state.to_json())
        after, events = apply(state, move)
        assert json.dumps(state.to_json()) == stored, "the old state is as it was"
        again = State.from_json(json.loads(stored))
        assert again == state
        assert apply(again, move) == (after, events), "a stored game goes on as the game itself"
        tells_nothing(state, move, events, chance)
        gone_cards += [card for event in events if event["kind"] == "play" for card in event["cards"]]
        moves.append(move)
        assert len(moves) < MOST_MOVES
        state = after
    holds_at_the_end(state)
    replayed = start
    for move in moves:
        replayed, _ = apply(replayed, move)
    assert replayed == state


def holds_midway(state: State, gone_cards: list[int]) -> None:
    assert len(state.live) >= 2
    assert state.turn in state.live
    assert all(state.hands[seat] for seat in state.live)
    assert state.closing or state.turn not in state.passed
    assert state.closing or state.turn != state.by
    assert set(state.passed) <= set(state.live)
    placed = sorted([*state.live, *state.out, *state.left, *state.blank])
    assert placed == state.players, "each is in exactly one place"
    held = [card for hand in state.hands for card in hand]
    assert len(held) + len(gone_cards) == 13 * len(state.players) == len({*held, *gone_cards})
    assert sum(state.points()) == 0
    plays = legal_plays(state, state.turn)
    assert all(refusal(state, Move(state.turn, "play", cards)) is None for cards in plays)
    if state.top is None:
        assert plays, "who must lead can"
    status = unpack(pack(state))
    assert status == status_of(state)
    assert status.phase == "playing"
    assert "abcd".index(to_char(command_of(status))) == state.turn == to_number(command_of(status)) - 1


def refuses(state: State, chance: random.Random) -> None:
    stored = state.to_json()
    for _ in range(2):
        move = any_move(chance)
        if chance.random() < 0.7 and state.hands[move.seat]:
            hand = state.hands[move.seat]
            move = move._replace(cards=chance.sample(hand, min(len(hand), len(move.cards))))
        code = refusal(state, move)
        if code is None:
            continue
        assert code in CODES
        with pytest.raises(Illegal) as caught:
            apply(state, move)
        assert caught.value.code == code
        assert state.to_json() == stored


def sees_nothing(state: State, chance: random.Random) -> None:
    """Whatever a seat is shown or told is the same if the hidden cards lie otherwise."""
    seat = chance.choice([None, *state.players])
    other = swapped(state, seat, chance)
    assert view_for(state, seat) == view_for(other, seat)
    if seat is not None:
        assert legal_plays(state, seat) == legal_plays(other, seat)
        cards = chance.sample(range(52), chance.choice([1, 2, 3]))
        assert explain(state, seat, cards) == explain(other, seat, cards)


def tells_nothing(state: State, move: Move, events: list[dict], chance: random.Random) -> None:
    if move.kind == "timeout" and state.top is None:
        return  # the card that is led then is the news itself
    assert apply(swapped(state, move.seat, chance), move)[1] == events


def holds_at_the_end(state: State) -> None:
    assert state.turn is None and state.top is None and not state.passed and not state.chain
    assert sum(state.points()) == 0
    assert all(entry.units > 0 and entry.payer != entry.receiver for entry in state.entries)
    if state.instant:
        assert len(state.places) == 1
    else:
        assert sorted(state.places) == state.players
        assert state.places[: len(state.out)] == state.out
        assert state.places[len(state.places) - len(state.blank) :] == state.blank
    first = state.places[0]
    for entry in state.entries:
        if entry.reason not in ("chop", "third", "rot"):
            assert entry.receiver == first
    status = unpack(pack(state))
    assert status == status_of(state)
    assert to_number(command_of(status, state.places, over=True)) == 11 + first
    assert "1234".index(to_char(command_of(status, state.places, over=True))) == first
    if not state.instant and state.options.end_mode == "rank":
        assert status.phase == "finished"
    for seat in state.players:
        assert refusal(state, Move(seat, "play", state.hands[seat][:1])) == "not_playing"
        assert refusal(state, Move(seat, "pass")) == "not_playing"


def test_the_view_check_can_fail():
    chance = random.Random(3)
    state = new_game(deck=chance.sample(range(52), 52), lead=0)
    other = swapped(state, 0, chance)
    assert view_for(state, 1) != view_for(other, 1), "another hand of one's own is seen"
    assert view_for(state, 0)["hand"] == [*state.hands[0]]
    assert view_for(state, None)["hand"] is None


def test_the_same_deck_and_moves_give_the_same_game_after_every_kind_of_move():
    kinds = set()
    for seed in range(40):
        chance = random.Random(seed)
        state = dealt(Options(instant=()), chance)
        while not state.over:
            move = next_move(state, chance)
            state, events = apply(state, move)
            kinds |= {move.kind, *(event["kind"] for event in events)}
    assert kinds >= {
        "play",
        "pass",
        "timeout",
        "leave",
        "close",
        "chop",
        "held",
        "paid",
        "blank",
        "out",
        "trick",
        "over",
    }
