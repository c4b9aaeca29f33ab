"""The conversations that docs/gateways/lines.md shows are held, byte by byte."""

from __future__ import annotations

import re
from pathlib import Path

from accounts.relations import relations_of
from gateways.lines.tests.house import House
from messaging import actions

PAGE = Path(__file__).parents[3] / "docs" / "gateways" / "lines.md"
SHOWN = re.compile(r"^([→←]) ((?:[0-9a-f]{2} )+) +(.+)$", re.MULTILINE)


def test_the_documented_conversations(house: House):
    for name, other in (("ann", "bob"), ("安娜", "ann")):
        house.befriend(name, other)
    house.person("eve", must_change=True)
    dan, cy = house.person("dan"), house.person("cy")
    bob, tea = house.people["bob"], house.group("Tea", "bob", "ann", "eve", join_policy="request", discoverable=True)
    house.ask_friend("cy", "bob")
    browser = house.browser("ann")
    happens = {  # just before such a line comes, or goes
        "a dan Tea": lambda: actions.join_group(dan, tea),
        "3 ann Tea line one": lambda: browser.say(tea, "line one\nline two"),
        "3 eve Tea hi": lambda: actions.change_settings(bob, tea, posting="managers"),
    }
    blocks = [SHOWN.findall(block) for block in re.findall(r"```\n(.*?)```", PAGE.read_text(), re.DOTALL)]
    assert [len(block) for block in blocks] == [8, 9, 9]
    for block in blocks:
        wire = house.connect()
        for way, octets, text in block:
            assert bytes.fromhex(octets) == f"{text}\n".encode()
            if text in happens:
                happens[text]()
                house.gate.settle()
            (wire.send if way == "→" else wire.expect)(octets)
        house.gate.settle()
        house.gate.gone(wire.wire)
    assert set(relations_of(bob.pk)["friends"]) == {house.people["ann"].pk, cy.pk}
