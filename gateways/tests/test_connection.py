"""What one client can make the server hold, and how sessions end."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from accounts import actions as accounts
from accounts.models import LoginSession, User
from audit.models import Event
from files.models import StoredFile, Upload
from gateways import connection as bounds
from gateways.conftest import PASSWORD, Gate, Wire
from messaging import actions
from messaging.models import Conversation
from realtime.presence import presence_of


def frame(type: int, data: int, text: str = "") -> bytes:
    """A frame of `struct`."""
    return bytes((type, 0, 0, 0, data, 0, 0, 0)) + text.encode().ljust(1000, b"\0")


def enter(gate: Gate, name: str, password: str = PASSWORD) -> Wire:
    """A signed-in connection."""
    wire = gate.connect("struct")
    wire.send(frame(2, 0, name), frame(2, 1, password))
    wire.expect(frame(2, 0))
    return wire


def until(what: Any, seconds: float = 15) -> None:
    """Waits until it is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_connection_is_a_session_in_presence_and_in_the_list(gate: Gate) -> None:
    minh = gate.person("minh")
    wire = enter(gate, "minh")
    session = LoginSession.objects.get(user=minh)
    assert (session.kind, session.device, session.ip, session.ended_at) == ("gateway", "struct", "127.0.0.1", None)
    until(lambda: presence_of([minh.pk]) == {minh.pk: "online"})
    gate.gone(wire)
    until(lambda: LoginSession.objects.filter(user=minh, ended_reason="signed_out").exists())
    until(lambda: presence_of([minh.pk]) == {})


@pytest.mark.parametrize("how", ["ended", "blocked", "password", "deleted"])
def test_who_is_put_out_hears_it_within_two_seconds(gate: Gate, how: str) -> None:
    minh = gate.person("minh")
    wire = enter(gate, "minh")
    if how == "ended":
        accounts.end_session(minh, LoginSession.objects.get(user=minh))
    elif how == "blocked":
        accounts.block_user(None, minh, "spam")
    elif how == "password":
        accounts.reset_password(None, minh)
    else:
        accounts.delete_account(None, minh)
    wire.socket.settimeout(2)
    wire.expect(frame(2, 3))
    wire.closed()


def test_the_password_for_older_clients_signs_in_where_there_is_a_second_factor(gate: Gate) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    minh = gate.person("minh")
    TOTP.activate(minh, generate_totp_secret())
    made = accounts.make_older_password(minh)
    wire = gate.connect("struct")
    wire.send(frame(2, 0, "minh"), frame(2, 1, PASSWORD))
    wire.expect(frame(2, 2))
    wire.send(frame(2, 0, "minh"), frame(2, 1, made))
    wire.expect(frame(2, 0))
    wire.ask(frame(2, 2, "blue-Lotus-99"), frame(2, 5, "Change this password in a browser, please."))


def test_a_known_address_is_not_locked_out_by_strangers(gate: Gate) -> None:
    minh = gate.person("minh")
    gate.gone(enter(gate, "minh"))
    for _try in range(6):
        with pytest.raises(accounts.SignInRefusal):
            accounts.sign_in("minh", "wrong", entrance="gateway", ip="192.0.2.1")
    with pytest.raises(accounts.SignInRefusal) as refused:
        accounts.sign_in("minh", PASSWORD, entrance="gateway", ip="192.0.2.1")
    assert refused.value.code == "locked"
    enter(gate, "minh")
    LoginSession.objects.filter(user=minh).update(started_at="2020-01-01T00:00Z")
    wire = gate.connect("struct")
    wire.send(frame(2, 0, "minh"), frame(2, 1, PASSWORD))
    wire.expect(frame(2, 2))


def test_names_at_the_border_sign_in_by_their_alias(gate: Gate) -> None:
    one = gate.person("nguyễn.thị.minh.khai.lớp.10a1")
    two = gate.person("nguyễn.thị.minh.khai.lớp.10a2")
    from gateways import names
    from gateways.feeds import Person

    for user in (one, two):
        wire = enter(gate, names.to_field(Person(user.pk, user.username), 16))
        wire.send(frame(0, 0))
        assert user.username.encode() in wire.read(1008)
        wire.read(1008)
        gate.gone(wire)


def test_who_does_not_sign_in_or_sends_half_a_frame_goes(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.person("minh")
    monkeypatch.setattr(bounds, "SIGN_IN_SECONDS", 0.5)
    gate.connect("struct").closed()
    wire = enter(gate, "minh")
    monkeypatch.setattr(bounds, "FRAME_SECONDS", 0.5)
    wire.silent(0.8)  # idle is no fault
    wire.send(frame(0, 0)[:500])
    wire.closed()
    drip = enter(gate, "minh")
    stop = time.monotonic() + 15
    with pytest.raises(OSError):
        while time.monotonic() < stop:  # a byte at a time is no frame either
            drip.send(b"\0")
            time.sleep(0.05)


def test_a_file_that_is_announced_and_never_sent_is_contained(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """20 MB of `packets`, once without a byte and once far slower than a file may come."""
    gate.person("minh")
    gate.policy(**{"signin.sessions": "allow"})
    monkeypatch.setattr(bounds, "FRAME_SECONDS", 1.0)
    monkeypatch.setattr(bounds, "FILE_RATE", 10_000)
    head = bytes.fromhex("00120002 01312d00 00000001") + b"minh".ljust(32, b"\0") + b"large.bin".ljust(64, b"\0")
    for piece in (b"", b"x" * 100):
        wire = gate.connect("packets")
        wire.send(bytes.fromhex("00100000 00000040") + b"minh".ljust(32, b"\0") + PASSWORD.encode().ljust(32, b"\0"))
        assert wire.read(4)[:2] == b"\x00\x80"
        wire.send(head)
        end = time.monotonic() + 20
        while wire.connected(piece):
            assert time.monotonic() < end
            time.sleep(0.05)
    gate.settle()
    assert not Upload.objects.exists() and not StoredFile.objects.exists()


def test_who_does_not_read_is_closed_and_harms_nobody(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    minh, lan = gate.person("minh"), gate.person("lan")
    gate.policy(**{"limits.commands_burst": 10**6, "limits.commands_per_second": 10**6})
    everyone = Conversation.objects.get(kind="everyone").pk
    deaf, hears = gate.connect("struct"), enter(gate, "lan")
    deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.send(frame(2, 0, "minh"), frame(2, 1, PASSWORD))
    deaf.expect(frame(2, 0))
    for wire in (deaf, hears):
        wire.send(frame(5, 3, "Everyone"))
    gate.settle()
    session = accounts.open_session(gate.person("hoa"), kind="computer")
    from core.registry import Caller

    heard = threading.Thread(target=lambda: [hears.read(1008) for _number in range(2000)])
    heard.start()
    for start in range(0, 2000, 50):
        actions.send_messages(
            [
                actions.SendRequest(Caller(session.user_id, session.pk), everyone, f"flood-{start + n:06}", "x" * 900)
                for n in range(50)
            ]
        )
    heard.join(60)
    assert not heard.is_alive()
    until(lambda: LoginSession.objects.filter(user=minh, ended_at__isnull=False).exists())
    assert LoginSession.objects.filter(user=lan, ended_at=None).exists()


def test_malformed_input_is_written_down_once_a_minute(gate: Gate) -> None:
    for _number in range(3):
        wire = gate.connect("struct")
        wire.send(b"\xff" * 2000)
        wire.closed()
    gate.settle()
    event = Event.objects.get(action="gateway.malformed")
    assert event.ip == "127.0.0.1" and event.detail["protocol"] == "struct"


def test_too_many_commands_wait_instead_of_being_refused(gate: Gate) -> None:
    gate.person("minh")
    gate.policy(**{"limits.commands_burst": 5, "limits.commands_per_second": 10})
    wire = enter(gate, "minh")
    began = time.monotonic()
    for _number in range(12):
        wire.send(frame(3, 0, "nobody"))
    for _number in range(12):
        wire.expect(frame(3, 1))
    assert time.monotonic() - began > 0.4


def test_an_edit_a_recall_and_a_reaction_are_not_sent_again(gate: Gate) -> None:
    gate.person("minh")
    tab = gate.browser(gate.person("hoa"))
    wire = enter(gate, "minh")
    wire.send(frame(5, 3, "Everyone"))
    gate.settle()
    everyone = Conversation.objects.get(kind="everyone").pk
    seq = tab.ask("message.send", {"conversation": everyone, "client_id": "abcdefgh", "body": "one"})["data"]["seq"]
    wire.expect(frame(5, 4, "hoa: one"))
    tab.ask("message.edit", {"conversation": everyone, "seq": seq, "body": "two"})
    tab.ask("message.react", {"conversation": everyone, "seq": seq, "emoji": "👍", "on": True})
    gate.settle()
    wire.silent()
    wire.send(frame(5, 3, "Everyone"))
    assert wire.read(1008)[28:].rstrip(b"\0") == b" hoa] two"
    tab.ask("message.recall", {"conversation": everyone, "seq": seq})
    gate.settle()
    wire.send(frame(5, 3, "Everyone"), frame(3, 0, "nobody"))
    wire.expect(frame(3, 1))


def test_who_is_removed_from_a_group_hears_no_more_of_it(gate: Gate) -> None:
    master, minh = gate.person("master"), gate.person("minh")
    group = actions.create_group(master, "Lớp 10A", [minh.pk])["id"]
    tab, wire = gate.browser(master), enter(gate, "minh")
    wire.send(frame(5, 3, "Lớp 10A"))
    gate.settle()
    tab.ask("message.send", {"conversation": group, "client_id": "abcdefgh", "body": "one"})
    wire.expect(frame(5, 4, "master: one"))
    tab.ask("group.remove", {"conversation": group, "user": minh.pk})
    gate.settle()
    tab.ask("message.send", {"conversation": group, "client_id": "abcdefgi", "body": "two"})
    gate.settle()
    wire.silent()
    wire.ask(frame(5, 4, "still?"), frame(5, 9, "There is no such thing, or you may not see it."))
    assert User.objects.filter(pk=minh.pk).exists()


def test_what_a_killed_process_left_is_ended(gate: Gate) -> None:
    minh = gate.person("minh")
    lost = accounts.open_session(gate.person("lan"), kind="gateway", device="lines")
    LoginSession.objects.update(last_seen="2020-01-01T00:00Z")
    wire = enter(gate, "minh")
    LoginSession.objects.update(last_seen="2020-01-01T00:00Z")
    until(lambda: presence_of([minh.pk]) == {minh.pk: "online"})
    gate.do(gate.server.tidy())
    lost.refresh_from_db()
    assert lost.ended_at is None  # looked at once
    gate.do(gate.server.tidy())
    lost.refresh_from_db()
    assert lost.ended_reason == "signed_out"
    wire.silent()
