"""HTTP/1.1 with deadlines and caps; what uvicorn leaves open to slow and large requests is closed here."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

KIB, MIB = 1024, 1024 * 1024
STREAMED = b"/files/uploads/"  # what comes here goes on as it comes, and what we do not take waits with the client


class HttpProtocol(HttpToolsProtocol):
    """One connection. The attributes below are limits; tests make subclasses with smaller ones."""

    head_timeout = 20.0  # seconds from the first byte (or the connection) to a complete request head
    body_timeout = 30.0  # seconds a request body may stand still
    write_timeout = 60.0  # seconds a response may stand still because the client does not read
    linger = 2.0  # seconds in which a refused client can still read why, while what it sends is discarded
    max_head = 64 * KIB
    max_body = 6 * MIB  # a picture of 5 MiB and the form around it
    max_streamed = 2049 * MIB  # the largest file a policy may allow; each upload has its own limit
    max_bodies = 128 * MIB  # request bodies held by the whole process
    max_connections = 20_000
    bodies_held = 0  # shared by all connections of the process

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused = self.upgraded = self.streamed = False
        self.in_head = True
        self.heads = self.head_size = self.body_size = self.streamed_size = self.unsent = 0
        self.body_at = 0.0
        self.head_timer: asyncio.TimerHandle | None = None
        self.body_timer: asyncio.TimerHandle | None = None
        self.write_timer: asyncio.TimerHandle | None = None
        self.linger_timer: asyncio.TimerHandle | None = None

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the clock of the first request head."""
        super().connection_made(transport)
        if len(self.connections) > self.max_connections:
            self.refuse(503)
        else:
            self.head_timer = self.loop.call_later(self.head_timeout, self.refuse, 408)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops all clocks."""
        self.stop_clocks()
        if self.linger_timer:
            self.linger_timer.cancel()
        self.release_body()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feeds the parser, with a clock on heads and bodies that are not complete."""
        if self.refused:
            return
        if self.in_head and self.head_timer is None:
            self.head_timer = self.loop.call_later(self.head_timeout, self.refuse, 408)
        heads, in_head = self.heads, self.in_head
        super().data_received(data)
        if self.upgraded or self.refused:
            return
        if self.in_head:
            self.head_size = self.head_size + len(data) if in_head and heads == self.heads else 0
            if self.head_size > self.max_head:
                self.refuse(431)
        elif self.body_timer is None:
            self.body_timer = self.loop.call_later(self.body_timeout, self.check_body)

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over; nothing of this object stays with the socket."""
        self.upgraded = True
        self.stop_clocks()
        super().handle_websocket_upgrade()
        self.parser = self.scope = self.headers = None  # type: ignore[assignment]  # ends reference cycles at once

    # The request

    def on_message_begin(self) -> None:
        """A new request: counts from zero."""
        self.release_body()
        self.streamed, self.streamed_size = False, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is complete: a declared length above the cap is refused before the application runs."""
        self.in_head = False
        self.heads += 1
        if self.head_timer:
            self.head_timer.cancel()
            self.head_timer = None
        self.body_at = self.loop.time()
        self.streamed = self.url.startswith(STREAMED)
        for name, value in self.headers:
            if name == b"content-length" and int(value) > (self.max_streamed if self.streamed else self.max_body):
                self.refuse(413)
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Counts the body, declared or chunked."""
        if self.refused:
            return
        self.body_at = self.loop.time()
        if self.streamed:
            self.streamed_size += len(body)
            if self.streamed_size > self.max_streamed:
                self.refuse(413)
            else:
                super().on_body(body)
            return
        self.body_size += len(body)
        HttpProtocol.bodies_held += len(body)
        if self.body_size > self.max_body:
            self.refuse(413)
        elif HttpProtocol.bodies_held > self.max_bodies:
            self.refuse(503)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The body is complete; the next request may follow."""
        self.in_head = True
        if self.body_timer:
            self.body_timer.cancel()
            self.body_timer = None
        if self.linger_timer and not self.refused:
            self.linger_timer.cancel()
            self.linger_timer = None
        if not self.refused:
            super().on_message_complete()

    def release_body(self) -> None:
        """Gives back what this connection holds of `bodies_held`."""
        HttpProtocol.bodies_held -= self.body_size
        self.body_size = 0

    # The clocks

    def check_body(self) -> None:
        """Closes a request whose body stands still, unless it is we who do not read."""
        now = self.loop.time()
        if self.flow.read_paused:
            self.body_at = now
        still = now - self.body_at
        if still >= self.body_timeout:
            self.refuse(408)
        else:
            self.body_timer = self.loop.call_later(self.body_timeout - still, self.check_body)

    def pause_writing(self) -> None:
        """The client reads slower than we write."""
        super().pause_writing()
        self.watch_write()

    def on_response_complete(self) -> None:
        """Also the last bytes, too few to pause us, must get out: closing waits for them."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self.watch_write()
        if self.streamed and not self.in_head and self.linger_timer is None:
            # An upload that is not taken: who it comes from reads why, and is not waited for
            self.linger_timer = self.loop.call_later(self.linger, self.transport.abort)

    def watch_write(self) -> None:
        """Starts the clock of the response."""
        if self.write_timer is None:
            self.unsent = self.transport.get_write_buffer_size()
            self.write_timer = self.loop.call_later(self.write_timeout, self.check_write)

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        if self.write_timer:
            self.write_timer.cancel()
            self.write_timer = None

    def check_write(self) -> None:
        """Cuts a client that took nothing since the last look."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent:
            self.write_timer = None
        elif unsent >= self.unsent:
            self.transport.abort()
        else:
            self.unsent = unsent
            self.write_timer = self.loop.call_later(self.write_timeout, self.check_write)

    def stop_clocks(self) -> None:
        """Cancels the clocks of the request."""
        for timer in (self.head_timer, self.body_timer, self.write_timer):
            if timer:
                timer.cancel()
        self.head_timer = self.body_timer = self.write_timer = None

    # Refusing

    def refuse(self, status: int) -> None:
        """Answers with the bare status, discards what still comes and closes."""
        if self.refused or self.transport.is_closing():
            return
        self.refused = True
        self.stop_clocks()
        running = self.cycle is not None and not self.cycle.response_complete
        if running:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if running and self.cycle.response_started:
            self.transport.abort()
            return
        self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self.flow.resume_reading()
        # Closing with unread bytes resets the connection, and the client may lose the answer (RFC 9112 §9.6).
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.linger_timer = self.loop.call_later(self.linger, self.transport.abort)

    def shutdown(self) -> None:
        """Drain: idle connections close, a running request ends first."""
        if self.refused:
            self.transport.abort()
        else:
            super().shutdown()
