"""Names that do not fit into 16 bytes travel as aliases, which are good wherever names are, and mean one account only."""

from __future__ import annotations

import pytest

from gateways.frames.tests.house import PASSWORD, House, padded

FIGURES = "0123456789abcdefghijklmnopqrstuvwxyz"


def tail(number: int) -> str:
    """The number of an account in base 36."""
    figures = ""
    while number:
        number, figure = divmod(number, 36)
        figures = FIGURES[figure] + figures
    return "~" + figures


@pytest.mark.parametrize(
    ("one", "two", "stems"),  # what is kept before a number of one, two, three and four figures: 14 to 11 bytes
    [
        ("阮氏明映阿一", "阮氏明映阿二", ["阮氏明映", "阮氏明映", "阮氏明映", "阮氏明"]),  # each has 3 bytes
        (
            "nguyễn-thị-ánh-a",
            "nguyễn-thị-ánh-b",
            ["nguyễn-thị", "nguyễn-th", "nguyễn-th", "nguyễn-th"],
        ),  # so have ễ and ị
        (
            "abcdefghijklmx\u0323\u0346a",
            "abcdefghijklmx\u0323\u0346b",
            ["abcdefghijklm", "abcdefghijklm", "abcdefghijkl", "abcdefghijk"],
        ),  # x with two marks
    ],
)
def test_two_people_whose_names_are_cut_to_the_same(house: House, one: str, two: str, stems: list[str]):
    me = house.enter("张三")
    aliases = []
    for name in (one, two):
        end = tail(house.person(name).pk)
        aliases.append(stems[len(end) - 2] + end)
    first = house.enter(one, shown=aliases[0])  # signs in by it, and is seen by it
    second = house.enter(two, shown=aliases[1])
    for peer, alias in ((first, aliases[0]), (second, aliases[1])):
        text = f"@{alias} hi".encode()
        me.send("1200", (4 + len(text)).to_bytes(2), text)
        me.expect("72000004")
        peer.expect("7700000e 40e5bca0e4b88920 6869")
    full = f"@{two} hi".encode()  # the whole name is good too
    me.send("1200", (4 + len(full)).to_bytes(2), full)
    me.expect("72000004")
    second.expect("7700000e 40e5bca0e4b88920 6869")
    first.silent()
    first.send("12000006 6869")
    first.expect("72000004")
    text = f"@{aliases[0]} hi".encode()
    me.expect("7701", (4 + len(text)).to_bytes(2), text)


def test_an_alias_of_somebody_else_is_nobody(house: House):
    me = house.enter("张三")
    number = house.person("阮氏明映阿一").pk
    for text in (f"@李四{tail(number)} hi", f"@阮氏明映{tail(number + 1)} hi"):
        me.send("1200", (4 + len(text.encode())).to_bytes(2), text.encode())
        me.expect("72010004")
    stranger = house.connect()
    stranger.send("11000020", padded(f"阮氏{tail(number + 1)}"), padded(PASSWORD, 12))
    stranger.expect("71010004")


def test_a_name_of_16_bytes_fills_its_field(house: House):
    me = house.enter("张三")
    other = house.enter("abcdefghijklmnop")
    other.send("1200000e 40e5bca0e4b88920 6869")  # @张三 hi
    other.expect("72000004")
    me.expect("77000018 40 6162636465666768696a6b6c6d6e6f70 20 6869")


def test_a_group_whose_name_is_too_long_for_the_field_of_a_receiver(house: House):
    house.person("张三"), house.person("李四")
    group = house.group("Nhóm Toán lớp 12", "李四", "张三")
    me, lisi = house.enter("张三"), house.browser("李四")
    who = padded(f"#Nhóm\u00a0To{tail(group)}")
    me.send("20000040", who, "00000003 00000001 612e747874 00*31")
    me.expect("80000004")
    me.send("2100001b", who, "00000000 616263")
    me.expect("81000008 00000000")
    assert lisi.message(kind="file")["conversation"] == group
