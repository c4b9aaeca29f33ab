"""The frames on the page about the protocol are frames."""

from __future__ import annotations

import re
from pathlib import Path

from gateways.frames.codec import OF_CLIENTS, OF_SERVERS, Decoder
from gateways.frames.tests.written import raw

PAGE = Path(__file__).parents[3] / "docs" / "gateways" / "frames.md"
WRITTEN = re.compile(r"`([0-9a-f]{2}(?:[0-9a-f ]|\*\d+)*)`")


def frames_of(line: str) -> list[bytes]:
    """The frames of a line: as many of its bytes as the length in each head says."""
    data = b"".join(raw(written) for written in WRITTEN.findall(line))
    found = []
    while len(data) >= 4 and (length := int.from_bytes(data[2:4])) >= 4:
        found.append(data[:length])
        data = data[length:]
    assert not data, f"{data.hex()} is left of {line}"
    return found


def test_the_page_writes_out_frames():
    written = [
        frame for line in PAGE.read_text().splitlines() if "`00*10` is ten" not in line for frame in frames_of(line)
    ]
    for frame in written:
        layouts = OF_CLIENTS if frame[0] < 0x70 else OF_SERVERS
        assert len(Decoder(layouts).feed(frame)) == 1, frame.hex()
    shown = {frame[0] for frame in written}
    assert shown == {*OF_CLIENTS, *OF_SERVERS} - {0x83}  # that one is said to be as 0x82
