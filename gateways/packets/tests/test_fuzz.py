"""Whatever bytes come, and however they are split: messages, or the protocol's refusal, and no memory that grows."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.errors import Malformed
from gateways.packets import messages as m
from gateways.packets.codec import HEADER, NUMBER, TO_CLIENT, TO_SERVER, Decoder, encode

FILE_MAX = 2**20
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10).filter(
    lambda name: len(name.encode()) <= 32
)
receivers = st.lists(names, max_size=100).map(tuple)
texts = st.text(st.characters(codec="utf-8"), max_size=300)
requests = st.one_of(
    st.builds(m.SignIn, names, names),
    st.builds(m.Register, names, names),
    st.builds(m.ChangePassword, names, names, names),
    st.builds(m.SendText, receivers, texts),
    st.builds(m.GetFile, st.integers(0, 2**32 - 1)),
    st.builds(m.LookBack, st.integers(0, 2**32 - 1)),
    st.builds(m.SaveSettings, st.binary(max_size=300)),
    st.builds(lambda to, name, data: (m.SendFile(to, name, len(data)), m.FileBytes(data)), receivers, names, st.binary(max_size=300)),
)  # fmt: skip


def split(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    """The data in pieces."""
    at = 0
    for cut in sorted(cut % (len(data) + 1) for cut in cuts):
        yield data[at:cut]
        at = cut
    yield data[at:]


def joined(found: list[m.Message]) -> list[m.Message | bytes]:
    """The messages, with the pieces of a file's content put together."""
    made: list[m.Message | bytes] = []
    for message in found:
        if not isinstance(message, m.FileBytes):
            made.append(message)
        elif made and isinstance(made[-1], bytes):
            made[-1] += message.data
        elif message.data:
            made.append(message.data)
    return made


@settings(deadline=None, database=None)
@given(st.lists(requests, max_size=6), st.lists(st.integers(0, 2**20), max_size=20))
def test_messages_come_back_whatever_the_pieces(sent: list, cuts: list[int]) -> None:
    flat = [message for one in sent for message in (one if isinstance(one, tuple) else (one,))]
    decoder = Decoder()
    wire = b"".join(encode(message) for message in flat)
    assert joined([found for piece in split(wire, cuts) for found in decoder.feed(piece)]) == joined(flat)
    assert not decoder.begun


@settings(deadline=None, database=None)
@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=10))
def test_any_bytes_are_messages_or_refused(data: bytes, cuts: list[int]) -> None:
    for table in (TO_SERVER, TO_CLIENT):
        pour(Decoder(table, lambda: FILE_MAX), split(data, cuts))


@settings(deadline=None, database=None)
@given(st.sampled_from(TO_SERVER + TO_CLIENT), st.integers(0, 300), st.binary(max_size=300))
def test_any_body_behind_a_good_head_is_a_message_or_refused(layout, length: int, body: bytes) -> None:
    pour(Decoder(TO_SERVER, lambda: FILE_MAX), [HEADER.pack(layout.type, layout.sub, length), body])
    pour(Decoder(TO_CLIENT, lambda: FILE_MAX), [HEADER.pack(layout.type, layout.sub, length), body])


def test_a_long_stream_of_noise_costs_no_memory(full: bool) -> None:
    flood(10_000_000 if full else 300_000)


@pytest.mark.full
@settings(max_examples=1000, deadline=None, database=None)
@given(st.lists(requests, max_size=30), st.lists(st.integers(0, 2**20), max_size=200))
def test_many_messages_come_back(sent: list, cuts: list[int]) -> None:
    test_messages_come_back_whatever_the_pieces.hypothesis.inner_test(sent, cuts)


def pour(decoder: Decoder, pieces, messages: list | None = None) -> bool:
    """Feed it all; whether it was refused. Any other exception is a fault."""
    try:
        for piece in pieces:
            for found in decoder.feed(piece):
                assert isinstance(found, m.Message)
                if messages is not None:
                    messages.append(type(found))
    except Malformed:
        return True
    return False


def flood(size: int) -> None:
    """Frames that are good, half good and noise, in pieces of any length, over and over: what is held stays small."""
    chance = random.Random(4711)
    fed = taken = refused = 0
    tracemalloc.start()
    try:
        held = 0
        while fed < size:
            decoder = Decoder(TO_SERVER, lambda: FILE_MAX)
            for _ in range(50):
                piece = noise(chance)
                fed += len(piece)
                messages: list = []
                ended = pour(
                    decoder, split(piece, [chance.randrange(2**20) for _ in range(chance.randrange(6))]), messages
                )
                taken, refused = taken + len(messages), refused + ended
                if ended:
                    break
            held = max(held, tracemalloc.get_traced_memory()[0])
        assert held < 2**20, f"{held} bytes are held"
        assert taken > size / 100_000 and refused > size / 100_000
    finally:
        tracemalloc.stop()


def noise(chance: random.Random) -> bytes:
    """One frame, whole or spoilt."""
    layout = chance.choice(TO_SERVER)
    length = chance.randrange(layout.least(), min(layout.most(FILE_MAX), layout.least() + 8000) + 1)
    body = bytearray(chance.randbytes(length) if chance.random() < 0.3 else b"x" * length)
    if layout.made in (m.SendText, m.SendFile) and chance.random() < 0.9:
        spare = length - layout.least()
        body[:4] = NUMBER.pack(chance.randrange(min(spare // 32, 100) + 1))
    if chance.random() < 0.05:
        length = chance.randrange(2**32)
    return HEADER.pack(layout.type, layout.sub, length) + bytes(body)


def test_a_large_file_that_is_announced_and_never_sent_takes_no_room() -> None:
    tracemalloc.start()
    try:
        decoders = [Decoder(TO_SERVER, lambda: 20 * 2**20) for _ in range(100)]
        for decoder in decoders:
            decoder.feed(HEADER.pack(0x12, 0x02, 68 + 20 * 2**20))
            decoder.feed(NUMBER.pack(0) + b"a.bin".ljust(64, b"\0") + b"x")
            assert decoder.is_file
        assert tracemalloc.get_traced_memory()[0] < 100 * 4096
    finally:
        tracemalloc.stop()
