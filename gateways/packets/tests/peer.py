"""A client of the tests that compares bytes written out by hand; only times are read, because they are those of now."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from gateways.packets.tests.hexes import raw

ANN, BEN, LI = " 616e6e 00*29 ", " 62656e 00*29 ", " e69d8ee5a89c 00*26 "  # ann, ben, 李娜
ADMIN = " 7175e1baa36e2d7472e1bb8b 00*20 "  # quản-trị
SYSTEM = " 73797374656d 00*26 "
WORD = " 677265656e2d5465612d34373131 00*18 "  # green-Tea-4711
NEVER = " 303030302e30302e30302030303a30303a3030 "  # 0000.00.00 00:00:00


class Peer:
    """One connection."""

    def __init__(self, gate: Any) -> None:
        self.gate = gate
        self.wire = gate.connect("packets")

    def send(self, *frames: str) -> None:
        """All of it at once."""
        self.wire.send(b"".join(map(raw, frames)))

    def expect(self, *frames: str) -> None:
        """The next bytes are these."""
        self.wire.expect(b"".join(map(raw, frames)))

    def ask(self, request: str, *answer: str) -> None:
        """A request and its answer."""
        self.send(request)
        self.expect(*answer)

    def expect_said(self, head_and_name: str, rest: str) -> None:
        """A frame with a time of now behind its name."""
        self.expect(head_and_name)
        zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
        at = datetime.strptime(self.wire.read(19).decode(), "%Y.%m.%d %H:%M:%S").replace(tzinfo=zone)
        assert abs(datetime.now(zone) - at) < timedelta(minutes=2)
        self.expect(rest)

    def frame(self) -> tuple[int, int, bytes]:
        """Whatever frame comes: type, sub-type, body."""
        head = self.wire.read(8)
        assert len(head) == 8, f"came {head!r}"
        return (*(int.from_bytes(head[at : at + 2]) for at in (0, 2)), self.wire.read(int.from_bytes(head[4:])))

    def sign_in(self, name: str) -> Peer:
        """In, with the first two answers read."""
        self.send("0010 0000 00000040" + name + WORD)
        assert self.frame()[:2] in ((0x80, 0), (0x80, 1))
        assert self.frame()[:2] == (0x83, 0)
        self.gate.settle()
        return self


def say(text: str, name: str) -> tuple[str, str]:
    """What `expect_said` takes for a text in hex."""
    return f"0082 0000 {51 + len(raw(text)):08x}" + name, text
