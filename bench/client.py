"""A fast WebSocket client for load and faults: own frame parser, JSON decoded only by `Client`."""

import asyncio
import base64
import json
import os
import resource
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import uvloop

TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
clock = time.perf_counter
T = TypeVar("T")
L = TypeVar("L", bound="Link")


class HandshakeError(ConnectionError):
    """The server answered the upgrade with another status than 101."""

    def __init__(self, status: int, head: bytes = b"") -> None:
        super().__init__(f"handshake refused with {status}")
        self.status, self.head = status, head


class ClosedError(ConnectionError):
    """The connection ended; `code` is 1006 when there was no close frame."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"closed with {code} {reason}")
        self.code, self.reason = code, reason


class RefusedError(Exception):
    """A command was answered with an error."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


@dataclass(frozen=True)
class Address:
    """Where a server listens, and the origin that a browser would name."""

    port: int
    host: str = "127.0.0.1"
    path: str = "/ws/"
    origin: str | None = ""  # "" = that of host and port, None = no such header
    named: int = 0  # the port that the browser names, where a proxy stands between; 0 = the same

    def via(self, port: int) -> "Address":
        """The same server through another port."""
        return replace(self, port=port, named=self.named or self.port)

    def handshake(self, cookie: str) -> bytes:
        """The upgrade request."""
        site = f"{self.host}:{self.named or self.port}"
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {site}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13"]
        if self.origin is not None:
            lines.append(f"Origin: {self.origin or f'http://{site}'}")
        if cookie:
            lines.append(f"Cookie: {cookie}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def frame(payload: bytes, first: int = TEXT) -> bytes:
    """A masked client frame; the mask is zero, which is legal and leaves the payload as it is."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB4x", first, 0x80 | size) + payload
    if size < 65536:
        return struct.pack("!BBH4x", first, 0xFE, size) + payload
    return struct.pack("!BBQ4x", first, 0xFF, size) + payload


class Link(asyncio.Protocol):
    """One WebSocket; subclasses take text frames in `text` as a range of the received bytes."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[int] = loop.create_future()
        self.transport: asyncio.Transport
        self.close_code = 1006
        self.close_reason = ""
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ClosedError(self.close_code, self.close_reason))
            self.opened.exception()
        if not self.closed.done():
            self.closed.set_result(self.close_code)

    def data_received(self, data: bytes) -> None:
        if self._tail:
            data = self._tail + data
            self._tail = b""
        if not self.opened.done():
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._tail = head
                return
            status = int(head.split(b" ", 2)[1])
            if status != 101:
                self.opened.set_exception(HandshakeError(status, head))
                self.transport.close()
                return
            self.opened.set_result(None)
        position, end = 0, len(data)
        while end - position >= 2:
            length, start = data[position + 1], position + 2
            if length == 126:
                if end < position + 4:
                    break
                length, start = data[start] << 8 | data[start + 1], position + 4
            elif length == 127:
                if end < position + 10:
                    break
                length, start = int.from_bytes(data[start : start + 8], "big"), position + 10
            stop = start + length
            if stop > end:
                break
            if data[position] == TEXT:
                self.text(data, start, stop)
            else:
                self._control(data[position], bytes(data[start:stop]))
            position = stop
        if position < end:
            self._tail = data[position:]

    def _control(self, first: int, payload: bytes) -> None:
        if first == PING:
            self.transport.write(frame(payload, PONG))
        elif first == CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big") if payload else 1005
            self.close_reason = payload[2:].decode()
            if not self.transport.is_closing():
                self.transport.write(frame(payload[:2], CLOSE))
                self.transport.close()

    def text(self, data: bytes, start: int, stop: int) -> None:
        """Takes one text frame, which is data[start:stop]."""

    def send(self, type: str, data: dict[str, Any], ref: int | None = None) -> None:
        """Sends a command without waiting for its reply."""
        if self.transport.is_closing():
            raise ClosedError(self.close_code, self.close_reason)
        message: dict[str, Any] = {"type": type, "data": data}
        if ref is not None:
            message["ref"] = ref
        self.transport.write(frame(json.dumps(message, ensure_ascii=False).encode()))

    def close(self, code: int = 1000) -> None:
        """Says goodbye and closes."""
        if not self.transport.is_closing():
            self.transport.write(frame(code.to_bytes(2, "big"), CLOSE))
            self.transport.close()

    def reset(self) -> None:
        """Cuts the connection with a TCP reset."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


PINGED = frame(b'{"type":"ping"}')


class Counter(Link):
    """Counts `message` events and notes when each arrived, without decoding; answers when it is asked for a sign of life."""

    def __init__(self, tally: "Tally") -> None:
        super().__init__()
        self.tally = tally
        self.arrivals: list[float] = []
        self.ready_bytes = self.size = self.asked = 0
        self.asked_at = self.ready_at = self.live_at = 0.0
        self.live: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def text(self, data: bytes, start: int, stop: int) -> None:
        if data.find(b'"message"', start, start + 24) >= 0:
            self.arrivals.append(clock())
            self.size = stop - start
            self.tally.add()
        elif data.find(b'"live"', start, start + 24) >= 0 and not self.live.done():
            self.live_at = clock()
            self.live.set_result(None)
        elif data.find(b'"ready"', start, start + 24) >= 0:
            self.ready_at, self.ready_bytes = clock(), stop - start
        elif data.find(b'"ping"', start, start + 24) >= 0:
            self.asked += 1
            self.transport.write(PINGED)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.live.done():
            self.live.cancel()

    async def hello(self, cursors: dict[str, int] | None = None) -> None:
        """Goes live."""
        self.asked_at = clock()
        self.send("hello", {"cursors": cursors or {}, "device": "computer"}, 1)
        await asyncio.wait_for(self.live, 60)


class Tally:
    """Counts over many sockets and wakes whoever waits for a total."""

    def __init__(self) -> None:
        self.count = self._wanted = 0
        self._reached: asyncio.Future[None] | None = None

    def add(self) -> None:
        """One more."""
        self.count += 1
        if self.count == self._wanted and self._reached and not self._reached.done():
            self._reached.set_result(None)

    async def reach(self, total: int, seconds: float = 60) -> None:
        """Waits until the count is `total`."""
        if self.count < total:
            self._wanted, self._reached = total, asyncio.get_running_loop().create_future()
            await asyncio.wait_for(self._reached, seconds)


class Client(Link):
    """A client that decodes: replies go to who asked, events to `event` and those who wait for one."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._waiters: list[tuple[Callable[[dict[str, Any]], bool], asyncio.Future[dict[str, Any]]]] = []
        self._ref = 0

    def text(self, data: bytes, start: int, stop: int) -> None:
        message = json.loads(data[start:stop])
        if message["type"] == "reply":
            reply = self._replies.pop(message["ref"], None) if message.get("ref") is not None else None
            if reply is None:
                self.event(message)
            elif not reply.done():
                reply.set_result(message)
        else:
            self.event(message)

    def event(self, event: dict[str, Any]) -> None:
        """Takes one event; keeps it in the log."""
        self.events.append(event)
        for waiter in [w for w in self._waiters if w[0](event)]:
            self._waiters.remove(waiter)
            if not waiter[1].done():
                waiter[1].set_result(event)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for future in [*self._replies.values(), *(future for _, future in self._waiters)]:
            if not future.done():
                future.set_exception(ClosedError(self.close_code, self.close_reason))
        self._replies.clear()
        self._waiters.clear()

    async def ask(self, type: str, data: dict[str, Any], seconds: float = 15) -> dict[str, Any]:
        """The whole reply to a command."""
        if self.closed.done():
            raise ClosedError(self.close_code, self.close_reason)
        self._ref += 1
        reply = self._replies[self._ref] = asyncio.get_running_loop().create_future()
        self.send(type, data, self._ref)
        return await asyncio.wait_for(reply, seconds)

    async def command(self, type: str, data: dict[str, Any], seconds: float = 15) -> dict[str, Any]:
        """The data of the reply; raises RefusedError on an error."""
        reply = await self.ask(type, data, seconds)
        if not reply["ok"]:
            raise RefusedError(reply["error"]["code"], reply["error"]["message"])
        return reply.get("data") or {}

    def expect(self, wanted: Callable[[dict[str, Any]], bool]) -> asyncio.Future[dict[str, Any]]:
        """A future of the first event from now on that is `wanted`."""
        if self.closed.done():
            raise ClosedError(self.close_code, self.close_reason)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiters.append((wanted, future))
        return future

    async def until(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 15) -> dict[str, Any]:
        """The first event from now on that is `wanted`."""
        return await asyncio.wait_for(self.expect(wanted), seconds)

    async def hello(self, cursors: dict[str, int] | None = None, device: str = "computer") -> dict[str, Any]:
        """Goes live; returns the snapshot of `ready`."""
        self.send("hello", {"cursors": cursors or {}, "device": device}, 0)
        ready = self.expect(lambda event: event["type"] in ("ready", "reply"))
        live = self.expect(lambda event: event["type"] in ("live", "reply"))
        first = (await asyncio.wait_for(asyncio.gather(ready, live), 60))[0]
        if first["type"] == "reply":
            raise RefusedError(first["error"]["code"], first["error"]["message"])
        return first["data"]


async def connect(make: Callable[[], L], address: Address, cookie: str = "", seconds: float = 30) -> L:
    """Opens one WebSocket."""
    loop = asyncio.get_running_loop()
    transport, link = await asyncio.wait_for(loop.create_connection(make, address.host, address.port), seconds)
    transport.write(address.handshake(cookie))
    try:
        await asyncio.wait_for(asyncio.shield(link.opened), seconds)
    except BaseException:
        transport.abort()
        raise
    return link


async def gather(makers: list[Callable[[], Awaitable[T]]], at_once: int = 64) -> list[T]:
    """Runs many, a few at once; the results in order."""
    gate = asyncio.Semaphore(at_once)

    async def one(make: Callable[[], Awaitable[T]]) -> T:
        async with gate:
            return await make()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(make)) for make in makers]
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    return [task.result() for task in tasks]


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on uvloop with as many file descriptors as the system grants."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
