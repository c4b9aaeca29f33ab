"""The listeners of the gateways in this process, and all their connections."""

from __future__ import annotations

import asyncio
import importlib
import logging
import ssl
from collections import Counter
from collections.abc import Coroutine, Iterable
from time import monotonic
from typing import Any

from core import policies
from core.buckets import TokenBucket
from core.registry import Caller
from gateways import actions, book, signin
from gateways.addresses import Address
from gateways.connection import Connection
from gateways.entering import Entering
from gateways.feeds import Presence
from gateways.policies import Gateways
from gateways.session import Session
from realtime import executors, hints

BACKLOG = 512
CONNECTIONS_MAX = 10_000
HANDSHAKE_SECONDS = 20.0
MALFORMED_SECONDS = 60.0  # between two rows of the log for one address
MALFORMED_ROWS = 60, 1 / 10  # of all addresses together: so many at once, so many a second
DRAIN_SECONDS = 3.0
MARKS_SECONDS = 2.0  # for read marks to be written, before the session ends
log = logging.getLogger("chatroom.gateways")


def session_of(protocol: str) -> type[Session]:
    """The session of a protocol."""
    return importlib.import_module(f"gateways.{protocol}.session").Session


class Server:
    """Listens, holds connections, ends them. All on one event loop, which the hub runs on too."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.listening: dict[Address, asyncio.Server] = {}
        self.connections: set[Connection] = set()
        self.from_address: Counter[str] = Counter()  # how many of them; of IPv6 a network counts as one
        self.tasks: set[asyncio.Task] = set()
        self.noted: dict[str, float] = {}  # address -> when its malformed input was written down
        self.rows = TokenBucket(*MALFORMED_ROWS)
        self.watchers: set[Entering] = set()
        self.telling = asyncio.Lock()  # who came and went, in the order in which it happened
        self.lost: set[int] = set()  # sessions without a connection at the last look
        self.draining = False
        if hints.hub is not None:
            hints.hub.presence.listeners.append(self.tell_presence)

    async def listen(self, address: Address, context: ssl.SSLContext | None = None, sock: Any = None) -> int:
        """Begin to listen; answers the port. Raises OSError."""
        kind = session_of(address.protocol)
        where: dict[str, Any] = {"sock": sock} if sock is not None else {"host": address.host, "port": address.port}
        tls: dict[str, Any] = {"ssl": context, "ssl_handshake_timeout": HANDSHAKE_SECONDS} if context else {}
        server = await self.loop.create_server(lambda: Connection(self, kind), **where, backlog=BACKLOG, **tls)
        self.listening[address] = server
        return server.sockets[0].getsockname()[1]

    async def unlisten(self, address: Address) -> None:
        """Listen no longer; those who are connected stay."""
        self.listening.pop(address).close()

    def add(self, connection: Connection) -> bool:
        """One more connection, unless there are too many, in all or from one address, or the end is near."""
        if self.draining or len(self.connections) >= CONNECTIONS_MAX:
            return False
        if self.from_address[connection.where] >= policies.cached(Gateways).connections_per_address:
            return False
        self.connections.add(connection)
        self.from_address[connection.where] += 1
        return True

    def remove(self, connection: Connection) -> None:
        """The connection is gone."""
        self.watchers.discard(connection.session)
        if connection in self.connections:
            self.connections.remove(connection)
            self.from_address[connection.where] -= 1
            if not self.from_address[connection.where]:
                del self.from_address[connection.where]

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task:
        """Do something beside; an exception is logged, never lost."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("A task of the gateways failed", exc_info=task.exception())

    def forget(self, caller: Caller, marks: Iterable[asyncio.Future] = ()) -> asyncio.Task:
        """The connection of this login session is gone: the session ends, after the read marks that it has sent."""
        return self.spawn(self._forget(caller, list(marks)))

    async def _forget(self, caller: Caller, marks: list[asyncio.Future]) -> None:
        if marks:
            await asyncio.wait(marks, timeout=MARKS_SECONDS)
        await signin.aside(signin.close, caller.login_session, caller.ip)

    def note_malformed(self, connection: Connection, protocol: str, reason: str, caller: Caller | None) -> None:
        """Into the log, once a minute for each address, and no more than a bound for all: who has many must not fill it."""
        now, where = monotonic(), connection.where
        if now - self.noted.get(where, float("-inf")) < MALFORMED_SECONDS or not self.rows.take():
            return
        if len(self.noted) > 10_000:
            self.noted.clear()
        self.noted[where] = now
        self.spawn(
            executors.read(
                actions.note_malformed, connection.address, protocol, reason, caller.user_id if caller else None
            )
        )

    def tell_presence(self, changes: Iterable[tuple[int, bool]]) -> None:
        """People came or went: to the sessions that keep a list of everybody."""
        if self.watchers:
            self.spawn(self._tell_presence(list(changes)))

    async def _tell_presence(self, changes: list[tuple[int, bool]]) -> None:
        async with self.telling:
            await book.learn(people=[id for id, _ in changes])
            events = [Presence(await book.get_person(id), online) for id, online in changes]
            for session in list(self.watchers):
                session.hear_presence(events)

    async def tidy(self) -> None:
        """End the sessions that a process has left behind; those that were without a connection at two looks."""
        lost = await signin.aside(signin.lost_sessions)
        for id in lost & self.lost:
            await signin.aside(signin.close, id, "")
        self.lost = lost

    async def stop(self) -> None:
        """No new connections; those there end after the answer to what is under way."""
        self.draining = True
        for server in self.listening.values():
            server.close()
        self.listening.clear()
        if hints.hub is not None and self.tell_presence in hints.hub.presence.listeners:
            hints.hub.presence.listeners.remove(self.tell_presence)
        for connection in list(self.connections):
            connection.wind_up()
        until = monotonic() + DRAIN_SECONDS
        while (self.connections or self.tasks) and monotonic() < until:  # noqa: ASYNC110 - many end, each in its own way
            await asyncio.sleep(0.02)
        for connection in list(self.connections):
            connection.abort()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=1)
