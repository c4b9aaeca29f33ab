"""The conversation that docs/gateways/struct.md shows is held, byte by byte."""

from __future__ import annotations

import re
from pathlib import Path

from gateways.conftest import PASSWORD, Gate
from messaging.models import Message

PAGE = Path(__file__).parents[3] / "docs" / "gateways" / "struct.md"
ROW = re.compile(r"^\| ([→←]) \| `([0-9a-f]{16})`(?: `([^`]*)`)? \|", re.MULTILINE)
TEXT, LEFT = "0400000001000000", "0400000002000000"


def frame(head: str, text: str) -> bytes:
    """The first 8 bytes in hex, and the payload with its NULs."""
    return bytes.fromhex(head) + text.encode().ljust(1000, b"\0")


def test_the_documented_conversation(gate: Gate) -> None:
    gate.person("minh", "green-Tea-4711"), gate.person("lan")
    lan, minh, rows = gate.connect("struct"), gate.connect("struct"), ROW.findall(PAGE.read_text())
    lan.send(frame("0200000000000000", "lan"), frame("0200000001000000", PASSWORD))
    lan.expect(frame("0200000000000000", ""))
    lan.send(frame("0400000000000000", "minh"), frame(TEXT, "chào bạn"))
    gate.settle()
    assert len(rows) == 8
    for way, head, text in rows:
        written = frame(head, text)
        if way == "→":
            minh.send(written)
            gate.settle()
            continue
        if text.startswith("lan: "):
            lan.send(frame(TEXT, text.removeprefix("lan: ")))
        elif head == LEFT:
            lan.send(frame(LEFT, ""))
        if text.startswith("["):  # whenever it was said
            found, said = minh.read(1008), re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
            assert said.sub(b"", found) == said.sub(b"", written)
        else:
            minh.expect(written)
    assert Message.objects.filter(sender__username="minh", body="你好").exists()
