"""The hub: one per process, hands the facts of the feeds to the sockets that follow them, in order and without a hole.

Per feed it knows the last number delivered. The next number goes out as it comes; an old one is ignored; one too far ahead waits 30 ms
for those between, then the rows are read. Every ten seconds the heads of all followed feeds are compared with the rows.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from time import monotonic
from typing import Any

from django.db import DatabaseError, InterfaceError

from core import metrics, registry
from core.sql import Subquery, united
from realtime import executors, frames
from realtime.frames import Frame
from realtime.hints import Hint
from realtime.sockets import Socket

PATIENCE = 0.030  # seconds that a number ahead of its turn waits
SWEEP_SECONDS = 10.0
RETRY_SECONDS = 1.0  # after the database did not answer
PAGE = 500
GATE_CHUNK = 2000  # sessions a query
log = logging.getLogger("chatroom.realtime")


class Feed:
    """A followed feed: its sockets in this process and the last number they were given."""

    __slots__ = ("ahead", "delivered", "id", "key", "kind", "reading", "sockets", "timer")

    def __init__(self, key: str) -> None:
        self.key = key
        self.kind, _, number = key.partition(":")
        self.id = int(number)
        self.delivered: int | None = None  # not known before the first head is read
        self.sockets: set[Socket] = set()
        self.ahead: dict[int, Hint] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.reading = False


class Hub:
    """Feeds, sockets and what is handed from one to the other. All methods run on the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.key = secrets.token_hex(8)
        self.feeds: dict[str, Feed] = {}
        self.sockets: dict[int, Socket] = {}
        self.by_user: defaultdict[int, set[Socket]] = defaultdict(set)
        self.opened: defaultdict[int, set[Socket]] = defaultdict(set)  # conversation -> tabs that show it
        self.signals: dict[str, Callable[[Any], None]] = {"hints": self.take}
        self.refreshing: dict[int, bool] = {}
        self.tasks: set[asyncio.Task] = set()
        self.muted = False  # the fault tests' way to lose every hint
        self.draining = False
        self.presence: Any = None
        self.looks: list[Callable[[int, int], None]] = []  # called with a conversation and whose tab opens or leaves it
        self.here: Any = None
        self.site: dict | None = None  # what pages know of the site
        self.clock: list[asyncio.Task] = []

    def spawn(self, coroutine: Any) -> asyncio.Task:
        """Run something beside; an exception is logged, never lost."""
        task = self.loop.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("A task of the hub failed", exc_info=task.exception())

    # Sockets come and go

    def add(self, socket: Socket) -> None:
        """A signed-in connection, held until `release`."""
        self.sockets[socket.number] = socket
        self.by_user[socket.user_id].add(socket)

    def remove(self, socket: Socket) -> None:
        """The connection is gone."""
        socket.closed = True
        if self.sockets.pop(socket.number, None) is None:
            return
        for feed in list(socket.keys):
            self.detach(socket, feed)
        mine = self.by_user[socket.user_id]
        mine.discard(socket)
        if not mine:
            del self.by_user[socket.user_id]
        self.show(socket, None)

    def show(self, socket: Socket, conversation: int | None) -> None:
        """Which conversation this tab shows now."""
        before = socket.opened
        if before is not None:
            tabs = self.opened[before]
            tabs.discard(socket)
            if not tabs:
                del self.opened[before]
        socket.opened = conversation
        if conversation is not None:
            self.opened[conversation].add(socket)
        for changed in (before, conversation):
            if changed is not None:
                self.looked(changed, socket)

    def looked(self, conversation: int, socket: Socket) -> None:
        """The tab opened this conversation, left it, or wants to be seen otherwise."""
        for look in self.looks:
            look(conversation, socket.user_id)

    def attach(self, socket: Socket, keys: Iterable[str]) -> list[Feed]:
        """Follow feeds; returns those that the socket did not follow yet. One that is gone follows nothing any more."""
        new: list[Feed] = []
        if socket.closed:
            return new
        for key in keys:
            feed = self.feeds.get(key)
            if feed is None:
                feed = self.feeds[key] = Feed(key)
            if socket not in feed.sockets:
                feed.sockets.add(socket)
                socket.keys.append(feed)
                new.append(feed)
        return new

    def detach(self, socket: Socket, feed: Feed) -> None:
        """Follow a feed no longer."""
        feed.sockets.discard(socket)
        if feed in socket.keys:
            socket.keys.remove(feed)
        if socket.opened == feed.id and feed.kind == "c":
            self.show(socket, None)
        if not feed.sockets:
            if feed.timer:
                feed.timer.cancel()
            self.feeds.pop(feed.key, None)

    def start(self, heads: dict[str, int]) -> None:
        """Heads that were read after attaching: feeds that were not followed before count from there."""
        for key, head in heads.items():
            feed = self.feeds.get(key)
            if feed is not None and feed.delivered is None:
                for hint in [hint for hint in (feed.ahead or {}).values() if hint.number <= head]:
                    for user_id in (*hint.detach, *([feed.id] if hint.access else ())):
                        self.refresh(user_id)  # the snapshot may be older than this fact of rights
                feed.delivered = head
                self._drain_ahead(feed)

    # Facts

    def receive(self, kind: str, payload: Any, since: float | None = None) -> None:
        """What `hints` hands over from other threads (`since`: when, by this process's clock) and the layer from other processes."""
        if not self.muted:
            self.signals[kind](payload)
            if since is not None:
                metrics.delivery.observe(monotonic() - since)

    def take(self, taken: list) -> None:
        """Hints: deliver, ignore or wait, by their number."""
        for item in taken:
            hint = Hint(*item)
            feed = self.feeds.get(hint.feed)
            if feed is None:
                continue
            delivered = feed.delivered
            if delivered is not None and hint.number <= delivered:
                continue
            if delivered is not None and hint.number == delivered + 1 and hint.data is not None and not feed.reading:
                self._deliver(feed, hint)
                if feed.ahead:
                    self._drain_ahead(feed)
            else:
                if feed.ahead is None:
                    feed.ahead = {}
                feed.ahead[hint.number] = hint
                if hint.access:
                    self.refresh(feed.id)  # rights do not wait for the number's turn
                if delivered is not None:
                    self._wait(feed, 0 if hint.data is None and hint.number == delivered + 1 else PATIENCE)

    def _deliver(self, feed: Feed, hint: Hint) -> None:
        prev, feed.delivered = feed.delivered, hint.number
        frame = frames.numbered(hint.type, feed.key, hint.number, prev, hint.data)
        self.send(feed.sockets, frame)
        if hint.detach:
            for user_id in hint.detach:
                for socket in list(self.by_user.get(user_id, ())):
                    if socket in feed.sockets:
                        self.detach(socket, feed)
                self.refresh(user_id)  # an old fact, read late: he may be a member again
        if hint.access:
            self.refresh(feed.id)

    def send(self, sockets: Collection[Socket], frame: Frame) -> None:
        """One frame to many sockets, waiting for none."""
        wire = frame.wire
        metrics.frames.inc(len(sockets))
        for socket in list(sockets):
            if (write := socket.ready) is not None:
                write(wire)
            else:
                socket.deliver(frame)

    def tell_head(self, socket: Socket, feed: Feed) -> None:
        """Where a feed stands: by the cursors' rule a client behind it resumes."""
        number = feed.delivered or 0
        socket.deliver(Frame(f'{{"type":"head","feed":"{feed.key}","number":{number},"prev":{number}}}'))

    def _wait(self, feed: Feed, patience: float) -> None:
        if feed.timer is None and not feed.reading:
            feed.timer = self.loop.call_later(patience, self._catch_up, feed)

    def _drain_ahead(self, feed: Feed) -> None:
        while feed.ahead and feed.delivered is not None:
            for number in [number for number in feed.ahead if number <= feed.delivered]:
                del feed.ahead[number]
            hint = feed.ahead.get(feed.delivered + 1)
            if hint is None or hint.data is None:
                break
            del feed.ahead[hint.number]
            self._deliver(feed, hint)
        if feed.ahead:
            self._wait(feed, PATIENCE)
        else:
            feed.ahead = None
            if feed.timer:
                feed.timer.cancel()
                feed.timer = None

    def _catch_up(self, feed: Feed) -> None:
        feed.timer = None
        if not feed.reading and self.feeds.get(feed.key) is feed:
            feed.reading = True
            self.spawn(self._read(feed))

    async def _read(self, feed: Feed) -> None:
        """Read the source until the head that was there before the rows is reached."""
        try:
            while self.feeds.get(feed.key) is feed:
                metrics.reads.inc()
                head, facts = await executors.read(_facts, feed.kind, feed.id, feed.delivered)
                for number, type, data, detach in facts:
                    access = type == "private"
                    self._deliver(feed, Hint(feed.key, number, type, frames.encode(data), detach, access))
                if len(facts) < PAGE:
                    feed.delivered = max(head, feed.delivered)
                    break
        finally:
            feed.reading = False
        self._drain_ahead(feed)

    async def sweep(self) -> None:
        """Compare the heads of all followed feeds, so that a lost hint costs seconds, never a fact."""
        heads = await executors.read(read_heads, set(self.feeds))
        self.start(heads)  # feeds whose first head could not be read
        for key, head in heads.items():
            feed = self.feeds.get(key)
            if feed is not None and feed.delivered is not None and head > feed.delivered:
                metrics.behind.inc()
                self._wait(feed, 0)

    # Rights

    def refresh(self, user_id: int) -> None:
        """Sessions or conversations of the user changed: look again, close and cut what must be; until then he hears nothing."""
        for socket in self.by_user.get(user_id, ()):
            socket.stale = True
            socket.pause()
        if user_id in self.refreshing:
            self.refreshing[user_id] = True  # once more when the running one is done
        elif user_id in self.by_user:
            self.refreshing[user_id] = False
            self.spawn(self._refresh(user_id))

    async def _refresh(self, user_id: int) -> None:
        try:
            sockets = list(self.by_user.get(user_id, ()))
            await self.check_gates(sockets)
            keys = set(await executors.read(feeds_of, user_id))
            fresh: list[tuple[Socket, Feed]] = []
            for socket in self.by_user.get(user_id, set()).copy():
                for feed in [feed for feed in socket.keys if feed.key not in keys]:
                    self.detach(socket, feed)
                    if feed.kind != "c":  # a conversation lets go at the number that says so
                        socket.forget(feed.key)
                fresh += [(socket, feed) for feed in self.attach(socket, keys)]
            unknown = {feed.key for _, feed in fresh if feed.delivered is None}
            if unknown:
                self.start(await executors.read(read_heads, unknown))
            for socket, feed in fresh:
                self.tell_head(socket, feed)
        except (DatabaseError, InterfaceError):
            log.warning("Rights could not be read again; once more in a second", exc_info=True)
            await asyncio.sleep(RETRY_SECONDS)
            self.refreshing[user_id] = True  # until then he hears nothing
        finally:
            again = self.refreshing.pop(user_id)
            for socket in () if again else self.by_user.get(user_id, set()).copy():
                socket.resume()
        if again:
            self.refresh(user_id)

    async def check_gates(self, sockets: Iterable[Socket]) -> None:
        """Close the sockets whose session ended or whose user may no longer act."""
        sockets = list(sockets)
        closing: dict[int, tuple[int, str]] = {}
        sessions = list({socket.login_session for socket in sockets})
        for start in range(0, len(sessions), GATE_CHUNK):
            for gate in registry.gates:
                closing.update(await executors.read(gate, sessions[start : start + GATE_CHUNK]))
        for socket in sockets:
            if socket.login_session in closing:
                code, reason = closing[socket.login_session]
                socket.close(code, reason, False)
                self.remove(socket)


def _facts(kind: str, id: int, after: int) -> tuple[int, list]:
    source = registry.feeds[kind]
    head = source.heads([id]).get(id, 0)  # before the rows: a row that comes between is read, not jumped over
    return head, source.read(id, after, PAGE)


def read_heads(keys: Iterable[str]) -> dict[str, int]:
    """The heads of feeds of any kind, one query a kind."""
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for key in keys:
        kind, _, id = key.partition(":")
        ids[kind].append(int(id))
    return {f"{kind}:{id}": head for kind, some in ids.items() for id, head in registry.feeds[kind].heads(some).items()}


def feeds_of(user_id: int) -> list[str]:
    """All feeds a user follows. One query."""
    found = {kind: source.feeds_of(user_id) for kind, source in registry.feeds.items()}
    asked = {kind: ids for kind, ids in found.items() if isinstance(ids, Subquery)}
    known = [(kind, id) for kind, ids in found.items() if not isinstance(ids, Subquery) for id in ids]
    return [f"{kind}:{id}" for kind, id in (*known, *(united(asked) if asked else ()))]
