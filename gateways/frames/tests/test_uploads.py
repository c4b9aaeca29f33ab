"""Files that a client sends, byte by byte: announced, taken in packets, stored and offered as a whole or not at all."""

from __future__ import annotations

import socket
import struct
import threading
import time
from typing import Any

import pytest

from accounts.models import LoginSession
from files.models import Offer, StoredFile, Upload
from files.processing import process
from gateways.frames import transfer, uploads
from gateways.frames.tests.house import House, Peer

LISI = "e69d8ee59b9b 00*10"  # 李四
PHOTO = "e785a7e78987 2e 6a7067 00*26"  # 照片.jpg
ANNOUNCED = f"20000040 {LISI} 000007d1 00000003 {PHOTO}"  # 2001 bytes in 3 packets
CONTENT = b"a" * 1000 + b"b" * 1000 + b"c"


def nothing_is_left() -> bool:
    """No file, no offer, nothing on its way."""
    return not (StoredFile.objects.exists() or Upload.objects.exists() or Offer.objects.exists())


def packets(me: Peer, first: int = 0) -> None:
    """All three, each acknowledged."""
    for place, data in enumerate(("61*1000", "62*1000", "63")):
        length = "0019" if place == 2 else "0400"
        me.send(f"2100{length} {LISI} 0000000{first + place} {data}")
        me.expect(f"81000008 0000000{first + place}")


@pytest.mark.row("frames 0x20 0x21", "frames 0x80 0x81")
@pytest.mark.parametrize("first", [0, 1])
def test_a_file_is_offered_to_a_browser_and_downloaded(house: House, first: int):
    me, lisi, lan = house.enter("张三"), house.browser("李四"), house.browser("lan")
    me.send(ANNOUNCED)
    me.expect("80000004")
    packets(me, first)
    message = lisi.message(kind="file")
    assert {key: message["offer"][key] for key in ("name", "size", "state")} == {
        "name": "照片.jpg", "size": 2001, "state": "offered",
    }  # fmt: skip
    assert "files" not in message
    stored = StoredFile.objects.get()
    assert lisi.download(stored.token) == 404  # not before he has agreed
    lisi.ask("offer.answer", conversation=message["conversation"], seq=message["seq"], accept=True)
    done = lisi.offer(message["seq"], "done")
    process(stored.pk)
    assert lisi.download(done["files"][0]["token"]) == CONTENT
    assert lan.download(stored.token) == 404
    me.silent()


@pytest.mark.row("frames 0x80 0x81")
def test_what_is_not_allowed_is_refused_at_once(house: House):
    me = house.enter("张三")
    house.person("李四")
    for announced in (
        f"20000040 6e6f626f6479 00*10 000007d1 00000003 {PHOTO}",  # nobody
        f"20000040 {LISI} 000007d1 00000002 {PHOTO}",  # 2001 bytes are three packets
        f"20000040 {LISI} 000007d1 00000004 {PHOTO}",
        f"20000040 {LISI} 01400001 000051ec {PHOTO}",  # 20 MiB and a byte
        f"20000040 {LISI} ffffffff 00418938 {PHOTO}",
        f"20000040 {LISI} 000007d1 00000003 00*36",  # without a name
        f"20000040 23546fc3a16e 00*10 000007d1 00000003 {PHOTO}",  # #Toán, which does not exist
    ):
        me.send(announced)
        me.expect("80010004")
    house.gate.policy(**{"files.kinds": "images", "files.max_size": 1})
    me.send(f"20000040 {LISI} 000007d1 00000003 612e657865 00*31")  # a.exe
    me.expect("80010004")
    me.send(f"20000040 {LISI} 00100001 00000419 {PHOTO}")  # 1 MiB and a byte
    me.expect("80010004")
    assert nothing_is_left()


def test_one_file_at_a_time(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    me.send(ANNOUNCED)
    me.expect("80000004")
    me.send(ANNOUNCED)
    me.expect("80010004")
    me.send("21000019 6c616e 00*13 00000000 61")  # for lan: not announced, so it is ignored
    packets(me)
    assert lisi.message(kind="file")["offer"]["size"] == 2001
    me.send(ANNOUNCED)
    me.expect("80000004")  # now the next may come
    packets(me)


@pytest.mark.row("frames 0x20 0x21", "frames 0x80 0x81")
def test_repeated_packets_are_acknowledged_and_ignored(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    me.send(ANNOUNCED)
    me.expect("80000004")
    for _ in range(3):
        me.send(f"21000400 {LISI} 00000000 61*1000")
        me.expect("81000008 00000000")
    me.send(f"21000019 {LISI} 00000002 63", f"21000400 {LISI} 00000000 7a*1000", f"21000019 {LISI} 00000002 63")
    me.expect("81000008 00000002", "81000008 00000000", "81000008 00000002")
    me.send(f"21000400 {LISI} 00000001 62*1000")
    me.expect("81000008 00000001")
    me.send(f"21000019 {LISI} 00000002 63")  # its acknowledgement was late
    me.expect("81000008 00000002")
    message = lisi.message(kind="file")
    lisi.ask("offer.answer", conversation=message["conversation"], seq=message["seq"], accept=True)
    process(StoredFile.objects.get().pk)
    assert lisi.download(StoredFile.objects.get().token) == CONTENT
    assert Offer.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        f"21000019 {LISI} 00000001 62",  # too short in the middle
        f"2100001a {LISI} 00000002 6364",  # the last one too long
        f"21000019 {LISI} 00000003 64",  # one too many
        f"21000018 {LISI} 00000001",  # empty
    ],
)
@pytest.mark.row("frames 0x20 0x21", "frames 0x80 0x81")
def test_a_wrong_total_stores_nothing(house: House, wrong: str):
    me = house.enter("张三")
    house.person("李四")
    me.send(ANNOUNCED)
    me.expect("80000004")
    me.send(f"21000400 {LISI} 00000000 61*1000")
    me.expect("81000008 00000000")
    assert Upload.objects.count() == 1
    me.send(wrong)
    me.expect("80010004")
    assert nothing_is_left()
    me.send(f"21000019 {LISI} 00000002 63")  # of a transfer that has ended
    me.silent()
    me.send(ANNOUNCED)
    me.expect("80000004")
    packets(me)
    assert StoredFile.objects.get().size == 2001


def test_a_connection_that_ends_leaves_nothing(house: House):
    me = house.enter("张三")
    house.person("李四")
    me.send(ANNOUNCED)
    me.expect("80000004")
    me.send(f"21000400 {LISI} 00000000 61*1000")
    me.expect("81000008 00000000")
    house.gate.gone(me.wire)
    assert nothing_is_left()


def test_a_connection_that_breaks_in_the_moment_of_the_announcement_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    begun, go, begin = threading.Event(), threading.Event(), uploads.begin

    def slowly(*args: Any) -> Any:
        begun.set()
        assert go.wait(20)
        return begin(*args)

    monkeypatch.setattr(uploads, "begin", slowly)
    me = house.enter("张三")
    house.person("李四")
    me.send(ANNOUNCED)
    assert begun.wait(20)
    me.wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # breaks, not ends
    me.wire.close()
    until = time.monotonic() + 20
    while house.gate.server.connections and time.monotonic() < until:
        time.sleep(0.01)
    sessions = LoginSession.objects.filter(user=house.people["张三"])
    go.set()
    house.gate.settle()
    assert not sessions.filter(ended_at=None).exists() and nothing_is_left()


def test_what_is_announced_and_does_not_come_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transfer, "PATIENCE", 0.2)
    me = house.enter("张三")
    house.person("李四")
    me.send(f"20000040 {LISI} 01400000 000051ec {PHOTO}")  # 20 MiB
    me.expect("80000004", "80010004")
    house.gate.settle()
    assert nothing_is_left()
    me.send("12000006 6869")  # hi
    me.expect("72000004")


def test_an_empty_file(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    me.send(f"20000040 {LISI} 00000000 00000000 {PHOTO}")
    me.expect("80000004")
    assert lisi.message(kind="file")["offer"]["size"] == 0


def test_a_file_for_a_group_is_a_message_there(house: House):
    house.person("张三"), house.person("李四")
    house.group("Toán", "李四", "张三")
    me, lisi = house.enter("张三"), house.enter("李四")
    browser = house.browser("李四")
    toan = "23546fc3a16e 00*10"  # #Toán
    me.send(f"20000040 {toan} 00000003 00000001 {PHOTO}")
    me.expect("80000004")
    me.send(f"2100001b {toan} 00000000 616263")
    me.expect("81000008 00000000")
    assert browser.message(kind="file")["files"][0]["name"] == "照片.jpg"
    # @张三 #Toán [file] 照片.jpg (3 B)
    lisi.expect("7701002a 40e5bca0e4b88920 23546fc3a16e20 5b66696c655d20 e785a7e789872e6a706720 283320 4229")


def test_a_file_for_oneself_is_kept(house: House):
    me, mine = house.enter("张三"), house.browser("张三")
    zhangsan = "e5bca0e4b889 00*10"
    me.send(f"20000040 {zhangsan} 00000003 00000001 {PHOTO}", f"2100001b {zhangsan} 00000000 616263")
    me.expect("80000004", "81000008 00000000")
    assert mine.message(kind="file")["files"][0]["size"] == 3


def test_a_rule_that_changes_meanwhile_is_obeyed(house: House):
    me = house.enter("张三")
    house.person("李四")
    me.send(ANNOUNCED)
    me.expect("80000004")
    house.gate.policy(**{"people.direct": "friends"})
    me.send(f"21000400 {LISI} 00000000 61*1000", f"21000400 {LISI} 00000001 62*1000")
    me.expect("81000008 00000000", "81000008 00000001")
    me.send(f"21000019 {LISI} 00000002 63")
    me.expect("80010004")  # refused after all
    assert nothing_is_left()
