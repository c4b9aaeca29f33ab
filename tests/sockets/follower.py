"""A client that keeps its state over many connections, by the rules of docs/protocol.md."""

from __future__ import annotations

import asyncio
from typing import Any

from tests import reducer
from tests.sockets.browser import Browser
from tests.sockets.peer import ClosedError, Peer


class Model(reducer.Client):
    """What one device knows: from `ready`, events and pages alone."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.me: dict[str, Any] = {}
        self.relations: dict[str, list] = {}
        self.joining: dict[str, list] = {}
        self.people: dict[int, dict] = {}
        self.conversations: dict[int, dict] = {}
        self.cursors: dict[str, int] = {}
        self.messages: dict[int, dict] = {}
        self.counted: dict[int, int] = {}
        self.unread: dict[int, set[int]] = {}
        self.named: dict[int, set[int]] = {}
        self.cleared: dict[int, int] = {}
        self.loading: set[int] = set()  # conversations whose page has not come
        self.tables: dict[int, dict] = {}
        self.hands: dict[str, list] = {}
        self.views: dict[int, dict] = {}
        self.resumes = self.resyncs = 0
        self.applied: list[tuple[str, int]] = []

    def hello(self) -> dict[str, dict[str, int]]:
        """The data of `hello`: cursors of what is held, heads of what is only listed."""
        held = {f"u:{self.user_id}", *(f"c:{id}" for id in self.messages)}
        cursors = {feed: number for feed, number in self.cursors.items() if feed in held}
        return {"cursors": cursors, "heads": {feed: n for feed, n in self.cursors.items() if feed not in held}}

    def ready(self, snapshot: dict) -> None:
        """Everything anew, or what changed."""
        listed = {conversation["id"] for conversation in snapshot["conversations"]}
        self.forget(snapshot["gone"] if snapshot["partial"] else set(self.conversations) - listed)
        self.me = snapshot["me"]
        self.cursors[f"u:{self.user_id}"] = snapshot["cursor"]
        parts = ("conversations", "people", "relations", "joining", "tables", "hands")
        self.private({name: snapshot[name] for name in parts if name in snapshot})

    def resync(self, feed: str) -> None:
        """Drop what is held of a feed."""
        self.resyncs += 1
        id = int(feed[2:])
        self.messages.pop(id, None)
        self.cursors[feed] = self.conversations[id]["last_change"]

    def forget(self, ids: Any) -> None:
        """Conversations that are no longer mine, with their counts."""
        for id in ids:
            self.loading.discard(id)
            self.counted.pop(id, None)
            self.unread.pop(id, None)
            self.named.pop(id, None)
            self.cleared.pop(id, None)
        super().forget(ids)

    def load(self, browser: Browser, id: int) -> None:
        """All messages of a conversation; events that come meanwhile are kept, the higher change wins."""
        self.begin(id)
        self.merge(id, browser.history(id))

    def begin(self, id: int) -> None:
        """From now on events are kept, unless the conversation is gone."""
        if id in self.conversations:
            self.messages.setdefault(id, {})
            self.loading.add(id)

    def merge(self, id: int, page: list[dict]) -> None:
        """The page has come."""
        held = self.messages.get(id)
        if held is None or id not in self.loading:
            return
        for message in page:
            if message["seq"] not in held or held[message["seq"]]["change"] < message["change"]:
                held[message["seq"]] = message
        self.loading.discard(id)


class Follower(Peer):
    """One connection of a device."""

    model: Model

    def __init__(self, name: str, user: int) -> None:
        super().__init__(name, user)
        self.waiting: dict[str, list[dict]] = {}
        self.tasks: set[asyncio.Task] = set()

    def event(self, event: dict[str, Any]) -> None:
        """Checks, keeps, applies."""
        super().event(event)
        if event["type"] == "ready":
            self.model.ready(event["data"])
        elif event["type"] == "resync":
            self.model.resync(event["feed"])
        elif "feed" in event:
            self.take(event)

    def take(self, event: dict[str, Any]) -> None:
        """The rule: what is old is ignored, what is ahead waits for what is missing, the rest is applied."""
        model, feed = self.model, event["feed"]
        cursor = model.cursors.get(feed)
        if cursor is None or event["number"] <= cursor:
            return
        if event["prev"] > cursor:
            if feed not in self.waiting:
                self.waiting[feed] = []
                task = asyncio.ensure_future(self.resume(feed, cursor))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            self.waiting[feed].append(event)
            return
        model.cursors[feed] = event["number"]
        if event["type"] == "message":
            model.applied.append((feed, event["data"]["seq"]))
            model.message(event["data"])
        elif event["type"] == "private":
            model.private(event["data"])

    async def resume(self, feed: str, after: int) -> None:
        """Asks for what is missing, then takes what waited."""
        model = self.model
        model.resumes += 1
        try:
            reply = await self.ask("feed.resume", {"feed": feed, "after": after})
        except ClosedError:
            return
        waited = self.waiting.pop(feed)
        if feed not in model.cursors or not reply["ok"]:
            return
        if reply["data"].get("resync"):
            model.resync(feed)
        else:
            model.cursors[feed] = max(model.cursors[feed], reply["data"]["number"])
        for event in waited:
            self.take(event)
