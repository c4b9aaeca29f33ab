"""The conversation that docs/gateways/struct.md shows is held, byte by byte."""

from __future__ import annotations

import re
from pathlib import Path

from gateways.conftest import Gate, Wire

PAGE = Path(__file__).parents[3] / "docs" / "gateways" / "struct.md"
SHOWN = re.compile(r"^\| (minh|lan) ([→←]) \| `([0-9a-f]{16})`(?: `(.+?)`)? \|", re.MULTILINE)
ASKED = {
    f"{type:02x}000000{data:02x}000000" for type, last in enumerate((0, 1, 2, 0, 3, 7)) for data in range(last + 1)
}
AT = len("[2026-11-22 09:30:05")


def test_the_documented_conversation(gate: Gate) -> None:
    gate.person("lan")
    wires: dict[str, Wire] = {name: gate.connect("struct") for name in ("minh", "lan")}
    rows = SHOWN.findall(PAGE.read_text())
    assert {head for _, way, head, _ in rows if way == "→"} == ASKED  # every request of the table below it
    for name, way, head, text in rows:
        frame = bytes.fromhex(head) + text.encode().ljust(1000, b"\0")
        if way == "→":
            wires[name].send(frame)
        elif text.startswith("["):  # at the minute of the example
            told = wires[name].read(1008)
            assert told[: 8 + 1] + told[8 + AT :] == frame[: 8 + 1] + frame[8 + AT :]
        else:
            wires[name].expect(frame)
        gate.settle()
    for wire in wires.values():
        wire.silent()
