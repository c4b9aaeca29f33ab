"""Bytes and frames, however they are cut; and bytes that are none."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.errors import Malformed
from gateways.struct.codec import Decoder, Message, encode, encode_list, encode_text

SIGN_IN = bytes.fromhex("02000000 00000000") + b"minh" + bytes(996)


def test_a_frame_in_both_directions() -> None:
    assert Decoder().feed(SIGN_IN) == [Message(2, 0, "minh")]
    assert encode(Message(2, 0, "minh")) == SIGN_IN


def test_what_follows_the_first_nul_is_ignored() -> None:
    assert Decoder().feed(SIGN_IN[:13] + b"\xff\x00rest" + bytes(989)) == [Message(2, 0, "minh")]


@given(st.lists(st.integers(1, 2500), max_size=8))
def test_frames_come_whole_however_they_are_cut(cuts: list[int]) -> None:
    whole, decoder, found, at = SIGN_IN * 3, Decoder(), [], 0
    for cut in [*cuts, len(whole)]:
        found += decoder.feed(whole[at : at + cut])
        at += cut
    assert found == [Message(2, 0, "minh")] * 3 and not decoder.begun


def test_an_unknown_type_is_told_by_its_first_bytes() -> None:
    with pytest.raises(Malformed):
        Decoder().feed(bytes.fromhex("02000000 09000000"))
    with pytest.raises(Malformed):
        Decoder().feed(bytes.fromhex("00000002 00000000"))


def test_lists_and_texts_are_split_between_names_and_letters() -> None:
    names = [f"tên{number:04}" for number in range(300)]
    frames = encode_list(0, 0, names)
    assert len(frames) == 3 * 1008
    parts = [frames[at + 8 : at + 1008].rstrip(b"\0").decode() for at in range(0, len(frames), 1008)]
    assert " ".join(parts).split(" ") == names
    told = encode_text(5, 4, "lan: ", "😀" * 600)
    parts = [told[at + 8 : at + 1008].rstrip(b"\0").decode() for at in range(0, len(told), 1008)]
    assert all(part.startswith("lan: ") for part in parts)
    assert "".join(part[5:] for part in parts) == "😀" * 600


@pytest.mark.parametrize("count", [200_000, pytest.param(10_000_000, marks=pytest.mark.full)])
def test_no_bytes_do_more_than_end_the_connection(count: int) -> None:
    """Random bytes, and frames with a random place changed, cut at random."""
    dice, left, decoder = random.Random(4), count, Decoder()
    made = fed = messages = refusals = 0
    tracemalloc.start()
    while left > 0:
        if dice.random() < 0.3:
            data = dice.randbytes(dice.randrange(1, 3000))
        else:
            data = bytearray(SIGN_IN * dice.randrange(1, 4))
            for _change in range(dice.randrange(3)):
                data[dice.randrange(len(data))] = dice.randrange(256)
        left, made = left - len(data), made + len(data)
        while data:
            cut = dice.randrange(1, 1500)
            piece, data = data[:cut], data[cut:]
            fed += len(piece)
            try:
                messages += len(decoder.feed(bytes(piece)))
            except Malformed as malformed:
                messages, refusals = messages + len(malformed.before), refusals + 1
                decoder = Decoder()
    assert made == fed and messages > count / 10_000 and refusals > count / 10_000
    assert tracemalloc.get_traced_memory()[0] < 200_000
    tracemalloc.stop()
