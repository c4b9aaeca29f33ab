"""A hub at a desk: feed sources of its own, in memory, and recording sockets."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

from realtime.hints import Hint
from realtime.hub import Hub
from realtime.sockets import Socket


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
