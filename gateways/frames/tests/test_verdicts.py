"""The column `frames` of the verdict table: what each state of an account is answered, byte by byte."""

from __future__ import annotations

import pytest

from accounts import actions as accounts
from gateways.frames.tests.house import House

SIGN_IN = "11000020 e5bca0e4b889 00*10 6d61742d6b6861752d313263"  # 张三, mat-khau-12c
WRONG = "11000020 e5bca0e4b889 00*10 6d61742d6b6861752d313264"  # 张三, mat-khau-12d
NOBODY = "11000020 6e6f626f6479 00*10 6d61742d6b6861752d313263"  # nobody, mat-khau-12c
NEW = "15000010 686f612d73656e2d32303236"  # hoa-sen-2026
ALONE = "76000004"


@pytest.mark.row("verdict signed in", "frames 0x11", "frames 0x71")
def test_signed_in(house: House):
    house.person("张三")
    peer = house.connect()
    peer.send(SIGN_IN)
    peer.expect("71000004", ALONE)


@pytest.mark.row("verdict wrong password")
def test_wrong_password_and_no_such_user_look_the_same(house: House):
    house.person("张三")
    peer = house.connect()
    peer.send(WRONG)
    peer.expect("71010004")
    peer.send(NOBODY)
    peer.expect("71010004")
    peer.send(SIGN_IN)
    peer.expect("71000004", ALONE)


@pytest.mark.row("verdict no such user")
def test_under_the_explicit_policy_they_do_not(house: House):
    house.person("张三")
    house.gate.policy(**{"signin.errors": "explicit"})
    peer = house.connect()
    peer.send(NOBODY)
    peer.expect("71020004")
    peer.send(WRONG)
    peer.expect("71010004")


@pytest.mark.row("verdict must change", "verdict new password", "frames 0x15")
def test_a_password_that_must_be_changed(house: House):
    house.person("张三", must_change=True)
    peer = house.connect()
    peer.send(SIGN_IN)
    peer.expect("71030004")
    peer.send("15000010 313233 00*9")  # 123: the site wants a longer one
    peer.expect("71010004")
    peer.send(NEW)
    peer.expect("71000004", ALONE)
    other = house.connect()
    other.send(SIGN_IN)
    other.expect("71010004")


@pytest.mark.row("verdict must change")
def test_until_then_nothing_else_works(house: House):
    house.person("张三", must_change=True)
    peer = house.connect()
    peer.send(SIGN_IN)
    peer.expect("71030004")
    peer.send("12000006 6869")
    peer.closed()


@pytest.mark.row("verdict new password", "frames 0x15")
def test_a_new_password_when_signed_in(house: House):
    peer = house.enter("张三")
    peer.send(NEW)
    peer.expect("71000004")
    peer.send("15000010 313233 00*9")  # 123
    peer.expect("71010004")
    newer = house.connect()
    newer.send("11000020 e5bca0e4b889 00*10 686f612d73656e2d32303236")
    newer.expect("71000004", ALONE)


def test_a_new_password_of_nobody(house: House):
    peer = house.connect()
    peer.send(NEW)
    peer.expect("71010004")


def test_the_password_for_older_clients_signs_in_and_changes_nothing(house: House):
    user = house.person("张三", password="a longer password than twelve")
    peer = house.connect()
    peer.send("11000020", "e5bca0e4b889 00*10", accounts.make_older_password(user).encode())
    peer.expect("71000004", ALONE)
    peer.send(NEW)
    peer.expect("71010004")


@pytest.mark.row("verdict locked")
def test_locked_after_five_failures(house: House):
    house.person("张三")
    peer = house.connect()
    for answer in (*["71010004"] * 4, "71040004"):
        peer.send(WRONG)
        peer.expect(answer)
    peer.send(SIGN_IN)
    peer.expect("71040004")


@pytest.mark.row("verdict locked")
def test_blocked_by_an_administrator_and_not_approved(house: House):
    accounts.block_user(house.administrator, house.person("张三"), "spam")
    house.person("nobody", approved=False)
    peer = house.connect()
    for sign_in in (SIGN_IN, NOBODY):
        peer.send(sign_in)
        peer.expect("71040004")


@pytest.mark.row("verdict elsewhere")
def test_signed_in_elsewhere(house: House):
    house.gate.policy(**{"signin.sessions": "refuse"})
    first = house.enter("张三")
    second = house.connect()
    second.send(SIGN_IN)
    second.expect("71050004")
    first.send("12000006 6869")
    first.expect("72000004")  # still there


@pytest.mark.row("verdict displaced", "frames 0x73")
def test_displaced_by_a_newer_sign_in(house: House):
    first = house.enter("张三")
    second = house.connect()
    second.send(SIGN_IN)
    second.expect("71000004", ALONE)
    first.expect("73000004")
    first.closed()


@pytest.mark.row("verdict displaced", "frames 0x73")
def test_displaced_by_a_browser_where_one_session_is_all(house: House):
    house.gate.policy(**{"signin.sessions": "kick"})
    me = house.enter("张三")
    house.browser("张三")
    me.expect("73000004")
    me.closed()


@pytest.mark.row("verdict displaced")
def test_ended_or_blocked_while_connected(house: House):
    first, second = house.enter("张三"), house.enter("李四")
    accounts.end_all_sessions(house.people["李四"])
    second.expect("73000004")
    second.closed()
    house.left(second)
    accounts.block_user(house.administrator, house.people["张三"], "spam")
    first.expect("73000004")
    first.closed()


@pytest.mark.row("verdict refused", "frames 0x72")
def test_refused_by_a_rule(house: House):
    house.gate.policy(**{"people.direct": "friends"})
    house.person("李四")
    peer = house.enter("张三")
    peer.send("1200000e 40 e69d8ee59b9b 20 6869")  # @李四 hi
    peer.expect("72020004")
    peer.send("20000040 e69d8ee59b9b 00*10 00000001 00000001 61 00*35")
    peer.expect("80010004")
    peer.send("12000006 6869")  # to everyone
    peer.expect("72000004")
