"""A client that sends whatever is a frame, in any order: each is answered, ignored or refused, and the server never stumbles."""

from __future__ import annotations

import logging
import random
import time
from contextlib import suppress

import pytest

from files.models import Upload
from gateways.frames.codec import OF_SERVERS, Decoder
from gateways.frames.tests.house import PASSWORD, House, padded

NAMES = ["张三", "李四", "nobody", "#Toán", "#", "所有人", "~1", "", "李四~2", "\x01"]
TEXTS = [
    "hi",
    "@李四 hi",
    "@所有人 hi",
    "#Toán hi",
    "@nobody hi",
    "",
    " ",
    "@",
    "# x",
    "a\0b",
    "@李四 ",
    "@" * 300,
    "\u202e\u0301",
]


def frame(type: int, *parts: bytes, sub: int = 0) -> bytes:
    """A frame with these contents."""
    body = b"".join(parts)
    return bytes([type, sub]) + (4 + len(body)).to_bytes(2) + body


def anything(chance: random.Random) -> bytes:
    """A frame of a client."""
    who, number = padded(chance.choice(NAMES)), chance.choice((0, 0, 1, 1, 2, 3, 16, 17, 2**32 - 1)).to_bytes(4)
    size = chance.choice((0, 1, 999, 1000, 1001, 2500, 20 * 2**20, 2**32 - 1))
    packets = chance.choice((-(-size // 1000), 1, 0)).to_bytes(4)
    data = chance.randbytes(chance.choice((0, 1, 499, 500, 1000, 1000)))
    password = padded(chance.choice(("", "123", PASSWORD, "wrong-one")), 12)
    made = [
        lambda: frame(0x12, chance.choice(TEXTS).encode()),
        lambda: frame(
            0x20, who, size.to_bytes(4), packets, padded(chance.choice(("a.txt", "", "/", "..", "\x01", "照" * 12)), 36)
        ),
        lambda: frame(0x21, who, number, data),
        lambda: frame(0x22),
        lambda: frame(0x23, sub=chance.randrange(2)),
        lambda: frame(0x24, number),
        lambda: frame(0x15, padded(PASSWORD, 12)),
        lambda: frame(0x11, who, password),
    ]
    return chance.choices(made, (6, 4, 8, 4, 4, 4, 0.2, 0.1))[0]()


def handled(house: House, sent: int) -> None:
    """Until the server has read so many bytes on one of its connections, or has none, and is at rest."""
    until = time.monotonic() + 20
    connections = house.gate.server.connections
    while connections and max(one.received for one in list(connections)) < sent and time.monotonic() < until:
        time.sleep(0.01)
    house.gate.settle()


@pytest.mark.parametrize("count", [300, pytest.param(5_000, marks=pytest.mark.full)])
def test_frames_in_any_order(house: House, count: int, caplog: pytest.LogCaptureFixture):
    house.gate.policy(**{"limits.commands_burst": 10_000, "signin.failures": 50, "signin.sessions": "allow"})
    house.person("张三"), house.person("李四")
    house.group("Toán", "张三", "李四")
    chance = random.Random(4711)
    lisi = house.browser("李四")
    place = house.direct("李四", "张三")
    peer, sent = house.connect(), 0
    with caplog.at_level(logging.ERROR):
        for number in range(count):
            if number % 100 == 0:
                handled(house, sent)
                peer.wire.close()
                sent = 0
                peer = house.connect()
                peer.send(frame(0x11, padded("张三"), padded(PASSWORD, 12)))
                lisi.say(place, "", files=[lisi.store("a.txt", b"abc", looked_at=False).token])
            data = anything(chance)
            sent += len(data)
            with suppress(ConnectionError):  # it was put out: a wrong password, then something else
                peer.send(data)
        handled(house, sent)
        peer.wire.close()
        house.gate.settle()
        me = house.connect()
        me.send(frame(0x11, padded("张三"), padded(PASSWORD, 12)))
        me.expect("71000004")
        me.send(frame(0x12, b"@nobody hi"))
        decoder, heard = Decoder(OF_SERVERS), []
        while not any(type(message).__name__ == "SayAnswer" for message in heard):
            heard += decoder.feed(me.frame())
    assert caplog.records == []
    house.gate.gone(me.wire)
    assert not Upload.objects.filter(file=None).exists()
