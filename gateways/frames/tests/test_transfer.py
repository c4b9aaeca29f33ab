"""Packets of a file: in order, repeated, missing, too many; and those on their way: never more than 16, again after 5 s, three times."""

from __future__ import annotations

import random

import pytest

from gateways.frames.transfer import Arriving, GoneError, Leaving, WrongError, packets_of


def blocks(size: int) -> list[bytes]:
    """A file of this size in packets."""
    whole = random.Random(size).randbytes(size)
    return [whole[start : start + 1000] for start in range(0, size, 1000)]


def test_packets_are_counted_up():
    assert [packets_of(size) for size in (0, 1, 999, 1000, 1001, 20 * 2**20)] == [0, 1, 1, 1, 2, 20972]


@pytest.mark.parametrize("first", [0, 1])
def test_packets_in_order_are_the_file(first: int):
    file, arriving = blocks(2001), Arriving(2001, 0)
    assert [arriving.take(first + at, data) for at, data in enumerate(file)] == [[data] for data in file]
    assert arriving.complete


def test_a_repeated_packet_is_taken_once():
    file, arriving = blocks(2500), Arriving(2500, 0)
    assert arriving.take(0, file[0]) == [file[0]]
    assert arriving.take(0, file[0]) == []
    assert arriving.take(0, b"something else") == []
    assert arriving.take(2, file[2]) == arriving.take(2, file[2]) == []
    assert not arriving.complete
    assert arriving.take(1, file[1]) == file[1:]
    assert arriving.complete


@pytest.mark.parametrize("first", [0, 1])
def test_packets_may_overtake_each_other_within_the_window(first: int):
    file, arriving = blocks(40_000), Arriving(40_000, 0)
    arriving.take(first, file[0])
    late = list(range(1, 17))
    random.Random(1).shuffle(late)
    got = [data for place in late for data in arriving.take(first + place, file[place])]
    assert got == file[1:17]


def test_an_empty_file_is_complete_at_once():
    assert Arriving(0, 0).complete
    with pytest.raises(WrongError):
        Arriving(0, 0).take(0, b"")


@pytest.mark.parametrize(
    ("number", "length"),
    [(1, 999), (1, 0), (3, 1000), (4, 1), (17, 1000), (2**32 - 1, 1)],
    ids=["short", "empty", "last too long", "behind the last", "behind the window", "far away"],
)
def test_packets_that_were_not_announced_are_wrong(number: int, length: int):
    arriving = Arriving(3001 if number < 5 else 50_000, 0)
    arriving.take(0, b"a" * 1000)
    with pytest.raises(WrongError):
        arriving.take(number, b"a" * length)


def test_the_first_number_is_0_or_1():
    with pytest.raises(WrongError):
        Arriving(3001, 0).take(2, b"a" * 1000)
    arriving = Arriving(3001, 0)
    arriving.take(1, b"a" * 1000)
    with pytest.raises(WrongError):
        arriving.take(0, b"a" * 1000)


def test_a_file_has_to_come_at_a_kibibyte_a_second():
    arriving = Arriving(20 * 2**20, 100.0)
    assert arriving.due == 130.0
    for at in range(512):
        arriving.take(at, b"a" * 1000)
    assert arriving.due == 130.0 + 500


def test_at_most_16_packets_are_on_their_way():
    leaving = Leaving(40_000)
    for at in range(16):
        assert leaving.room == 16 - at
        assert leaving.add(b"", 0.0) == at
    assert leaving.room == 0
    leaving.acknowledge(3)
    leaving.acknowledge(3)
    leaving.acknowledge(99)
    assert leaving.room == 1
    for number in range(16):
        leaving.acknowledge(number)
    for number in range(16, 40):
        leaving.add(b"", 0.0)
        leaving.acknowledge(number)
    assert leaving.complete and leaving.room == 0


def test_a_packet_is_sent_again_three_times():
    leaving = Leaving(2000)
    assert leaving.due is None
    leaving.add(b"a", 10.0)
    leaving.add(b"b", 11.0)
    assert leaving.due == 15.0
    assert list(leaving.again(14.9)) == []
    assert list(leaving.again(15.0)) == [(0, b"a")]
    leaving.acknowledge(0)
    assert leaving.due == 16.0
    assert [list(leaving.again(now)) for now in (16.0, 21.0, 26.0)] == [[(1, b"b")]] * 3
    with pytest.raises(GoneError):
        list(leaving.again(31.0))
