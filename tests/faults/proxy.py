"""A TCP proxy that does to connections what networks do: delay, one-way silence, cuts in the middle of a byte stream, resets."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

UP, DOWN = "up", "down"  # client -> server, server -> client
READ = 64 * 1024


class Pipe:
    """One proxied connection."""

    def __init__(self, proxy: FaultProxy, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.cut_after = {way: proxy.budget(way) for way in (UP, DOWN)}

    async def pump(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries one direction until it ends, is cut, or its budget is used up."""
        while data := await reader.read(READ):
            if self.proxy.delay[way]:
                await asyncio.sleep(self.proxy.delay[way])
            await self.proxy.flowing[way].wait()
            left = self.cut_after[way]
            if left is not None:
                data = data[:left]
                self.cut_after[way] = left - len(data)
            writer.write(data)
            await writer.drain()
            self.proxy.carried[way] += len(data)
            if self.cut_after[way] == 0:
                self.proxy.cuts += 1
                writer.close()  # what was carried arrives, however late it is read: the cut is behind that byte and not before
                self.reset(self.client if way == UP else self.server)
                return
        if not writer.is_closing():
            writer.write_eof()

    def reset(self, *sides: asyncio.StreamWriter) -> None:
        """Ends both sides, or these, with a TCP reset."""
        for writer in sides or (self.client, self.server):
            sock = writer.get_extra_info("socket")
            if sock is not None and sock.fileno() >= 0:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


class FaultProxy:
    """Listens on a port of its own and forwards to `target`; faults are set on it while it runs."""

    def __init__(self, target: int, host: str = "127.0.0.1") -> None:
        self.target, self.host = target, host
        self.delay = {UP: 0.0, DOWN: 0.0}
        self.flowing = {UP: asyncio.Event(), DOWN: asyncio.Event()}
        self.refusing = False
        self.carried = {UP: 0, DOWN: 0}
        self.cuts = 0
        self.budgets: dict[str, Callable[[], int | None]] = {}
        self.pipes: set[Pipe] = set()
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        for event in self.flowing.values():
            event.set()

    def budget(self, way: str) -> int | None:
        """Bytes after which a new connection is cut; None for never."""
        return self.budgets[way]() if way in self.budgets else None

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._accept, self.host, 0, limit=READ)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        self.reset_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stall(self, *ways: str) -> None:
        """Holds bytes of these directions back; the connections stay open."""
        for way in ways or (UP, DOWN):
            self.flowing[way].clear()

    def flow(self) -> None:
        """Lets the bytes go on."""
        for event in self.flowing.values():
            event.set()

    def reset_all(self) -> None:
        """Cuts every connection with a reset."""
        for pipe in list(self.pipes):
            pipe.reset()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.refusing:
            writer.transport.abort()
            return
        try:
            upstream, server = await asyncio.open_connection(self.host, self.target, limit=READ)
        except OSError:
            writer.transport.abort()
            return
        pipe = Pipe(self, writer, server)
        self.pipes.add(pipe)
        try:
            with suppress(ConnectionError, OSError):
                await asyncio.gather(pipe.pump(UP, reader, server), pipe.pump(DOWN, upstream, writer))
        finally:
            self.pipes.discard(pipe)
            for side in (writer, server):
                side.close()
