"""Each row of `struct`, in bytes written by hand."""

from __future__ import annotations

import pytest

from accounts import actions as accounts
from accounts.models import User
from gateways.conftest import Gate, Wire
from messaging import actions
from messaging.models import Conversation, Message
from tests.cast import PASSWORD

HOME = "00000000"
SIGN_UP, SIGN_IN, SIGN_OUT = "01000000", "02000000", "03000000"
DIRECT, GROUP = "04000000", "05000000"


def frame(type: str, data: int, text: str | bytes = b"") -> bytes:
    """typeMess and typeData, little-endian, and the payload with its NULs."""
    payload = text.encode() if isinstance(text, str) else text
    return bytes.fromhex(type) + bytes((data, 0, 0, 0)) + payload + bytes(1000 - len(payload))


def sign_in(gate: Gate, name: str, password: str = PASSWORD) -> Wire:
    """A connection of this person."""
    wire = gate.connect("struct")
    wire.send(frame(SIGN_IN, 0, name), frame(SIGN_IN, 1, password))
    wire.expect(frame(SIGN_IN, 0))
    return wire


def pair(gate: Gate) -> tuple[Wire, Wire]:
    """Minh and Lan."""
    gate.person("minh")
    gate.person("lan")
    return sign_in(gate, "minh"), sign_in(gate, "lan")


@pytest.mark.row("struct 0")
def test_home_tells_who_is_online_and_the_own_groups(gate: Gate) -> None:
    minh, _lan = pair(gate)
    gate.person("away")
    master = gate.person("master")
    group = actions.create_group(master, "Nhóm học tập", [])["id"]
    actions.add_members(master, group, [User.objects.get(username="minh").pk])
    minh.ask(frame(HOME, 0), frame(HOME, 0, "lan minh"), frame(HOME, 1, "Everyone Nhóm\u00a0học\u00a0tập"))
    minh.silent()


@pytest.mark.row("struct 1")
def test_sign_up_is_answered_after_the_password(gate: Gate) -> None:
    wire = gate.connect("struct")
    wire.send(frame(SIGN_UP, 0, "minh"))
    wire.silent(0.2)
    wire.ask(frame(SIGN_UP, 1, PASSWORD), frame(SIGN_UP, 0))
    wire.send(frame(SIGN_IN, 0, "nobody"), frame(SIGN_IN, 0, "minh"), frame(SIGN_IN, 1, PASSWORD))
    wire.expect(frame(SIGN_IN, 0))  # the second name replaced the first


@pytest.mark.row("struct 1")
def test_sign_up_fails_for_a_taken_name_and_by_policy(gate: Gate) -> None:
    gate.person("minh")
    wire = gate.connect("struct")
    wire.send(frame(SIGN_UP, 0, "Minh"), frame(SIGN_UP, 1, PASSWORD))
    wire.expect(frame(SIGN_UP, 1, "This user name is taken. Choose another one, please."))
    gate.policy(**{"registration.mode": "closed"})
    wire.send(frame(SIGN_UP, 0, "hoa"), frame(SIGN_UP, 1, PASSWORD))
    wire.expect(frame(SIGN_UP, 1, "Nobody can register here now. Ask an administrator, please."))
    wire.ask(frame(SIGN_UP, 1, PASSWORD), frame(SIGN_UP, 1, "The request is not well formed."))


@pytest.mark.row("struct 2", "verdict signed in", "verdict wrong password", "verdict no such user")
def test_sign_in_by_uniform_and_explicit_policy(gate: Gate) -> None:
    gate.person("minh")
    wire = gate.connect("struct")
    wire.ask(frame(SIGN_IN, 1, PASSWORD), frame(SIGN_IN, 1))  # a password without a name
    wire.send(frame(SIGN_IN, 0, "minh"), frame(SIGN_IN, 1, "wrong"))
    wire.expect(frame(SIGN_IN, 1))
    wire.send(frame(SIGN_IN, 0, "MINH"), frame(SIGN_IN, 1, PASSWORD))  # names are exact
    wire.expect(frame(SIGN_IN, 1))
    gate.policy(**{"signin.errors": "explicit"})
    wire.send(frame(SIGN_IN, 0, "nobody"), frame(SIGN_IN, 1, PASSWORD))
    wire.expect(frame(SIGN_IN, 4))
    wire.send(frame(SIGN_IN, 0, "minh"), frame(SIGN_IN, 1, PASSWORD))
    wire.expect(frame(SIGN_IN, 0))
    wire.silent()


@pytest.mark.row("struct 2", "verdict must change", "verdict new password")
def test_a_new_password_signs_in(gate: Gate) -> None:
    gate.person("minh", must_change=True)
    wire = gate.connect("struct")
    wire.send(frame(SIGN_IN, 0, "minh"), frame(SIGN_IN, 1, PASSWORD))
    wire.expect(frame(SIGN_IN, 5))
    wire.send(frame(SIGN_IN, 2, "short"))
    assert wire.read(1008)[:8] == bytes.fromhex(SIGN_IN + "05000000")
    wire.ask(frame(SIGN_IN, 2, "blue-Lotus-99"), frame(SIGN_IN, 0))
    wire.send(frame(HOME, 0))
    wire.expect(frame(HOME, 0, "minh"), frame(HOME, 1, "Everyone"))


@pytest.mark.row("struct 2", "verdict locked")
def test_locked_and_blocked_are_one_code(gate: Gate) -> None:
    gate.person("minh")
    hoa = gate.person("hoa")
    accounts.block_user(None, hoa, "spam")
    wire = gate.connect("struct")
    wire.send(frame(SIGN_IN, 0, "hoa"), frame(SIGN_IN, 1, PASSWORD))
    wire.expect(frame(SIGN_IN, 2))
    for _try in range(4):
        wire.send(frame(SIGN_IN, 0, "minh"), frame(SIGN_IN, 1, "wrong"))
        wire.expect(frame(SIGN_IN, 1))
    for secret in ("wrong", PASSWORD):
        wire.send(frame(SIGN_IN, 0, "minh"), frame(SIGN_IN, 1, secret))
        wire.expect(frame(SIGN_IN, 2))


@pytest.mark.row("struct 2", "verdict elsewhere", "verdict displaced")
def test_kick_and_refuse(gate: Gate) -> None:
    gate.person("minh")
    first = sign_in(gate, "minh")
    second = sign_in(gate, "minh")
    first.expect(frame(SIGN_IN, 3))
    first.closed()
    gate.policy(**{"signin.sessions": "refuse"})
    third = gate.connect("struct")
    third.send(frame(SIGN_IN, 0, "minh"), frame(SIGN_IN, 1, PASSWORD))
    third.expect(frame(SIGN_IN, 3))
    second.silent()


@pytest.mark.row("struct 3")
def test_sign_out_keeps_the_connection(gate: Gate) -> None:
    gate.person("minh")
    wire = gate.connect("struct")
    wire.ask(frame(SIGN_OUT, 0, "minh"), frame(SIGN_OUT, 1))
    wire.send(frame(SIGN_IN, 0, "minh"), frame(SIGN_IN, 1, PASSWORD))
    wire.expect(frame(SIGN_IN, 0))
    wire.ask(frame(SIGN_OUT, 0, "lan"), frame(SIGN_OUT, 1))
    wire.ask(frame(SIGN_OUT, 0, "minh"), frame(SIGN_OUT, 0))
    wire.send(frame(SIGN_IN, 0, "minh"), frame(SIGN_IN, 1, PASSWORD))
    wire.expect(frame(SIGN_IN, 0))


@pytest.mark.row("struct 4")
def test_two_talk_to_each_other(gate: Gate) -> None:
    minh, lan = pair(gate)
    minh.send(frame(DIRECT, 0, "lan"), frame(DIRECT, 1, "chào bạn"))
    gate.settle()
    lan.silent()  # she has not opened it
    lan.send(frame(DIRECT, 0, "minh"))
    told = lan.read(1008)
    at = Message.objects.get(kind="text").sent_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    assert told[8:].rstrip(b"\0").decode()[:1] == "["
    assert told == frame(DIRECT, 1, told[8:22] + told[22:].rstrip(b"\0")) and told[8:19].decode() == f"[{at[:10]}"
    assert told[28:].rstrip(b"\0") == " minh] chào bạn".encode()
    lan.send(frame(DIRECT, 1, "你好"))
    minh.expect(frame(DIRECT, 1, "lan: 你好"))
    lan.silent()  # no copy of one's own
    lan.send(frame(DIRECT, 2))
    minh.expect(frame(DIRECT, 2))
    minh.send(frame(DIRECT, 2), frame(DIRECT, 1, "nowhere"))
    minh.expect(frame(DIRECT, 9, "There is no such thing, or you may not see it."))


@pytest.mark.row("struct 4")
def test_opening_shows_ten_and_asking_shows_ten_more(gate: Gate) -> None:
    minh, lan = pair(gate)
    minh.send(frame(DIRECT, 0, "lan"))
    for number in range(25):
        minh.send(frame(DIRECT, 1, f"text {number}"))
    minh.ask(frame(DIRECT, 0, "nobody"), frame(DIRECT, 9, "There is no such thing, or you may not see it."))

    def shown() -> list[bytes]:
        return [lan.read(1008)[8:].rstrip(b"\0").rpartition(b"] ")[2] for _number in range(10)]

    lan.send(frame(DIRECT, 0, "minh"))
    assert shown() == [f"text {number}".encode() for number in range(15, 25)]
    lan.send(frame(DIRECT, 3))
    assert shown() == [f"text {number}".encode() for number in range(5, 15)]
    lan.send(frame(DIRECT, 3), frame(DIRECT, 3), frame(HOME, 0))
    assert [lan.read(1008)[8:].rstrip(b"\0")[-6:] for _number in range(5)] == [b"text %d" % n for n in range(5)]
    lan.expect(frame(HOME, 0, "lan minh"))


@pytest.mark.row("struct 5/0 5/1 5/2 5/3 5/4 5/5 5/7")
def test_a_group_from_its_making_to_leaving_it(gate: Gate) -> None:
    minh, lan = pair(gate)
    minh.ask(frame(GROUP, 0, "Lớp\u00a010A"), frame(GROUP, 0, "0"))
    assert Conversation.objects.get(kind="group").name == "Lớp 10A"
    lan.ask(frame(GROUP, 0, "lớp 10a"), frame(GROUP, 0, "1"))
    minh.send(frame(GROUP, 1, "lan"))
    lan.expect(frame(GROUP, 1, "minh Lớp\u00a010A"))
    lan.send(frame(GROUP, 2, "1"))
    minh.expect(frame(GROUP, 2, "lan"))
    minh.silent()  # told once
    lan.send(frame(GROUP, 3, "Lớp 10A"))
    gate.settle()
    minh.send(frame(GROUP, 4, "bắt đầu"))
    lan.expect(frame(GROUP, 4, "minh: bắt đầu"))
    lan.send(frame(GROUP, 5))
    minh.expect(frame(GROUP, 5, "lan"))
    lan.send(frame(GROUP, 3, "Lớp 10A"))
    assert lan.read(1008)[28:].rstrip(b"\0").decode() == " minh] bắt đầu"
    lan.send(frame(GROUP, 6), frame(GROUP, 7, "Lớp 10A"), frame(HOME, 0))
    lan.expect(frame(HOME, 0, "lan minh"), frame(HOME, 1, "Everyone"))


@pytest.mark.row("struct 5/2 5/3 5/6")
def test_who_has_a_group_open_hears_who_joins_and_sees_what_is_older(gate: Gate) -> None:
    minh, lan = pair(gate)
    hoa, cuc = gate.person("hoa"), gate.person("cuc")
    group = actions.create_group(hoa, "Tea", [User.objects.get(username=name).pk for name in ("minh", "lan")])["id"]
    tab = gate.browser(hoa)
    for number in range(12):
        data = {"conversation": group, "client_id": f"tea-{number:06}", "body": f"text {number}"}
        assert tab.code("message.send", data) == "ok"

    def shown(count: int) -> list[bytes]:
        return [minh.read(1008)[8:].rstrip(b"\0").rpartition(b"] ")[2] for _number in range(count)]

    minh.send(frame(GROUP, 3, "Tea"))
    assert shown(10) == [b"text %d" % number for number in range(2, 12)]
    minh.send(frame(GROUP, 6))
    assert shown(2) == [b"text 0", b"text 1"]
    minh.ask(frame(GROUP, 6) + frame(SIGN_OUT, 0, "nobody"), frame(SIGN_OUT, 1))  # there are none before
    actions.add_members(hoa, group, [cuc.pk])
    minh.expect(frame(GROUP, 2, "cuc"))
    gate.settle()
    lan.silent()  # who has not opened it hears nothing


@pytest.mark.row("struct 5/2")
def test_an_answer_names_its_group_or_means_the_newest_invitation(gate: Gate) -> None:
    minh, lan = pair(gate)
    for name in ("one", "two words"):
        minh.ask(frame(GROUP, 0, name), frame(GROUP, 0, "0"))
        minh.send(frame(GROUP, 1, "lan"))
        lan.expect(frame(GROUP, 1, "minh " + name.replace(" ", "\u00a0")))
    lan.send(frame(GROUP, 2, "0"), frame(GROUP, 2, "1 one"))
    minh.expect(frame(GROUP, 2, "lan"))
    lan.ask(frame(GROUP, 2, "1"), frame(GROUP, 9, "There is no such thing, or you may not see it."))
    lan.ask(frame(HOME, 0), frame(HOME, 0, "lan minh"), frame(HOME, 1, "Everyone one"))


@pytest.mark.row("struct 5/1")
def test_an_invitation_waits_for_the_sign_in(gate: Gate) -> None:
    gate.person("lan")
    minh = gate.person("minh")
    group = actions.create_group(minh, "Lớp 10A", [])["id"]
    actions.invite_people(minh, group, [User.objects.get(username="lan").pk])
    lan = sign_in(gate, "lan")
    lan.expect(frame(GROUP, 1, "minh Lớp\u00a010A"))


@pytest.mark.row("verdict refused")
def test_what_a_rule_refuses_has_a_reason(gate: Gate) -> None:
    minh, _lan = pair(gate)
    minh.send(frame(GROUP, 3, "Everyone"))
    gate.policy(**{"groups.everyone_posting": "managers"})
    minh.ask(frame(GROUP, 4, "hello"), frame(GROUP, 9, "Only managers may write here."))


def test_malformed_input_ends_the_connection(gate: Gate) -> None:
    gate.person("minh")
    for bad in (frame("06000000", 0), frame(SIGN_IN, 7), frame(SIGN_IN, 0, b"\xff\xfe"), frame(HOME, 0)):
        wire = gate.connect("struct")
        wire.send(bad)
        wire.closed()
    gate.settle()
    from audit.models import Event

    assert [event.ip for event in Event.objects.filter(action="gateway.malformed")] == ["127.0.0.1"]


def test_a_long_text_is_split_between_letters(gate: Gate) -> None:
    minh, lan = pair(gate)
    minh.send(frame(DIRECT, 0, "lan"))
    lan.send(frame(DIRECT, 0, "minh"))
    tab = gate.browser(gate.person("hoa"))
    place = tab.ask("direct.open", {"user": User.objects.get(username="lan").pk})["data"]["id"]
    lan.send(frame(DIRECT, 0, "hoa"))
    lan.ask(frame(HOME, 0), frame(HOME, 0, "hoa lan minh"), frame(HOME, 1, "Everyone"))
    lan.send(frame(DIRECT, 0, "hoa"), frame(DIRECT, 1, "?"))
    gate.settle()
    body = "ự" * 700  # three bytes each
    tab.ask("message.send", {"conversation": place, "client_id": "long-text", "body": body})
    parts = [lan.read(1008)[8:].rstrip(b"\0").decode() for _number in range(3)]
    assert all(part.startswith("hoa: ") for part in parts)
    assert "".join(part.removeprefix("hoa: ") for part in parts) == body
