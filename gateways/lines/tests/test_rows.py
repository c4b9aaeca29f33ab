"""Each row of `lines`: the bytes a client sends, the bytes that come back. What they say stands behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts import actions as accounts
from gateways.lines.tests.house import House
from messaging import actions


@pytest.mark.row("lines 1")
def test_1_signs_up(house: House):
    house.gate.policy(**{"registration.mode": "open"})
    wire = house.connect()
    wire.send("31 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 1 ann green-Tea-4711
    wire.expect("30 0a")  # 0
    wire.send("31 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 1 ann green-Tea-4711
    wire.expect("31 0a")  # 1: the name is taken
    wire.send("31 20 e5 ae 89 20 31 32 33 0a")  # 1 安 123
    wire.expect("31 0a")  # 1: too short a password
    wire.send("32 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 2 ann green-Tea-4711
    wire.expect("32 0a")  # 2


@pytest.mark.row("lines 1")
def test_1_where_nobody_may_sign_up(house: House):
    house.gate.policy(**{"registration.mode": "closed"})
    wire = house.connect()
    wire.send("31 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 1 ann green-Tea-4711
    wire.expect("31 0a")  # 1


class Broken:
    """A rule for passwords that does not work."""

    def validate(self, password: str, user: Any = None) -> None:
        raise RuntimeError("broken")

    def get_help_text(self) -> str:
        return ""


@pytest.mark.row("lines 1")
def test_1_when_the_server_stumbles(house: House, settings: Any):
    house.gate.policy(**{"registration.mode": "open"})
    wire = house.connect()
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": f"{__name__}.Broken"}]
    wire.send("31 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 1 ann green-Tea-4711
    wire.expect("32 0a")  # 2
    settings.AUTH_PASSWORD_VALIDATORS = []
    wire.send("31 20 61 6e 6e 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 1 ann green-Tea-4711
    wire.expect("30 0a")  # 0: and the connection has stayed


@pytest.mark.row("lines 2")
def test_2_signs_in(house: House):
    house.person("安娜")
    wire = house.connect()
    wire.send("32 20 e5 ae 89 e5 a8 9c 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 32 0a")  # 2 安娜 green-Tea-4712
    wire.expect("33 0a")  # 3
    wire.send("32 20 e5 ae 89 e5 a8 9c 20 67 72 65 65 6e 2d 54 65 61 2d 34 37 31 31 0a")  # 2 安娜 green-Tea-4711
    wire.expect("32 0a")  # 2


@pytest.mark.row("lines 3")
def test_3_is_forwarded_to_every_member_the_sender_too(house: House):
    ann, bob, cy = house.enter("ann"), house.enter("bob"), house.enter("cy")
    house.group("Tea", "ann", "bob")
    ann.send("33 20 61 6e 6e 20 54 65 61 20 e4 bd a0 e5 a5 bd 0a")  # 3 ann Tea 你好
    ann.expect("33 20 61 6e 6e 20 54 65 61 20 e4 bd a0 e5 a5 bd 0a")  # 3 ann Tea 你好
    bob.expect("33 20 61 6e 6e 20 54 65 61 20 e4 bd a0 e5 a5 bd 0a")  # 3 ann Tea 你好
    cy.silent()
    cy.send("33 20 63 79 20 54 65 61 20 68 69 0a")  # 3 cy Tea hi
    cy.refused("21 20 33 20 6e 6f 74 5f 66 6f 75 6e 64 20")  # ! 3 not_found …


@pytest.mark.row("lines 3")
def test_3_to_a_group_with_a_blank_in_its_name(house: House):
    ann, bob = house.enter("ann"), house.enter("bob")
    house.group("Tea Club", "ann", "bob")
    ann.send("33 20 61 6e 6e 20 54 65 61 c2 a0 43 6c 75 62 20 68 69 0a")  # 3 ann Tea␣Club hi
    ann.expect("33 20 61 6e 6e 20 54 65 61 c2 a0 43 6c 75 62 20 68 69 0a")  # 3 ann Tea␣Club hi
    bob.expect("33 20 61 6e 6e 20 54 65 61 c2 a0 43 6c 75 62 20 68 69 0a")  # 3 ann Tea␣Club hi


@pytest.mark.row("lines 3")
def test_3_to_everyone(house: House):
    ann, bob = house.enter("ann"), house.enter("bob")
    ann.send("33 20 61 6e 6e 20 e6 89 80 e6 9c 89 e4 ba ba 20 68 69 0a")  # 3 ann 所有人 hi
    ann.expect("33 20 61 6e 6e 20 45 76 65 72 79 6f 6e 65 20 68 69 0a")  # 3 ann Everyone hi
    bob.expect("33 20 61 6e 6e 20 45 76 65 72 79 6f 6e 65 20 68 69 0a")  # 3 ann Everyone hi


@pytest.mark.row("lines 4")
def test_4_asks_somebody_to_be_a_friend(house: House):
    ann = house.connect()
    ann.send("34 20 61 6e 6e 20 62 6f 62 0a")  # 4 ann bob
    ann.expect("34 0a")  # 4: not signed in
    house.befriend("ann", "dan")
    house.person("cy")
    ann, bob = house.enter("ann"), house.enter("bob")
    ann.send("34 20 61 6e 6e 20 7a 6f 65 0a")  # 4 ann zoe
    ann.expect("30 0a")  # 0: no such user
    ann.send("34 20 61 6e 6e 20 62 6f 62 0a")  # 4 ann bob
    ann.expect("31 0a")  # 1
    bob.expect("34 20 61 6e 6e 20 62 6f 62 0a")  # 4 ann bob
    ann.send("34 20 61 6e 6e 20 63 79 0a")  # 4 ann cy
    ann.expect("33 0a")  # 3: not online; kept
    house.enter("cy", more="34 20 61 6e 6e 20 63 79 0a")  # 4 ann cy
    ann.send("34 20 61 6e 6e 20 64 61 6e 0a")  # 4 ann dan
    ann.expect("32 0a")  # 2: friends already
    bob.send("34 20 61 6e 6e 20 62 6f 62 0a")  # 4 ann bob
    bob.expect("34 0a")  # 4: not the one who is signed in


@pytest.mark.row("lines 5")
def test_5_is_forwarded_to_the_receiver(house: House):
    ann, bob = house.enter("ann"), house.enter("bob")
    house.person("cy")
    ann.send("35 20 61 6e 6e 20 62 6f 62 20 63 68 c3 a0 6f 20 40 63 79 20 23 31 0a")  # 5 ann bob chào @cy #1
    bob.expect("35 20 61 6e 6e 20 62 6f 62 20 63 68 c3 a0 6f 20 40 63 79 20 23 31 0a")  # 5 ann bob chào @cy #1
    ann.silent()  # no answer
    ann.send("35 20 61 6e 6e 20 63 79 20 68 69 0a")  # 5 ann cy hi
    ann.expect("30 0a")  # 0: not online; kept
    house.enter("cy", more="35 20 61 6e 6e 20 63 79 20 68 69 0a")  # 5 ann cy hi
    ann.send("35 20 61 6e 6e 20 7a 6f 65 20 68 69 0a")  # 5 ann zoe hi
    ann.expect("31 0a")  # 1: no such user


@pytest.mark.row("lines 5")
def test_5_where_the_site_asks_for_friendship_and_behind_a_block(house: House):
    house.befriend("ann", "bob")
    house.gate.policy(**{"people.direct": "friends"})
    ann, bob, _ = house.enter("ann"), house.enter("bob"), house.enter("cy")
    ann.send("35 20 61 6e 6e 20 63 79 20 68 69 0a")  # 5 ann cy hi
    ann.expect("31 0a")  # 1
    ann.send("35 20 61 6e 6e 20 62 6f 62 20 68 69 0a")  # 5 ann bob hi
    bob.expect("35 20 61 6e 6e 20 62 6f 62 20 68 69 0a")  # 5 ann bob hi
    accounts.block_person(house.people["bob"], house.people["ann"].pk)
    house.gate.settle()
    ann.send("35 20 61 6e 6e 20 62 6f 62 20 68 69 0a")  # 5 ann bob hi
    ann.expect("30 0a")  # 0
    bob.silent()


@pytest.mark.row("lines 6")
def test_6_is_told_to_both_in_the_word_that_was_used(house: House):
    ann, bob, cy = house.enter("ann"), house.enter("bob"), house.enter("cy")
    for wire, line in (
        (ann, "34 20 61 6e 6e 20 62 6f 62 0a"),
        (cy, "34 20 63 79 20 62 6f 62 0a"),
    ):  # 4 ann bob | 4 cy bob
        wire.send(line)
        wire.expect("31 0a")  # 1
        bob.expect(line)
    bob.send("36 20 62 6f 62 20 61 6e 6e 20 6d 61 79 62 65 0a")  # 6 bob ann maybe
    bob.expect("21 20 36 20 61 6e 73 77 65 72 0a")  # ! 6 answer
    bob.send("36 20 62 6f 62 20 61 6e 6e 20 e5 90 8c e6 84 8f 0a")  # 6 bob ann 同意
    bob.expect("36 20 62 6f 62 20 61 6e 6e 20 e5 90 8c e6 84 8f 0a")  # 6 bob ann 同意
    ann.expect("36 20 62 6f 62 20 61 6e 6e 20 e5 90 8c e6 84 8f 0a")  # 6 bob ann 同意
    bob.send("36 20 62 6f 62 20 63 79 20 6e 6f 0a")  # 6 bob cy no
    bob.expect("36 20 62 6f 62 20 63 79 20 6e 6f 0a")  # 6 bob cy no
    cy.expect("36 20 62 6f 62 20 63 79 20 6e 6f 0a")  # 6 bob cy no
    bob.send("36 20 62 6f 62 20 63 79 20 79 65 73 0a")  # 6 bob cy yes
    bob.refused("21 20 36 20 6e 6f 74 5f 66 6f 75 6e 64 20")  # ! 6 not_found …


@pytest.mark.row("lines 6")
@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (accounts.accept_friend, "36 20 62 6f 62 20 61 6e 6e 20 e5 90 8c e6 84 8f 0a"),  # 6 bob ann 同意
        (accounts.refuse_friend, "36 20 62 6f 62 20 61 6e 6e 20 e6 8b 92 e7 bb 9d 0a"),  # 6 bob ann 拒绝
    ],
)
def test_6_from_a_browser(house: House, answer: Callable, line: str):
    ann, bob = house.enter("ann"), house.enter("bob")
    ann.send("34 20 61 6e 6e 20 62 6f 62 0a")  # 4 ann bob
    ann.expect("31 0a")  # 1
    bob.expect("34 20 61 6e 6e 20 62 6f 62 0a")  # 4 ann bob
    answer(house.people["bob"], house.people["ann"].pk)
    ann.expect(line)
    bob.expect(line)  # to both sides


@pytest.mark.row("lines 7")
def test_7_lists_the_friends(house: House):
    stranger = house.enter("stranger")
    stranger.send("37 20 73 74 72 61 6e 67 65 72 0a")  # 7 stranger
    stranger.expect("30 0a")  # 0: none
    house.befriend("ann", "安娜")
    house.befriend("bob", "ann")
    ann = house.enter("ann")
    ann.send("37 20 61 6e 6e 0a")  # 7 ann
    ann.expect("62 6f 62 20 e5 ae 89 e5 a8 9c 0a")  # bob 安娜


@pytest.mark.row("lines 8")
def test_8_has_no_answer(house: House):
    ann = house.enter("ann")
    ann.send("38 20 61 6e 6e 0a", "37 20 61 6e 6e 0a")  # 8 ann | 7 ann
    ann.expect("30 0a")  # 0: of 7


@pytest.mark.row("lines 9")
def test_9_creates_a_group(house: House):
    ann = house.enter("ann")
    ann.send("39 20 61 6e 6e 20 54 72 c3 a0 20 c4 90 c3 a1 0a")  # 9 ann Trà Đá
    ann.expect("30 0a")  # 0
    ann.send("39 20 61 6e 6e 20 54 72 c3 a0 c2 a0 c4 90 c3 a1 0a")  # 9 ann Trà␣Đá
    ann.expect("31 0a")  # 1
    ann.send("39 20 61 6e 6e 20 23 78 0a")  # 9 ann #x
    ann.expect("32 0a")  # 2
    ann.send("62 20 61 6e 6e 0a")  # b ann
    ann.expect("45 76 65 72 79 6f 6e 65 20 54 72 c3 a0 c2 a0 c4 90 c3 a1 0a")  # Everyone Trà␣Đá


@pytest.mark.row("lines a")
def test_a_asks_to_join(house: House):
    ann, bob = house.enter("ann"), house.enter("bob")
    house.group("Tea", "bob", join_policy="request", discoverable=True)
    house.group("Shut", "bob", join_policy="invitation", discoverable=True)
    house.group("Dark", "bob", join_policy="request", discoverable=False)
    ann.send("61 20 61 6e 6e 20 4e 6f 77 68 65 72 65 0a")  # a ann Nowhere
    ann.expect("30 0a")  # 0
    ann.send("61 20 61 6e 6e 20 53 68 75 74 0a")  # a ann Shut
    ann.expect("30 0a")  # 0
    ann.send("61 20 61 6e 6e 20 44 61 72 6b 0a")  # a ann Dark
    ann.expect("30 0a")  # 0
    ann.send("61 20 61 6e 6e 20 54 65 61 0a")  # a ann Tea
    ann.expect("33 0a")  # 3
    bob.expect("61 20 61 6e 6e 20 54 65 61 0a")  # a ann Tea
    bob.send("61 20 62 6f 62 20 54 65 61 0a")  # a bob Tea
    bob.expect("31 0a")  # 1: a member already


@pytest.mark.row("lines a")
def test_a_where_nobody_is_there_to_answer(house: House):
    ann = house.enter("ann")
    house.person("bob")
    house.group("Tea", "bob", join_policy="request", discoverable=True)
    ann.send("61 20 61 6e 6e 20 54 65 61 0a")  # a ann Tea
    ann.expect("32 0a")  # 2
    house.enter("bob", more="61 20 61 6e 6e 20 54 65 61 0a")  # a ann Tea: it was kept


@pytest.mark.row("lines a")
def test_a_into_an_open_group(house: House):
    ann, bob = house.enter("ann"), house.enter("bob")
    house.group("Tea", "bob", join_policy="open", discoverable=True)
    ann.send("61 20 61 6e 6e 20 54 65 61 0a")  # a ann Tea
    ann.expect("33 0a", "64 20 62 6f 62 20 61 6e 6e 20 54 65 61 20 e5 90 8c e6 84 8f 0a")  # 3 | d bob ann Tea 同意
    bob.send("33 20 62 6f 62 20 54 65 61 20 68 69 0a")  # 3 bob Tea hi
    bob.expect("33 20 62 6f 62 20 54 65 61 20 68 69 0a")  # 3 bob Tea hi
    ann.expect("33 20 62 6f 62 20 54 65 61 20 68 69 0a")  # 3 bob Tea hi


@pytest.mark.row("lines b")
def test_b_lists_my_groups(house: House):
    ann = house.enter("ann")
    ann.send("62 20 61 6e 6e 0a")  # b ann
    ann.expect("45 76 65 72 79 6f 6e 65 0a")  # Everyone
    house.group("Tea Club", "ann")
    ann.send("62 20 61 6e 6e 0a")  # b ann
    ann.expect("45 76 65 72 79 6f 6e 65 20 54 65 61 c2 a0 43 6c 75 62 0a")  # Everyone Tea␣Club


@pytest.mark.row("lines c")
def test_c_lists_the_members_to_members(house: House):
    ann = house.enter("ann")
    for name in ("bob", "安娜", "cy"):
        house.person(name)
    house.group("Tea", "ann", "bob", "安娜")
    house.group("Coffee", "bob", "cy")
    ann.send("63 20 54 65 61 0a")  # c Tea
    ann.expect("61 6e 6e 20 62 6f 62 20 e5 ae 89 e5 a8 9c 0a")  # ann bob 安娜
    for line in ("63 20 43 6f 66 66 65 65 0a", "63 20 4e 6f 77 68 65 72 65 0a"):  # c Coffee | c Nowhere
        ann.send(line)
        ann.expect("0a")  # an empty line


@pytest.mark.row("lines d")
def test_d_is_forwarded_to_the_requester_in_the_word_that_was_used(house: House):
    ann, bob, cy = house.enter("ann"), house.enter("bob"), house.enter("cy")
    group = house.group("Tea", "bob", "cy", join_policy="request", discoverable=True)
    actions.set_role(house.people["bob"], group, house.people["cy"].pk, "manager")
    ann.send("61 20 61 6e 6e 20 54 65 61 0a")  # a ann Tea
    ann.expect("33 0a")  # 3
    for wire in (bob, cy):
        wire.expect("61 20 61 6e 6e 20 54 65 61 0a")  # a ann Tea
    bob.send("64 20 62 6f 62 20 61 6e 6e 20 54 65 61 20 77 65 6c 6c 0a")  # d bob ann Tea well
    bob.expect("21 20 64 20 61 6e 73 77 65 72 0a")  # ! d answer
    cy.send("64 20 63 79 20 61 6e 6e 20 54 65 61 20 79 65 73 0a")  # d cy ann Tea yes: a manager may answer too
    ann.expect("64 20 63 79 20 61 6e 6e 20 54 65 61 20 79 65 73 0a")  # d cy ann Tea yes
    bob.send("64 20 62 6f 62 20 61 6e 6e 20 54 65 61 20 79 65 73 0a")  # d bob ann Tea yes
    bob.refused("21 20 64 20 6e 6f 74 5f 66 6f 75 6e 64 20")  # ! d not_found …: it was answered


@pytest.mark.row("lines d")
@pytest.mark.parametrize(
    ("accept", "line"),
    [
        (True, "64 20 62 6f 62 20 61 6e 6e 20 54 65 61 20 e5 90 8c e6 84 8f 0a"),  # d bob ann Tea 同意
        (False, "64 20 62 6f 62 20 61 6e 6e 20 54 65 61 20 e6 8b 92 e7 bb 9d 0a"),  # d bob ann Tea 拒绝
    ],
)
def test_d_from_a_browser(house: House, accept: bool, line: str):
    ann, bob = house.enter("ann"), house.person("bob")
    house.group("Tea", "bob", join_policy="request", discoverable=True)
    ann.send("61 20 61 6e 6e 20 54 65 61 0a")  # a ann Tea
    ann.expect("32 0a")  # 2
    actions.answer_request(bob, house.join_request("ann"), accept)
    ann.expect(line)


@pytest.mark.row("lines f")
def test_f_gives_older_messages(house: House):
    ann, bob = house.enter("ann"), house.enter("bob")
    house.group("Tea", "ann", "bob")
    for line in (
        "35 20 61 6e 6e 20 62 6f 62 20 6f 6e 65 0a",
        "35 20 61 6e 6e 20 62 6f 62 20 74 77 6f 0a",
    ):  # 5 ann bob one | 5 ann bob two
        ann.send(line)
        bob.expect(line)
    bob.send("35 20 62 6f 62 20 61 6e 6e 20 74 68 72 65 65 0a")  # 5 bob ann three
    ann.expect("35 20 62 6f 62 20 61 6e 6e 20 74 68 72 65 65 0a")  # 5 bob ann three
    ann.send("66 20 35 20 62 6f 62 20 32 0a")  # f 5 bob 2
    ann.expect(
        "35 20 61 6e 6e 20 62 6f 62 20 74 77 6f 0a", "35 20 62 6f 62 20 61 6e 6e 20 74 68 72 65 65 0a"
    )  # 5 ann bob two | 5 bob ann three
    ann.send("33 20 61 6e 6e 20 54 65 61 20 68 69 0a")  # 3 ann Tea hi
    ann.expect("33 20 61 6e 6e 20 54 65 61 20 68 69 0a")  # 3 ann Tea hi
    bob.expect("33 20 61 6e 6e 20 54 65 61 20 68 69 0a")  # 3 ann Tea hi
    bob.send("66 20 33 20 54 65 61 20 35 30 0a")  # f 3 Tea 50
    bob.expect("33 20 61 6e 6e 20 54 65 61 20 68 69 0a")  # 3 ann Tea hi
    bob.send("66 20 33 20 54 65 61 20 30 0a", "37 20 62 6f 62 0a")  # f 3 Tea 0 | 7 bob
    bob.expect("30 0a")  # 0: of 7: none of Tea were asked for
    for line in ("66 20 34 20 61 6e 6e 20 35 0a", "66 20 35 20 61 6e 6e 20 78 0a"):  # f 4 ann 5 | f 5 ann x
        bob.send(line)
        bob.refused("21 20 66 20 62 61 64 5f 72 65 71 75 65 73 74 20")  # ! f bad_request …
