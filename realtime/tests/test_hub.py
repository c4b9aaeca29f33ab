"""The hub: every fact once, in order, without a hole, to those who follow; whatever happens to hints and to sockets."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest

from core import registry
from realtime import hub as hub_module
from realtime.hints import Hint
from realtime.hub import Hub
from realtime.sockets import QUEUE_BYTES, Socket
from tests.tabs import settled

SECONDS = 5


class Facts:
    """A feed source of this test's own: facts by number, in memory."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[int, tuple[dict, tuple[int, ...]]]] = {}
        self.members: dict[int, set[int]] = {}
        self.reads: list[tuple[int, int]] = []
        self.reading = 0

    def write(self, id: int, data: dict | None = None, removes: tuple[int, ...] = (), moved: int | None = None) -> Hint:
        """The next fact; `moved`: it is a change of an older one, which leaves a hole there."""
        rows = self.rows.setdefault(id, {})
        number = max(rows, default=0) + 1
        rows[number] = (data or {"n": number}, removes)
        if moved is not None:
            del rows[moved]
        return Hint(f"x:{id}", number, "message", json.dumps(rows[number][0]), removes)

    def heads(self, ids: Any) -> dict[int, int]:
        return {id: max(self.rows.get(id, {}), default=0) for id in ids}

    def read(self, id: int, after: int, limit: int) -> list:
        self.reading += 1
        assert self.reading == 1, "one read of a feed at a time"
        self.reads.append((id, after))
        found = [(number, "message", *row) for number, row in sorted(self.rows.get(id, {}).items()) if number > after]
        self.reading -= 1
        return found[:limit]

    def feeds_of(self, user_id: int) -> list[int]:
        return sorted(id for id, members in self.members.items() if user_id in members)


class Users(Facts):
    """The feed of each user, which he follows for ever."""

    def read(self, id: int, after: int, limit: int) -> list:
        return [(number, "private", data, removes) for number, _, data, removes in super().read(id, after, limit)][-1:]

    def feeds_of(self, user_id: int) -> list[int]:
        return [user_id]


class Desk:
    """A hub with sources of its own, and recording sockets."""

    def __init__(self) -> None:
        self.hub = Hub(asyncio.get_running_loop())
        self.facts, self.users = Facts(), Users()
        self.heard: dict[int, list[dict]] = {}
        self.closed: dict[int, tuple] = {}
        self.numbers = iter(range(1, 10_000))

    def socket(self, user_id: int, feeds: list[str] = ["x:1"], send: Any = None, held: bool = False) -> Socket:  # noqa: B006
        number = next(self.numbers)
        frames = self.heard[number] = []

        async def record(message: dict) -> None:
            frames.append(json.loads(message["text"]))

        close = lambda *args: self.closed.__setitem__(number, args)  # noqa: E731
        socket = Socket(number, user_id, user_id * 10, "", send or record, None, close)
        self.hub.add(socket)
        self.hub.attach(socket, feeds)
        if not held:
            socket.release()
        return socket

    def start(self) -> None:
        """Heads as they are now."""
        self.hub.start(
            {
                key: (self.users if key[0] == "u" else self.facts).heads([int(key[2:])])[int(key[2:])]
                for key in self.hub.feeds
            }
        )

    def tell(self, *hints: Hint) -> None:
        self.hub.receive("hints", [tuple(hint) for hint in hints])

    def numbers_of(self, socket: Socket, feed: str = "x:1") -> list[int]:
        return [frame["number"] for frame in self.heard[socket.number] if frame.get("feed") == feed]

    def chain_is_whole(self, socket: Socket, feed: str = "x:1") -> bool:
        frames = [frame for frame in self.heard[socket.number] if frame.get("feed") == feed and frame["type"] != "head"]
        return all(frame["prev"] == before["number"] for before, frame in pairwise(frames))


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(registry, "feeds", {"x": desk.facts, "u": desk.users})
    monkeypatch.setattr(registry, "gates", [])
    return desk


async def test_the_next_number_goes_out_as_it_comes(desk: Desk):
    one, other = desk.socket(1), desk.socket(2, ["x:2"])
    desk.start()
    for _ in range(3):
        desk.tell(desk.facts.write(1, {"text": "Chào 你好 👋"}))
    assert desk.heard[one.number] == [
        {"type": "message", "feed": "x:1", "number": n, "prev": n - 1, "data": {"text": "Chào 你好 👋"}}
        for n in (1, 2, 3)
    ]
    assert desk.heard[other.number] == []
    assert desk.facts.reads == []


async def test_old_and_doubled_hints_are_ignored(desk: Desk):
    one = desk.socket(1)
    desk.start()
    hints = [desk.facts.write(1) for _ in range(3)]
    desk.tell(*hints)
    desk.tell(*reversed(hints))
    desk.tell(hints[1], hints[1])
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1, 2, 3]
    assert desk.facts.reads == []


async def test_a_number_ahead_waits_for_those_between(desk: Desk):
    one = desk.socket(1)
    desk.start()
    a, b, c, d = (desk.facts.write(1) for _ in range(4))
    desk.tell(c)
    desk.tell(d, b)
    assert desk.numbers_of(one) == []
    desk.tell(a)
    assert desk.numbers_of(one) == [1, 2, 3, 4]
    await settled(desk.hub)
    assert desk.facts.reads == []


async def test_what_is_lost_is_read_from_the_source_once(desk: Desk):
    one = desk.socket(1)
    desk.start()
    desk.facts.write(1)
    later = [desk.facts.write(1) for _ in range(3)]
    desk.tell(*later)
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1, 2, 3, 4]
    assert desk.facts.reads == [(1, 0)]


async def test_a_hint_without_data_is_read_at_once(desk: Desk):
    one = desk.socket(1)
    desk.start()
    hint = desk.facts.write(1, {"text": "x"})
    desk.tell(hint._replace(data=None))
    await settled(desk.hub)
    assert [frame["data"] for frame in desk.heard[one.number]] == [{"text": "x"}]


async def test_hints_that_come_while_the_source_is_read_are_not_given_twice(desk: Desk):
    one = desk.socket(1)
    desk.start()
    desk.facts.write(1)
    desk.tell(desk.facts.write(1)._replace(data=None))
    feed = desk.hub.feeds["x:1"]
    async with asyncio.timeout(SECONDS):
        while not feed.reading:  # noqa: ASYNC110 - the hub has no event for its tests
            await asyncio.sleep(0)
    for _ in range(3):
        desk.tell(desk.facts.write(1))
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1, 2, 3, 4, 5]
    assert desk.chain_is_whole(one)


async def test_numbers_with_holes_are_followed_to_the_head(desk: Desk):
    """A row that was changed has moved to a higher number: the one it had is gone."""
    one = desk.socket(1)
    desk.start()
    desk.tell(desk.facts.write(1), desk.facts.write(1), desk.facts.write(1))
    desk.facts.write(1, moved=2)
    desk.facts.write(1, moved=3)
    desk.tell(desk.facts.write(1))
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1, 2, 3, 4, 5, 6]
    two = desk.socket(2, ["x:1"])
    desk.hub.feeds["x:1"].delivered = 0
    await desk.hub.sweep()
    await settled(desk.hub)
    assert desk.numbers_of(two) == [1, 4, 5, 6]
    assert desk.chain_is_whole(two)
    assert desk.hub.feeds["x:1"].delivered == 6


async def test_more_missing_than_a_page_comes_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub_module, "PAGE", 10)
    one = desk.socket(1)
    desk.start()
    for _ in range(95):
        desk.facts.write(1)
    await desk.hub.sweep()
    await settled(desk.hub)
    assert desk.numbers_of(one) == list(range(1, 96))
    assert desk.chain_is_whole(one)


async def test_the_sweep_finds_what_a_muted_hub_did_not_hear(desk: Desk):
    one = desk.socket(1)
    desk.start()
    desk.hub.muted = True
    desk.tell(desk.facts.write(1))
    await settled(desk.hub)
    assert desk.numbers_of(one) == []
    await desk.hub.sweep()
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1]
    reads = len(desk.facts.reads)
    await desk.hub.sweep()
    await settled(desk.hub)
    assert len(desk.facts.reads) == reads


async def test_facts_between_attaching_and_the_first_head_are_not_lost(desk: Desk):
    one = desk.socket(1, held=True)
    first = desk.facts.write(1)
    heads = {"x:1": desk.facts.heads([1])[1]}
    second = desk.facts.write(1)
    desk.tell(first, second)
    desk.hub.start(heads)
    assert desk.heard[one.number] == []
    one.release()
    await settled(desk.hub)
    assert desk.numbers_of(one) == [2]


async def test_who_is_removed_hears_that_and_nothing_after(desk: Desk):
    desk.facts.members[1] = {1, 2}
    removed, second_tab, other = (
        desk.socket(1, ["x:1", "u:1"]),
        desk.socket(1, ["x:1", "u:1"]),
        desk.socket(2, ["x:1", "u:2"]),
    )
    desk.start()
    fact = desk.facts.write(1, {"text": "removed"}, removes=(1,))
    desk.facts.members[1] = {2}
    desk.tell(fact, desk.facts.write(1, {"text": "bí mật 秘密"}))
    await settled(desk.hub)
    assert desk.numbers_of(removed) == desk.numbers_of(second_tab) == [1]
    assert desk.numbers_of(other) == [1, 2]


async def test_the_same_when_the_fact_is_read_from_the_source(desk: Desk):
    desk.facts.members[1] = {2}
    removed, other = desk.socket(1, ["x:1", "u:1"]), desk.socket(2, ["x:1", "u:2"])
    desk.start()
    desk.facts.write(1, {"text": "removed"}, removes=(1,))
    desk.facts.write(1, {"text": "bí mật 秘密"})
    await desk.hub.sweep()
    await settled(desk.hub)
    assert desk.numbers_of(removed) == [1]
    assert desk.numbers_of(other) == [1, 2]


async def test_who_was_removed_and_is_back_follows_again(desk: Desk):
    """The fact that removed him is read late, when he is a member again."""
    desk.facts.members[1] = {1, 2}
    one = desk.socket(1, ["x:1", "u:1"])
    desk.socket(2, ["x:1"])
    desk.start()
    desk.facts.write(1, {"text": "removed"}, removes=(1,))
    desk.facts.write(1, {"text": "joined"})
    await desk.hub.sweep()
    await settled(desk.hub)
    desk.tell(desk.facts.write(1, {"text": "mới 新"}))
    await settled(desk.hub)
    assert desk.numbers_of(one)[-1] == 3
    assert 2 in desk.numbers_of(one)  # the head by which the client resumes


async def test_a_change_of_rights_attaches_and_cuts(desk: Desk):
    desk.facts.members = {1: {1}, 2: set()}
    one = desk.socket(1, ["x:1", "u:1"])
    desk.start()
    desk.facts.write(2)
    desk.facts.members = {1: set(), 2: {1}}
    desk.users.write(1)
    desk.tell(Hint("u:1", 1, "private", "{}", (), True))
    await settled(desk.hub)
    desk.tell(desk.facts.write(1), desk.facts.write(2))
    await settled(desk.hub)
    assert desk.numbers_of(one, "x:1") == []
    heads = [frame for frame in desk.heard[one.number] if frame["type"] == "head"]
    assert heads == [{"type": "head", "feed": "x:2", "number": 1, "prev": 1}]
    assert desk.numbers_of(one, "x:2") == [1, 2]


async def test_an_ended_session_is_closed_and_its_neighbour_is_not(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    ended, alive = desk.socket(1, ["x:1", "u:1"]), desk.socket(2, ["x:1", "u:2"])
    desk.start()
    monkeypatch.setattr(registry, "gates", [lambda sessions: {10: (4003, "session_ended")} if 10 in sessions else {}])
    desk.users.write(1)
    desk.tell(Hint("u:1", 1, "private", None, (), True))
    await settled(desk.hub)
    assert desk.closed == {ended.number: (4003, "session_ended", False)}
    desk.tell(desk.facts.write(1))
    assert (desk.numbers_of(ended), desk.numbers_of(alive)) == ([], [1])
    assert 1 not in desk.hub.by_user


async def test_who_goes_leaves_nothing_behind(desk: Desk):
    one = desk.socket(1, ["x:1", "x:2", "u:1"])
    desk.start()
    desk.tell(desk.facts.write(1)._replace(number=9))
    desk.hub.show(one, 1)
    desk.hub.remove(one)
    desk.hub.remove(one)
    await settled(desk.hub)
    assert (desk.hub.feeds, dict(desk.hub.by_user), dict(desk.hub.opened), desk.hub.sockets) == ({}, {}, {}, {})


async def test_which_tabs_show_a_conversation(desk: Desk):
    one, other = desk.socket(1), desk.socket(2)
    desk.hub.show(one, 7)
    desk.hub.show(other, 7)
    assert desk.hub.opened[7] == {one, other}
    desk.hub.show(one, 8)
    desk.hub.show(other, None)
    assert dict(desk.hub.opened) == {8: {one}}


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
