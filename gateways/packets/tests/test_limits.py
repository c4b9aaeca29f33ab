"""What no client may send, what comes too slowly, and who does not read: each ends one connection and harms no other."""

from __future__ import annotations

import random
from typing import Any

import pytest

from audit.models import Event
from gateways import connection
from gateways.packets.codec import HEADER
from gateways.packets.tests.hexes import raw
from gateways.packets.tests.peer import ANN, BEN, SYSTEM, WORD, Peer, say

pytestmark = pytest.mark.django_db(transaction=True)
CLEAR = "0082 0003 00000000"
LOOK_BACK = "0012 0005 00000004 00000000"


MALFORMED = [
    "0011 0000 00000000",  # no such type
    "0082 0003 00000000",  # what only the server says
    "0012 0005 00000005 00000000 00",  # bad length
    "0012 0000 00000006 00000000 c328",  # bad UTF-8
    "0012 0000 00000026 00000002" + BEN + "6869",  # more names than there is room for
    "0012 0002 ffffffff",
]


def test_malformed_input_ends_the_connection_with_a_row_in_the_log_and_harms_nobody_else(gate: Any) -> None:
    ann, _ = gate.person("ann"), gate.person("ben")
    other = Peer(gate).sign_in(BEN)
    for number, frame in enumerate(MALFORMED, 1):
        gate.server.noted.clear()
        peer = Peer(gate).sign_in(ANN)
        peer.send(frame)
        peer.wire.closed()
        gate.settle()
        rows = Event.objects.filter(action="gateway.malformed", actor_id=ann.pk)
        assert rows.count() == number, frame
    other.send(LOOK_BACK)
    while other.frame()[:2] != (0x82, 0x03):
        pass  # perhaps it was told that ann came


def test_the_log_has_one_row_for_each_address_and_minute(gate: Any) -> None:
    for _ in range(5):
        peer = Peer(gate)
        peer.send("ffff 0000 00000000")
        peer.wire.closed()
    gate.settle()
    assert Event.objects.filter(action="gateway.malformed").count() == 1


@pytest.mark.parametrize(
    "begun", ["0010 0000", "0010 0000 00000040 616e6e", "0012 0000 00010004 00000000 61", "0013 0000 00010000 7b"]
)
def test_half_a_frame_is_waited_for_only_so_long(gate: Any, monkeypatch: pytest.MonkeyPatch, begun: str) -> None:
    gate.person("ann")
    monkeypatch.setattr(connection, "FRAME_SECONDS", 0.4)
    peer = Peer(gate)
    if not begun.startswith("0010"):
        peer.sign_in(ANN)
    peer.send(begun)
    peer.wire.closed()


def test_who_says_nothing_before_signing_in_goes(gate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SIGN_IN_SECONDS", 0.3)
    gate.person("ann")
    Peer(gate).wire.closed()
    monkeypatch.undo()
    Peer(gate).sign_in(ANN)
    assert [one.sign_in_timer for one in gate.server.connections] == [None]


def test_frames_in_pieces_are_the_same_frames(gate: Any) -> None:
    gate.person("ann")
    peer = Peer(gate)
    for byte in raw("0010 0000 00000040" + ANN + WORD):
        peer.wire.send(bytes([byte]))
    assert peer.frame()[:2] == (0x80, 0)
    peer.frame()
    peer.send(LOOK_BACK * 3 + LOOK_BACK[:9])
    peer.expect(CLEAR, CLEAR, CLEAR)
    peer.ask(LOOK_BACK[9:], CLEAR)


def test_who_does_not_read_his_texts_is_put_out_and_the_others_get_theirs(gate: Any) -> None:
    gate.policy(**{"limits.commands_burst": 1000})
    gate.person("ann"), gate.person("ben")
    deaf, ben = Peer(gate).sign_in(ANN), Peer(gate).sign_in(BEN)
    deaf.frame()
    told = 0
    while len(gate.server.connections) == 2 and told < 500:
        ben.send("0012 0000 00002328 00000000" + "78" * 8996)
        assert ben.frame()[:2] == (0x82, 0)
        gate.settle()
        told += 1
    assert 25 < told < 500  # what waits in the machine, and a quarter of a megabyte


def test_noise_over_the_wire_is_answered_by_an_end(gate: Any) -> None:
    gate.person("ann")
    chance = random.Random(11)
    for _ in range(20):
        peer = Peer(gate)
        peer.wire.send(chance.randbytes(chance.randrange(8, 200)))
        peer.wire.closed()
    peer = Peer(gate).sign_in(ANN)
    peer.send("0012 0005 00000004 ffffffff")
    peer.expect(CLEAR)
    peer.wire.send(HEADER.pack(0x12, 0x00, 4 + 32 * 100 + 2) + (100).to_bytes(4) + b"z".ljust(32, b"\0") * 100 + b"hi")
    peer.expect_said(*say(b"z: There is no account of this name.".hex(), SYSTEM))
