"""A client as docs/protocol.md asks for it: outbox with retry, a cursor per feed, resume, reconnecting with jitter."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bench.checker import Seen
from bench.client import PINGED, Address, Client, ClosedError, HandshakeError, RefusedError, connect

COMES_BACK = {1000, 1001, 1005, 1006, 1011, 1012, 4008}


class Talk(Client):
    """The socket of a chatter; it keeps no log of events."""

    def __init__(self, chatter: Chatter) -> None:
        super().__init__()
        self.chatter = chatter

    def event(self, event: dict[str, Any]) -> None:
        self.chatter.take(event)
        if event["type"] == "ping":
            self.transport.write(PINGED)
        if event["type"] in ("ready", "live", "reply"):
            super().event(event)


class Chatter:
    """Stays connected, keeps its cursors, repeats a message until it is confirmed or refused for good."""

    def __init__(self, address: Address, cookie: str, user: int, jitter: float = 1.0, seed: int = 0) -> None:
        self.address, self.cookie, self.jitter = address, cookie, jitter
        self.seen = Seen(user)
        self.known: dict[int, set[int]] = defaultdict(set)
        self.fetch: Callable[[int], list[dict[str, Any]]] | None = None  # the newest page of a conversation
        self.random = random.Random(f"{seed}-{user}")
        self.cursors: dict[str, int] = {}
        self.heads: dict[str, int] = {}
        self.talk: Talk | None = None
        self.live = asyncio.Event()
        self.connects = self.resyncs = self.resumes = 0
        self.closes: list[int] = []
        self.reply_timeout = 10.0
        self._running: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> Chatter:
        """Connects and waits until it is live."""
        self._running = asyncio.create_task(self._run())
        await self._live()
        return self

    async def stop(self) -> None:
        """Leaves for good."""
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, *self._tasks, return_exceptions=True)
        if self.talk:
            self.talk.close()

    async def _live(self) -> None:
        """Waits until live; raises what ended the client for good."""
        waiting = asyncio.ensure_future(self.live.wait())
        assert self._running is not None
        done, _ = await asyncio.wait([waiting, self._running], return_when=asyncio.FIRST_COMPLETED)
        if self._running in done:
            waiting.cancel()
            self._running.result()
            raise ClosedError(self.closes[-1])

    async def _run(self) -> None:
        while True:
            try:
                self.talk = await connect(lambda: Talk(self), self.address, self.cookie)
                self.connects += 1
                await self.talk.hello(self.cursors)
                self.live.set()
                await self.talk.closed
            except (OSError, HandshakeError, ClosedError, TimeoutError):
                pass
            self.live.clear()
            code = self.talk.close_code if self.talk else 1006
            self.closes.append(code)
            if code not in COMES_BACK:
                return
            await asyncio.sleep(self.random.uniform(0, self.jitter))

    def _begin(self, ready: dict[str, Any]) -> None:
        """Cursors of feeds that were not held yet start at the head of the snapshot."""
        for conversation in ready["conversations"]:
            feed = f"c:{conversation['id']}"
            self.heads[feed] = conversation["last_change"]
            self.cursors.setdefault(feed, conversation["last_change"])
        self.cursors[f"u:{self.seen.user}"] = max(ready["cursor"], self.cursors.get(f"u:{self.seen.user}", 0))

    def take(self, event: dict[str, Any]) -> None:
        """Applies one event by the rules of the cursor."""
        feed = event.get("feed")
        if event["type"] == "ready":
            self._begin(event["data"])
        elif event["type"] == "resync":
            self._start_over(feed)
        elif feed is not None:
            self._number(event, feed)

    def _number(self, event: dict[str, Any], feed: str) -> None:
        if event["type"] == "head":
            self.cursors.setdefault(feed, event["number"])
        cursor = self.cursors.get(feed)
        if cursor is None or event["number"] <= cursor:
            return
        if event["prev"] > cursor:
            self._later(self._resume(feed, cursor))
            return
        self.cursors[feed] = event["number"]
        if event["type"] == "message":
            self._receive(event["data"])

    def _receive(self, message: dict[str, Any]) -> None:
        """A message, for the first time; later events of it are upserts."""
        known = self.known[message["conversation"]]
        if message["seq"] not in known:
            known.add(message["seq"])
            self.seen.received[message["conversation"]].append((message["seq"], message["body"]))

    def _start_over(self, feed: str) -> None:
        """Drops what is held of a conversation, takes the head from `ready` and a page."""
        self.resyncs += 1
        conversation = int(feed.partition(":")[2])
        self.cursors[feed] = self.heads[feed]
        self.known[conversation].clear()
        self.seen.received[conversation].clear()
        if self.fetch:
            for message in self.fetch(conversation):
                self._receive(message)

    def _later(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _resume(self, feed: str, after: int) -> None:
        self.resumes += 1
        try:
            assert self.talk is not None
            await self.talk.command("feed.resume", {"feed": feed, "after": after})
        except (ClosedError, TimeoutError):
            pass

    async def say(self, conversation: int, body: str, client_id: str) -> int:
        """Sends until there is an answer; the seq. Raises RefusedError when it is refused for good."""
        self.seen.invoked[client_id] = (conversation, body)
        data = {"conversation": conversation, "client_id": client_id, "body": body}
        while True:
            await self._live()
            try:
                assert self.talk is not None
                reply = await self.talk.command("message.send", data, self.reply_timeout)
                self.seen.confirmed.setdefault(client_id, []).append(reply["seq"])
                return reply["seq"]
            except (ClosedError, TimeoutError):
                continue
            except RefusedError as refused:
                if refused.code in ("too_fast", "server_error"):
                    await asyncio.sleep(self.random.uniform(0.05, 0.5))
                    continue
                self.seen.refused.add(client_id)
                raise
