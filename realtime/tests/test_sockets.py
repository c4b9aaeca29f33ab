"""Delivery waits for nobody: who does not read gets a queue, who never reads is cut off, the others notice nothing."""

import asyncio
import json

import pytest

from realtime.sockets import QUEUE_BYTES
from realtime.tests.desk import Desk
from tests.tabs import settled


class Stalled:
    """A client that stops reading: `send` waits until it reads on."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.frames: list[dict] = []

    async def send(self, message: dict) -> None:
        await self.reads.wait()
        self.frames.append(json.loads(message["text"]))


async def test_one_who_does_not_read_holds_up_nobody_and_misses_nothing(desk: Desk):
    client = Stalled()
    slow, quick = desk.socket(1, send=client.send), desk.socket(2)
    desk.start()
    for _ in range(50):
        desk.tell(desk.facts.write(1))
    assert desk.numbers_of(quick) == list(range(1, 51))
    assert client.frames == []
    client.reads.set()
    await settled(desk.hub)
    assert [frame["number"] for frame in client.frames] == list(range(1, 51))
    desk.tell(desk.facts.write(1))
    assert client.frames[-1]["number"] == 51
    assert slow.queue is None


async def test_one_who_reads_far_too_slowly_is_cut_off(desk: Desk):
    client = Stalled()
    slow, quick = desk.socket(1, send=client.send), desk.socket(2)
    desk.start()
    text = "好" * 10_000
    for _ in range(QUEUE_BYTES // 10_000 + 5):
        desk.tell(desk.facts.write(1, {"text": text}))
    assert desk.closed == {slow.number: (4008, "too slow", True)}
    assert slow.queue is None
    assert len(desk.numbers_of(quick)) == QUEUE_BYTES // 10_000 + 5
    client.reads.set()


async def test_one_who_stands_still_is_cut_off_after_a_while(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("realtime.sockets.STALL_SECONDS", 0.02)
    slow = desk.socket(1, send=Stalled().send)
    desk.start()
    desk.tell(desk.facts.write(1))
    await settled(desk.hub)
    assert desk.closed == {slow.number: (4008, "too slow", True)}


async def test_what_is_held_before_the_snapshot_is_bounded_too(desk: Desk):
    held = desk.socket(1, held=True)
    desk.start()
    for _ in range(4 * QUEUE_BYTES // 10_000 + 2):
        desk.tell(desk.facts.write(1, {"text": "x" * 10_000}))
    assert desk.closed == {held.number: (4008, "too slow", True)}


async def test_a_client_that_is_gone_disturbs_nobody(desk: Desk):
    async def gone(message: dict) -> None:
        raise ConnectionResetError

    dead, alive = desk.socket(1, send=gone), desk.socket(2)
    desk.start()
    desk.tell(desk.facts.write(1), desk.facts.write(1))
    assert dead.closed
    assert desk.numbers_of(alive) == [1, 2]


async def test_what_is_held_comes_after_the_snapshot_in_order(desk: Desk):
    from realtime.frames import Frame

    one = desk.socket(1, held=True)
    desk.start()
    desk.tell(desk.facts.write(1))
    one.write(Frame('{"type": "ready"}'))
    one.release()
    desk.tell(desk.facts.write(1))
    assert [frame["type"] for frame in desk.heard[one.number]] == ["ready", "message", "message"]
    assert desk.numbers_of(one) == [1, 2]
