"""The real hub in a thread of its own, and tabs: the real consumer with a recording `send` instead of a network."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

import pytest
from django.conf import settings

from chatroom.asgi import application
from realtime import executors, hints, server
from realtime.hub import Hub
from tests.cast import Person
from tests.spies import Spies

SECONDS = 30.0  # that anything may take


class Tab:
    """One connection: what the server sent, and commands to it. As a page does, it asks for what a feed had before it was followed."""

    def __init__(self, site: Site, user_id: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.site, self.user_id = site, user_id
        self.frames: list[dict] = []
        self.close: dict | None = None
        self.accepted = False
        self.resuming: dict[int, str] = {}  # refs that have no answer yet, and their feeds
        self.changed = threading.Condition()
        self.refs = itertools.count(1)
        self.inbox: asyncio.Queue = asyncio.Queue()
        scope = {
            "type": "websocket",
            "path": "/ws/",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "scheme": "ws",
            "subprotocols": [],
        }
        self.inbox.put_nowait({"type": "websocket.connect"})
        self.running: Future = site.spawn(application(scope, self.inbox.get, self.record))

    async def record(self, message: dict) -> None:
        """The server's `send`."""
        with self.changed:
            if message["type"] == "websocket.accept":
                self.accepted = True
            elif message["type"] == "websocket.close":
                self.close = message
                self.resuming.clear()
            else:
                self.site.spies.heard(self.user_id, message["text"])
                frame = json.loads(message["text"])
                self.resuming.pop(frame.get("ref"), None)
                if frame["type"] == "head":
                    self.resume(frame["feed"], frame["number"])
                self.frames.append(frame)
            self.changed.notify_all()

    def resume(self, feed: str, head: int) -> None:
        """Ask for what is missing up to this number."""
        facts = [frame for frame in self.frames if frame.get("feed") == feed and "data" in frame]
        known = max((fact["number"] for fact in facts), default=0)
        if known < head and feed not in self.resuming.values():
            self.resuming[ref := next(self.refs)] = feed
            self.put(json.dumps({"type": "feed.resume", "ref": ref, "data": {"feed": feed, "after": known}}))

    def wait(self, ready: Callable[[], Any]) -> Any:
        """Wait until it is true; answers it."""
        with self.changed:
            assert self.changed.wait_for(ready, SECONDS), (
                f"has not come; there is {self.frames[-3:]!r}, close {self.close!r}"
            )
            return ready()

    def put(self, text: str) -> None:
        """A frame as it is."""
        self.site.loop.call_soon_threadsafe(self.inbox.put_nowait, {"type": "websocket.receive", "text": text})

    def ask(self, name: str, data: Any) -> dict:
        """One command; its reply."""
        ref = next(self.refs)
        self.put(json.dumps({"type": name, "ref": ref, "data": data}))
        return self.wait(lambda: next((f for f in self.frames if f.get("ref") == ref), None))

    def code(self, name: str, data: Any) -> str:
        """One command; `ok`, or the code of its refusal."""
        reply = self.ask(name, data)
        return "ok" if reply["ok"] else reply["error"]["code"]

    def hello(self, cursors: dict | None = None, heads: dict | None = None) -> dict:
        """From connecting to live; the snapshot."""
        self.put(json.dumps({"type": "hello", "data": {"cursors": cursors or {}, "heads": heads or {}}}))
        self.wait(lambda: self.of("live"))
        return self.of("ready")[0]["data"]

    def of(self, type: str) -> list[dict]:
        """The frames of one type so far."""
        return [frame for frame in self.frames if frame["type"] == type]

    def leave(self) -> None:
        """The client goes; waits until the server knows."""
        self.site.loop.call_soon_threadsafe(self.inbox.put_nowait, {"type": "websocket.disconnect", "code": 1001})
        self.running.result(SECONDS)


class Site:
    """A started hub. Actions run in the test's thread, as they do beside it in a real process."""

    def __init__(self, spies: Spies) -> None:
        self.spies = spies
        self.tabs: list[Tab] = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="hub")
        self.thread.start()
        self.hub: Hub = self.do(server.start())
        self.do(asyncio.sleep(0))  # what begins with a server has asked for threads
        executors.idle()  # and has looked at the rows before a test writes any

    def spawn(self, coroutine: Any) -> Future:
        """Run beside, on the hub's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def do(self, coroutine: Any) -> Any:
        """Run on the hub's loop and wait."""
        return self.spawn(coroutine).result(SECONDS)

    def connect(self, person: Person | None, headers: dict[str, str] | None = None) -> Tab:
        """A connection with this person's cookie."""
        fields = {"host": "localhost", "origin": "http://localhost", **(headers or {})}
        if person is not None:
            fields["cookie"] = f"{settings.SESSION_COOKIE_NAME}={person.cookie}"
        tab = Tab(self, person.id if person else 0, [(name.encode(), value.encode()) for name, value in fields.items()])
        self.tabs.append(tab)
        tab.wait(lambda: tab.accepted or tab.close)
        return tab

    def enter(self, person: Person, **known: dict) -> Tab:
        """A tab that is live."""
        tab = self.connect(person)
        tab.hello(**known)
        return tab

    def settle(self) -> None:
        """Wait until everything that was committed has been handed to the sockets, and what they asked for then."""
        self.do(settled(self.hub, self.tabs))

    def by_hand(self) -> None:
        """From now on nothing runs on the clock: the test says when, and nothing is under way beside it."""
        self.do(ended(self.hub.clock))

    def sweep(self) -> None:
        """What runs every ten seconds, now."""
        self.do(self.hub.sweep())
        self.settle()

    def end(self) -> None:
        """All tabs leave, the hub stops."""
        for tab in self.tabs:
            tab.leave()
        self.settle()
        self.do(server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(SECONDS)
        self.loop.close()


async def ended(tasks: Iterable[asyncio.Task]) -> None:
    """Cancel them, and wait until they are gone."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def settled(hub: Hub, tabs: Iterable[Tab] = ()) -> None:
    """Until no feed waits or reads, nobody's rights are being looked at, no socket has a queue and no tab waits for a feed."""
    async with asyncio.timeout(SECONDS):
        while (
            any(feed.timer or feed.reading or feed.ahead for feed in hub.feeds.values())
            or hub.refreshing
            or hub.tasks
            or any(socket.queue is not None for socket in hub.sockets.values())
            or any(tab.resuming and not tab.running.done() for tab in tabs)
        ):
            await asyncio.sleep(0.002)


@pytest.fixture
def site(transactional_db: None, ended_threads: None, spies: Spies):
    """A started hub; at its end nobody may have heard what was not for him."""
    assert hints.hub is None
    site = Site(spies)
    yield site
    site.end()
    executors.idle()
