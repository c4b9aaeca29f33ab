"""Every frame of the note, written out by hand, is read and made; what is no frame is refused; pieces do not matter."""

from __future__ import annotations

import itertools
import random
import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.errors import Malformed
from gateways.frames.codec import (
    LAYOUTS,
    OF_CLIENTS,
    OF_SERVERS,
    Announced,
    Decoder,
    Displaced,
    Download,
    DownloadAnswer,
    DownloadBegins,
    DownloadPacket,
    DownloadReceived,
    Message,
    NewPassword,
    Offered,
    Online,
    Packet,
    Presence,
    Said,
    Say,
    SayAnswer,
    SignIn,
    SignInAnswer,
    SignOff,
    Upload,
    UploadAnswer,
    UploadPacket,
    UploadReceived,
    encode,
)
from gateways.frames.tests.written import raw, unhurried

LISI = "e69d8e e59b9b 00*10"  # 李四 in a field of 16
PHOTO = "e785a7e78987 2e 6a7067 00*26"  # 照片.jpg in a field of 36
OF_CLIENT = [
    ("11000020 e5bca0e4b889 00*10 6d61742d6b6861752d313263", SignIn(name="张三", password="mat-khau-12c")),
    ("11000020 c3816e68 00*12 6d7875 00*9", SignIn(name="Ánh", password="mxu")),
    ("1200000e 40 e69d8ee59b9b 20 6869", Say(text="@李四 hi")),
    ("12000004", Say(text="")),
    ("15000010 6d61742d6b6861752d313263", NewPassword(password="mat-khau-12c")),
    ("16000004", SignOff()),
    (f"20000040 {LISI} 000007d1 00000003 {PHOTO}", Upload(who="李四", size=2001, packets=3, name="照片.jpg")),
    (f"21000019 {LISI} 00000002 7f", UploadPacket(who="李四", number=2, data=b"\x7f")),
    (f"21000400 {LISI} 00000000 ab*1000", UploadPacket(who="李四", number=0, data=b"\xab" * 1000)),
    ("22000004", Download()),
    ("23000004", DownloadAnswer(0)),
    ("23010004", DownloadAnswer(1)),
    ("24000008 00000011", DownloadReceived(number=17)),
]
OF_SERVER = [
    *((f"710{sub}0004", SignInAnswer(sub)) for sub in range(6)),
    *((f"720{sub}0004", SayAnswer(sub)) for sub in range(3)),
    ("73000004", Displaced()),
    (f"75000020 {LISI} 00*12", Presence(0, "李四")),
    (f"75010020 {LISI} 00*12", Presence(1, "李四")),
    ("76020010 40 6c616e 20 40 e69d8ee59b9b", Online(2, "@lan @李四")),
    ("76000004", Online(0, "")),
    ("7700000e 40 e69d8ee59b9b 20 6869", Said(0, "@李四 hi")),
    ("7701000e 40 e69d8ee59b9b 20 6869", Said(1, "@李四 hi")),
    ("80000004", UploadAnswer(0)),
    ("80010004", UploadAnswer(1)),
    ("81000008 00000002", UploadReceived(number=2)),
    (f"82000040 {LISI} 000007d1 00000003 {PHOTO}", Offered(who="李四", size=2001, packets=3, name="照片.jpg")),
    (f"83000040 {LISI} 000007d1 00000003 {PHOTO}", DownloadBegins(who="李四", size=2001, packets=3, name="照片.jpg")),
    (f"84000019 {LISI} 00000002 7f", DownloadPacket(who="李四", number=2, data=b"\x7f")),
]
BOTH = [(OF_CLIENTS, *row) for row in OF_CLIENT] + [(OF_SERVERS, *row) for row in OF_SERVER]


@pytest.mark.parametrize(("layouts", "written", "message"), BOTH)
def test_a_documented_frame_is_read_and_made(layouts: dict, written: str, message: Message):
    assert Decoder(layouts).feed(raw(written)) == [message]
    assert encode(message) == raw(written)


def test_every_type_of_the_note_is_documented_here():
    written = {raw(row[1])[0] for row in BOTH}
    assert written == {layout.type for layout in LAYOUTS}


def test_frames_that_come_together_are_read_one_by_one():
    whole = b"".join(raw(written) for written, _ in OF_CLIENT)
    messages = [message for _, message in OF_CLIENT]
    assert Decoder().feed(whole) == messages
    decoder = Decoder()
    assert [message for byte in whole for message in decoder.feed(bytes([byte]))] == messages
    assert not decoder.begun
    assert decoder.feed(raw("1600")) == [] and decoder.begun


def test_what_follows_the_first_nul_is_ignored():
    written = "11000020 6c616e 00 ff*12 6d7875 00 78*8"
    assert Decoder().feed(raw(written)) == [SignIn(name="lan", password="mxu")]


MALFORMED = {
    "an unknown type": "30000004",
    "a type of the server": "71000004",
    "an unknown sub-type": "16010004",
    "a third answer to an announcement": "23020004",
    "a length below the header": "16000003",
    "no length": "12000000",
    "a length its type cannot have": "11000021",
    "too short a packet": f"21000017 {LISI} 000000",
    "too long a packet": "21000401",
    "a name that is not UTF-8": "11000020 ff 00*15 6d7875 00*9",
    "a name cut inside a letter": "11000020 61*14 e5bc 6d7875 00*9",
    "a text that is not UTF-8": "12000005 c3",
    "a text with a surrogate": "12000007 eda080",
}


@pytest.mark.parametrize("written", MALFORMED.values(), ids=MALFORMED.keys())
def test_no_frame_is(written: str):
    assert Decoder().feed(raw("16000004")) == [SignOff()]  # what is a frame is taken
    with pytest.raises(Malformed):
        Decoder().feed(raw(written))


def test_a_wrong_length_is_refused_before_the_content_has_come():
    decoder = Decoder()
    assert decoder.feed(raw("210004")) == []
    with pytest.raises(Malformed):
        decoder.feed(raw("01"))


def test_what_does_not_fit_is_not_made():
    for message in (
        Presence(0, "a" * 17),
        Offered(who="lan", size=2**32, packets=1, name="a"),
        Offered(who="lan", size=1, packets=1, name="照" * 13),
        DownloadPacket(who="lan", number=0, data=b"0" * 1001),
        SignInAnswer(6),
        Online(256, ""),
        Said(0, "a" * 65532),
    ):
        with pytest.raises((ValueError, struct.error)):
            encode(message)
    assert len(encode(Said(0, "a" * 65531))) == 65535


names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
numbers = st.integers(0, 2**32 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
messages = st.one_of(
    st.builds(SignIn, name=names, password=names.filter(lambda text: len(text.encode()) <= 12)),
    st.builds(Say, text=texts),
    st.builds(Upload, who=names, size=numbers, packets=numbers, name=names),
    st.builds(UploadPacket, who=names, number=numbers, data=st.binary(max_size=1000)),
    st.builds(DownloadReceived, number=numbers),
    st.builds(DownloadAnswer, st.integers(0, 1)),
    st.sampled_from([SignOff(), Download()]),
)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """The bytes cut at these places."""
    at = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[start:stop] for start, stop in itertools.pairwise(at)]


def run(data: list[bytes], layouts: dict = OF_CLIENTS) -> tuple[list[Message], bool]:
    """All messages, and whether it came to a refusal; any other exception is a fault."""
    decoder, found = Decoder(layouts), []
    for piece in data:
        try:
            found += decoder.feed(piece)
        except Malformed as malformed:
            return [*found, *malformed.before], True
    return found, False


@unhurried
@given(st.lists(messages, max_size=6), st.lists(st.integers(0, 10_000), max_size=6))
def test_what_is_made_is_read_again_however_it_is_cut(sent: list[Message], cuts: list[int]):
    assert run(pieces(b"".join(map(encode, sent)), cuts)) == (sent, False)


@unhurried
@given(st.binary(max_size=3000), st.lists(st.integers(0, 10_000), max_size=6), st.booleans())
def test_any_bytes_are_read_or_refused_however_they_are_cut(data: bytes, cuts: list[int], server: bool):
    layouts = OF_SERVERS if server else OF_CLIENTS
    assert run(pieces(data, cuts), layouts) == run([data], layouts)


@unhurried
@given(st.lists(messages, max_size=4), st.lists(st.integers(0, 10_000), max_size=6))
def test_what_stands_before_a_fault_is_read_however_it_is_cut(sent: list[Message], cuts: list[int]):
    assert run(pieces(b"".join(map(encode, sent)) + raw("30000004"), cuts)) == (sent, True)


def spoiled(chance: random.Random) -> bytes:
    """Frames of all types with a few bytes changed, left out or added; or anything."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(5000))
    frames = bytearray(b"".join(raw(chance.choice(OF_CLIENT)[0]) for _ in range(chance.randrange(1, 12))))
    for _ in range(chance.choice((0, 0, 1, 3))):
        at = chance.randrange(len(frames))
        frames[at : at + chance.randrange(2)] = chance.randbytes(chance.randrange(3))
        frames = frames or bytearray(b"\0")
    return bytes(frames)


@pytest.mark.parametrize("count", [200_000, pytest.param(10_000_000, marks=pytest.mark.full)])
def test_spoiled_frames_are_refused_and_leave_nothing_behind(count: int):
    chance, done, refused = random.Random(4711), 0, 0
    tracemalloc.start()
    try:
        before = 0
        while done < count:
            data = spoiled(chance)
            done += len(data)
            refused += run(pieces(data, [chance.randrange(5000) for _ in range(4)]))[1]
            before = before or (tracemalloc.get_traced_memory()[0] if done > count / 10 else 0)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert refused > 10
    assert grown < 100_000


def test_a_decoder_holds_one_frame_at_most():
    decoder = Decoder()
    for _ in range(1000):
        decoder.feed(raw("12 00 ffff") + b"a" * 60_000)
        assert decoder.begun
        decoder.feed(b"a" * 5531)
        assert not decoder.begun
    assert isinstance(decoder.feed(raw(OF_CLIENT[6][0]))[0], Announced)
    assert isinstance(decoder.feed(raw(OF_CLIENT[7][0]))[0], Packet)
