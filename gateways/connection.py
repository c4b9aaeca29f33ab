"""Bytes in and out: deadlines, back-pressure, keep-alive. What they mean is the session's."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import deque
from typing import TYPE_CHECKING, Any

from gateways.errors import Malformed
from realtime import limits

if TYPE_CHECKING:
    from gateways.server import Server
    from gateways.session import Session

QUEUE_BYTES = 256 * 1024  # pushes that a client has not taken
HIGH_WATER = 64 * 1024
READ_AHEAD = 256 * 1024  # bytes of requests that wait for their turn
SIGN_IN_SECONDS = FRAME_SECONDS = 30.0
FILE_RATE = 1024  # bytes a second, at least, of a frame that carries a file
LAST_SECONDS = 3.0  # for what was sent before the end
KEEP_ALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3))
log = logging.getLogger("chatroom.gateways")


class Connection(asyncio.Protocol):
    """One TCP connection. Answers go out as they are written; pushes wait while the client does not read, up to a bound."""

    __slots__ = (
        "address",
        "blocked",
        "closing",
        "counted",
        "decoder",
        "done",
        "doomed",
        "drains",
        "frame_timer",
        "holding",
        "inbox",
        "mark",
        "paused",
        "queue",
        "received",
        "server",
        "session",
        "sign_in_timer",
        "transport",
    )
    transport: asyncio.Transport

    def __init__(self, server: Server, kind: type[Session]) -> None:
        self.server = server
        self.session = kind(self)
        self.decoder = kind.Decoder()
        self.address = ""
        self.inbox: deque[Any] | None = None  # requests that wait for their turn
        self.queue: deque[tuple[bytes, bool]] | None = None  # what waits, and whether it counts as a push
        self.counted = 0
        self.blocked = self.holding = self.paused = self.doomed = self.closing = False
        self.drains: list[asyncio.Future[None]] | None = None
        self.frame_timer: asyncio.TimerHandle | None = None
        self.sign_in_timer: asyncio.TimerHandle | None = None
        self.received = self.done = self.mark = 0  # bytes: in all, of requests that are done, when the frame began

    # From the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        self.address = peer[0] if peer else ""
        self.transport.set_write_buffer_limits(HIGH_WATER)
        if not limits.handshake(self.address) or not self.server.add(self):
            self.closing = True
            self.transport.abort()
            return
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEP_ALIVE:
            if hasattr(socket, option):
                raw.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, HIGH_WATER)
        self.wait_for_sign_in()

    def data_received(self, data: bytes) -> None:
        if self.closing or self.doomed:
            return
        self.received += len(data)
        try:
            messages = self.decoder.feed(data)
        except Malformed as malformed:
            messages, self.doomed = [*malformed.before, malformed], True
        self._watch_frame(bool(messages))
        if messages:
            self.inbox = self.inbox or deque()
            self.inbox.extend(messages)
            self.session.wake()
        if self.inbox and not self.paused and self.received - self.done > READ_AHEAD:
            self.pause()

    def all_done(self) -> None:
        """No request waits any more."""
        self.done = self.received
        self.inbox = None
        if self.paused and not self.closing:
            self.paused = False
            self.transport.resume_reading()

    def pause(self) -> None:
        """Read no further: the client waits for us."""
        self.paused = True
        self.transport.pause_reading()

    def eof_received(self) -> bool:
        return False  # half-open connections are not kept

    def pause_writing(self) -> None:
        self.blocked = True

    def resume_writing(self) -> None:
        self.blocked = False
        self.flush()
        if not self.blocked and self.drains:
            for waiting in self.drains:
                if not waiting.done():
                    waiting.set_result(None)
            self.drains = None

    def flush(self) -> None:
        """Send what waited, as long as the client takes it."""
        while self.queue and not (self.blocked or self.holding or self.closing):
            data, push = self.queue.popleft()
            if push:
                self.counted -= len(data)
            self.transport.write(data)
        if not self.queue:
            self.queue = None

    def connection_lost(self, error: Exception | None) -> None:
        self.closing = True
        self.queue = None
        for timer in (self.frame_timer, self.sign_in_timer):
            if timer is not None:
                timer.cancel()
        for waiting in self.drains or ():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError())
        self.drains = None
        self.inbox = None
        self.server.remove(self)
        self.session.lost()

    # Out

    def write(self, data: bytes, push: bool) -> None:
        """Write now, or as soon as the client reads; too much of what it did not ask for ends the connection."""
        if self.queue is None and not self.closing and not (push and (self.blocked or self.holding)):
            self.transport.write(data)
            return
        if self.closing or not data:
            return
        if self.queue is None:
            self.queue = deque()
        self.queue.append((data, push))
        if push:
            self.counted += len(data)
            if self.counted > QUEUE_BYTES:
                log.info("A client at %s does not read; its connection is closed", self.address)
                self.abort()

    def write_through(self, data: bytes) -> None:
        """The next piece of a frame that is being sent in pieces: nothing else comes between."""
        if not self.closing:
            self.transport.write(data)

    async def drained(self) -> None:
        """Until the client has taken what it asked for. Raises ConnectionResetError when it goes away."""
        while self.blocked and not self.closing:
            waiting = self.server.loop.create_future()
            self.drains = [*(self.drains or ()), waiting]
            await waiting
        if self.closing:
            raise ConnectionResetError

    def close(self) -> None:
        """End after what was sent has gone out, or a little later anyway."""
        if not self.closing:
            for data, _counts in self.queue or ():
                self.transport.write(data)
            self.queue = None
            self.closing = True
            self.transport.close()
            self.server.loop.call_later(LAST_SECONDS, self.transport.abort)

    def abort(self) -> None:
        """End now."""
        self.closing = True
        self.transport.abort()

    # Deadlines

    def wait_for_sign_in(self) -> None:
        """Who has not signed in for so long goes."""
        if self.sign_in_timer is None:
            self.sign_in_timer = self.server.loop.call_later(SIGN_IN_SECONDS, self._no_sign_in)

    def _no_sign_in(self) -> None:
        self.sign_in_timer = None
        if self.session.user is None and not self.closing:
            if self.session.working and not self.blocked:  # it waits for us, not we for it
                self.wait_for_sign_in()
            else:
                self.abort()

    def signed_in(self) -> None:
        """No deadline any more."""
        if self.sign_in_timer is not None:
            self.sign_in_timer.cancel()
            self.sign_in_timer = None

    def _watch_frame(self, complete: bool) -> None:
        begun = self.decoder.begun and not self.doomed
        if self.frame_timer is not None and (not begun or (complete and not self.decoder.is_file)):
            self.frame_timer.cancel()
            self.frame_timer = None
        if begun and self.frame_timer is None:
            self.mark = self.received
            self.frame_timer = self.server.loop.call_later(FRAME_SECONDS, self._half_a_frame)

    def _half_a_frame(self) -> None:
        self.frame_timer = None
        enough = self.decoder.is_file and self.received - self.mark >= FILE_RATE * FRAME_SECONDS
        if self.paused or enough:
            self._watch_frame(False)
        elif not self.closing:
            self.abort()


Context = ssl.SSLContext | None
