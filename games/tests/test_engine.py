"""What positions cannot say: options, tricks held open, events, views, what is refused at the deal."""

from __future__ import annotations

import json

import pytest

from games.tests.dealing import midway, moved
from games.tienlen.cards import parse, show
from games.tienlen.engine import Illegal, Move, apply, new_game, refusal, view_for
from games.tienlen.hints import legal_plays
from games.tienlen.options import PRESETS, STANDARD, Options
from games.tienlen.state import State

RUN4 = "5s 5c 6s 6c 7s 7c 8s 8c"


def held_open(**options) -> State:
    """B and C passed on A's 2; D is the last to answer and could, as B, chop."""
    state = midway("B", "2d", A="3s 4s", B=f"{RUN4} 9d", C="3c", D="3d Kd")
    state.options, state.hold = Options(**options), True
    return moved(state, ("B", "pass"), ("C", "pass"), ("D", "pass"))


def test_a_trick_under_a_2_is_held_open_for_chops():
    state = held_open()
    assert (state.closing, state.turn, state.top is None, state.points()) == (True, 0, False, [0, 0, 0, 0])
    for move, code in (
        (Move(0, "play", parse("3s")), "not_your_turn"), (Move(0, "pass"), "not_your_turn"), (Move(0, "timeout"), "not_your_turn"),
        (Move(1, "pass"), "not_your_turn"), (Move(3, "play", parse("Kd")), "not_your_turn"),
    ):  # fmt: skip
        assert refusal(state, move) == code
    closed, events = apply(state, Move(0, "close"))
    assert (closed.closing, closed.turn, closed.top, closed.passed) == (False, 0, None, [])
    assert events == [{"kind": "trick", "seat": 0}]
    assert refusal(closed, Move(0, "close")) == "not_your_turn"
    assert refusal(closed, Move(0, "play", parse("3s"))) is None
    chopped = moved(state, ("B", "play", RUN4))
    assert (chopped.closing, chopped.turn, chopped.passed) == (False, 0, [2, 3]), "A may answer the chop"
    again = moved(chopped, ("A", "pass"))
    assert (again.closing, again.turn) == (True, 1), "a bomb is held open too"
    assert moved(again, ("A", "close")).points() == [-2, 2, 0, 0]


def test_a_trick_under_ordinary_cards_or_without_chops_out_of_turn_is_not():
    state = midway("B", "Kd", A="3s 4s", B=f"{RUN4} 9d", C="3c", D="3d")
    state.hold = True
    state = moved(state, ("B", "pass"), ("C", "pass"), ("D", "pass"))
    assert (state.closing, state.turn, state.top) == (False, 0, None)
    assert held_open(free_chop="none").closing is False


def test_the_next_leader_leaves_while_it_is_held_open():
    state = held_open()
    state, _ = apply(state, Move(0, "leave"))
    assert (state.closing, state.turn) == (True, 1)
    assert moved(state, ("A", "close")).turn == 1
    assert moved(held_open(), ("C", "leave")).turn == 0


def test_events_tell_the_story():
    state = midway("B", "2d", A="3s 4s", B=f"{RUN4} 9d", C="3c", D="3d")
    stories = []
    for move in (Move(1, "play", parse(RUN4)), Move(2, "pass"), Move(3, "timeout"), Move(0, "pass")):
        state, events = apply(state, move)
        stories.append(events)
    assert stories == [
        [{"kind": "play", "seat": 1, "cards": parse(RUN4), "by_server": False}, {"kind": "chop", "seat": 1, "victim": 0, "units": 2}],
        [{"kind": "pass", "seat": 2, "by_server": False}],
        [{"kind": "absent", "seat": 3, "strikes": 1}, {"kind": "pass", "seat": 3, "by_server": True}],
        [
            {"kind": "pass", "seat": 0, "by_server": False}, {"kind": "paid", "from": 0, "to": 1, "units": 2}, {"kind": "trick", "seat": 1},
        ],
    ]  # fmt: skip


def test_events_of_ends():
    state = midway("A", A="3s", B="4s 5d", C="5s 6d", D="2d")
    state.played[2], state.strikes[1], state.hold = 0, 1, True
    stories = []
    for move in (Move(0, "timeout"), Move(1, "timeout")):
        state, events = apply(state, move)
        stories.append(events)
    assert stories == [
        [
            {"kind": "absent", "seat": 0, "strikes": 1}, {"kind": "play", "seat": 0, "cards": [0], "by_server": True},
            {"kind": "out", "seat": 0, "place": 1}, {"kind": "blank", "seat": 2},
        ],
        [
            {"kind": "absent", "seat": 1, "strikes": 2}, {"kind": "left", "seat": 1, "gone": True}, {"kind": "over", "places": [0, 3, 1, 2]},
        ],
    ]  # fmt: skip
    assert (state.number, state.gone, state.left) == (2, [1], [1])
    state = midway("A", A="2d 3s", B="4s", C="5s")
    state.hold = True
    state = moved(state, ("A", "play", "2d"), ("B", "pass"))
    assert apply(state, Move(2, "pass"))[1] == [{"kind": "pass", "seat": 2, "by_server": False}, {"kind": "held"}]
    assert apply(state, Move(1, "leave"))[1] == [{"kind": "left", "seat": 1, "gone": False}]
    assert apply(state, Move(-1, "cancel"))[1] == [{"kind": "cancelled"}]


def test_a_view_has_ones_own_hand_only_until_the_end():
    state = midway("C", "", A="", B="3h 9h", C="4s", D="5s 2h")
    state.out, state.live = [0], [1, 2, 3]
    for seat in (None, 0, 1, 2, 3):
        view = view_for(state, seat)
        assert view["hands"] is None
        assert view["hand"] == (None if seat is None else [*state.hands[seat]])
        assert view["counts"] == [0, 2, 1, 2]
        json.dumps(view)
    assert [view_for(state, nobody)["hand"] for nobody in (-1, 4)] == [None, None], "not the last seat's"
    ended = moved(state, ("C", "play", "4s"), ("D", "leave"))
    assert view_for(ended, None)["hands"] == [[], parse("3h 9h"), [], parse("5s 2h")], "thối must be checkable"
    cancelled, _ = apply(state, Move(0, "cancel"))
    assert view_for(cancelled, None)["hands"] is None
    assert view_for(cancelled, 1)["hand"] == parse("3h 9h")


def test_only_the_opener_sees_what_he_must_open_with():
    state = new_game(Options(instant=()), deck=range(12, 51), players=[0, 1, 2], first=True)
    assert state.must == 12
    assert [view_for(state, seat)["must"] for seat in (None, 0, 1, 2)] == [None, 12, None, None]
    plays = legal_plays(state, 0)
    assert plays and all(12 in cards for cards in plays)


@pytest.mark.parametrize(
    "deal",
    [
        {"deck": range(51)}, {"deck": [*range(51), 50]}, {"deck": [*range(51), 52]}, {}, {"hands": [[], [], [], []]},
        {"deck": range(52), "players": [0]}, {"deck": range(52), "players": [0, 0]}, {"deck": range(52), "players": [0, 4]},
    ],
)  # fmt: skip
def test_a_deal_that_is_none(deal: dict):
    assert new_game(deck=range(52)).players == [0, 1, 2, 3]
    with pytest.raises(ValueError, match=r"cards each|twice"):
        new_game(**deal)


def test_who_opens():
    plain = Options(instant=())
    deck = [*range(51, -1, -1)]  # seat 3 holds 3♠
    first = new_game(plain, deck=deck, first=True)
    assert (first.turn, first.must) == (3, 0)
    later = new_game(plain, deck=deck, lead=1)
    assert (later.turn, later.must) == (1, None)
    gone = new_game(plain, deck=deck)
    assert (gone.turn, gone.must) == (3, None), "the previous first is gone: the lowest card leads, freely"
    away = new_game(plain, deck=deck, players=[0, 1, 2], lead=3)
    assert (away.turn, show([min(away.hands[2])])) == (2, "6c")


def test_presets():
    assert set(PRESETS) == {"standard", "count", "family"}
    assert Options.make({}) == STANDARD == PRESETS["standard"]
    assert PRESETS["count"].changed() == {"end_mode": "first_out"}
    assert PRESETS["family"].cong == "off" and PRESETS["family"].rot_to == "none"
    for options in PRESETS.values():
        assert Options.make(json.loads(json.dumps(options.to_json()))) == options


@pytest.mark.parametrize(
    "values",
    [
        {"opening": "never"}, {"opening": 1}, {"quad_chops_pair2": 1}, {"last": -1}, {"last": 101}, {"last": True}, {"last": 1.5}, {"instant": "dragon"},
        {"instant": ["dragon", "dragon"]}, {"instant": ["lion"]}, {"instant": [["dragon"]]}, {"unknown": 1}, {"cong": None}, {"end_mode": ["rank"]},
    ],
)  # fmt: skip
def test_options_that_are_none(values: dict):
    with pytest.raises(ValueError, match=r"option"):
        Options.make(values)


def test_options_that_are():
    assert Options.make({"last": 0, "instant": [], "cong": "end"}) == Options(last=0, instant=(), cong="end")


def test_a_refused_move_says_its_code():
    state = midway("A", A="3s", B="4s", C="5s", D="6s")
    with pytest.raises(Illegal) as caught:
        apply(state, Move(1, "play", parse("4s")))
    assert caught.value.code == "not_your_turn"
    assert refusal(state, Move(7, "play", [0])) == "not_playing"
    assert refusal(state, Move(0, "play", ["3s"])) == "not_in_hand"
