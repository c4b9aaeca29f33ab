"""Moments between two others: what changes between a question and its answer, and clients that ask much or read nothing."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest

from accounts import actions as accounts
from accounts.models import User
from core.buckets import Buckets
from gateways import access, turns
from gateways import connection as bounds
from gateways.conftest import PASSWORD, Gate, Wire
from gateways.feeds import Person
from gateways.names import read_alias, to_field
from gateways.tests.clients import PASSWORD as SHORT
from gateways.tests.clients import Frames, Lines
from messaging import actions
from messaging.models import Conversation, JoinRequest
from realtime import limits

ASK = b"4 a b\n"  # before the sign-in: answered by `4`


def frame(type: int, data: int, text: str = "") -> bytes:
    """A frame of `struct`."""
    return bytes((type, 0, 0, 0, data, 0, 0, 0)) + text.encode().ljust(1000, b"\0")


def enter(gate: Gate, name: str) -> Wire:
    """A signed-in connection of `struct`."""
    gate.person(name)
    wire = gate.connect("struct")
    wire.send(frame(2, 0, name), frame(2, 1, PASSWORD))
    wire.expect(frame(2, 0))
    return wire


def test_the_number_of_a_deleted_account_is_nobody_elses_alias() -> None:
    for width in (None, 16, 32):
        assert read_alias(to_field(Person(40, "~40"), width)) == ("", 40)


def test_a_password_that_was_reset_meanwhile_is_chosen_by_nobody_else(gate: Gate) -> None:
    minh = gate.person("minh", must_change=True)
    wire = gate.connect("struct")
    wire.send(frame(2, 0, "minh"), frame(2, 1, PASSWORD))
    wire.expect(frame(2, 5))
    other = accounts.reset_password(None, User.objects.get(pk=minh.pk))
    wire.send(frame(2, 2, "blue-Lotus-99"))
    assert wire.read(1008)[:8] == frame(2, 5)[:8]
    wire.send(frame(2, 0, "minh"), frame(2, 1, other))
    wire.expect(frame(2, 5))
    wire.ask(frame(2, 2, "blue-Lotus-99"), frame(2, 0))


def test_leaving_is_told_at_once(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.here.GRACE_SECONDS", 1000.0)
    minh, lan = enter(gate, "minh"), enter(gate, "lan")
    minh.ask(frame(5, 0, "Tea"), frame(5, 0, "0"))
    minh.send(frame(5, 1, "lan"))
    lan.ask(b"", frame(5, 1, "minh Tea"))
    lan.send(frame(5, 2, "1"))
    minh.expect(frame(5, 2, "lan"))
    for leave in (frame(5, 5), frame(0, 0), frame(4, 0, "minh"), frame(5, 7, "Tea")):
        lan.send(frame(5, 3, "Tea"), leave)
        minh.expect(frame(5, 5, "lan"))


def test_signing_off_is_told_at_once(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.presence.GRACE_SECONDS", 1000.0)
    for name in ("minh", "lan", "hoa"):
        gate.person(name, SHORT)
    minh = Frames(gate, "minh")
    assert minh.try_in() == "0"

    def told(name: str, gone: int) -> None:
        wanted = bytes((0x75, gone, 0, 32)) + name.encode().ljust(28, b"\0")
        while minh.next() != wanted:
            pass

    for name in ("lan", "hoa"):
        wire = Frames(gate, name)
        assert wire.try_in() == "0"
        told(name, 0)
        if name == "lan":
            wire.wire.send(b"\x16\0\0\4")
        else:
            wire.wire.close()
        told(name, 1)


def test_who_is_listed_is_not_announced_besides(gate: Gate) -> None:
    for name in ("minh", "lan", "hoa"):
        gate.person(name, SHORT)
    first, second = Frames(gate, "minh"), Frames(gate, "lan")
    assert first.try_in() == "0" and second.try_in() == "0"
    assert second.next() == b"\x76\x01\0\x09@minh"
    third = Frames(gate, "hoa")
    assert third.try_in() == "0"
    assert second.next() == b"\x75\0\0\x20" + b"hoa".ljust(28, b"\0")


def test_behind_a_block_nobody_is_seen_any_more(gate: Gate) -> None:
    people = {name: gate.person(name, SHORT) for name in ("minh", "lan", "hoa")}
    minh, lan = Frames(gate, "minh"), Frames(gate, "lan")
    assert minh.try_in() == "0" and lan.try_in() == "0"
    assert lan.next() == b"\x76\x01\0\x09@minh" and minh.next() == b"\x76\0\0\4"
    assert minh.next() == b"\x75\0\0\x20" + b"lan".ljust(28, b"\0")
    accounts.block_person(people["lan"], people["minh"].pk)
    gate.settle()
    lan.wire.send(b"\x16\0\0\4")
    gate.settle()
    again = Frames(gate, "lan")
    assert again.try_in() == "0" and again.next() == b"\x76\0\0\4"
    hoa = Frames(gate, "hoa")
    assert hoa.try_in() == "0"
    for wire in (minh, again):  # whom both see is all that they hear of
        assert wire.next() == b"\x75\0\0\x20" + b"hoa".ljust(28, b"\0")
    for wire, other in ((minh, "lan"), (again, "minh")):
        wire.wire.send(wire.direct(other, "hi"))
        assert wire.next() == b"\x72\1\0\4"


def test_who_is_removed_while_he_comes_in_hears_nothing_of_the_group(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where he stands was read before, and is taken up after the hub has taken the group from him."""
    people = {name: gate.person(name, SHORT) for name in ("minh", "lan")}
    group = actions.create_group(people["lan"], "Tea", [people["minh"].pk])["id"]
    standing, hub = access.standing, gate.site.hub

    def late(user_id: int) -> access.Standing:
        found = standing(user_id)
        if f"c:{group}" in found.heads:
            actions.remove_member(people["lan"], group, user_id)
            until = time.monotonic() + 30
            while f"c:{group}" in hub.feeds or user_id in hub.refreshing:
                assert time.monotonic() < until
                time.sleep(0.02)
        return found

    monkeypatch.setattr(access, "standing", late)
    minh = Lines(gate, "minh")
    assert minh.try_in() == "2"
    assert f"c:{group}" not in hub.feeds
    monkeypatch.undo()
    tab = gate.browser(people["lan"])
    for place, body in ((group, "of the group"), (Conversation.objects.get(kind="everyone").pk, "to all")):
        assert tab.code("message.send", {"conversation": place, "client_id": f"client-{place}", "body": body}) == "ok"
    assert minh.next() == b"3 lan Everyone to all\n"


def test_who_signs_in_again_on_his_connection_is_not_elsewhere(gate: Gate) -> None:
    """Although what he has just read is still being written down."""
    gate.policy(**{"signin.sessions": "refuse"})
    minh, lan = enter(gate, "minh"), enter(gate, "lan")
    for wire in (minh, lan):
        wire.send(frame(5, 3, "Everyone"))
    for number in range(5):
        gate.settle()
        lan.send(frame(5, 4, f"text {number}"))
        minh.expect(frame(5, 4, f"lan: text {number}"))
        minh.send(frame(2, 0, "minh"), frame(2, 1, PASSWORD))
        minh.expect(frame(2, 0))
        minh.ask(frame(5, 3, "none"), frame(5, 9, "There is no such thing, or you may not see it."))
        minh.send(frame(5, 3, "Everyone"))
        while b"text %d" % number not in minh.read(1008):
            pass


def test_a_text_may_end_in_a_nul_as_strings_of_c_do(gate: Gate) -> None:
    for name in ("minh", "lan"):
        gate.person(name, SHORT)
    minh, lan = Frames(gate, "minh"), Frames(gate, "lan")
    assert minh.try_in() == "0" and lan.try_in() == "0"
    lan.wire.send(lan.direct("minh", "hi\0"))
    minh.hears("lan", "hi")


def test_everyone_is_a_group_that_exists(gate: Gate) -> None:
    gate.person("minh", SHORT)
    minh = Lines(gate, "minh")
    assert minh.try_in() == "2"
    minh.wire.ask("9 minh Everyone\n9 minh 所有人\n9 minh #x\n".encode(), b"1\n1\n2\n")


def test_thousands_of_small_requests_leave_others_their_turn(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "strangers", Buckets(10**6, 0))
    wire = gate.connect("lines")
    count = 10_000

    async def between() -> bool:
        """Whether some of the requests are done and others wait, as somebody else sees it."""
        before, until = 0, time.monotonic() + 30
        while time.monotonic() < until:
            waiting = sum(len(one.inbox or ()) for one in gate.server.connections)
            if 0 < waiting < before:
                return True
            before = waiting
            await asyncio.sleep(0)
        return False

    looking = asyncio.run_coroutine_threadsafe(between(), gate.server.loop)
    wire.send(ASK * count)
    wire.expect(b"4\n" * count)
    assert looking.result(30)


def test_who_asks_much_and_reads_nothing_is_not_waited_for(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SIGN_IN_SECONDS", 1.0)
    monkeypatch.setattr(bounds, "HIGH_WATER", 4096)
    wire = gate.connect("lines")
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    until = time.monotonic() + 30
    with pytest.raises(OSError):
        while time.monotonic() < until:
            wire.socket.settimeout(until - time.monotonic())
            wire.socket.sendall(ASK * 1000)
    assert time.monotonic() < until


def test_who_talks_and_never_signs_in_waits_and_goes(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much he says: it is his address that pays for it, on all connections together."""
    monkeypatch.setattr(bounds, "SIGN_IN_SECONDS", 2.0)
    monkeypatch.setattr(turns, "strangers", Buckets(5, 1))
    wires = [gate.connect("lines") for _number in range(2)]
    for wire in wires:
        wire.send(ASK * 1000)
    answered = 0
    for wire in wires:
        while data := _until_closed(wire):
            answered += len(data) // 2
    assert 5 <= answered <= 60


def _until_closed(wire: Wire) -> bytes:
    try:
        return wire.socket.recv(65536)
    except ConnectionResetError:
        return b""


def test_requests_in_many_pieces_are_paced_by_one_clock(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = enter(gate, "minh")
    looks: list[float] = []

    def busy(user_id: int, letters: int) -> bool:
        looks.append(time.monotonic())
        return False

    monkeypatch.setattr(limits, "command", busy)
    for _number in range(40):
        wire.send(frame(3, 0, "nobody"))
        time.sleep(0.003)
    gate.settle()
    looks.clear()
    time.sleep(1.0)
    assert len(looks) <= 1.5 / turns.PACE


def test_an_answer_that_somebody_has_settled_meanwhile_ends_nothing(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = {name: gate.person(name, SHORT) for name in ("minh", "lan")}
    group = actions.create_group(people["minh"], "Tea", [])["id"]
    actions.change_settings(people["minh"], group, join_policy="request", discoverable=True)
    actions.join_group(people["lan"], group)
    actions.answer_request(people["minh"], JoinRequest.objects.get().pk, False)
    dismiss = actions.dismiss_answer

    def late(actor: Any, kind: str, id: int) -> None:
        JoinRequest.objects.filter(pk=id).delete()
        dismiss(actor, kind, id)

    monkeypatch.setattr(actions, "dismiss_answer", late)
    lan, minh = Lines(gate, "lan"), Lines(gate, "minh")
    assert lan.try_in() == "2" and minh.try_in() == "2"
    minh.wire.send(minh.direct("lan", "still there?"))
    lan.hears("minh", "still there?")
    assert lan.seen[0] == "d minh lan Tea 拒绝\n".encode()


def test_what_stood_before_a_fault_is_answered(gate: Gate) -> None:
    gate.person("minh")
    good = {
        "struct": (frame(3, 0, "minh"), frame(3, 1)),
        "lines": (ASK, b"4\n"),
        "packets": (
            bytes.fromhex("00100000 00000040") + b"minh".ljust(64, b"x"),
            bytes.fromhex("00800002 00000000"),
        ),
        "frames": (bytes.fromhex("11000020") + b"minh".ljust(16, b"\0") + b"wrong".ljust(12, b"\0"), b"\x71\x01\0\4"),
    }
    for protocol, (request, answer) in good.items():
        wire = gate.connect(protocol)
        wire.send(request, b"\xfe\xff\n\r" * 300)
        wire.expect(answer)
        wire.closed()
