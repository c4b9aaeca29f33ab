"""The note's compact forms, both ways."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from games.tests.dealing import midway, moved
from games.tienlen.engine import Move, apply, new_game, pack, unpack
from games.tienlen.options import Options
from games.tienlen.status import (
    EMPTY,
    IN,
    NO_CARDS,
    PASSED,
    READY,
    WATCHING,
    Command,
    Record,
    Status,
    command_of,
    encode,
    from_char,
    from_number,
    from_record,
    to_char,
    to_number,
    to_record,
)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(value=st.integers(0, 2**29 - 1) | st.integers(-5, 2**33))
@example(value=0x0255DDDD)
def test_an_integer_is_refused_or_packs_to_itself(value: int):
    try:
        status = unpack(value)
    except ValueError:
        return
    assert pack(status) == value < 2**29


def test_consistent_statuses_are_all_read(full: bool):
    chance = random.Random(2)
    phases = set()
    for _ in range(50_000 if full else 2_000):
        states = [chance.choice([EMPTY, IN, IN, WATCHING, PASSED]) for _ in range(4)]
        left = [
            {EMPTY: NO_CARDS, WATCHING: NO_CARDS, IN: chance.choice([0, 5, 13, READY, NO_CARDS])}.get(state, chance.randint(1, 13))
            for state in states
        ]  # fmt: skip
        movers = [seat for seat in range(4) if states[seat] == IN and 1 <= left[seat] <= 13]
        status = Status(0, 0, tuple(states), tuple(left))
        if status.phase == "playing" and movers:
            status = status._replace(attack=chance.randrange(7), turn=chance.choice(movers))
        assert unpack(encode(status)) == status
        phases.add(status.phase)
    assert phases == {"waiting", "playing", "finished"}


@pytest.mark.parametrize(
    "status",
    [
        Status(attack=8), Status(turn=4), Status(states=(4, 0, 0, 0)), Status(states=(IN,) * 4, left=(16, 1, 1, 1)),
        Status(states=(IN,) * 4, left=(14, 14, 14, 14), turn=1),
        Status(states=(IN, IN, EMPTY, EMPTY), left=(3, 3, 15, 15), turn=2), Status(states=(IN, IN, PASSED, EMPTY), left=(3, 3, 3, 15), turn=2),
    ],
)  # fmt: skip
def test_a_status_that_contradicts_itself_is_not_packed(status: Status):
    with pytest.raises(ValueError, match=r"."):
        encode(status)


@pytest.mark.parametrize("value", [True, "1", 1.0, None])
def test_only_whole_numbers(value: object):
    with pytest.raises(ValueError, match="reserved"):
        unpack(value)


def test_a_game_in_the_table_of_the_note():
    state = new_game(Options(instant=()), deck=range(52), lead=2)
    assert pack(state) == 0x0255DDDD
    state, _ = apply(state, Move(2, "play", [26]))
    assert pack(state) == 0x0755DDCD
    state, _ = apply(state, Move(3, "pass"))
    assert pack(state) == 0x0457DDCD
    left = new_game(Options(instant=()), deck=range(52), lead=1)
    assert pack(apply(left, Move(3, "leave"))[0]) == 0x0156DDDF
    pairs = midway("B", "2s", A="3s 3c 4d", B="6s 6c 7s 7c 8s 8c 9d", C="5s", D="5d")
    assert pack(moved(pairs, ("B", "play", "6s 6c 7s 7c 8s 8c"))) == 0x1A553111
    last = midway("C", A="", B="", C="3s", D="4s 4c 4d 5s 6s")
    last.out, last.live = [1, 0], [2, 3]
    ended = moved(last, ("C", "play", "3s"))
    assert pack(ended) == 0x00550005
    assert command_of(unpack(pack(ended))) is None, "the winner comes from the places"
    assert command_of(unpack(pack(ended)), ended.places) == Command("won", 1)


def test_the_state_of_a_seat():
    state = midway("A", "", A="3s 4d", B="5s 5d", C="6s", D="7s")
    state.played[3] = 0
    state = moved(state, ("B", "leave"))
    assert unpack(pack(state)).states == (IN, WATCHING, IN, IN), "left the match, not the table"
    state = moved(state, ("A", "play", "3s"), ("C", "play", "6s"))
    assert unpack(pack(state)).states == (IN, WATCHING, IN, WATCHING), "cóng"
    assert unpack(pack(state)).left == (1, 15, 0, 15)
    absent = midway("A", A="3s 4d", B="5s 5d", C="6s")
    absent.strikes[0] = 1
    assert unpack(pack(moved(absent, ("A", "timeout")))).states == (EMPTY, IN, IN, EMPTY), (
        "absent twice: out of the room"
    )


def test_the_next_leader_of_a_trick_held_open_has_not_passed():
    state = midway("B", "9s", by="D", A="2d", B="4s 5s", C="6s", D="7s 8s")
    state.turn, state.hold = 0, True
    state = moved(state, ("A", "play", "2d"), ("B", "pass"), ("C", "pass"), ("D", "pass"))
    assert state.closing and state.turn == 1 and 1 in state.passed
    assert unpack(pack(state)).states == (IN, IN, PASSED, PASSED)


def test_a_cancelled_match_waits_again():
    state, events = apply(midway("A", "2h", by="D", A="3s 4d", B="5s 5d", C="6s", D="7s"), Move(-1, "cancel"))
    assert (state.over, state.places, state.entries, events) == (True, [], [], [{"kind": "cancelled"}])
    assert pack(state) == 0x0055FFFF
    absent = midway("A", A="3s 4d", B="5s 5d", C="6s")
    absent.strikes[0] = 1
    assert pack(moved(absent, ("A", "timeout"), ("B", "cancel"))) == 0x0014FFFF, (
        "who is out of the room does not come back"
    )
    assert to_char(command_of(unpack(pack(state)), cancelled=True)) == "0"
    assert to_number(command_of(unpack(pack(state)), cancelled=True)) == 10


def test_characters_and_numbers_are_two_languages():
    chars = "w" + "abcd" + "1234" + "0"
    numbers = [0, 1, 2, 3, 4, 11, 12, 13, 14, 10]
    for char, number in zip(chars, numbers, strict=True):
        assert from_char(char) == from_number(number)
        assert (to_char(from_char(char)), to_number(from_number(number))) == (char, number)
    assert from_char("1") == Command("won", 0)
    assert from_number(1) == Command("move", 0)
    for char in ("", "ab", "e", "5", "W"):
        with pytest.raises(ValueError, match="no such command"):
            from_char(char)
    for number in (-1, 5, 9, 15):
        with pytest.raises(ValueError, match="no such command"):
            from_number(number)


def test_a_record_is_written_and_read():
    status = pack(Status(states=(IN, EMPTY, EMPTY, IN), left=(3, 15, 15, 2)))
    record = Record(("ur1@tienlen.com", None, None, "ur4@tienlen.com"), status, -3, (0, 51))
    line = to_record(record)
    assert line == f"ur1@tienlen.com;;;ur4@tienlen.com;{status};-3;0,51,"
    assert from_record(line) == record
    assert from_record(line.replace(";", ";\n")) == record, "line breaks are layout"
    for address in ("a;b", " a"):
        with pytest.raises(ValueError, match="semicolon"):
            to_record(record._replace(seats=(address, None, None, None)))


@pytest.mark.parametrize(
    "line",
    [
        "",
        ";;;;65535;0;1,1,",
        ";;;;65535;0;-1,",
        ";;;;65535;0;١,",
        ";;;;65535;1_0;",
        ";;;;65535;;",
        ";;;;+65535;0;",
        ";;;;65535;0;1,,",
    ],
)
def test_what_is_no_record(line: str):
    with pytest.raises(ValueError, match=r"."):
        from_record(line)
