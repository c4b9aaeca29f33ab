"""What no client may say closes its connection, is written down, and harms nobody else."""

from __future__ import annotations

import pytest

from audit.models import Event
from files.models import Upload
from gateways import connection
from gateways.frames.tests.house import House

LISI = "e69d8ee59b9b 00*10"


@pytest.mark.parametrize(
    "written",
    [
        "12000006 6869",
        "16000004",
        f"20000040 {LISI} 00000001 00000001 61 00*35",
        "22000004",
        "24000008 00000000",
        "71000004",
        "47455420 2f204854",  # GET / HT
        "11000020 ff*28",
        "11000021",
        "1200 0000",
    ],
)
def test_before_the_sign_in_only_that_and_a_new_password(house: House, written: str):
    other = house.enter("李四")
    peer = house.connect()
    peer.send(written)
    peer.closed()
    house.gate.settle()
    (event,) = Event.objects.filter(action__startswith="gateway.")
    assert event.detail["protocol"] == "frames"
    other.send("12000006 6869")
    other.expect("72000004")


def test_what_is_no_frame_closes_who_is_signed_in_too(house: House):
    me, other = house.enter("张三"), house.enter("李四")
    me.send("12000006 6869")
    me.expect("72000004")
    me.send("12000005 ff")
    me.closed()
    other.expect("7701000e 40e5bca0e4b88920 6869")
    other.send("12000006 6869")
    other.expect("72000004")


def test_half_a_frame_is_waited_for_and_then_not(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "FRAME_SECONDS", 0.5)
    me = house.enter("张三")
    me.send("1200")
    me.send("0006 68")
    me.send("69")
    me.expect("72000004")
    me.silent(1.0)  # between frames it may take its time
    me.send("12ff")
    me.closed()


def test_half_a_packet_of_a_file_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "FRAME_SECONDS", 0.5)
    me = house.enter("张三")
    house.person("李四")
    me.send(f"20000040 {LISI} 00000001 00000001 61 00*35", f"21000019 {LISI} 0000")
    me.expect("80000004")
    me.closed()
    house.gate.settle()
    assert not Upload.objects.exists()


def test_who_signs_in_again_is_somebody_else(house: House):
    me, _ = house.enter("张三"), house.enter("李四")
    house.person("lan")
    me.send(f"20000040 {LISI} 00000bb8 00000003 61 00*35")  # a file of 张三, which does not end
    me.expect("80000004")
    me.send("11000020 6c616e 00*13 6d61742d6b6861752d313263")
    me.expect("71000004", "76020013 40e5bca0e4b889 20 40e69d8ee59b9b")  # 张三 was there a moment ago
    me.send(f"21000400 {LISI} 00000000 61*1000")
    me.send("1200000e 40e69d8ee59b9b20 6869")
    me.expect("72000004")
