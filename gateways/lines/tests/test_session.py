"""What a session of `lines` promises besides its rows: order, names, texts that forge nothing, what waited, what ends it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from accounts import actions as accounts
from audit.models import Event
from gateways.lines.tests.house import PASSWORD, House
from gateways.names import base36
from messaging import actions


def alias(name: str, number: int) -> bytes:
    return f"{name}~{base36(number)}".encode()


def test_answers_come_in_the_order_of_the_requests(house: House):
    ann, _ = house.enter("ann"), house.person("bob")
    house.group("Tea", "ann")
    ann.send(b"3 ann Tea hi\n7 ann\nb ann\n5 ann bob hi\nc Tea\n8 ann\n9 ann Tea\n3 ann Tea yo\n")
    ann.expect(b"3 ann Tea hi\n0\nEveryone Tea\n0\nann\n1\n3 ann Tea yo\n")


def test_a_line_may_end_as_on_windows_and_come_in_pieces(house: House):
    ann = house.enter("ann")
    ann.send(b"7 an")
    ann.silent()
    ann.send(b"n\r")
    ann.send(b"\n7 ann\r\n7")
    ann.expect(b"0\n0\n")


def test_tagged_answers_name_their_request(house: House):
    house.person("bob")
    wire = house.connect()
    house.person("ann")
    wire.send(f"v tagged\n4 ann bob\n2 ann {PASSWORD}\n".encode())
    wire.expect(b"4 4\n2 2\n")
    house.group("Tea", "ann")
    wire.send(b"3 ann Tea hi\n7 ann\nc Nowhere\n6 ann bob maybe\nf 3 Tea 1\n8 ann\nb ann\n")
    wire.expect(b"3 ann Tea hi\n7 0\nc \n6 ! 6 answer\nf 3 ann Tea hi\nb Everyone Tea\n")


def test_the_form_comes_first_or_not_at_all(house: House):
    ann = house.enter("ann")
    ann.send(b"v tagged\n")
    ann.closed()
    wire = house.connect()
    wire.send(b"v other\n")
    wire.closed()


@pytest.mark.parametrize("name", ["3", "a", "d"])
def test_a_name_that_would_look_like_a_code_travels_as_its_alias(house: House, name: str):
    house.befriend("ann", name)
    ann, odd = house.enter("ann"), house.people[name]
    ann.send(b"7 ann\n")
    ann.expect(alias(name, odd.pk) + b"\n")
    wire = house.connect()
    wire.send(b"2 " + alias(name, odd.pk) + f" {PASSWORD}\n".encode())  # and is a name all the same
    wire.expect(b"2\n")
    ann.send(b"5 ann " + alias(name, odd.pk) + b" hi\n", f"5 ann {name} hi\n".encode())
    wire.expect((b"5 ann " + alias(name, odd.pk) + b" hi\n") * 2)
    wire.send(b"5 " + alias(name, odd.pk) + b" ann hi\n", f"5 {name} ann hi\n".encode())
    ann.expect((b"5 " + alias(name, odd.pk) + b" ann hi\n") * 2)


def test_a_group_that_would_look_like_a_code_or_a_refusal(house: House):
    ann = house.enter("ann")
    three, bang = house.group("3", "ann"), house.group("!", "ann")
    ann.send(b"b ann\n")
    assert sorted(ann.line().split()[1:]) == sorted([alias("!", bang).decode(), alias("3", three).decode()])
    ann.send(b"c 3\n", b"c " + alias("3", three) + b"\n")
    ann.expect(b"ann\nann\n")


def test_another_name_of_the_same_letters_is_another_name(house: House):
    house.person("Ann")
    wire = house.connect()
    wire.send(f"2 ann {PASSWORD}\n".encode())
    wire.expect(b"3\n")
    wire.send(f"2 Ann {PASSWORD}\n".encode())
    wire.expect(b"2\n")


@pytest.mark.parametrize(
    "line",
    [b"\n", b"hello\n", b"7\n", b"7 bob\n", b"8 bob\n", b"3 bob Tea hi\n", b"5 bob ann hi\n", b"d bob ann Tea yes\n", b"7 \xff\n", b"5 ann bob " + b"x" * 4096],
)  # fmt: skip
def test_what_nobody_may_say_closes_the_connection_and_is_noted(house: House, line: bytes):
    ann, bob = house.enter("ann"), house.enter("bob")
    ann.send(line)
    ann.closed()
    bob.send(b"7 bob\n")
    bob.expect(b"0\n")  # nobody else is concerned
    house.gate.settle()
    assert Event.objects.filter(action="gateway.malformed").count() == 1


@pytest.mark.parametrize("line", [b"3 ann Tea hi\n", b"7 ann\n", b"c Tea\n", b"f 3 Tea 1\n", b"GET / HTTP/1.1\r\n"])
def test_before_sign_in_there_is_nothing_to_ask(house: House, line: bytes):
    house.person("ann")
    wire = house.connect()
    wire.send(line)
    wire.closed()


def test_texts_of_browsers_forge_no_line_and_lose_no_letter(house: House):
    bob, tab, where = house.enter("bob"), house.browser("cy"), house.direct("cy", "bob")
    texts = [
        "hi\n5 boss bob you are fired\n\n2\r\n! 3 muted x\u2028d cy bob Tea yes\u00854 ann bob",
        "@ann #Tea @所有人 # @",
        "好" * 10_000,
        "👩\u200d👩\u200d👧" * 2_000,
    ]
    for text in texts:
        tab.say(where, text)
        said, head = "", "5 cy bob "
        wanted = "".join(actions.send.clean_body(text).splitlines())
        while len(said) < len(wanted):
            line = bob.line()
            assert line.startswith(head)
            assert len(line.encode()) <= 4096
            said += line.removeprefix(head)
        assert said == wanted
    bob.silent()


def test_an_edit_or_a_recall_is_not_sent(house: House):
    bob = house.enter("bob")
    tab, where = house.browser("cy"), house.direct("cy", "bob")
    one, two = tab.say(where, "one"), tab.say(where, "two")
    bob.expect(b"5 cy bob one\n5 cy bob two\n")
    cy = house.people["cy"]
    actions.edit_message(cy, where, one, "changed")
    actions.recall_message(cy, where, two)
    actions.react(house.people["bob"], where, one, "👍", True)
    bob.silent()
    bob.send(b"f 5 cy 10\n", b"7 bob\n")
    bob.expect(b"5 cy bob changed\n0\n")


def test_other_connections_of_the_sender_get_it_this_one_does_not(house: House):
    house.gate.policy(**{"signin.sessions": "allow"})
    one, two, bob = house.enter("ann"), house.enter("ann"), house.enter("bob")
    one.send(b"5 ann bob hi\n5 ann ann note\n")
    bob.expect(b"5 ann bob hi\n")
    two.expect(b"5 ann bob hi\n5 ann ann note\n")
    one.silent()


def test_what_waited_comes_after_the_sign_in_the_oldest_first(house: House):
    ann = house.person("ann")
    house.person("bob")
    tab, where = house.browser("bob"), house.direct("ann", "bob")
    accounts.set_options(ann, {"look_back": 10})
    for number in range(12):
        tab.say(where, f"n{number}")
    accounts.request_friend(house.people["bob"], ann.pk)
    house.group("Tea", "ann", join_policy="request", discoverable=True)
    actions.join_group(house.people["bob"], house.groups["Tea"])
    waiting = b"".join(b"5 bob ann n%d\n" % number for number in range(2, 12))
    wire = house.enter("ann", more=waiting + b"4 bob ann\na bob Tea\n")
    wire.send(f"2 ann {PASSWORD}\n".encode())
    wire.expect(b"2\n4 bob ann\na bob Tea\n")  # what was sent counts as read; what waits for an answer still does
    wire.send(b"6 ann bob 1\nd ann bob Tea 0\n")
    wire.expect(b"6 ann bob 1\n")
    wire.send(f"2 ann {PASSWORD}\n".encode())
    wire.expect(b"2\n")
    wire.silent()


def test_an_answer_to_a_request_to_join_waits_and_is_told_once(house: House):
    ann, bob = house.person("ann"), house.person("bob")
    house.group("Tea", "bob", join_policy="request", discoverable=True)
    actions.join_group(ann, house.groups["Tea"])
    actions.answer_request(bob, house.join_request("ann"), True)
    wire = house.enter("ann", more="d bob ann Tea 同意\n".encode())
    wire.send(f"2 ann {PASSWORD}\n".encode())
    wire.expect(b"2\n")
    wire.silent()


def test_two_requests_that_meet_are_a_friendship(house: House):
    ann, bob = house.enter("ann"), house.enter("bob")
    ann.send(b"4 ann bob\n")
    ann.expect(b"1\n")
    bob.expect(b"4 ann bob\n")
    bob.send(b"4 bob ann\n")
    bob.expect("2\n6 bob ann 同意\n".encode())
    ann.expect("6 bob ann 同意\n".encode())


@pytest.mark.parametrize(("answer", "word"), [(accounts.accept_friend, "同意"), (accounts.refuse_friend, "拒绝")])
def test_an_answer_to_a_friend_request_waits_and_is_told_once(house: House, answer: Any, word: str):
    ann, bob = house.enter("ann"), house.person("bob")
    ann.send(b"4 ann bob\n")
    ann.expect(b"3\n")
    house.gate.gone(ann.wire)
    answer(bob, house.people["ann"].pk)
    told = f"6 bob ann {word}\n".encode()
    ann = house.enter("ann", more=told)
    ann.send(f"2 ann {PASSWORD}\n".encode())
    ann.expect(b"2\n")
    ann.silent()


def test_who_is_invisible_is_not_online_and_a_browser_is(house: House):
    accounts.set_options(house.person("bob"), {"invisible": True})
    ann, bob = house.enter("ann"), house.enter("bob")
    ann.send(b"5 ann bob hi\n4 ann bob\n")
    ann.expect(b"0\n3\n")
    bob.expect(b"5 ann bob hi\n4 ann bob\n")
    house.browser("cy")
    house.gate.settle()
    ann.send(b"5 ann cy hi\n4 ann cy\n")
    ann.expect(b"1\n")  # of 4: 5 has no answer


def test_who_was_removed_hears_and_says_nothing_more_in_the_group(house: House):
    ann, bob = house.enter("ann"), house.enter("bob")
    group = house.group("Tea", "ann", "bob")
    ann.send(b"3 ann Tea one\n")
    for wire in (ann, bob):
        wire.expect(b"3 ann Tea one\n")
    actions.remove_member(house.people["ann"], group, house.people["bob"].pk)
    house.gate.settle()
    ann.send(b"3 ann Tea two\n")
    ann.expect(b"3 ann Tea two\n")
    bob.silent()
    bob.send(b"c Tea\nb bob\nf 3 Tea 5\n")
    bob.expect(b"\nEveryone\n")
    assert bob.line().startswith("! f not_found ")


def test_only_masters_and_managers_answer_who_wants_to_join(house: House):
    ann, cy = house.person("ann"), house.enter("cy")
    house.person("bob")
    house.group("Tea", "bob", "cy", join_policy="request", discoverable=True)
    actions.join_group(ann, house.groups["Tea"])
    cy.send(b"d cy ann Tea yes\n")
    assert cy.line().startswith("! d not_found ")
    house.enter("bob", more=b"a ann Tea\n").send(b"d bob ann Tea yes\n7 bob\n")
    house.gate.settle()
    cy.send(b"c Tea\n")
    cy.expect(b"ann bob cy\n")


def test_files_are_lines_of_text(house: House):
    bob, cy = house.enter("bob"), house.browser("cy")
    where = house.direct("cy", "bob")
    offered = {"conversation": where, "client_id": "offer-00000001", "name": "báo cáo.pdf", "size": 2048}
    assert cy.tab.code("file.offer", offered) == "ok"
    bob.expect("5 cy bob [file] báo cáo.pdf (2 KiB)\n".encode())


def test_many_requests_at_once_are_all_answered(house: House):
    ann = house.enter("ann")
    ann.send(b"7 ann\n" * 100)
    ann.expect(b"0\n" * 100)


def test_the_client_of_the_terminal(house: House):
    house.person("ann")
    bob = house.enter("bob")
    typed = f"2 ann {PASSWORD}\n5 ann bob chào\n4 ann zoe\n"
    client = [sys.executable, "-m", "gateways.lines.client", f"127.0.0.1:{house.gate.ports['lines']}"]
    shown = subprocess.run(client, input=typed, capture_output=True, text=True, timeout=60, cwd=settings.BASE_DIR)
    assert shown.stdout == "2 2    (signed in)\n4 0    (no such user)\n", shown.stderr
    bob.expect("5 ann bob chào\n".encode())


def test_an_answer_is_told_once_to_each_connection_of_who_answers(house: House):
    house.gate.policy(**{"signin.sessions": "allow"})
    ann, one, two = house.enter("ann"), house.enter("bob"), house.enter("bob")
    ann.send(b"4 ann bob\n")
    ann.expect(b"1\n")
    for wire in (one, two):
        wire.expect(b"4 ann bob\n")
    one.send(b"6 bob ann yes\n")
    for wire in (one, two, ann):
        wire.expect(b"6 bob ann yes\n")
    accounts.remove_friend(house.people["ann"], house.people["bob"].pk)
    house.gate.settle()
    ann.send(b"4 ann bob\n")
    ann.expect(b"1\n")
    for wire in (one, two):
        wire.expect(b"4 ann bob\n")
    accounts.withdraw_request(house.people["ann"], house.people["bob"].pk)
    for wire in (one, two, ann):
        wire.silent()


def test_an_open_group_lets_in_although_its_masters_account_is_blocked(house: House):
    ann = house.enter("ann")
    house.group("Tea", house.person("bob").username, join_policy="open", discoverable=True)
    accounts.block_user(house.administrator, house.people["bob"], "spam")
    ann.send(b"a ann Tea\nc Tea\n")
    ann.expect("3\nd system ann Tea 同意\nann\n".encode())
