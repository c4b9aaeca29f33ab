"""How connections end: by the client's last word, by the server's stop, by a loss; and how many there may be."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import Any

import pytest

from audit.models import Event
from core.buckets import Buckets, TokenBucket
from gateways import access, book, server, turns
from gateways import connection as bounds
from gateways.conftest import PASSWORD, Gate, Wire
from gateways.feeds import Presence
from gateways.lines import session as lines
from gateways.tests.clients import PASSWORD as SHORT
from gateways.tests.clients import TALKERS, Lines, Packets

SECONDS = 30.0


def last_word(wire: Wire, *pieces: str | bytes) -> bytes:
    """Sends this and the end of it; all that comes until the server ends too."""
    wire.send(*pieces)
    wire.socket.shutdown(socket.SHUT_WR)
    while data := wire.socket.recv(65536):
        wire.held += data
    return wire.held


def test_what_was_asked_before_the_end_is_answered(gate: Gate) -> None:
    gate.person("minh")
    wire = gate.connect("lines")
    asked = b"".join(b"3 minh Everyone text %d\n" % number for number in range(20))
    said = last_word(wire, f"2 minh {PASSWORD}\n".encode(), asked, b"b minh\n7 minh\n8 minh\nc Eve")
    assert said == b"2\n" + asked + b"Everyone\n0\n"


@pytest.mark.parametrize("kind", TALKERS)
def test_in_each_protocol(gate: Gate, kind: type) -> None:
    gate.person("minh", SHORT)
    talker = kind(gate, "minh")
    said = last_word(talker.wire, talker.sign_in_bytes("minh", SHORT))
    assert talker.code(said) in ("0", "2", "00")


def test_who_has_nothing_to_wait_for_is_let_go_at_once(gate: Gate) -> None:
    gate.person("minh")
    wire = gate.connect("lines")
    wire.ask(f"2 minh {PASSWORD}\n".encode(), b"2\n")
    gate.settle()
    assert last_word(wire) == b""


def test_a_file_is_handed_out_to_its_end(gate: Gate) -> None:
    gate.person("minh", SHORT)
    minh = Packets(gate, "minh")
    assert minh.try_in() == "00"
    content = bytes(range(256)) * 20_000  # more than fits into all buffers
    head = bytes(4) + b"large.bin".ljust(64, b"\0")
    minh.wire.send(bytes.fromhex("00120002"), (len(head) + len(content)).to_bytes(4, "big"), head, content)
    while (note := minh.next())[:4] != bytes.fromhex("00820001"):
        assert note
    said = last_word(minh.wire, bytes.fromhex("00120004 00000004"), note[-4:])
    assert said.endswith(content) and said[-len(content) - 127 :][:4] == bytes.fromhex("00820002")


def test_who_ends_and_does_not_read_is_not_kept(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "strangers", Buckets(10**6, 0))
    monkeypatch.setattr(bounds, "END_SECONDS", 0.5)
    monkeypatch.setattr(bounds, "HIGH_WATER", 4096)
    wire = gate.connect("lines")
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.socket.settimeout(1.0)
    with pytest.raises(TimeoutError):
        while True:
            wire.socket.sendall(b"4 a b\n" * 1000)
    wire.socket.shutdown(socket.SHUT_WR)
    monkeypatch.setattr(bounds, "SIGN_IN_SECONDS", SECONDS * 10)
    until = time.monotonic() + SECONDS
    while gate.server.connections:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_server_stops_behind_the_answer_to_what_is_under_way(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.person("minh")
    wire, idle = gate.connect("lines"), gate.connect("lines")
    wire.ask(f"2 minh {PASSWORD}\n".encode(), b"2\n")
    begun, go = threading.Event(), threading.Event()
    groups = access.groups_of

    def slowly(actor: Any) -> Any:
        begun.set()
        assert go.wait(SECONDS)
        return groups(actor)

    monkeypatch.setattr(access, "groups_of", slowly)
    monkeypatch.setattr(server, "DRAIN_SECONDS", SECONDS)
    wire.send(b"b minh\n7 minh\n")
    assert begun.wait(SECONDS)
    stopping = asyncio.run_coroutine_threadsafe(gate.server.stop(), gate.server.loop)
    idle.closed()
    go.set()
    wire.expect(b"Everyone\n")
    wire.closed()  # what waited behind was not begun
    stopping.result(SECONDS)


def test_a_client_that_lost_a_message_is_cut_and_gets_it_when_it_comes_back(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("minh", "lan"):
        gate.person(name, SHORT)
    minh, lan = Lines(gate, "minh"), Lines(gate, "lan")
    assert minh.try_in() == "2" and lan.try_in() == "2"
    lan.wire.send(lan.direct("minh", "one"))
    minh.hears("lan", "one")
    said, broken = lines.line_of, []

    def once(text: Any, asked: str = "") -> Any:
        if text.body == "two" and not broken:
            broken.append(text)
            raise RuntimeError("a fault of ours")
        return said(text, asked)

    monkeypatch.setattr(lines, "line_of", once)
    lan.wire.send(lan.direct("minh", "two"), lan.direct("minh", "three"))
    assert minh.next() == b""
    gate.settle()
    again = Lines(gate, "minh")
    assert again.try_in() == "2"
    assert [again.next(), again.next()] == [b"5 lan minh two\n", b"5 lan minh three\n"]


def test_one_address_has_a_bounded_share_of_the_connections(gate: Gate) -> None:
    gate.policy(**{"gateways.connections_per_address": 3})
    inside = [gate.connect("lines") for _number in range(3)]
    for wire in inside:
        wire.ask(b"4 a b\n", b"4\n")
    gate.connect("struct").closed()
    gate.gone(inside.pop())
    last = gate.connect("lines")
    last.ask(b"4 a b\n", b"4\n")
    gate.connect("packets").closed()
    for wire in [*inside, last]:
        gate.gone(wire)
    assert not gate.server.from_address


def test_small_requests_wait_as_the_bytes_that_they_are(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as requests they would take forty times as much memory."""
    monkeypatch.setattr(turns, "strangers", Buckets(10**6, 0))
    wire = gate.connect("lines")
    most = [0]

    async def look() -> None:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and not looked.is_set():
            most[0] = max([most[0], *(len(one.inbox or ()) for one in gate.server.connections)])
            await asyncio.sleep(0)

    looked = threading.Event()
    looking = asyncio.run_coroutine_threadsafe(look(), gate.server.loop)
    count = 60_000
    writing = threading.Thread(target=wire.send, args=(b"4 a b\n" * count,))
    writing.start()
    wire.expect(b"4\n" * count)
    writing.join(SECONDS)
    looked.set()
    looking.result(SECONDS)
    assert 0 < most[0] <= bounds.READ_STEP // 6 + 1


def test_malformed_input_of_many_addresses_does_not_fill_the_log(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MALFORMED_SECONDS", 0.0)  # as if each came from elsewhere
    gate.server.rows = TokenBucket(2, 0)
    for _number in range(4):
        wire = gate.connect("lines")
        wire.send(b"GET / HTTP/1.1\r\n")
        wire.closed()
    gate.settle()
    assert Event.objects.filter(action="gateway.malformed").count() == 2


def test_a_dead_peer_is_given_up_although_something_is_on_its_way_to_it(gate: Gate) -> None:
    gate.connect("lines").ask(b"4 a b\n", b"4\n")
    (connection,) = gate.server.connections
    raw = connection.transport.get_extra_info("socket")
    assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 120_000
    assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_who_came_and_went_is_told_in_that_order(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    minh = gate.person("minh").pk
    learn, told = book.learn, []

    async def slow_at_first(people: Any = (), places: Any = ()) -> None:
        if not told:
            await asyncio.sleep(0.3)
        await learn(people, places)

    class Watcher:
        def hear_presence(self, changes: list[Presence]) -> None:
            told.extend(change.online for change in changes)

    monkeypatch.setattr(book, "learn", slow_at_first)

    async def happen() -> None:
        gate.server.watchers.add(Watcher())
        gate.server.tell_presence([(minh, True)])
        gate.server.tell_presence([(minh, False)])

    gate.do(happen())
    gate.settle()
    gate.server.watchers.clear()
    assert told == [True, False]
