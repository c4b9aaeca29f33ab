"""The column `lines` of the verdict table: what each state of an account is answered, byte by byte."""

from __future__ import annotations

import pytest

from accounts import actions as accounts
from gateways.lines.tests.house import House

SIGN_IN = "32 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a"  # 2 ann green-Tea-4711


@pytest.mark.row("verdict signed in")
def test_signed_in(house: House):
    house.person("ann")
    wire = house.connect()
    wire.send(SIGN_IN)
    wire.expect("32 0a")  # 2


@pytest.mark.row("verdict signed in", "verdict displaced")
def test_a_newer_sign_in_is_told_nothing_of_the_older_which_is_closed(house: House):
    older = house.enter("ann")
    newer = house.connect()
    newer.send(SIGN_IN)
    newer.expect("32 0a")  # 2
    older.closed()


@pytest.mark.row("verdict wrong password")
def test_wrong_password_and_no_such_user_look_the_same(house: House):
    house.person("ann")
    wire = house.connect()
    wire.send("32 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 32 0a")  # 2 ann green-Tea-4712
    wire.expect("33 0a")  # 3
    wire.send("32 20 6e 6f 62 6f 64 79 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 2 nobody green-Tea-4711
    wire.expect("33 0a")  # 3


@pytest.mark.row("verdict no such user", "verdict wrong password")
def test_under_the_explicit_policy_they_do_not(house: House):
    house.person("ann")
    house.gate.policy(**{"signin.errors": "explicit"})
    wire = house.connect()
    wire.send("32 20 6e 6f 62 6f 64 79 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 2 nobody green-Tea-4711
    wire.expect("30 0a")  # 0
    wire.send("32 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 32 0a")  # 2 ann green-Tea-4712
    wire.expect("33 0a")  # 3


@pytest.mark.row("verdict must change", "verdict new password")
def test_a_password_that_must_be_changed(house: House):
    house.person("ann", must_change=True)
    wire = house.connect()
    wire.send(SIGN_IN)
    wire.expect("35 0a")  # 5
    wire.send(
        "65 20 77 72 6f 6e 67 2d 54 65 61 2d 34 37 31 31 20 72 65 64 2d 54 65 61 2d 34 37 31 32 0a"
    )  # e wrong-Tea-4711 red-Tea-4712
    wire.expect("31 0a")  # 1: not the old one
    wire.send("65 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 20 31 32 33 0a")  # e green-Tea-4711 123
    wire.expect("31 0a")  # 1: the site wants a longer one
    wire.send(
        "65 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 20 72 65 64 2d 54 65 61 2d 34 37 31 32 0a"
    )  # e green-Tea-4711 red-Tea-4712
    wire.expect("30 0a")  # 0
    wire.send("37 20 61 6e 6e 0a")  # 7 ann
    wire.expect("30 0a")  # 0: signed in: no friends yet


@pytest.mark.row("verdict must change")
def test_until_then_nothing_else_works(house: House):
    house.person("ann", must_change=True)
    wire = house.connect()
    wire.send(SIGN_IN)
    wire.expect("35 0a")  # 5
    wire.send("37 20 61 6e 6e 0a")  # 7 ann
    wire.closed()


@pytest.mark.row("verdict new password")
def test_a_new_password_when_signed_in_and_when_not(house: House):
    wire = house.enter("ann")
    wire.send(
        "65 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 20 72 65 64 2d 54 65 61 2d 34 37 31 32 0a"
    )  # e green-Tea-4711 red-Tea-4712
    wire.expect("30 0a")  # 0
    stranger = house.connect()
    stranger.send(
        "65 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 20 72 65 64 2d 54 65 61 2d 34 37 31 32 0a"
    )  # e green-Tea-4711 red-Tea-4712
    stranger.expect("31 0a")  # 1
    stranger.send("32 20 61 6e 6e 20 72 65 64 2d 54 65 61 2d 34 37 31 32 0a")  # 2 ann red-Tea-4712
    stranger.expect("32 0a")  # 2


@pytest.mark.row("verdict locked")
def test_locked_after_five_failures(house: House):
    house.person("ann")
    wire = house.connect()
    for answer in (*["33 0a"] * 4, "34 0a"):  # 3 | 4
        wire.send("32 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 32 0a")  # 2 ann green-Tea-4712
        wire.expect(answer)
    wire.send(SIGN_IN)
    wire.expect("34 0a")  # 4


@pytest.mark.row("verdict locked")
def test_blocked_by_an_administrator_and_not_approved(house: House):
    accounts.block_user(house.administrator, house.person("ann"), "spam")
    house.person("bob", approved=False)
    wire = house.connect()
    wire.send(SIGN_IN)
    wire.expect("34 0a")  # 4
    wire.send("32 20 62 6f 62 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 2 bob green-Tea-4711
    wire.expect("34 0a")  # 4


@pytest.mark.row("verdict elsewhere")
def test_signed_in_elsewhere(house: House):
    house.gate.policy(**{"signin.sessions": "refuse"})
    first = house.enter("ann")
    second = house.connect()
    second.send(SIGN_IN)
    second.expect("31 0a")  # 1
    first.send("37 20 61 6e 6e 0a")  # 7 ann
    first.expect("30 0a")  # 0: still there


@pytest.mark.row("verdict displaced")
def test_ended_or_blocked_while_connected(house: House):
    ann, bob = house.enter("ann"), house.enter("bob")
    accounts.end_all_sessions(house.people["ann"])
    ann.closed()
    accounts.block_user(house.administrator, house.people["bob"], "spam")
    bob.closed()


@pytest.mark.row("verdict refused")
def test_refused_by_a_rule(house: House):
    ann = house.enter("ann")
    house.person("bob")
    group = house.group("Tea", "bob", "ann")
    house.mute("bob", group, "ann")
    ann.send("33 20 61 6e 6e 20 54 65 61 20 68 69 0a")  # 3 ann Tea hi
    ann.refused("21 20 33 20 6d 75 74 65 64 20")  # ! 3 muted …
    ann.send("37 20 61 6e 6e 0a")  # 7 ann
    ann.expect("30 0a")  # 0: the connection stays
