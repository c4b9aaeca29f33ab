"""One connection as the hub sees it: writes that never wait, a bounded queue for who cannot keep up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic
from types import coroutine
from typing import Any

from realtime.frames import Frame

QUEUE_BYTES = 256 * 1024
STALL_SECONDS = 10.0


class Socket:
    """A signed-in connection. `hold` collects what arrives between attaching and `live`."""

    __slots__ = (
        "asked",
        "close",
        "closed",
        "draining",
        "greeted",
        "heard",
        "held",
        "hold",
        "keys",
        "language",
        "login_session",
        "number",
        "opened",
        "queue",
        "queued",
        "ready",
        "send",
        "stale",
        "state",
        "transport",
        "user_id",
    )

    def __init__(
        self,
        number: int,
        user_id: int,
        login_session: int,
        language: str,
        send: Callable,
        transport: Any,
        close: Callable,
    ) -> None:
        self.number, self.user_id, self.login_session, self.language = number, user_id, login_session, language
        self.send, self.transport, self.close = send, transport, close
        self.keys: list[Any] = []  # the feeds it follows
        self.hold: list[Frame] | None = []
        self.held = 0
        self.queue: deque[Frame] | None = None
        self.queued = 0
        self.ready: Callable[[bytes], None] | None = None  # see `settle`
        if transport is not None:
            transport.changed = self.settle
        self.greeted = False  # hello is done
        self.stale = False  # rights changed since its snapshot was begun
        self.opened: int | None = None  # the conversation this tab shows
        self.state = "online"
        self.heard = monotonic()  # when the client last said something
        self.asked = False  # for a sign of life, and has not answered
        self.closed = False
        self.draining: asyncio.Future | None = None

    def settle(self) -> None:
        """Let the hub write straight to a transport that takes ready frames at once, unless events are held or queued."""
        free = self.transport is not None and self.hold is None and self.queue is None
        self.ready = self.transport.ready if free else None

    def deliver(self, frame: Frame) -> None:
        """Hand on an event, or keep it until the snapshot is out."""
        if self.hold is None:
            self.write(frame)
        else:
            self.hold.append(frame)
            self.held += len(frame.text)
            if self.held > QUEUE_BYTES * 4:
                self.drop()

    async def catch_up(self) -> None:
        """Send what was held back, as fast as the client reads."""
        while self.hold and not self.closed:
            held, self.hold, self.held = self.hold, [], 0
            await self.write_all(held)

    def release(self) -> None:
        """The snapshot is out: send what is still held back, then everything as it comes."""
        held, self.hold, self.held, self.greeted = self.hold or (), None, 0, True
        self.settle()
        for frame in held:
            self.write(frame)

    def pause(self) -> None:
        """Hold events back until it is known whether this session still may hear them."""
        if self.greeted and self.hold is None:
            self.hold = []
            self.settle()

    def forget(self, feed: str) -> None:
        """What is held of a feed it does not follow any more is not for it."""
        if self.hold:
            self.hold = [frame for frame in self.hold if f'"feed":"{feed}"' not in frame.text[:100]]

    def resume(self) -> None:
        """It may."""
        if self.greeted and self.hold is not None:
            self.release()

    async def write_all(self, frames: Iterable[Frame]) -> None:
        """Write many frames as fast as the client reads; what comes for it meanwhile must be held or may be resumed."""
        for frame in frames:
            self.write(frame)
            if self.queue is not None and self.draining is not None:
                await asyncio.wait([self.draining])
            if self.closed:
                return

    def write(self, frame: Frame) -> None:
        """Write without waiting. A socket that blocks gets a queue and a task."""
        if self.closed:
            return
        if self.queue is not None:
            self.queue.append(frame)
            self.queued += len(frame.text)
            if self.queued > QUEUE_BYTES:
                self.drop()
            return
        if self.transport is not None and (write := self.transport.ready) is not None:
            write(frame.wire)
            return
        step = self.send({"type": "websocket.send", "text": frame.text})
        try:
            waited = step.send(None)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 - each server has its own exception for a client that is gone; disconnect follows
            self.closed = True
            return
        self.queue = deque()
        self.settle()
        self.draining = asyncio.ensure_future(self._drain(_rest(step, waited)))

    async def _drain(self, first: Any) -> None:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                await first
            while self.queue:
                frame = self.queue.popleft()
                self.queued -= len(frame.text)
                async with asyncio.timeout(STALL_SECONDS):
                    await self.send({"type": "websocket.send", "text": frame.text})
            self.queue = None
            self.settle()
        except TimeoutError:
            self.drop()
        except Exception:  # noqa: BLE001 - as in write()
            self.closed = True

    def drop(self) -> None:
        """Too slow: end the connection; the client comes back and resumes."""
        if not self.closed:
            self.closed = True
            self.queue = None
            self.close(4008, "too slow", True)


@coroutine
def _rest(step: Any, waited: Any) -> Any:
    """Go on with a coroutine that was stepped once by hand."""
    while True:
        yield waited
        try:
            waited = step.send(None)
        except StopIteration:
            return
