"""The bytes of `lines`: what the codec reads and writes, and that nothing makes it stumble or grow."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.errors import Malformed
from gateways.lines.codec import FIELDS, LINE_MAX, Code, Decoder, Forwarded, Listing, Refused, Request, decode, encode

REQUESTS = {  # as a client writes them, byte by byte
    "31 20 e5 ae 89 20 70 77 20 31": Request("1", ("安", "pw 1")),  # 1 安 pw 1
    "32 20 61 6e 6e 20 70 77": Request("2", ("ann", "pw")),  # 2 ann pw
    "33 20 61 6e 6e 20 54 c2 a0 41 20 68 69 20 20 79 6f": Request(
        "3", ("ann", "T\u00a0A", "hi  yo")
    ),  # 3 ann T A hi  yo
    "34 20 61 6e 6e 20 62 6f 62": Request("4", ("ann", "bob")),  # 4 ann bob
    "35 20 61 6e 6e 20 62 6f 62 20 40 61 20 23 62": Request("5", ("ann", "bob", "@a #b")),  # 5 ann bob @a #b
    "36 20 61 6e 6e 20 62 6f 62 20 e5 90 8c e6 84 8f": Request("6", ("ann", "bob", "同意")),  # 6 ann bob 同意
    "37 20 61 6e 6e": Request("7", ("ann",)),  # 7 ann
    "38 20 61 6e 6e": Request("8", ("ann",)),  # 8 ann
    "39 20 61 6e 6e 20 54 20 41": Request("9", ("ann", "T A")),  # 9 ann T A
    "61 20 61 6e 6e 20 54": Request("a", ("ann", "T")),  # a ann T
    "62 20 61 6e 6e": Request("b", ("ann",)),  # b ann
    "63 20 54": Request("c", ("T",)),  # c T
    "64 20 61 6e 6e 20 62 6f 62 20 54 20 e6 8b 92 e7 bb 9d": Request(
        "d", ("ann", "bob", "T", "拒绝")
    ),  # d ann bob T 拒绝
    "65 20 6f 6c 64 20 6e 65 77": Request("e", ("old", "new")),  # e old new
    "66 20 35 20 62 6f 62 20 31 30": Request("f", ("5", "bob", "10")),  # f 5 bob 10
    "76 20 74 61 67 67 65 64": Request("v", ("tagged",)),  # v tagged
}
ANSWERS = {
    "33 0a": Code("4", "3"),
    "61 6e 6e 20 62 6f 62 0a": Listing("7", ("ann", "bob")),  # ann bob
    "30 0a": Listing("7", (), none="0"),
    "0a": Listing("c", ()),
    "21 20 33 20 6d 75 74 65 64 0a": Refused("3", "muted"),  # ! 3 muted
    "33 20 61 6e 6e 20 54 20 68 69 0a": Forwarded("3", ("ann", "T"), "hi"),  # 3 ann T hi
    "36 20 61 6e 6e 20 62 6f 62 20 e5 90 8c e6 84 8f 0a": Forwarded("6", ("ann", "bob", "同意")),  # 6 ann bob 同意
    "35 20 61 20 62 20 68 69 0a": Forwarded("5", ("a", "b"), "hi", asked="f"),  # 5 a b hi
}
TAGGED = {
    "34 20 33 0a": Code("4", "3"),  # 4 3
    "37 20 61 6e 6e 0a": Listing("7", ("ann",)),  # 7 ann
    "63 20 0a": Listing("c", ()),  # c and a blank
    "33 20 21 20 33 20 6d 75 74 65 64 0a": Refused("3", "muted"),  # 3 ! 3 muted
    "33 20 61 20 54 20 68 69 0a": Forwarded("3", ("a", "T"), "hi"),  # 3 a T hi: no answer, forwarded
    "66 20 35 20 61 20 62 20 68 69 0a": Forwarded("5", ("a", "b"), "hi", asked="f"),  # f 5 a b hi: an answer
}


@pytest.mark.parametrize(("wire", "request_"), REQUESTS.items())
def test_a_request_is_read_as_the_note_writes_it(wire: str, request_: Request):
    assert Decoder().feed(bytes.fromhex(wire) + b"\n") == [request_]
    assert Decoder().feed(bytes.fromhex(wire) + b"\r\n") == [request_]
    for field, value in zip(FIELDS[request_.op], request_.values, strict=True):
        assert request_[field] == value


def test_every_request_of_the_table_is_among_them():
    assert {request.op for request in REQUESTS.values()} == set(FIELDS)


@pytest.mark.parametrize(("wire", "answer"), ANSWERS.items())
def test_an_answer_is_written_bare(wire: str, answer: Code):
    assert encode(answer) == bytes.fromhex(wire)


@pytest.mark.parametrize(("wire", "answer"), TAGGED.items())
def test_a_tagged_answer_has_the_op_of_its_request_in_front(wire: str, answer: Code):
    assert encode(answer, tagged=True) == bytes.fromhex(wire)


@pytest.mark.parametrize(
    "line",
    [b"", b" ", b"x a", b"10 a b", b"7", b"7 ", b"7ann", b" 7 ann", b"3 ann T", b"3 ann  hi", b"3 ann T ", b"7 \xff", b"\xe4", b"7 \xed\xa0\x80"],
)  # fmt: skip
def test_what_is_no_request_is_malformed(line: bytes):
    with pytest.raises(Malformed):
        decode(line)


def test_a_line_has_at_most_4096_bytes():
    head = b"3 ann T "
    longest = head + b"x" * (4096 - len(head))
    for end in (b"\n", b"\r\n"):
        [request] = Decoder().feed(longest + end)
        assert len(request["text"]) == 4096 - 8
        with pytest.raises(Malformed):
            Decoder().feed(longest + b"x" + end)


def test_a_line_that_never_ends_is_malformed_before_it_is_held():
    decoder = Decoder()
    decoder.feed(b"3 ann T " + b"x" * (4096 - 8))
    assert decoder.begun
    decoder.feed(b"\r")
    with pytest.raises(Malformed):
        decoder.feed(b"x")


def test_bytes_may_come_one_by_one():
    decoder, found = Decoder(), []
    for byte in "5 安娜 Bích chào\r\n7 安娜\n".encode():
        found += decoder.feed(bytes([byte]))
    assert found == [Request("5", ("安娜", "Bích", "chào")), Request("7", ("安娜",))]
    assert not decoder.begun


BREAKS = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", BREAKS)
def test_a_text_with_line_breaks_forges_no_line(end: str):
    forged = f"hi{end}{end}! 3 muted{end}5 boss ann fired{end}2"
    wire = encode(Forwarded("3", ("bob", "T"), forged))
    assert wire == b"3 bob T hi\n3 bob T ! 3 muted\n3 bob T 5 boss ann fired\n3 bob T 2\n"


def test_a_long_text_is_split_between_letters_and_loses_none():
    family = "👩\u200d👩\u200d👧"  # one letter of 18 bytes
    for text in ("x" * 10_000, "好" * 10_000, "e\u0323\u0302" * 3_000, family * 2_000):
        wire = encode(Forwarded("5", ("安娜", "bob"), text))
        rows = wire.decode().split("\n")
        assert rows.pop() == ""
        assert len(rows) > 1
        assert max(len(row.encode()) for row in rows) <= LINE_MAX
        parts = [row.removeprefix("5 安娜 bob ") for row in rows]
        assert "".join(parts) == text
        assert all(part.startswith(text[0]) for part in parts)


def test_a_letter_that_is_longer_than_a_line_is_cut_all_the_same():
    text = "👩" + "\u200d👩" * 3_000  # one letter, as far as Unicode goes
    rows = encode(Forwarded("5", ("ann", "bob"), text)).decode().splitlines()
    assert "".join(row.removeprefix("5 ann bob ") for row in rows) == text
    assert max(len(row.encode()) for row in rows) <= LINE_MAX


texts = st.text(max_size=300)
pieces = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"\n", b"\r\n", b" ", b"3 ann T ", b"7 ann\n", b"2 ann pw\r\n", "6 ann 安 同意\n".encode(), b"x" * 4096]
    ),
)


def requests_of(chunks: list[bytes]) -> tuple[list[Request], bool]:
    """What a decoder makes of the chunks, and whether it refused them in the end."""
    decoder, found = Decoder(), []
    try:
        for chunk in chunks:
            found += decoder.feed(chunk)
    except Malformed:
        return found, True
    assert len(decoder._held) <= LINE_MAX + 1
    return found, False


@settings(max_examples=150, deadline=None)
@given(st.lists(pieces, max_size=30), st.randoms(use_true_random=False))
def test_any_bytes_split_anywhere_are_requests_or_malformed(some: list[bytes], chance: random.Random):
    stream = b"".join(some)
    cuts = sorted(chance.randint(0, len(stream)) for _ in range(chance.randint(0, 12)))
    chunks = [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    found, refused = requests_of(chunks)
    one_by_one, refused_too = requests_of([stream[at : at + 1] for at in range(len(stream))])
    assert refused == refused_too
    assert one_by_one[: len(found)] == found  # what comes with the fault in one piece goes with it
    assert refused or one_by_one == found


@settings(max_examples=150, deadline=None)
@given(texts)
def test_whatever_the_text_each_line_of_it_has_the_whole_head(text: str):
    wire = encode(Forwarded("3", ("bob", "T"), text)).decode()
    rows = wire.splitlines()
    assert rows == wire.split("\n")[:-1] if wire else rows == []
    assert all(row.startswith("3 bob T ") for row in rows)
    assert "".join(row.removeprefix("3 bob T ") for row in rows) == "".join(text.splitlines())


def bytes_of_clients(chance: random.Random) -> bytes:
    """Mostly requests, sometimes noise."""
    if chance.random() < 0.03:
        letters = b"0123456789abcdefv \r\n\xe5\xae\x89\xff"
        return chance.choice(
            [bytes(chance.choices(letters, k=chance.randint(0, 200))), chance.randbytes(60), b"x" * 5000]
        )
    op = chance.choice(list(FIELDS))
    line = " ".join([op, *(chance.choice(["ann", "安娜", "x" * 900]) for _ in FIELDS[op])]).encode()
    return line + chance.choice([b"\n", b"\r\n"])


def feed_many(total: int, seed: int) -> int:
    """Feeds so many bytes split at random places, with a new decoder after each refusal; how many requests there were."""
    chance, fed, found = random.Random(seed), 0, 0
    decoder = Decoder()
    while fed < total:
        data = b"".join(bytes_of_clients(chance) for _ in range(20))
        fed += len(data)
        at = 0
        while at < len(data):
            step = chance.choice([1, 2, 7, 60, 4096])
            try:
                found += len(decoder.feed(data[at : at + step]))
            except Malformed:
                decoder = Decoder()
                break
            at += step
    return found


def test_a_hundred_thousand_bytes_of_anything():
    assert feed_many(100_000, seed=7) > 100


@pytest.mark.full
def test_ten_million_bytes_of_anything_and_no_growth_of_memory():
    feed_many(1_000_000, seed=1)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    assert feed_many(10_000_000, seed=2) > 10_000
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 64 * 1024
