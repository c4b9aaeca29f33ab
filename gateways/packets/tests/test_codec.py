"""Every frame of the note's tables, written out by hand, to its message and back; and what is refused before it is read."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from gateways.errors import Malformed
from gateways.packets import messages as m
from gateways.packets.codec import HEADER, TO_CLIENT, TO_SERVER, Decoder, encode
from gateways.packets.tests.hexes import raw

ANN, BEN, LI = " 616e6e 00*29 ", " 62656e 00*29 ", " e69d8ee5a89c 00*26 "  # ann, ben, 李娜
AT = " 323031382e31322e31332032303a31323a3035 "  # 2018.12.13 20:12:05
NEVER = " 303030302e30302e30302030303a30303a3030 "
PHOTO = " c3a16e682e6a7067 00*56 "  # ánh.jpg

TO_SERVER_FRAMES = [
    ("0010 0000 00000040" + ANN + "736573616d65 00*26", m.SignIn("ann", "sesame")),
    ("0010 0001 00000040" + LI + "736573616d65 00*26", m.Register("李娜", "sesame")),
    ("0010 0002 00000060" + ANN + "6f6c64 00*29 6e6577 00*29", m.ChangePassword("ann", "old", "new")),
    ("0012 0000 00000006 00000000 6869", m.SendText((), "hi")),
    ("0012 0000 00000046 00000002" + BEN + LI + "6869", m.SendText(("ben", "李娜"), "hi")),
    ("0012 0004 00000004 00000007", m.GetFile(7)),
    ("0012 0005 00000004 00000032", m.LookBack(50)),
    ("0013 0000 00000002 7b7d", m.SaveSettings(b"{}")),
]
TO_CLIENT_FRAMES = [
    ("0080 0000 00000000", m.Answer(0)),
    ("0080 0000 00000017" + NEVER + "00000000", m.SignedIn(0, "0000.00.00 00:00:00", ())),
    (
        "0080 0001 00000059" + AT + "00000002" + ANN + "31" + BEN + "30",
        m.SignedIn(1, "2018.12.13 20:12:05", (m.Listed("ann", True), m.Listed("ben", False))),
    ),
    *((f"0080 {code:04x} 00000000", m.Answer(code)) for code in range(2, 13)),
    ("0081 0000 00000020" + BEN, m.Presence(0, "ben")),
    ("0081 0001 00000020" + LI, m.Presence(1, "李娜")),
    ("0082 0000 00000035" + ANN + AT + "6869", m.Said("ann", "2018.12.13 20:12:05", "hi")),
    ("0082 0001 00000077" + ANN + AT + PHOTO + "00000007", m.FileNote("ann", "2018.12.13 20:12:05", "ánh.jpg", 7)),
    ("0082 0003 00000000", m.Clear()),
    ("0083 0000 00000002 7b7d", m.Settings(b"{}")),
]
SEND_FILE = "0012 0002 00000067 00000001" + BEN + PHOTO + "ffd8ff"
FILE_CONTENT = "0082 0002 0000007a" + ANN + AT + PHOTO + "00000007" + "ffd8ff"


@pytest.mark.parametrize(
    ("table", "frame", "message"),
    [(TO_SERVER, *row) for row in TO_SERVER_FRAMES] + [(TO_CLIENT, *row) for row in TO_CLIENT_FRAMES],
    ids=lambda value: type(value).__name__ if isinstance(value, tuple) or "." in str(type(value)) else None,
)
def test_a_frame_is_its_message_and_the_message_its_frame(table: Any, frame: str, message: m.Message) -> None:
    decoder = Decoder(table)
    assert decoder.feed(raw(frame)) == [message]
    assert not decoder.begun
    assert encode(message) == raw(frame)


def test_the_content_of_a_file_is_handed_on_as_it_comes() -> None:
    decoder = Decoder()
    frame = raw(SEND_FILE)
    assert decoder.feed(frame[:-4]) == []  # the head is not whole
    assert decoder.begun and not decoder.is_file
    assert decoder.feed(frame[-4:-2]) == [m.SendFile(("ben",), "ánh.jpg", 3), m.FileBytes(b"\xff")]
    assert decoder.is_file
    assert decoder.feed(frame[-2:] + raw("0012 0004 00000004 00000009")) == [m.FileBytes(b"\xd8\xff"), m.GetFile(9)]
    assert not decoder.begun
    assert encode(m.SendFile(("ben",), "ánh.jpg", 3)) + encode(m.FileBytes(b"\xff\xd8\xff")) == frame


def test_a_file_may_be_empty() -> None:
    frame = raw("0012 0002 00000044 00000000" + PHOTO)
    decoder = Decoder()
    assert decoder.feed(frame) == [m.SendFile((), "ánh.jpg", 0)]
    assert not decoder.begun


def test_a_client_reads_content_the_same_way() -> None:
    found = Decoder(TO_CLIENT).feed(raw(FILE_CONTENT))
    assert found == [
        m.FileContent("ann", "2018.12.13 20:12:05", "ánh.jpg", 7, 3),
        m.FileBytes(b"\xff\xd8\xff"),
    ]
    assert b"".join(encode(message) for message in found) == raw(FILE_CONTENT)


def test_frames_may_come_byte_by_byte_or_all_at_once() -> None:
    frames = b"".join(raw(frame) for frame, _ in TO_SERVER_FRAMES)
    messages = [message for _, message in TO_SERVER_FRAMES]
    assert Decoder().feed(frames) == messages
    slow = Decoder()
    assert [found for byte in frames for found in slow.feed(bytes([byte]))] == messages


def test_what_follows_the_first_nul_of_a_field_is_ignored() -> None:
    frame = "0010 0000 00000040 616e6e 00 ff 00*27 736573616d65 00 ff 00*24"
    assert Decoder().feed(raw(frame)) == [m.SignIn("ann", "sesame")]


def test_a_field_may_be_full_to_its_last_byte() -> None:
    frame = "0010 0000 00000040 " + "61" * 32 + "e69d8e" * 10 + "6262"
    assert Decoder().feed(raw(frame)) == [m.SignIn("a" * 32, "李" * 10 + "bb")]


@pytest.mark.parametrize(
    "head",
    [
        "0010 0000 0000003f",  # sign in: one byte too few
        "0010 0000 00000041",  # one too many
        "0010 0001 00000000",
        "0010 0002 00000040",
        "0010 0003 00000040",  # no such sub-type
        "0011 0000 00000000",  # no such type
        "0080 0000 00000000",  # what only a server says
        "0012 0000 00000003",  # shorter than its count
        "0012 0000 00010c85",  # text: 4 + 100 * 32 + 64 KiB and one more
        "0012 0002 00000043",  # file: shorter than count and name
        "0012 0002 ffffffff",  # larger than the site takes
        "0012 0004 00000005",
        "0012 0005 00000003",
        "0012 0001 00000004",
        "0013 0000 00010001",  # settings: 64 KiB and one more
        "0013 0001 00000002",
    ],
)
def test_a_length_that_its_type_cannot_have_is_refused_before_any_content(head: str) -> None:
    with pytest.raises(Malformed):
        Decoder(file_max=lambda: 2**20).feed(raw(head))
    short = Decoder(file_max=lambda: 2**20)
    assert short.feed(raw(head)[:7]) == []


@pytest.mark.parametrize(
    ("begun", "last"),
    [
        ("0012 0000 00000046 000000", "03"),  # three names in a frame for two
        ("0012 0000 00010c84 000000", "65"),  # 101 receivers
        ("0012 0000 00010c84 000000", "01"),  # the text is longer than a text may be
        ("0012 0002 00100045 000000", "00"),  # the file is one byte larger than the site takes: it has no receivers
        ("0012 0002 00000067 000000", "02"),  # no room for the second name
        ("0012 0002 00000067 ffffff", "ff"),
    ],
)
def test_a_count_that_does_not_fit_its_frame_is_refused_when_it_is_there(begun: str, last: str) -> None:
    decoder = Decoder(file_max=lambda: 2**20)
    assert decoder.feed(raw(begun)) == []
    with pytest.raises(Malformed):
        decoder.feed(raw(last))


def test_a_file_as_large_as_the_site_takes_is_begun() -> None:
    decoder = Decoder(file_max=lambda: 2**20)
    assert decoder.feed(raw("0012 0002 00100044 00000000" + PHOTO)) == [m.SendFile((), "ánh.jpg", 2**20)]
    assert decoder.is_file


@pytest.mark.parametrize(
    "frame",
    [
        "0010 0000 00000040 ff 00*31 61 00*31",
        "0010 0000 00000040 616e6e 00*29 e69d 00*30",  # a letter cut in the middle
        "0010 0000 00000040 " + "61" * 31 + "e6 61 00*31",
        "0012 0000 00000006 00000000 c328",
        "0012 0000 00000007 00000000 eda080",  # half of a pair of UTF-16
        "0012 0000 00000025 00000001 ff 00*31 61",
        "0012 0002 00000044 00000000 ff 00*63",
    ],
)
def test_bad_utf8_is_refused(frame: str) -> None:
    with pytest.raises(Malformed):
        Decoder().feed(raw(frame))


def test_what_does_not_fit_its_field_is_never_cut_in_silence() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        encode(m.Presence(0, "李" * 11))
    with pytest.raises(ValueError, match="19 bytes"):
        encode(m.Said("ann", "2018.12.13 20:12:05.1", "hi"))


def test_the_frames_of_the_documentation_are_frames() -> None:
    text = (Path(settings.BASE_DIR) / "docs/gateways/packets.md").read_text()
    shown = 0
    for example in re.findall(r"`00(?:1|8)[0-9a-f] 00.*?(?=;|$|\||…)", text, re.MULTILINE):
        pieces = itertools.takewhile(re.compile(r"[0-9a-f* ]+").fullmatch, re.findall(r"`([^`]*)`", example))
        frame = raw(" ".join(pieces))
        if len(frame) > HEADER.size or frame.endswith(bytes(4)):  # not only how one begins
            decoder = Decoder(TO_SERVER if frame[1] < 0x80 else TO_CLIENT)
            assert decoder.feed(frame) and not decoder.begun, example
            shown += 1
    assert shown > 25
