"""People of a load at card tables: each has a socket, follows his table and moves when it is his turn."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import Any

from bench.client import PINGED, Address, Client, RefusedError, clock, connect

BEAT = 10.0  # seconds between two signs of life at a table
ids = itertools.count(1)


class Hand(Client):
    """The socket of a player; it keeps the last of each kind of event."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.player = player

    def event(self, event: dict[str, Any]) -> None:
        self.player.hear(event)
        if event["type"] == "ping":
            self.transport.write(PINGED)
        elif event["type"] in ("ready", "live", "reply"):
            super().event(event)


class Player:
    """Plays his lowest card or passes; ready for the next match at once."""

    def __init__(self, address: Address, cookie: str, user: int, seed: int = 0) -> None:
        self.address, self.cookie, self.user = address, cookie, user
        self.chance = random.Random(f"{seed}-{user}")
        self.table = self.seq = 0
        self.view: dict[str, Any] = {}
        self.hand: list[int] = []
        self.news = asyncio.Event()
        self.link: Hand | None = None
        self.moves = 0
        self.refused: list[str] = []
        self.waits: list[float] = []  # seconds from an act to its answer
        self.cursors: dict[str, int] = {}

    async def connect(self) -> Player:
        """In, with the last number he has seen of his table."""
        self.link = await connect(lambda: Hand(self), self.address, self.cookie)
        ready = await self.link.hello(self.cursors)
        for table, hand in ready.get("hands", {}).items():
            if int(table) == self.table:
                self.hand = hand["cards"]
        if self.table:
            self.see(await self.link.command("table.follow", {"table": self.table}))
        return self

    def hear(self, event: dict[str, Any]) -> None:
        """What concerns his table."""
        data = event.get("data") or {}
        if event["type"] == "table" and data["table"] == self.table and data["seq"] > self.seq:
            self.view, self.seq = data["view"], data["seq"]
            self.cursors[event["feed"]] = data["seq"]
            self.news.set()
        elif event["type"] == "private" and str(self.table) in data.get("hands", {}):
            self.hand = data["hands"][str(self.table)]["cards"]
            self.news.set()

    def see(self, snapshot: dict[str, Any]) -> None:
        """The table as it stands."""
        self.view, self.seq, self.hand = snapshot["view"], snapshot["seq"], snapshot["hand"] or []
        self.cursors[f"table:{self.table}"] = self.seq
        self.news.set()

    async def act(self, kind: str, client_id: str = "", **fields: Any) -> dict[str, Any]:
        """Does something; the answer."""
        assert self.link
        sent = clock()
        data = {
            "table": self.table,
            "client_id": client_id or f"bot-{self.user}-{next(ids):08}",
            "seq": self.seq,
            "kind": kind,
        }
        answer = await self.link.command("table.act", {**data, **fields}, 30)
        self.waits.append(clock() - sent)
        if not answer["done"]:
            self.see(answer["snapshot"])
        elif kind != "heartbeat":
            self.hand = answer["hand"] or []
        return answer

    def wanted(self) -> tuple[str, dict[str, Any]] | None:
        """What he would do now."""
        view = self.view
        if view.get("phase") != "playing":
            mine = next((seat for seat in view.get("seats", ()) if seat and seat["user"] == self.user), None)
            return ("ready", {}) if mine and not mine["ready"] else None
        game = view["game"]
        seat = view["players"].index(self.user) if self.user in view["players"] else None
        if seat is None or game["turn"] != seat or game["closing"] or not self.hand:
            return None
        top = game["top"]
        if top is None:
            return "play", {"cards": self.hand[:1]}
        higher = [card for card in self.hand if card > top["cards"][-1]] if top["kind"] == "single" else []
        return ("play", {"cards": higher[:1]}) if higher and (self.user + self.seq) % 3 else ("pass", {})

    async def play(self, going: asyncio.Event, think: float) -> None:
        """Goes on until it is over."""
        beat = clock() + self.chance.uniform(0, BEAT)
        while going.is_set():
            if clock() > beat:
                beat = clock() + BEAT
                await self._try("heartbeat")
            self.news.clear()
            wanted = self.wanted()
            if wanted is None:
                try:
                    async with asyncio.timeout(1.0):
                        await self.news.wait()
                except TimeoutError:
                    continue
                continue
            await asyncio.sleep(self.chance.uniform(0.5, 1.5) * think)
            if self.wanted() != wanted:
                continue
            self.moves += await self._try(wanted[0], **wanted[1]) and wanted[0] in ("play", "pass")

    async def _try(self, kind: str, **fields: Any) -> bool:
        """Does something, unless it is refused; a connection that is gone ends the playing."""
        try:
            return bool((await self.act(kind, **fields))["done"])
        except RefusedError as refused:
            self.refused.append(refused.code)
            await asyncio.sleep(0.2)
            return False


async def seat(address: Address, people: list[tuple[str, int]], conversation: int, seed: int = 0) -> list[Player]:
    """A table with these people, the first of them its host; nobody is ready yet."""
    players = [Player(address, cookie, user, seed) for cookie, user in people]
    for player in players:
        await player.connect()
    host = players[0]
    assert host.link
    opened = await host.link.command("table.open", {"conversation": conversation, "options": {"instant": []}}, 30)
    for player in players:
        player.table = opened["table"]
        assert player.link
        player.see(await player.link.command("table.follow", {"table": player.table}, 30))
        if player is not host:
            await player.act("sit")
    return players
