"""Texts, presence, history and settings: requests and what everybody gets, written out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts import actions as accounts
from accounts.models import User
from gateways.names import base36
from gateways.packets.kept import kept_of
from gateways.packets.tests.hexes import raw
from gateways.packets.tests.peer import ANN, BEN, LI, SYSTEM, Peer, say
from messaging import actions
from messaging.models import Conversation, Message

pytestmark = pytest.mark.django_db(transaction=True)
HI = "6869"
TO_ALL = "0012 0000 00000006 00000000" + HI
TO_BEN = "0012 0000 00000026 00000001" + BEN + HI
CLEAR = "0082 0003 00000000"


@pytest.fixture
def people(gate: Any) -> dict[str, User]:
    return {name: gate.person(name) for name in ("ann", "ben", "李娜")}


@pytest.mark.row("packets 0x12/0x00", "packets 0x82/0x00")
def test_a_text_to_all_comes_to_all_the_sender_too(gate: Any, people: dict[str, User]) -> None:
    ann, ben = Peer(gate).sign_in(ANN), Peer(gate).sign_in(BEN)
    ann.frame()  # ben came
    ann.send(TO_ALL)
    ann.expect_said(*say(HI, ANN))
    ben.expect_said(*say(HI, ANN))
    everyone = Conversation.objects.get(kind="everyone")
    assert Message.objects.filter(conversation=everyone, body="hi", sender=people["ann"]).count() == 1
    ann.wire.silent()


@pytest.mark.row("packets 0x12/0x00")
def test_a_text_to_one_comes_to_him_alone_and_not_back(gate: Any, people: dict[str, User]) -> None:
    ben, li, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(LI), Peer(gate).sign_in(ANN)
    ben.frame(), ben.frame(), li.frame()  # those who came later
    ann.send(TO_BEN)
    ben.expect_said(*say(HI, ANN))
    ann.wire.silent()
    li.wire.silent()


@pytest.mark.row("packets 0x12/0x00")
def test_a_text_to_several_and_to_oneself_echoes_once(gate: Any, people: dict[str, User]) -> None:
    ben, li, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(LI), Peer(gate).sign_in(ANN)
    ben.frame(), ben.frame(), li.frame()
    ann.send("0012 0000 00000066 00000003" + BEN + LI + ANN + HI)
    for peer in (ben, li, ann):
        peer.expect_said(*say(HI, ANN))
    ann.wire.silent()
    assert Message.objects.filter(body="hi").count() == 2


@pytest.mark.row("packets 0x12/0x00")
def test_naming_only_oneself_echoes_and_stores_nothing(gate: Any, people: dict[str, User]) -> None:
    ann = Peer(gate).sign_in(ANN)
    ann.send("0012 0000 00000026 00000001" + ANN + HI)
    ann.expect_said(*say(HI, ANN))
    assert not Message.objects.filter(body="hi").exists()


@pytest.mark.row("packets 0x12/0x00", "packets 0x82/0x00")
def test_unknown_receivers_are_skipped_and_told_in_one_frame(gate: Any, people: dict[str, User]) -> None:
    ben, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(ANN)
    ben.frame()
    nobody, ghost = " 6e6f626f6479 00*26 ", " 67686f7374 00*27 "
    ann.send("0012 0000 00000066 00000003" + nobody + BEN + ghost + HI)
    ben.expect_said(*say(HI, ANN))
    ann.expect_said(*say(b"nobody, ghost: There is no account of this name.".hex(), SYSTEM))
    ann.wire.silent()


@pytest.mark.row("verdict refused")
def test_what_a_rule_refuses_is_told_by_system_and_the_connection_stays(gate: Any, people: dict[str, User]) -> None:
    accounts.block_person(people["ben"], people["ann"].pk)
    gate.policy(**{"people.direct": "friends"})
    ann = Peer(gate).sign_in(ANN)
    ann.send("0012 0000 00000026 00000001" + LI + HI)
    told = ann.frame()
    assert told[:2] == (0x82, 0) and told[2].startswith(raw(SYSTEM)) and told[2][51:].startswith("李娜: ".encode())
    ann.send("0012 0000 00000007 00000000 202020")  # nothing but blanks
    ann.expect_said(*say(b"Write something first.".hex(), SYSTEM))
    ann.send(TO_ALL)
    ann.expect_said(*say(HI, ANN))


@pytest.mark.row("packets 0x12/0x00", "packets 0x82/0x00")
def test_a_group_is_a_receiver_and_stands_before_its_texts(gate: Any, people: dict[str, User]) -> None:
    actions.create_group(people["ann"], "研究 组", [people["ben"].pk])
    ben, li, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(LI), Peer(gate).sign_in(ANN)
    ben.frame(), ben.frame(), li.frame()
    group = " 23e7a094e7a9b620e7bb84 00*21 "  # #研究 组
    ann.send("0012 0000 00000026 00000001" + group + HI)
    ben.expect_said(*say("23e7a094e7a9b620e7bb84 20" + HI, ANN))
    ann.wire.silent()
    li.send("0012 0000 00000026 00000001" + group + HI)
    li.expect_said(*say("#研究 组: There is no such thing, or you may not see it.".encode().hex(), SYSTEM))


@pytest.mark.row("packets 0x81/0x00 0x81/0x01")
def test_who_comes_and_goes_is_told_to_the_others(gate: Any, people: dict[str, User]) -> None:
    ann, ben = Peer(gate).sign_in(ANN), Peer(gate).sign_in(BEN)
    ann.expect("0081 0000 00000020" + BEN)
    gate.gone(ben.wire)
    ann.expect("0081 0001 00000020" + BEN)
    ann.wire.silent()


def test_names_that_do_not_fit_travel_as_aliases_both_ways(gate: Any, people: dict[str, User]) -> None:
    name = "阮明开红玉的很长很长的名字"  # 13 letters, 39 bytes
    tail = f"~{base36(gate.person(name).pk)}"
    letters, rest = divmod(32 - len(tail), 3)
    alias = f" {name[:letters].encode().hex()} {tail.encode().hex()} 00*{rest} "
    long = Peer(gate)
    assert len(raw(alias)) == 32
    long.sign_in(alias)
    ann = Peer(gate).sign_in(ANN)
    long.frame()
    ann.send("0012 0000 00000026 00000001" + alias + HI)
    long.expect_said(*say(HI, ANN))
    long.send("0012 0000 00000026 00000001" + ANN + HI)
    ann.expect_said(*say(HI, alias))


def test_another_connection_of_the_sender_gets_what_he_sends(gate: Any, people: dict[str, User]) -> None:
    gate.policy(**{"signin.sessions": "allow"})
    one, two = Peer(gate).sign_in(ANN), Peer(gate).sign_in(ANN)
    one.send(TO_BEN)
    two.expect_said(*say(HI, ANN))
    one.send("0012 0000 00000046 00000002" + BEN + LI + HI)
    two.expect_said(*say(HI, ANN))
    two.expect_said(*say(HI, ANN))
    one.wire.silent()


@pytest.mark.row("packets 0x82/0x00")
def test_a_text_outside_of_groups_never_looks_like_one_in_a_group(gate: Any, people: dict[str, User]) -> None:
    ben, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(ANN)
    ben.frame()
    ann.send("0012 0000 00000026 00000001" + BEN + "2367", "0012 0000 00000006 00000000 2367")
    ben.expect_said(*say("202367", ANN))
    ben.expect_said(*say("202367", ANN))
    ann.expect_said(*say("202367", ANN))


def test_a_text_of_a_browser_arrives_letter_for_letter(gate: Any, people: dict[str, User]) -> None:
    ben = Peer(gate).sign_in(BEN)
    tab = gate.browser(people["ann"])
    ben.expect("0081 0000 00000020" + ANN)
    text = "một\n@ben #nhóm\n李" + "🐼" * 9_980
    everyone = Conversation.objects.get(kind="everyone").pk
    assert tab.code("message.send", {"conversation": everyone, "client_id": "client-001", "body": text}) == "ok"
    ben.expect_said(*say(text.encode().hex(), ANN))


@pytest.mark.row("packets 0x12/0x05", "packets 0x82/0x03", "packets 0x82/0x00")
def test_looking_back_clears_the_screen_and_shows_the_last_messages(gate: Any, people: dict[str, User]) -> None:
    ann = Peer(gate).sign_in(ANN)
    ann.ask("0012 0005 00000004 000003e8", CLEAR)
    ann.send(TO_BEN, TO_ALL)
    ann.expect_said(*say(HI, ANN))
    gate.settle()
    begin = datetime(2018, 12, 12, 18, 30, tzinfo=UTC)  # in the site's zone it is the 13th
    for number, message in enumerate(Message.objects.filter(body="hi").order_by("pk")):
        Message.objects.filter(pk=message.pk).update(sent_at=begin + timedelta(seconds=number))
    first, second = " 323031382e31322e31332030313a33303a3030 ", " 323031382e31322e31332030313a33303a3031 "
    head = "0082 0000 00000035" + ANN
    ann.ask("0012 0005 00000004 00000001", CLEAR, head + second + HI)
    ann.ask("0012 0005 00000004 00000002", CLEAR, head + first + HI, head + second + HI)
    ann.ask("0012 0005 00000004 00000000", CLEAR)
    ann.wire.silent()


def test_history_holds_edits_and_nothing_of_what_was_taken_back(gate: Any, people: dict[str, User]) -> None:
    ann, tab = Peer(gate).sign_in(ANN), gate.browser(people["ben"])
    ann.frame()  # ben came
    everyone = Conversation.objects.get(kind="everyone").pk
    for number in (1, 2):
        data = {"conversation": everyone, "client_id": f"client-00{number}", "body": "abc"}
        seq = tab.ask("message.send", data)["data"]["seq"]
        ann.expect_said(*say("616263", BEN))
    assert tab.code("message.edit", {"conversation": everyone, "seq": seq, "body": "xyz"}) == "ok"
    assert tab.code("message.recall", {"conversation": everyone, "seq": seq - 1}) == "ok"
    gate.settle()
    ann.wire.silent()
    ann.ask("0012 0005 00000004 0000000a", CLEAR)
    ann.expect_said(*say("78797a", BEN))
    ann.wire.silent()


@pytest.mark.row("packets 0x13 0x83")
def test_settings_are_set_where_valid_and_the_clients_own_keys_come_back_untouched(
    gate: Any, people: dict[str, User]
) -> None:
    ann = Peer(gate).sign_in(ANN)
    own = b'"font":{"size": 12.50,"name":"\\u5b8b\\ud800"},"x":[1e3,  null]'
    sent = b'{"theme":"dark", "look_back":"no", ' + own + b' ,"sounds":false}'
    ann.send(f"0013 0000 {len(sent):08x}" + sent.hex())
    ann.ask("0012 0005 00000004 00000000", CLEAR)  # 0x13 has no answer
    gate.gone(ann.wire)
    options = User.objects.get(pk=people["ann"].pk).options
    assert options == {"theme": "dark", "sounds": False}
    again = Peer(gate)
    again.send("0010 0000 00000040" + ANN + " 677265656e2d5465612d34373131 00*18")
    again.frame()
    document = again.frame()[2]
    assert document.startswith(b'{"theme":"dark","accent":"blue",') and b'"sounds":false' in document
    assert document.endswith(b',"language":"","time_zone":"",' + own + b"}")


@pytest.mark.row("packets 0x13 0x83")
@pytest.mark.parametrize("sent", [b"[]", b"{", b'{"x":NaN}', b'{"x":"' + b"y" * 65_500 + b'"}', b"\xff{}", b'"theme"'])
def test_what_is_no_object_or_too_large_changes_nothing(gate: Any, people: dict[str, User], sent: bytes) -> None:
    ann = Peer(gate).sign_in(ANN)
    first = b'{"theme":"dark","mine":1}'
    ann.send(f"0013 0000 {len(first):08x}" + first.hex(), f"0013 0000 {len(sent):08x}" + sent.hex())
    ann.ask("0012 0005 00000004 00000000", CLEAR)
    assert User.objects.get(pk=people["ann"].pk).options == {"theme": "dark"}
    assert kept_of(people["ann"]) == '"mine":1'
