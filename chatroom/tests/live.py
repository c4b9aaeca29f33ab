"""A real server on a free port for the tests of the protocols, with a tiny application."""

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn

from chatroom.serving.http_protocol import HttpProtocol
from chatroom.serving.websocket_protocol import TRANSPORT, WebSocketProtocol


class Application:
    """Answers HTTP with the size of the body; keeps its sockets and echoes their text."""

    def __init__(self) -> None:
        self.transports: list[Any] = []
        self.received: list[Any] = []
        self.slow = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request or one socket."""
        if scope["type"] == "http":
            await self.http(scope, receive, send)
        else:
            await self.socket(scope, receive, send)

    async def http(self, scope: Any, receive: Any, send: Any) -> None:
        """/slow waits 0.5 s before it answers; /big answers with 8 MB; what ends with "refused" is answered unread."""
        if scope["path"].endswith("refused"):
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
            return
        size, more = 0, True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            size, more = size + len(event["body"]), event["more_body"]
        if scope["path"] == "/slow":
            self.slow.set()
            await asyncio.sleep(0.5)
        body = b"x" * 8_000_000 if scope["path"] == "/big" else str(size).encode()
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]}
        )
        await send({"type": "http.response.body", "body": body})

    async def socket(self, scope: Any, receive: Any, send: Any) -> None:
        """Echo."""
        await receive()
        await send({"type": "websocket.accept"})
        self.transports.append(scope["extensions"][TRANSPORT])
        while True:
            event = await receive()
            self.received.append(event)
            if event["type"] == "websocket.disconnect":
                return
            await send({"type": "websocket.send", "text": event["text"]})


class Live:
    """The running server: its port, loop and application."""

    def __init__(self, http: type[HttpProtocol], ws: type[WebSocketProtocol]) -> None:
        self.app = Application()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
        self.server = uvicorn.Server(
            uvicorn.Config(
                self.app,
                port=self.port,
                http=http,
                ws=ws,
                loop="uvloop",
                ws_max_size=64 * 1024,
                ws_ping_interval=None,
                ws_per_message_deflate=False,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=3,
            )
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def connect(self) -> socket.socket:
        """A TCP connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def talk(self, data: bytes) -> bytes:
        """Sends and reads until the server closes."""
        with self.connect() as connection:
            connection.sendall(data)
            return read_all(connection)


@contextlib.contextmanager
def live(http: type[HttpProtocol] = HttpProtocol, ws: type[WebSocketProtocol] = WebSocketProtocol) -> Iterator[Live]:
    """Starts and ends a server."""
    running = Live(http, ws)
    running.thread.start()
    wait_for(lambda: running.server.started)
    try:
        yield running
    finally:
        running.server.should_exit = True
        running.thread.join(10)
        assert not running.thread.is_alive()


def wait_for(condition: Any, seconds: float = 5) -> None:
    """Waits until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def read_all(connection: socket.socket) -> bytes:
    """All bytes until the other side closes."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)
