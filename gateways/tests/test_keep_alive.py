"""A client whose machine is gone says nothing any more: TCP asks."""

from __future__ import annotations

import subprocess

from gateways.conftest import Gate


def test_the_kernel_asks_who_has_been_silent_for_a_minute(gate: Gate) -> None:
    gate.connect("lines")
    gate.settle()
    command = ["ss", "-tnoH", "state", "established", "sport", "=", f":{gate.ports['lines']}"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(shown) == 1 and "timer:(keepalive," in shown[0], shown
