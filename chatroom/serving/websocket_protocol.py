"""WebSocket connections: little memory each, a fast path for ready frames, limits on what one client can make us hold."""

import asyncio
import socket
from collections.abc import Callable, MutableMapping
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from realtime.frames import frame_text

SEND_BUFFER = 64 * 1024
TRANSPORT = "chatroom.transport"  # key in scope["extensions"]


class Mailbox:
    """A queue for one reader; a hundredth of the memory of asyncio.Queue."""

    __slots__ = ("items", "waiter")

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.waiter: asyncio.Future[None] | None = None

    def put_nowait(self, item: Any) -> None:
        """Adds an item and wakes the reader."""
        self.items.append(item)
        if self.waiter and not self.waiter.done():
            self.waiter.set_result(None)

    async def get(self) -> Any:
        """The oldest item, when there is one."""
        while not self.items:
            self.waiter = asyncio.get_running_loop().create_future()
            try:
                await self.waiter
            finally:
                self.waiter = None
        return self.items.pop(0)

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self.items


class Gate:
    """Open or shut; true while open. An asyncio.Event that costs nothing until somebody waits."""

    __slots__ = ("open", "waiters")

    def __init__(self) -> None:
        self.open = True
        self.waiters: list[asyncio.Future[None]] | None = None

    def __bool__(self) -> bool:
        return self.open

    def set(self) -> None:
        """Opens, and wakes all who wait."""
        self.open = True
        waiters, self.waiters = self.waiters, None
        for waiter in waiters or ():
            if not waiter.done():
                waiter.set_result(None)

    def clear(self) -> None:
        """Shuts."""
        self.open = False

    async def wait(self) -> None:
        """Returns at once while open."""
        while not self.open:
            waiter = asyncio.get_running_loop().create_future()
            self.waiters = [*(self.waiters or ()), waiter]
            await waiter


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One socket; the application finds it as `scope["extensions"]["chatroom.transport"]`."""

    control_limit = 100  # pings and pongs of a client in `control_period`
    control_period = 10.0
    max_fragments = 64
    linger = 1.0  # seconds in which a refused client can still read why
    flush_timeout = 2.0  # seconds a closing socket may take to flush and to answer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue: Mailbox = Mailbox()  # type: ignore[assignment]
        self.writable: Gate = Gate()  # type: ignore[assignment]
        self._open = self.failed = False
        self.ready: Callable[[bytes], None] | None = (
            None  # the transport's own write, while it can take a frame at once
        )
        self.changed: Callable[[], None] | None = None  # called when `ready` is another
        self.control_count = 0
        self.control_since = 0.0

    # What the hub uses

    @property
    def is_open(self) -> bool:
        """Whether frames may be written."""
        return self._open

    @is_open.setter
    def is_open(self, value: bool) -> None:
        self._open = value
        self.set_ready()

    def set_ready(self) -> None:
        """Offers or takes back the transport's own write."""
        self.ready = self.transport.write if self._open and self.writable else None
        if self.changed is not None:
            self.changed()

    def pause_writing(self) -> None:
        """The client does not keep up."""
        super().pause_writing()
        self.set_ready()

    def resume_writing(self) -> None:
        """It caught up."""
        super().resume_writing()
        self.set_ready()

    def send_frame(self, frame: bytes) -> bool:
        """Writes a ready text frame (frame_text); False when the socket is not open."""
        if self.is_open:
            self.transport.write(frame)
            return True
        return False

    def buffered(self) -> int:
        """Bytes that wait because the client does not read."""
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Drops the connection and all that waits in it."""
        self.is_open = False
        self.transport.abort()

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Bounds the kernel's part of the send buffer, so that a stalled reader shows early."""
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the reference cycles through the scope and the hub's socket."""
        self.is_open = False
        self.changed = None
        super().connection_lost(exc)
        if self.handshake_initiated:
            self.__dict__.get("scope", {}).get("extensions", {}).pop(TRANSPORT, None)

    def handle_connect(self, event: Request) -> None:
        """Starts the application with this object in its scope."""
        super().handle_connect(event)
        del self.request
        if not self.handshake_complete:  # complete already means refused
            extensions: Any = self.scope["extensions"]
            extensions[TRANSPORT] = self

    def shutdown(self) -> None:
        """Close code 1012; a client that does not read is cut."""
        self.is_open = False
        super().shutdown()
        self.loop.call_later(self.flush_timeout, self.transport.abort)

    # Sending

    async def send(self, message: MutableMapping[str, Any]) -> None:  # type: ignore[override]
        """ASGI send; text of an open socket skips the websockets library."""
        if self.is_open and message["type"] == "websocket.send":
            await self.writable.wait()
            text = message.get("text")
            if text is not None:
                if not self.send_frame(frame_text(text.encode())):
                    raise ClientDisconnected
                return
        if self.is_open and message["type"] == "websocket.close":
            self.close(message.get("code", 1000), message.get("reason") or "")
            return
        await super().send(message)  # type: ignore[arg-type]
        if message["type"] == "websocket.accept" and self.handshake_complete:
            self.is_open = not self.disconnected
            del self.response

    def close(self, code: int, reason: str) -> None:
        """Says why and waits for the client's answer; one that does not read or answer is cut."""
        self.is_open = False
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.flush_timeout, self.transport.abort)

    # Receiving

    def data_received(self, data: bytes) -> None:
        """Discards what comes after a fault."""
        if not self.failed:
            super().data_received(data)

    def send_receive_event_to_app(self) -> None:
        """Hands a message on; text that is not UTF-8 closes with 1007."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.fail(1007, "not UTF-8")
                return
        super().send_receive_event_to_app()

    def handle_cont(self, event: Frame) -> None:
        """Bounds the fragments of a message: empty ones pass every limit of size."""
        if len(self.frames) >= self.max_fragments:
            self.fail(1009, "too many fragments")
            return
        super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answers, unless the client floods or does not read the answers."""
        if not self.writable:
            self.conn.data_to_send()
        elif self.control_allowed():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Unasked pongs are legal but counted."""
        if self.control_allowed():
            super().handle_pong(event)

    def control_allowed(self) -> bool:
        """Counts control frames; closes with 4008 above the limit."""
        now = self.loop.time()
        if now - self.control_since > self.control_period:
            self.control_since, self.control_count = now, 0
        self.control_count += 1
        if self.control_count > self.control_limit:
            self.fail(4008, "too fast")
            return False
        return True

    def handle_close(self, event: Frame) -> None:
        """The client closes."""
        self.is_open = False
        super().handle_close(event)
        if self.buffered():  # closing waits for a client that may never read
            self.loop.call_later(self.flush_timeout, self.transport.abort)

    def handle_parser_exception(self) -> None:
        """A fault of the client's, found by the parser (1002, 1009) or by us: says why, listens for a moment, closes."""
        self.is_open, self.failed = False, True
        close = self.conn.close_sent
        if self.close_sent or close is None:
            self.transport.close()
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        # Closing with unread bytes resets the connection, and the client may lose the close frame.
        self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.linger, self.transport.abort)

    def fail(self, code: int, reason: str) -> None:
        """Closes for a fault of the client's."""
        if self.is_open:
            self.conn.fail(code, reason)
            self.handle_parser_exception()
