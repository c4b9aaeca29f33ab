"""Events as text and as WebSocket frames; what a client's frame may be."""

import json
import struct

import pytest

from realtime import frames
from realtime.frames import Frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_frame_is_framed_by_the_standard(size: int):
    wire = Frame("x" * size).wire
    assert wire[0] == 0x81  # one whole text frame
    length, start = (
        (wire[1], 2)
        if wire[1] < 126
        else (struct.unpack("!H", wire[2:4])[0], 4)
        if wire[1] == 126
        else (struct.unpack("!Q", wire[2:10])[0], 10)
    )
    assert length == size == len(wire[start:])
    assert wire[1] & 0x80 == 0  # servers do not mask


def test_the_length_is_that_of_the_bytes_and_made_once():
    frame = Frame("Chào 你好 👋" * 10)
    assert frame.wire.endswith(frame.text.encode())
    assert frame.wire[1] == 126
    assert struct.unpack("!H", frame.wire[2:4])[0] == len(frame.text.encode())
    assert frame.wire is frame.wire


def test_events_and_replies_are_the_protocols():
    assert json.loads(frames.event("live").text) == {"type": "live"}
    assert json.loads(frames.event("typing", {"user": 1}).text) == {"type": "typing", "data": {"user": 1}}
    assert json.loads(frames.numbered("message", "c:7", 12, 11, '{"a":"好"}').text) == {
        "type": "message",
        "feed": "c:7",
        "number": 12,
        "prev": 11,
        "data": {"a": "好"},
    }
    assert json.loads(frames.reply(7, {"a": 1}).text) == {"type": "reply", "ref": 7, "ok": True, "data": {"a": 1}}
    assert json.loads(frames.refusal(None, "not_found", "không").text) == {
        "type": "reply",
        "ref": None,
        "ok": False,
        "error": {"code": "not_found", "message": "không"},
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        "null",
        '"x"',
        "{}",
        '{"type": 1}',
        '{"type": null}',
        '{"type": "x", "data": NaN}',
        '{"type": "x", "data": -Infinity}',
        "\x00",
        "{'type': 'x'}",
    ],
)
def test_what_is_no_envelope_is_refused(text: str):
    with pytest.raises(ValueError):
        frames.parse(text)


def test_an_envelope_is_read():
    assert frames.parse('{"type": "ping", "ref": 1, "data": {}}') == {"type": "ping", "ref": 1, "data": {}}
