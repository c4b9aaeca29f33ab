"""Signing in, registering, new passwords: requests and answers written out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts import actions as accounts
from accounts.models import LoginSession
from gateways.names import base36
from gateways.packets.tests.peer import ADMIN, ANN, BEN, LI, NEVER, SYSTEM, WORD, Peer, say

pytestmark = pytest.mark.django_db(transaction=True)
SIGN_IN = "0010 0000 00000040" + ANN + WORD
DOCUMENT = (
    b'{"theme":"system","accent":"blue","density":"bubbles","text_size":"medium","enter_sends":true,"look_back":50,'
    b'"sounds":true,"desktop_notices":false,"quiet_from":-1,"quiet_to":-1,"quiet_until":0,"receipts":true,"busy":false,'
    b'"invisible":false,"show_last_seen":true,"who_may_write":"anyone","four_colour_cards":false,"language":"","time_zone":""}'
).hex()
SETTINGS = "0083 0000 00000156" + DOCUMENT
LIST = "00000002" + ANN + "31" + ADMIN + "30"
WRONG = " 677265656e2d5465612d34373132 00*18 "  # green-Tea-4712
NEW = " 626c75652d54656142616731 00*20 "  # blue-TeaBag1


@pytest.mark.row("packets 0x10/0x00 0x10/0x01", "packets 0x80/0x00 0x80/0x01", "packets 0x13 0x83", "verdict signed in")
def test_signing_in_gives_the_list_then_the_settings(gate: Any) -> None:
    gate.person("ann")
    Peer(gate).ask(SIGN_IN, "0080 0000 00000059" + NEVER + LIST, SETTINGS)


@pytest.mark.row("packets 0x80/0x00 0x80/0x01")
def test_the_last_sign_in_is_told_in_the_time_zone_of_the_site(gate: Any, settings: Any) -> None:
    ann = gate.person("ann")
    gate.policy(**{"signin.sessions": "allow"})
    session = accounts.open_session(ann, kind="computer")
    LoginSession.objects.filter(pk=session.pk).update(started_at=datetime(2018, 12, 13, 20, 12, 5, tzinfo=UTC))
    last = " 323031382e31322e31342030333a31323a3035 "  # 2018.12.14 03:12:05, seven hours later than UTC
    Peer(gate).ask(SIGN_IN, "0080 0000 00000059" + last + LIST, SETTINGS)


@pytest.mark.row("verdict signed in", "verdict displaced", "packets 0x81/0x00 0x81/0x01")
def test_a_second_sign_in_displaces_the_first_which_is_told_its_own_name(gate: Any) -> None:
    gate.person("ann")
    first = Peer(gate).sign_in(ANN)
    second = Peer(gate)
    second.send(SIGN_IN)
    first.expect("0081 0001 00000020" + ANN)
    first.wire.closed()
    second.expect("0080 0001 00000059")


@pytest.mark.row("verdict displaced")
def test_who_is_blocked_while_connected_is_told_his_own_name_too(gate: Any) -> None:
    ann = gate.person("ann")
    peer = Peer(gate).sign_in(ANN)
    accounts.block_user(None, ann, "spam")
    peer.expect("0081 0001 00000020" + ANN)
    peer.wire.closed()


@pytest.mark.row("verdict wrong password", "packets 0x80/0x02")
def test_a_wrong_password_and_by_the_policy_an_unknown_name(gate: Any) -> None:
    gate.person("ann")
    peer = Peer(gate)
    peer.ask("0010 0000 00000040" + ANN + WRONG, "0080 0002 00000000")
    peer.ask("0010 0000 00000040" + BEN + WORD, "0080 0002 00000000")
    peer.ask(SIGN_IN, "0080 0000 00000059")


@pytest.mark.row("verdict no such user", "packets 0x80/0x03")
def test_an_unknown_name_where_the_policy_tells(gate: Any) -> None:
    gate.policy(**{"signin.errors": "explicit"})
    gate.person("ann")
    peer = Peer(gate)
    peer.ask("0010 0000 00000040" + BEN + WORD, "0080 0003 00000000")
    peer.ask("0010 0002 00000060" + BEN + WORD + NEW, "0080 0003 00000000")
    peer.ask("0010 0000 00000040" + ANN + WRONG, "0080 0002 00000000")


@pytest.mark.row("verdict locked")
def test_who_is_blocked_or_not_let_in_yet(gate: Any) -> None:
    accounts.block_user(None, gate.person("ann"), "spam")
    gate.person("ben", approved=False)
    peer = Peer(gate)
    peer.ask(SIGN_IN, "0080 000b 00000000")
    peer.ask("0010 0000 00000040" + BEN + WORD, "0080 000b 00000000")


@pytest.mark.row("verdict elsewhere")
def test_signed_in_elsewhere_where_the_site_refuses_a_second(gate: Any) -> None:
    gate.policy(**{"signin.sessions": "refuse"})
    gate.person("ann")
    first = Peer(gate).sign_in(ANN)
    Peer(gate).ask(SIGN_IN, "0080 000c 00000000")
    first.wire.silent()


@pytest.mark.row(
    "verdict must change",
    "verdict new password",
    "packets 0x10/0x02",
    "packets 0x80/0x04 0x80/0x08 0x80/0x09 0x80/0x0a",
)
def test_who_must_change_the_password_changes_it_and_signs_in_again(gate: Any) -> None:
    gate.person("ann", must_change=True)
    peer = Peer(gate)
    peer.ask(SIGN_IN, "0080 0004 00000000")
    peer.ask("0010 0002 00000060" + ANN + WRONG + NEW, "0080 0009 00000000")
    peer.ask("0010 0002 00000060" + ANN + WORD + " 31323334353637383930 00*22", "0080 000a 00000000")  # 1234567890
    peer.ask("0010 0002 00000060" + ANN + WORD + NEW, "0080 0008 00000000")
    peer.ask(SIGN_IN, "0080 0002 00000000")
    peer.ask("0010 0000 00000040" + ANN + NEW, "0080 0000 00000059" + NEVER + LIST, SETTINGS)


@pytest.mark.row("verdict must change")
def test_nothing_but_a_new_password_is_taken_before_it_is_changed(gate: Any) -> None:
    gate.person("ann", must_change=True)
    peer = Peer(gate)
    peer.ask(SIGN_IN, "0080 0004 00000000")
    peer.send("0012 0005 00000004 00000001")
    peer.wire.closed()


@pytest.mark.row("packets 0x10/0x02")
def test_who_is_signed_in_changes_the_password_and_stays(gate: Any) -> None:
    gate.person("ann")
    peer = Peer(gate).sign_in(ANN)
    peer.ask("0010 0002 00000060" + ANN + WORD + NEW, "0080 0008 00000000")
    peer.ask("0012 0005 00000004 00000000", "0082 0003 00000000")


@pytest.mark.row("packets 0x10/0x02", "verdict locked")
def test_a_wrong_old_password_counts_as_a_try(gate: Any) -> None:
    gate.policy(**{"signin.failures": 2})
    gate.person("ann")
    peer = Peer(gate)
    peer.ask("0010 0002 00000060" + ANN + WRONG + NEW, "0080 0009 00000000")
    peer.ask("0010 0002 00000060" + ANN + WRONG + NEW, "0080 000b 00000000")
    peer.ask(SIGN_IN, "0080 000b 00000000")


@pytest.mark.row("packets 0x10/0x00 0x10/0x01", "packets 0x80/0x00 0x80/0x01", "packets 0x80/0x05 0x80/0x06 0x80/0x07")
def test_registering_and_why_it_is_refused(gate: Any) -> None:
    gate.person("ben")
    peer = Peer(gate)
    peer.ask("0010 0001 00000040" + BEN + WORD, "0080 0005 00000000")  # taken
    peer.ask("0010 0001 00000040 61 20 62 00*29" + WORD, "0080 0006 00000000")  # a blank inside
    peer.ask("0010 0001 00000040" + SYSTEM + WORD, "0080 0006 00000000")  # reserved
    peer.ask("0010 0001 00000040 00*32" + WORD, "0080 0006 00000000")
    peer.ask("0010 0001 00000040" + ANN + "31 00*31", "0080 0007 00000000")  # too short
    peer.ask("0010 0001 00000040" + LI + WORD, "0080 0000 00000000")
    peer.ask("0010 0000 00000040" + LI + WORD, "0080 0000 0000007a")  # sign in follows: three people


@pytest.mark.row("verdict refused")
def test_registering_where_nobody_may(gate: Any) -> None:
    gate.policy(**{"registration.mode": "closed"})
    peer = Peer(gate)
    peer.send("0010 0001 00000040" + ANN + WORD)
    text = "Nobody can register here now. Ask an administrator, please."
    peer.expect_said(*say(text.encode().hex(), SYSTEM))


def test_an_alias_signs_in_where_the_name_does_not_fit(gate: Any) -> None:
    long = gate.person("nguyễn-thị-minh-khai-hồng-ngọc-2")  # 32 letters, 40 bytes
    tail = "~" + base36(long.pk)
    stems = {2: "nguyễn-thị-minh-khai-hồn", 3: "nguyễn-thị-minh-khai-hồ", 4: "nguyễn-thị-minh-khai-h"}  # ồ has 3 bytes
    alias = (stems[len(tail)] + tail).encode().ljust(32, b"\0")
    field = f" {alias.hex()} "
    peer = Peer(gate)
    peer.ask(
        "0010 0000 00000040" + field + WORD, "0080 0000 00000059" + NEVER + "00000002" + field + "31" + ADMIN + "30"
    )


def test_who_signs_in_again_on_the_same_connection_is_somebody_else_from_then_on(gate: Any) -> None:
    gate.person("ann"), gate.person("ben")
    peer = Peer(gate).sign_in(ANN)
    peer.sign_in(ANN).sign_in(BEN)
    peer.send("0012 0000 00000006 00000000 6869")
    peer.expect_said(*say("6869", BEN))
    peer.ask("0010 0000 00000040" + BEN + WRONG, "0080 0002 00000000")
    peer.send("0012 0000 00000006 00000000 6869")  # the sign-in that failed has ended the one before
    peer.wire.closed()


@pytest.mark.parametrize(
    "frame",
    [
        "0012 0005 00000004 00000001",
        "0012 0000 00000006 00000000 6869",
        "0013 0000 00000002 7b7d",
        "0012 0004 00000004 00000001",
    ],
)
def test_before_the_sign_in_nothing_else_is_taken(gate: Any, frame: str) -> None:
    peer = Peer(gate)
    peer.send(frame)
    peer.wire.closed()
