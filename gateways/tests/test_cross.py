"""One client of each protocol and one browser talk to each other: everywhere, whatever each of them types."""

from __future__ import annotations

import itertools

import pytest

from accounts import actions as accounts
from accounts.models import User
from gateways.conftest import Gate
from gateways.tests.clients import PASSWORD, TALKERS, Frames, Lines, Packets, Struct, Talker
from messaging import actions
from messaging.models import Conversation
from tests.tabs import Tab

NAMES = {"struct": "sơn", "frames": "芳", "lines": "linh", "packets": "phúc"}
GROUP = "Lớp-10A"
ids = (f"client-{number:06}" for number in itertools.count())


class Party:
    """All five, signed in."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        users = {name: gate.person(name, PASSWORD) for name in [*NAMES.values(), "browser"]}
        self.ids = {name: user.pk for name, user in users.items()}
        self.place = actions.create_group(users["browser"], GROUP, [])["id"]
        actions.add_members(users["browser"], self.place, [self.ids[name] for name in NAMES.values()])
        self.everyone = Conversation.objects.get(kind="everyone").pk
        self.talkers: list[Talker] = []
        for kind in TALKERS:
            talker = kind(gate, NAMES[kind.protocol])
            assert int(talker.try_in(), 16) in (0, 2)
            self.talkers.append(talker)
        self.tab: Tab = gate.browser(users["browser"])
        gate.settle()

    @property
    def struct(self) -> Struct:
        """It sees what it has open only."""
        return next(talker for talker in self.talkers if isinstance(talker, Struct))

    def type(self, conversation: int, body: str) -> None:
        """The browser sends."""
        data = {"conversation": conversation, "client_id": next(ids), "body": body}
        assert self.tab.code("message.send", data) == "ok"

    def direct(self, name: str) -> int:
        """The conversation of the browser with this person."""
        return self.tab.ask("direct.open", {"user": self.ids[name]})["data"]["id"]

    def browser_hears(self, sender: str, text: str) -> None:
        """A message of this person has come."""
        id = self.ids[sender]
        self.tab.wait(
            lambda: any(f["data"]["body"] == text and f["data"]["sender"] == id for f in self.tab.of("message"))
        )


@pytest.fixture
def party(gate: Gate) -> Party:
    """All five."""
    return Party(gate)


@pytest.mark.parametrize("where", ["Everyone", GROUP])
def test_each_text_arrives_at_all_others(party: Party, where: str) -> None:
    party.struct.open(where)
    party.gate.settle()
    for talker in party.talkers:
        text = f"chào 你好 từ {talker.name}"
        talker.wire.send(talker.everyone(text) if where == "Everyone" else talker.group(where, text))
        for other in party.talkers:
            if other is not talker:
                other.hears(talker.name, text, where)
        party.browser_hears(talker.name, text)
    party.type(party.everyone if where == "Everyone" else party.place, "từ trình duyệt")
    for talker in party.talkers:
        talker.hears("browser", "từ trình duyệt", where)


def test_each_pair_talks(party: Party) -> None:
    for one, two in itertools.permutations(party.talkers, 2):
        for struct, other in ((one, two), (two, one)):
            if isinstance(struct, Struct):
                struct.open("", other.name)
        party.gate.settle()
        text = f"{one.name} → {two.name}"
        one.wire.send(one.direct(two.name, text))
        two.hears(one.name, text)
    for talker in party.talkers:
        if isinstance(talker, Struct):
            talker.open("", "browser")
        party.gate.settle()
        talker.wire.send(talker.direct("browser", f"{talker.name} → browser"))
        party.browser_hears(talker.name, f"{talker.name} → browser")
        party.type(party.direct(talker.name), f"browser → {talker.name}")
        talker.hears("browser", f"browser → {talker.name}")


def test_no_text_of_a_browser_forges_a_line_or_loses_a_letter(party: Party) -> None:
    """Line breaks, signs that mean something in one of the protocols, and as many letters as a message may have."""
    lines = next(talker for talker in party.talkers if isinstance(talker, Lines))
    frames = next(talker for talker in party.talkers if isinstance(talker, Frames))
    packets = next(talker for talker in party.talkers if isinstance(talker, Packets))
    forged = "hi\n5 linh sơn forged\n@芳 #Lớp-10A x\n\n2"
    party.struct.open("Everyone")
    party.gate.settle()
    party.type(party.everyone, forged)
    for line in ("hi", "5 linh sơn forged", "@芳 #Lớp-10A x", "2"):
        lines.hears("browser", line, "Everyone")
    for talker in (frames, packets):
        talker.hears("browser", forged, "Everyone")
    party.struct.hears("browser", forged, "Everyone")
    assert not [line for line in lines.seen if not line.startswith(b"3 browser Everyone ")]
    long = "Đường dài lắm 很长很长 " * 499
    long = (long + "x" * 10_000)[:10_000]
    party.type(party.everyone, long)
    packets.hears("browser", long, "Everyone")
    got = ""
    while got != long:
        line = lines.next().decode()
        assert line.startswith("3 browser Everyone ") and len(line.encode()) <= 4096 + 1
        got += line.removeprefix("3 browser Everyone ")[:-1]
        assert long.startswith(got)
    got = ""
    while got != long:
        got += party.struct.next()[8:].rstrip(b"\0").decode().removeprefix("browser: ")
        assert long.startswith(got)


@pytest.mark.parametrize("rule", ["mute", "close", "remove", "block", "kick", "password"])
def test_what_a_rule_does_to_one_it_does_to_all(party: Party, rule: str) -> None:
    """The same rule for the client of each protocol: the browser, who made the group, applies it."""
    master = User.objects.get(username="browser")
    party.struct.open(GROUP)
    party.gate.settle()
    for talker in party.talkers:
        user = User.objects.get(username=talker.name)
        if rule == "mute":
            actions.mute_member(master, party.place, user.pk, 60)
        elif rule == "close":
            actions.change_settings(master, party.place, posting="managers")
        elif rule == "remove":
            actions.remove_member(master, party.place, user.pk)
        elif rule == "block":
            accounts.block_user(None, user, "spam")
        elif rule == "kick":
            assert int(type(talker)(party.gate, talker.name).try_in(), 16) in (0, 1, 2)
        else:
            accounts.reset_password(None, user)
        party.gate.settle()
        if rule in ("mute", "close", "remove"):
            talker.wire.send(talker.group(GROUP, "not heard"))
            if isinstance(talker, Lines):
                assert talker.next().startswith(b"! 3 ") or rule == "remove"
            party.gate.settle()
        else:
            while talker.next():  # until it is closed
                pass
    assert not [frame for frame in party.tab.of("message") if frame["data"]["body"] == "not heard"]
