"""The frames on the page about the protocol are frames, and a server answers those of a client as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateways.conftest import Gate, Wire
from gateways.packets import messages as m
from gateways.packets.codec import TO_CLIENT, TO_SERVER, Decoder
from gateways.packets.tests.hexes import raw

PAGE = Path(__file__).parents[3] / "docs" / "gateways" / "packets.md"
WRITTEN = re.compile(r"`([0-9a-f]{2}(?:[0-9a-f ]|\*\d+)*)`")
HEAD = 8
PASSWORD, CHANGED = "green-Tea-4711", "blue-TeaBag1"  # as the page has them


def frames_of(line: str) -> list[bytes]:
    """The frames that a line writes out as a whole."""
    if "…`" in line:
        return []
    data = b"".join(raw(written) for written in WRITTEN.findall(line.replace("` …", "`")))
    found = []
    while len(data) >= HEAD and len(data) >= HEAD + (length := int.from_bytes(data[4:8])):
        found.append(data[: HEAD + length])
        data = data[HEAD + length :]
    assert not data or "` …" in line, f"{data.hex()} is left of {line}"
    return found


def page() -> list[tuple[str, bytes]]:
    """The way of each frame, and its bytes."""
    found = []
    for line in PAGE.read_text().splitlines():
        way = line[2:3] if line.startswith("| ") and line[2:3] in "→←" else ""
        if not way:
            way = {"`0083": "←", "`0013": "→"}.get(line[:5], "")
        found += [(way, frame) for frame in frames_of(line)] if way else []
    return found


def test_the_page_writes_out_frames() -> None:
    shown = set()
    for way, frame in page():
        decoder = Decoder(TO_SERVER if way == "→" else TO_CLIENT)
        assert decoder.feed(frame) and not decoder.begun, frame.hex()
        shown.add((frame[1], frame[3]))
    assert {(layout.type, layout.sub) for layout in TO_SERVER} <= shown
    assert {(0x80, 0), (0x80, 2), (0x80, 8), (0x80, 0x0B), (0x81, 0), (0x81, 1), (0x82, 0), (0x82, 1), (0x82, 2), (0x83, 0)} <= shown  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_frames_of_a_client_do_what_the_page_says(gate: Gate) -> None:
    """In the order of the page, but the change of the password, which comes last."""
    asked = [frame for way, frame in page() if way == "→"]
    kinds = {(frame[1], frame[3]): frame for frame in asked}
    gate.person("ann", PASSWORD), gate.person("ben", PASSWORD)
    ann, ben = gate.connect("packets"), gate.connect("packets")

    def next_of(wire: Wire) -> bytes:
        head = wire.read(HEAD)
        return head + wire.read(int.from_bytes(head[4:]))

    def comes(wire: Wire, kind: bytes) -> bytes:
        while (frame := next_of(wire))[:4] != kind:
            assert frame[:2] in (b"\0\x81", b"\0\x82", b"\0\x83"), frame
        return frame

    ann.send(kinds[0x10, 1])
    ann.expect("0080 0000 00000000")  # 李娜 is registered
    ann.send(kinds[0x10, 0])
    answer = next_of(ann)
    assert answer[:4] == bytes.fromhex("00800000") and answer[8:27] == b"0000.00.00 00:00:00"
    assert next_of(ann)[:4] == bytes.fromhex("00830000")
    ben.send(kinds[0x10, 0].replace(b"ann", b"ben"))
    assert next_of(ben)[:4] == bytes.fromhex("00800000")
    texts = [frame for frame in asked if frame[:4] == bytes.fromhex("00120000")]
    ann.send(texts[0])  # to all, and so to oneself
    for wire in (ann, ben):
        said = comes(wire, bytes.fromhex("00820000"))
        assert said[8:40] == b"ann".ljust(32, b"\0") and said[59:] == b"hi" and len(said) == 8 + 0x35
    ann.send(texts[1])  # to ben and 李娜
    assert comes(ben, bytes.fromhex("00820000"))[59:] == b"hi"
    ann.send(kinds[0x12, 2])
    note = comes(ben, bytes.fromhex("00820001"))
    assert len(note) == 8 + 0x77 and note[59:123] == b"a.txt".ljust(64, b"\0")
    ann.send(kinds[0x12, 4][:8], note[-4:])
    content = comes(ann, bytes.fromhex("00820002"))
    assert content[59:123] == note[59:123] and content[123:] == note[-4:] + bytes.fromhex("00ff0d0a")
    ann.send(kinds[0x12, 5])
    comes(ann, bytes.fromhex("00820003"))
    ann.send(kinds[0x13, 0])
    ann.send(kinds[0x10, 2])
    assert comes(ann, bytes.fromhex("00800008")) == bytes.fromhex("0080000800000000")
    ann.send(kinds[0x10, 0].replace(PASSWORD.encode(), CHANGED.encode() + b"\0\0"))
    comes(ann, bytes.fromhex("00800000"))
    document = next_of(ann)
    assert (
        document[:4] == bytes.fromhex("00830000")
        and b'"theme":"dark"' in document
        and b'"font":{"size":12}' in document
    )


def test_the_page_names_every_message() -> None:
    assert {kind for kind in m.Code if f"0x{kind:02x}" in PAGE.read_text()} == set(m.Code)
