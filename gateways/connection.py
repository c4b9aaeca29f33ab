"""Bytes in and out: deadlines, back-pressure, keep-alive. What they mean is the session's."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import deque
from typing import TYPE_CHECKING, Any

from accounts.actions.guard import key_of_address
from audit.record import plain_address
from gateways.errors import Malformed
from realtime import limits

if TYPE_CHECKING:
    from gateways.server import Server
    from gateways.session import Session

QUEUE_BYTES = 256 * 1024  # pushes that a client has not taken
HIGH_WATER = 64 * 1024
READ_AHEAD = 256 * 1024  # bytes of requests that wait for their turn
READ_STEP = 32 * 1024  # of these, read as requests at once: a small one is far larger in memory than in bytes
SIGN_IN_SECONDS = FRAME_SECONDS = 30.0
FILE_RATE = 1024  # bytes a second, at least, of a frame that carries a file
LAST_SECONDS = 3.0  # for what was sent before the end
END_SECONDS = 60.0  # for the answers to a client that has said its last word
# The last one, in milliseconds: what a dead peer does not acknowledge would else be sent again for a quarter of an hour
KEEP_ALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 120_000))
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
        "end_timer",
        "ended",
        "frame_timer",
        "holding",
        "inbox",
        "mark",
        "paused",
        "queue",
        "raw",
        "received",
        "server",
        "session",
        "sign_in_timer",
        "transport",
        "where",
    )
    transport: asyncio.Transport

    def __init__(self, server: Server, kind: type[Session]) -> None:
        self.server = server
        self.session = kind(self)
        self.decoder = kind.Decoder()
        self.address = ""
        self.where = ""  # the address as it is counted: of IPv6 a network is one
        self.inbox: deque[Any] | None = None  # requests that wait for their turn
        self.raw: bytearray | None = None  # and what has come behind them
        self.queue: deque[tuple[bytes, bool]] | None = None  # what waits, and whether it counts as a push
        self.counted = 0
        self.blocked = self.holding = self.paused = self.doomed = self.closing = False
        self.ended = False  # no request is taken any more
        self.drains: list[asyncio.Future[None]] | None = None
        self.frame_timer: asyncio.TimerHandle | None = None
        self.sign_in_timer: asyncio.TimerHandle | None = None
        self.end_timer: asyncio.TimerHandle | None = None
        self.received = self.done = self.mark = 0  # bytes: in all, of requests that are done, when the frame began

    # From the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        if peer:
            self.address, self.where = plain_address(peer[0]) or "", key_of_address(peer[0])
        self.transport.set_write_buffer_limits(HIGH_WATER)
        if not peer or not limits.handshake(self.address) or not self.server.add(self):
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
        if self.closing or self.doomed or self.ended:
            return
        self.received += len(data)
        if self.raw is None:
            self.raw = bytearray()
        self.raw += data
        self.more()
        if self.inbox and not self.paused and self.received - self.done > READ_AHEAD:
            self.pause()

    def more(self) -> bool:
        """Whether a request waits; what has come is read some at a time, when nothing waits before it."""
        while self.raw and not self.inbox and not self.doomed:
            piece = bytes(self.raw[:READ_STEP])
            del self.raw[:READ_STEP]
            self._feed(piece)
        if not self.raw or self.doomed:
            self.raw = None
        return bool(self.inbox)

    def _feed(self, data: bytes) -> None:
        try:
            messages = self.decoder.feed(data)
        except Malformed as malformed:
            messages, self.doomed = [*malformed.before, malformed], True
        self._watch_frame(bool(messages))
        if messages:
            self.inbox = deque(messages)
            self.session.wake()

    def all_done(self) -> None:
        """No request waits any more."""
        self.done = self.received
        self.inbox = None
        if self.paused and not self.closing and not self.ended:
            self.paused = False
            self.transport.resume_reading()
        self.rest()

    def rest(self) -> None:
        """Nothing is under way, perhaps: who has said his last word, and has his answers, hears no more either."""
        if self.ended and not self.inbox and not self.session.at_work:
            self.close()

    def pause(self) -> None:
        """Read no further: the client waits for us."""
        self.paused = True
        self.transport.pause_reading()

    def eof_received(self) -> bool:
        """What was asked before the end is answered, then the connection ends. With TLS there is no end of one side alone."""
        if self.transport.get_extra_info("ssl_object") is not None:
            return False
        if not self.ended:
            self.ended = True
            self.end_timer = self.server.loop.call_later(END_SECONDS, self.abort)
            self.rest()
        return True

    def wind_up(self) -> None:
        """The server stops: the request under way is answered, what waits behind it is not begun."""
        self.ended, self.inbox, self.raw = True, None, None
        if not self.closing and not self.paused:
            self.pause()
        self.rest()

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
        for timer in (self.frame_timer, self.sign_in_timer, self.end_timer):
            if timer is not None:
                timer.cancel()
        for waiting in self.drains or ():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError())
        self.drains = None
        self.inbox = self.raw = None
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
        if self.holding:  # nothing may come between the bytes of a frame, and this one has no end
            self.abort()
        elif not self.closing:
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
        if self.paused or self.raw or enough:
            self._watch_frame(False)
        elif not self.closing:
            self.abort()


Context = ssl.SSLContext | None
