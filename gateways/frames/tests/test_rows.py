"""Each row of `frames`: the bytes a client sends, the bytes that come back. What they say stands behind them."""

from __future__ import annotations

import pytest

from accounts import actions as accounts
from gateways.frames import session
from gateways.frames.tests.house import House
from gateways.frames.tests.written import raw
from messaging import actions
from messaging.models import Message
from realtime.models import Connection, ServerProcess

SENT, NO_RECEIVER, REFUSED = "72000004", "72010004", "72020004"


@pytest.mark.row("frames 0x12", "frames 0x72", "frames 0x77")
def test_a_text_without_receivers_is_for_everyone(house: House):
    me, lisi = house.enter("张三"), house.enter("李四")
    browser = house.browser("lan")
    me.send("12000009 6368c3a06f")  # chào
    me.expect(SENT)
    lisi.expect("77010011 40e5bca0e4b88920 6368c3a06f")  # @张三 chào
    assert browser.message(body="chào")["sender"] == house.people["张三"].pk
    me.silent()  # no copy of his own


@pytest.mark.row("frames 0x12", "frames 0x77")
def test_so_is_one_to_all_by_name(house: House):
    me, lisi = house.enter("张三"), house.enter("李四")
    me.send("12000011 40e68980e69c89e4baba20 6869")  # @所有人 hi
    me.expect(SENT)
    lisi.expect("7701000e 40e5bca0e4b88920 6869")  # @张三 hi


@pytest.mark.row("frames 0x12")
def test_and_one_that_begins_with_a_blank(house: House):
    me, lan = house.enter("张三"), house.enter("lan")
    me.send("1200000b 20 406c616e20 3f")  # a blank, then @lan ?
    me.expect(SENT)
    lan.expect("77010012 40e5bca0e4b88920 406c616e20 3f")  # @张三 @lan ?
    me.send("12000006 4020")  # @ and a blank: nobody is named
    me.expect(SENT)
    lan.expect("7701000d 40e5bca0e4b88920 40")


@pytest.mark.row("frames 0x12", "frames 0x77")
def test_a_text_for_one(house: House):
    me, lisi, lan = house.enter("张三"), house.enter("李四"), house.enter("lan")
    me.send("1200000e 40e69d8ee59b9b20 6869")  # @李四 hi
    me.expect(SENT)
    lisi.expect("7700000e 40e5bca0e4b88920 6869")  # @张三 hi, to him alone
    lan.silent()


@pytest.mark.row("frames 0x12")
def test_a_text_for_several(house: House):
    me, lisi, lan = house.enter("张三"), house.enter("李四"), house.enter("lan")
    me.send("12000013 40e69d8ee59b9b20 406c616e20 6869")  # @李四 @lan hi
    me.expect(SENT)
    for peer in (lisi, lan):
        peer.expect("7700000e 40e5bca0e4b88920 6869")
        peer.silent()


@pytest.mark.row("frames 0x72")
def test_where_one_receiver_does_not_exist_nobody_gets_it(house: House):
    me, lisi = house.enter("张三"), house.enter("李四")
    me.send("12000016 40e69d8ee59b9b20 406e6f626f647920 6869")  # @李四 @nobody hi
    me.expect(NO_RECEIVER)
    me.send("1200000d 23546fc3a16e20 6869")  # #Toán hi: there is no such group
    me.expect(NO_RECEIVER)
    house.person("lan")
    me.send("1200000b 404c616e20 6869")  # @Lan hi: nobody is called so
    me.expect(NO_RECEIVER)
    lisi.silent()


@pytest.mark.row("frames 0x72")
def test_a_text_that_is_none_is_refused(house: House):
    me, lisi = house.enter("张三"), house.enter("李四")
    for nothing in ("12000004", "12000005 20", "1200000c 40e69d8ee59b9b20", "12000005 00"):
        me.send(nothing)
        me.expect(REFUSED)
    lisi.silent()


@pytest.mark.row("frames 0x72")
def test_who_is_muted_is_refused(house: House):
    house.person("李四"), house.person("张三")
    group = house.group("Toán", "李四", "张三")
    me, lisi = house.enter("张三"), house.enter("李四")
    actions.mute_member(house.people["李四"], group, house.people["张三"].pk, 60)
    me.send("1200000d 23546fc3a16e20 6869")
    me.expect(REFUSED)
    lisi.silent()


@pytest.mark.row("frames 0x72")
def test_where_one_receiver_may_not_be_written_to_nobody_gets_it(house: House):
    for name in ("李四", "张三"):
        house.person(name)
    group = house.group("Toán", "李四", "张三")
    me, lisi = house.enter("张三"), house.enter("李四")
    me.send("12000016 40e69d8ee59b9b20 23546fc3a16e20 796573")  # @李四 #Toán yes
    me.expect(SENT)
    both = {raw("7700000f 40e5bca0e4b88920 796573"), raw("77010016 40e5bca0e4b88920 23546fc3a16e20 796573")}
    assert {lisi.frame(), lisi.frame()} == both  # each conversation has its own order, the two have none
    actions.mute_member(house.people["李四"], group, house.people["张三"].pk, 60)
    me.send("12000015 40e69d8ee59b9b20 23546fc3a16e20 6e6f")  # @李四 #Toán no
    me.expect(REFUSED)
    lisi.silent()
    assert not Message.objects.filter(body="no").exists()


@pytest.mark.row("frames 0x12", "frames 0x77")
def test_groups(house: House):
    for name in ("张三", "李四", "lan"):
        house.person(name)
    house.group("Toán", "李四", "张三")
    wide = house.group("Nhóm A", "李四", "张三")
    me, lisi, lan = house.enter("张三"), house.enter("李四"), house.enter("lan")
    me.send("1200000d 23546fc3a16e20 6869")  # #Toán hi
    me.expect(SENT)
    lisi.expect("77010015 40e5bca0e4b88920 23546fc3a16e20 6869")  # @张三 #Toán hi
    me.send("12000010 234e68c3b36dc2a04120 6869")  # #Nhóm A hi, with U+00A0 in the name
    me.expect(SENT)
    lisi.expect("77010018 40e5bca0e4b88920 234e68c3b36dc2a04120 6869")
    house.browser("李四").say(wide, "chào")
    me.expect("7701001b 40e69d8ee59b9b20 234e68c3b36dc2a04120 6368c3a06f")  # @李四 #Nhóm A chào
    lisi.expect("7701001b 40e69d8ee59b9b20 234e68c3b36dc2a04120 6368c3a06f")  # his other connection
    lan.send("1200000d 23546fc3a16e20 6869")
    lan.expect(NO_RECEIVER)


def test_who_was_removed_from_a_group_is_no_member(house: House):
    for name in ("张三", "李四"):
        house.person(name)
    group = house.group("Toán", "李四", "张三")
    me, lisi = house.enter("张三"), house.enter("李四")
    me.send("1200000d 23546fc3a16e20 6869")  # #Toán hi
    me.expect(SENT)
    lisi.expect("77010015 40e5bca0e4b88920 23546fc3a16e20 6869")
    actions.remove_member(house.people["李四"], group, house.people["张三"].pk)
    house.gate.settle()
    lisi.send("1200000d 23546fc3a16e20 6869")
    lisi.expect(SENT)
    me.silent()
    me.send("1200000d 23546fc3a16e20 6869")
    me.expect(NO_RECEIVER)


@pytest.mark.row("frames 0x16")
def test_signing_off(house: House):
    me, lisi = house.enter("张三"), house.enter("李四")
    me.send("16000004")
    me.closed()
    house.left(me)
    lisi.silent()


@pytest.mark.row("frames 0x75")
def test_who_comes_and_goes(house: House):
    me = house.enter("张三")
    lisi = house.connect()
    house.person("李四")
    lisi.send("11000020 e69d8ee59b9b 00*10 6d61742d6b6861752d313263")
    lisi.expect("71000004", "7601000b 40e5bca0e4b889")  # @张三
    me.expect("75000020 e69d8ee59b9b 00*10 00*12")  # 李四 is online
    house.gate.gone(lisi.wire)
    house.told("75010020", "李四")  # without the seconds in which he might come back
    me.silent()


@pytest.mark.row("frames 0x75")
def test_nobody_sees_who_has_blocked_him(house: House):
    me, lan = house.enter("张三"), house.person("lan")
    accounts.block_person(lan, house.person("张三").pk)
    house.gate.settle()
    peer = house.connect()
    peer.send("11000020 6c616e 00*13 6d61742d6b6861752d313263")
    peer.expect("71000004", "76000004")
    house.enter("李四")  # whom both see
    peer.expect("75000020 e69d8ee59b9b 00*10 00*12")
    me.silent()


@pytest.mark.row("frames 0x76")
def test_who_is_online_friends_first(house: House):
    house.enter("lan"), house.enter("李四"), house.browser("minh")
    house.person("张三")
    house.befriend("张三", "李四")
    me = house.enter("张三")
    assert me.listed.hex() == "7603001640e69d8ee59b9b20406c616e20406d696e68"  # @李四 @lan @minh


@pytest.mark.row("frames 0x76")
def test_where_only_friends_write_to_each_other_only_they_are_listed(house: House):
    house.gate.policy(**{"people.direct": "friends"})
    house.person("张三"), house.person("李四"), house.person("lan")
    house.befriend("张三", "李四")
    lan, lisi, me = house.connect(), house.connect(), house.connect()
    lan.send("11000020 6c616e 00*13 6d61742d6b6861752d313263")
    lan.expect("71000004", "76000004")
    lisi.send("11000020 e69d8ee59b9b 00*10 6d61742d6b6861752d313263")
    lisi.expect("71000004", "76000004")
    me.send("11000020 e5bca0e4b889 00*10 6d61742d6b6861752d313263")
    me.expect("71000004", "7601000b 40e69d8ee59b9b")  # @李四
    lisi.expect("75000020 e5bca0e4b889 00*10 00*12")  # 张三 is online
    lan.silent()


@pytest.mark.row("frames 0x76", "frames 0x75")
def test_at_most_255_are_listed_the_rest_follows(house: House, monkeypatch: pytest.MonkeyPatch):
    assert session.LISTED_MAX == 255
    monkeypatch.setattr(session, "LISTED_MAX", 3)
    process = ServerProcess.objects.get()
    for number in range(5):
        user = house.person(f"u{number}")
        Connection.objects.create(process=process, number=10**6 + number, user_id=user.pk, login_session=0)
    house.person("张三")
    house.befriend("张三", "u4")
    me = house.connect()
    me.send("11000020 e5bca0e4b889 00*10 6d61742d6b6861752d313263")
    me.expect("71000004", "7603000f 407534 20 407530 20 407531")  # @u4 @u0 @u1
    me.expect("75000020 7532 00*14 00*12", "75000020 7533 00*14 00*12")  # u2 and u3 are online
    me.silent()


@pytest.mark.row("frames 0x76", "frames 0x77")
def test_the_last_messages_come_after_the_sign_in(house: House):
    lisi = house.browser("李四")
    me = house.person("张三")
    accounts.set_options(me, {"look_back": 10})
    everyone = house.everyone
    for letter in range(0x61, 0x6C):  # a … k
        lisi.say(everyone, chr(letter))
    direct = house.direct("李四", "张三")
    lisi.say(direct, "x")
    gone = lisi.say(everyone, "y")
    lisi.ask("message.recall", conversation=everyone, seq=gone)
    peer = house.connect()
    peer.send("11000020 e5bca0e4b889 00*10 6d61742d6b6861752d313263")
    peer.expect("71000004", "7601000b 40e69d8ee59b9b")
    for letter in range(0x63, 0x6C):  # c … k: nine to everyone, oldest first
        peer.expect(f"7701000d 40e69d8ee59b9b20 {letter:02x}")
    peer.expect("7700000d 40e69d8ee59b9b20 78")  # and x to him alone
    peer.silent()
