"""Files that others have for a client, byte by byte: offered one at a time, sent when it wants them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from files.models import Offer, StoredFile
from files.processing import process
from gateways.frames import downloads, transfer
from gateways.frames.tests.house import Browser, House, Peer, numbers, padded
from messaging.models import Membership
from tests.stored import stored

ZHANGSAN, LISI = "e5bca0e4b889 00*10", "e69d8ee59b9b 00*10"
PHOTO = "e785a7e78987 2e 6a7067 00*26"  # 照片.jpg
SIZES = "000007d1 00000003"  # 2001 bytes in 3 packets
CONTENT = b"a" * 1000 + b"b" * 1000 + b"c"
ABC = "612e747874 00*31"  # a.txt
OFFERED = f"82000040 {LISI} {SIZES} {PHOTO}"


def sent(
    house: House, lisi: Browser, content: bytes = CONTENT, name: str = "照片.jpg", **more: bool
) -> tuple[int, int]:
    """李四 sends 张三 a file from his browser; conversation and seq."""
    place = house.direct("李四", "张三")
    file = lisi.store(name, content, **more)
    return place, lisi.say(place, "", files=[file.token])


def offered(house: House, lisi: Browser, name: str = "照片.jpg") -> tuple[int, int, int]:
    """李四 offers 张三 a file from his browser; conversation, seq and the offer's id."""
    place = house.direct("李四", "张三")
    client_id = f"offer-{next(numbers):08}"
    seq = lisi.ask("file.offer", conversation=place, client_id=client_id, name=name, size=2001)["seq"]
    return place, seq, lisi.offer(seq, "offered")["offer"]["id"]


def wait_for(done: Callable[[], bool]) -> bool:
    """Until it is so, at most 20 s."""
    until = time.monotonic() + 20
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    return done()


def takes(me: Peer) -> None:
    """All three packets, and their acknowledgements."""
    me.expect(f"84000400 {LISI} 00000000 61*1000", f"84000400 {LISI} 00000001 62*1000", f"84000019 {LISI} 00000002 63")
    me.send("24000008 00000000 24000008 00000001 24000008 00000002")


@pytest.mark.row("frames 0x82", "frames 0x22", "frames 0x83 0x84", "frames 0x23 0x24")
def test_a_file_that_a_browser_sent(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    sent(house, lisi)
    me.expect(OFFERED)
    me.send("22000004")
    me.expect(f"83000040 {LISI} {SIZES} {PHOTO}")
    me.send("23000004")
    takes(me)
    me.send("22000004")  # there is no offer any more: ignored
    me.silent()


@pytest.mark.row("frames 0x82", "frames 0x22")
def test_a_file_that_a_browser_offers(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    _, seq, offer = offered(house, lisi)
    me.expect(OFFERED)
    me.send("22000004")
    lisi.offer(seq, "accepted")
    me.silent()  # it is not there yet
    lisi.store("照片.jpg", CONTENT, offer=offer)
    lisi.offer(seq, "done")
    me.expect(f"83000040 {LISI} {SIZES} {PHOTO}")
    me.send("23000004")
    takes(me)


@pytest.mark.row("frames 0x20 0x21", "frames 0x82", "frames 0x83 0x84")
def test_from_client_to_client(house: House):
    lisi, me = house.enter("李四"), house.enter("张三")
    lisi.send(f"20000040 {ZHANGSAN} 00000003 00000001 {PHOTO}", f"2100001b {ZHANGSAN} 00000000 616263")
    lisi.expect("80000004", "81000008 00000000")
    me.expect(f"82000040 {LISI} 00000003 00000001 {PHOTO}")
    me.send("22000004")
    me.silent()  # nobody has looked at it yet
    process(StoredFile.objects.get().pk)
    me.expect(f"83000040 {LISI} 00000003 00000001 {PHOTO}")
    me.send("23000004")
    me.expect(f"8400001b {LISI} 00000000 616263")
    me.send("24000008 00000000")
    house.gate.settle()
    assert Offer.objects.get().state == "done"
    lisi.silent()


@pytest.mark.row("frames 0x23 0x24")
def test_refused_before_and_after_the_announcement(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    _, seq, _ = offered(house, lisi)
    me.expect(OFFERED)
    me.send("23010004")
    lisi.offer(seq, "refused")
    sent(house, lisi)
    me.expect(OFFERED)
    me.send("22000004")
    me.expect(f"83000040 {LISI} {SIZES} {PHOTO}")
    me.send("23010004")
    me.send("23000004")  # too late
    me.silent()


@pytest.mark.row("frames 0x82")
def test_one_open_offer_at_a_time_the_rest_at_the_next_sign_in(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    offered(house, lisi), sent(house, lisi, b"abc", "a.txt"), offered(house, lisi, "a.txt")
    me.expect(OFFERED)
    me.silent()
    me.send("23010004")
    me.expect(f"82000040 {LISI} 00000003 00000001 {ABC}")
    me.send("23010004")
    me.expect(f"82000040 {LISI} {SIZES} {ABC}")
    house.gate.settle()
    me.send("16000004")
    me.closed()
    again = house.connect()
    again.send("11000020 e5bca0e4b889 00*10 6d61742d6b6861752d313263")
    again.expect("71000004", "7601000b 40e69d8ee59b9b")
    for line in ("[file] 照片.jpg (1.95 KiB)", "[file] a.txt (3 B)", "[file] a.txt (1.95 KiB)"):  # the look-back
        text = f"@李四 {line}".encode()
        again.expect("7700", (len(text) + 4).to_bytes(2), text)
    again.expect(f"82000040 {LISI} {SIZES} {ABC}")  # that was not answered; what was refused does not come again
    again.silent()


def test_who_answers_no_offer_is_told_of_more_files_as_text(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(downloads, "QUEUE_MAX", 1)
    me, lisi = house.enter("张三"), house.browser("李四")
    for _file in range(3):
        sent(house, lisi, b"abc", "a.txt")
    me.expect(f"82000040 {LISI} 00000003 00000001 {ABC}")
    me.expect("7700001e 40e69d8ee59b9b20 5b66696c655d20 612e74787420 283320 4229")  # @李四 [file] a.txt (3 B)
    me.silent()
    me.send("23010004")
    me.expect(f"82000040 {LISI} 00000003 00000001 {ABC}")


def test_what_was_sent_while_away_waits(house: House):
    house.person("张三")
    lisi = house.browser("李四")
    place, seq = sent(house, lisi, b"abc", "a.txt")
    me = house.connect()
    me.send("11000020 e5bca0e4b889 00*10 6d61742d6b6861752d313263")
    me.expect("71000004", "7601000b 40e69d8ee59b9b")
    me.expect("7700001e 40e69d8ee59b9b20 5b66696c655d20 612e74787420 283320 4229")  # @李四 [file] a.txt (3 B)
    me.expect(f"82000040 {LISI} 00000003 00000001 {ABC}")
    me.send("22000004")
    me.expect(f"83000040 {LISI} 00000003 00000001 {ABC}")
    me.send("23000004")
    me.expect(f"8400001b {LISI} 00000000 616263")
    me.send("24000008 00000000")
    me.silent()
    marks = Membership.objects.filter(conversation=place, user=house.people["张三"], read_seq=seq)
    assert wait_for(marks.exists)  # he has it: it is not offered again


def test_withdrawn_expired_or_recalled_the_next_one_comes(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    place, first, _ = offered(house, lisi)
    _, second = sent(house, lisi, b"abc", "a.txt")
    sent(house, lisi, b"abcd", "a.txt")
    me.expect(OFFERED)
    lisi.ask("offer.withdraw", conversation=place, seq=first)
    me.expect(f"82000040 {LISI} 00000003 00000001 {ABC}")
    lisi.ask("message.recall", conversation=place, seq=second)
    me.expect(f"82000040 {LISI} 00000004 00000001 {ABC}")
    me.silent()


@pytest.mark.row("frames 0x83 0x84", "frames 0x23 0x24")
def test_at_most_16_packets_are_unacknowledged(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    sent(house, lisi, b"".join(bytes([0x61 + place]) * 1000 for place in range(20)), "a.txt")
    me.expect(f"82000040 {LISI} 00004e20 00000014 {ABC}")
    me.send("22000004")
    me.expect(f"83000040 {LISI} 00004e20 00000014 {ABC}")
    me.send("23000004")
    for place in range(16):
        me.expect(f"84000400 {LISI} 000000{place:02x} {0x61 + place:02x}*1000")
    me.silent()
    me.send("24000008 00000003")
    me.expect(f"84000400 {LISI} 00000010 71*1000")
    me.silent()
    me.send(*(f"24000008 000000{place:02x}" for place in range(17)))
    for place in range(17, 20):
        me.expect(f"84000400 {LISI} 000000{place:02x} {0x61 + place:02x}*1000")
    me.send(*(f"24000008 000000{place:02x}" for place in range(17, 20)))
    me.silent()


@pytest.mark.row("frames 0x83 0x84")
def test_a_packet_is_sent_again_three_times_then_the_next_offer_comes(house: House, monkeypatch: pytest.MonkeyPatch):
    assert transfer.AGAIN_SECONDS == 5.0
    monkeypatch.setattr(transfer, "AGAIN_SECONDS", 0.3)
    me, lisi = house.enter("张三"), house.browser("李四")
    sent(house, lisi, b"abc", "a.txt"), sent(house, lisi)
    me.expect(f"82000040 {LISI} 00000003 00000001 {ABC}")
    me.send("22000004")
    me.expect(f"83000040 {LISI} 00000003 00000001 {ABC}")
    me.send("23000004")
    for _ in range(4):
        me.expect(f"8400001b {LISI} 00000000 616263")
    me.expect(OFFERED)
    me.send("24000008 00000000")  # too late: of no transfer
    me.silent()


def test_text_and_files_that_are_too_large_are_texts(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    place = house.direct("李四", "张三")
    small, large = lisi.store("a.txt", b"abc"), stored(lisi, "b.mp4", size=21 * 2**20)
    lisi.say(place, "hi", files=[large.token, small.token])
    # @李四 hi, and below it [file] b.mp4 (21 MiB)
    me.expect("77000024 40e69d8ee59b9b20 68690a 5b66696c655d20 622e6d703420 283231204d694229")
    me.expect(f"82000040 {LISI} 00000003 00000001 {ABC}")


def test_in_a_group_a_file_is_a_text(house: House):
    house.person("张三"), house.person("李四")
    group = house.group("Toán", "李四", "张三")
    me, lisi = house.enter("张三"), house.browser("李四")
    lisi.say(group, "", files=[lisi.store("a.txt", b"abc").token])
    # @李四 #Toán [file] a.txt (3 B)
    me.expect("77010025 40e69d8ee59b9b20 23546fc3a16e20 5b66696c655d20 612e74787420 283320 4229")
    me.send("22000004")
    me.silent()


def test_names_of_files_are_cut_before_their_extension(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    sent(house, lisi, b"abc", "一二三四五六七八九十甲乙丙.txt")
    me.expect(f"82000040 {LISI} 00000003 00000001", padded("一二三四五六七八九十.txt", 36))


def test_nobody_gets_what_he_may_not_see(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    place, _ = sent(house, lisi)
    me.expect(OFFERED)
    file = StoredFile.objects.get()
    me.send("22000004")
    me.expect(f"83000040 {LISI} {SIZES} {PHOTO}")
    Membership.objects.filter(conversation=place, user=house.people["张三"]).delete()
    me.send("23000004")  # the right is asked for once more
    me.silent()
    assert file.owner_id == house.people["李四"].pk
