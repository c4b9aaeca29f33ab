"""Any well-formed requests in any order: each is answered or refused, nothing stumbles."""

from __future__ import annotations

import logging
import random

import pytest

from gateways.lines.codec import FIELDS
from gateways.lines.tests.house import PASSWORD, House

NAMES = [
    "ann",
    "bob",
    "安娜",
    "zoe",
    "Ann",
    "ann~1",
    "~1",
    "x~zzzzzzzzzzzzz",
    "3",
    "system",
    "所有人",
    "ann\x00",
    "a" * 300,
    "\u202e",
    "'",
]
GROUPS = ["Tea", "Everyone", "Trà\u00a0Đá", "3", "!", "#x", "Tea~1", "~zzzzzzzzzzzzz", "a" * 300, "\x00", "\u00a0"]
VALUES = {
    "name": [*["ann"] * 30],
    "friend": NAMES,
    "requester": NAMES,
    "receiver": NAMES,
    "who": NAMES + GROUPS,
    "group": GROUPS,
    "text": ["hi", " ", "\x00", "\u2028", "好" * 1100, "@all #1 ! 3 x", "e" + "\u0301" * 40, "\ufffe"],
    "answer": ["同意", "拒绝", "yes", "no", "maybe", "\x00"],
    "op": ["3", "5", "7"],
    "n": ["0", "5", "-1", "x", "9" * 30, "٣", "²"],
    "old": ["wrong"],
    "new": ["123", "\x00" * 10, "a" * 500],
    "password": ["x", "\x00", "p" * 2000],
}


def request(chance: random.Random, ops: list[str]) -> bytes:
    op = chance.choice(ops)
    return (" ".join([op, *(chance.choice(VALUES[field]) for field in FIELDS[op])]) + "\n").encode()


@pytest.mark.parametrize("seed", range(3))
def test_any_requests_in_any_order(house: House, caplog: pytest.LogCaptureFixture, seed: int):
    caplog.set_level(logging.WARNING, "chatroom")
    chance = random.Random(seed)
    house.person("bob")
    house.befriend("ann", "安娜")
    house.group("Tea", "ann")
    ann = house.enter("ann")
    ann.send(b"".join(request(chance, [op for op in FIELDS if op not in "12ev"]) for _ in range(150)))
    ann.send(b"9 ann last\nc last\n")
    while ann.line() != "ann":
        pass
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_any_words_at_the_door(house: House, caplog: pytest.LogCaptureFixture):
    house.gate.policy(**{"registration.mode": "open"})
    wire = house.connect()
    wire.send(b"v tagged\n")
    for op in ("1", "2"):
        for name in NAMES:
            for password in VALUES["password"]:
                wire.send(f"{op} {name} {password}\n".encode())
                assert wire.line() in (f"{op} 1", f"{op} 3", f"{op} 4")
    for new in VALUES["new"]:
        wire.send(f"e old {new}\n".encode())
        assert wire.line() == "e 1"
    house.person("newcomer")
    wire.send(f"2 newcomer {PASSWORD}\n".encode())
    assert wire.line() in ("2 2", "2 4")  # the address has failed so often that it may have to wait
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
