"""C9 and C10: readers that do not read, clients that flood, requests that never end. The others do not notice."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bench.browser import Browser
from bench.chatter import Chatter
from bench.client import Client, Link, clock, connect, frame, gather, run
from bench.report import percentile
from bench.server import Load, Server
from tests.faults.group import chatters, in_sync, prove

MIB = 1 << 20
STALLED = 20


def kernel_memory(port: int) -> int:
    """Bytes that the kernel holds for the server's connections: the buffers of both directions."""
    lines = subprocess.run(["ss", "-tmn", "sport", "=", f":{port}"], capture_output=True, text=True, check=True).stdout
    return sum(int(r) + int(t) for r, t in re.findall(r"skmem:\(r(\d+),rb\d+,t(\d+)", lines))


def temporary_bytes(server: Server) -> int:
    """Bytes in files that the server has open and that are not its own data, such as spooled bodies."""
    total = 0
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            name = str(link.readlink())
            if name.startswith("/") and not name.startswith((str(server.data), "/dev", "/proc")):
                total += link.stat().st_size
    return total


class Watch:
    """The most memory and temporary disk that a server used while watched, and how long a bystander waited."""

    def __init__(self, server: Server, bystanders: list[Chatter], conversation: int) -> None:
        self.server, self.bystanders, self.conversation = server, bystanders, conversation
        self.name = secrets.token_hex(4)
        self.before = server.process.memory("Rss")
        self.rss = self.kernel = self.disk = 0
        self.waits: list[float] = []
        self.tasks: list[asyncio.Task[None]] = []

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Looks and talks until the block ends."""
        self.tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._talk())]
        try:
            yield
        finally:
            for task in self.tasks:
                task.cancel()
            ended = await asyncio.gather(*self.tasks, return_exceptions=True)
            assert all(isinstance(result, asyncio.CancelledError) for result in ended), ended

    async def enough(self, seconds: float = 30) -> None:
        """Waits until the bystanders have exchanged ten messages."""
        async with asyncio.timeout(seconds):
            while len(self.waits) < 10 and not any(task.done() for task in self.tasks):
                await asyncio.sleep(0.05)

    async def _look(self) -> None:
        while True:
            self.rss = max(self.rss, self.server.process.memory("Rss") - self.before)
            self.kernel = max(self.kernel, await asyncio.to_thread(kernel_memory, self.server.port))
            self.disk = max(self.disk, temporary_bytes(self.server))
            await asyncio.sleep(0.3)

    async def _talk(self) -> None:
        number = 0
        while True:
            number += 1
            start = clock()
            await self.bystanders[0].say(self.conversation, f"calm {number}", f"{self.name}-{number:06}")
            head = f"c:{self.conversation}"
            mark = self.bystanders[0].cursors[head]
            while self.bystanders[1].cursors[head] < mark:
                await asyncio.sleep(0.002)
            self.waits.append(clock() - start)
            await asyncio.sleep(0.05)


@pytest.mark.timeout(600)
def test_c9_readers_that_stop_reading(served: Callable[..., tuple[Server, Load]], full: bool) -> None:
    """20 of 30 members stop reading while the rest talks; they are cut, the others are served, memory stays."""
    server, load = served(users=34, conversations=1, members=34)
    group = load.conversations[0]
    traffic = (200 if full else 40) * MIB
    text = "Ê" * 9000  # 18 kB on the wire

    async def scenario() -> None:
        async with chatters(server.address, load, 10) as people, chatters(server.address, load, 2, first=32) as calm:
            stalled = await gather(
                [lambda i=i: connect(Client, server.address, load.cookies[10 + i]) for i in range(STALLED)]
            )
            await asyncio.gather(*(client.hello() for client in stalled))
            for client in stalled:
                client.transport.pause_reading()
            watch = Watch(server, calm, group)
            sent = 0
            async with watch.running():
                while sent * len(text) * 2 * STALLED < traffic:
                    await asyncio.gather(
                        *(person.say(group, text, f"big-{sent + i:06}") for i, person in enumerate(people))
                    )
                    sent += len(people)
                await in_sync([*people, *calm], {group: sent}, 60)
                deadline = asyncio.get_running_loop().time() + 30
                while server_sockets(server.port) > len(people) + len(calm):
                    assert asyncio.get_running_loop().time() < deadline, "stalled readers are not cut"
                    await asyncio.sleep(0.2)
                await watch.enough()
            assert percentile(watch.waits, 0.95) < 0.5, watch.waits
            assert watch.rss < min(50 * MIB, traffic // 2), f"{watch.rss / MIB:.1f} MiB"  # less than what went by
            assert watch.kernel < 30 * MIB, f"{watch.kernel / MIB:.1f} MiB"
            for client in stalled:  # they come back and have everything
                client.transport.abort()
            async with chatters(server.address, load, STALLED, first=10) as back:
                assert all(chatter.cursors[f"c:{group}"] >= sent for chatter in back)
            assert not any(chatter.closes for chatter in [*people, *calm])
            await asyncio.to_thread(prove, server, load, [*people, *calm], [group])

    run(scenario())


def server_sockets(port: int) -> int:
    """Established connections of the server."""
    lines = subprocess.run(
        ["ss", "-tnH", "state", "established", "sport", "=", f":{port}"], capture_output=True, text=True, check=True
    )
    return len(lines.stdout.splitlines())


@pytest.mark.timeout(600)
def test_c10_floods_of_large_frames(served: Callable[..., tuple[Server, Load]], full: bool) -> None:
    """3,000 frames of 60 kB from each of several clients as fast as they go: closed or slowed; little memory."""
    server, load = served(users=10, conversations=1, members=10, limits="keep")
    group, frames, size = load.conversations[0], 3000 if full else 1000, 60_000
    junk = frame(
        b'{"type":"message.send","ref":1,"data":{"conversation":1,"client_id":"flood-0001","body":"'
        + b"x" * size
        + b'"}}'
    )

    async def flood(index: int) -> None:
        client = await connect(Client, server.address, load.cookies[index])
        await client.hello()
        for _ in range(frames):
            if client.transport.is_closing():
                return
            client.transport.write(junk)
            while client.transport.get_write_buffer_size() > MIB and not client.closed.done():
                await asyncio.sleep(0.001)
        client.transport.abort()

    async def scenario() -> None:
        async with chatters(server.address, load, 2, first=8) as calm:
            watch = Watch(server, calm, group)
            async with watch.running():
                await asyncio.gather(*(flood(index) for index in range(4)))
            assert watch.rss < 50 * MIB, f"{watch.rss / MIB:.1f} MiB"
            assert watch.waits and percentile(watch.waits, 0.95) < 0.5, watch.waits

    run(scenario())


@pytest.mark.parametrize("size", [64 * 1024 + 1, MIB])
def test_c10_one_frame_too_large(shared: tuple[Server, Load], size: int) -> None:
    """Closed with 1009 (too big); the same socket was fine before."""
    server, load = shared

    async def scenario() -> None:
        client = await connect(Client, server.address, load.cookies[0])
        await client.hello()
        client.transport.write(frame(b"x" * size))
        assert await asyncio.wait_for(client.closed, 10) == 1009

    run(scenario())


@pytest.mark.timeout(300)
def test_c10_half_sent_bodies(shared: tuple[Server, Load]) -> None:
    """A gigabyte announced and half sent without a sign-in: refused early, nothing kept on disk."""
    server, load = shared

    async def post(length: int, chunked: bool) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        kind = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {length}"
        head = f"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/x-www-form-urlencoded\r\n{kind}\r\n\r\n"
        answer = asyncio.create_task(reader.read(100))
        writer.write(head.encode())
        block = b"a" * 65536
        with contextlib.suppress(ConnectionError):
            for _ in range(length // 2 // len(block)):
                if answer.done():
                    break
                writer.write(b"10000\r\n" + block + b"\r\n" if chunked else block)
                await asyncio.wait_for(writer.drain(), 30)
        with contextlib.suppress(ConnectionError):
            return await asyncio.wait_for(answer, 60)
        return b""

    async def scenario() -> None:
        async with chatters(server.address, load, 2) as calm:
            watch = Watch(server, calm, load.conversations[0])
            async with watch.running():
                start = clock()
                answers = await asyncio.gather(*(post(1 << 30, chunked) for chunked in (False, False, True, True)))
                took = clock() - start
            assert all(not answer or b" 413 " in answer.split(b"\r\n")[0] for answer in answers), answers
            assert any(answers), "nobody was told why"
            assert took < 30
            assert watch.disk < 20 * MIB, f"{watch.disk / MIB:.1f} MiB"
            assert watch.rss < 50 * MIB, f"{watch.rss / MIB:.1f} MiB"
            assert percentile(watch.waits, 0.95) < 0.5, watch.waits

    run(scenario())


@pytest.mark.timeout(300)
def test_c10_idle_handshakes(shared: tuple[Server, Load], full: bool) -> None:
    """Thousands of connections that say nothing: ended after 20 s, the others are served meanwhile."""
    server, load = shared
    count = 2000 if full else 500

    async def scenario() -> None:
        async with chatters(server.address, load, 2) as calm:
            watch = Watch(server, calm, load.conversations[0])
            async with watch.running():
                start = clock()
                half = server.address.handshake("")[:40]
                silent = await gather([lambda n=n: silence(server.port, half if n % 2 else b"") for n in range(count)])
                page = await asyncio.to_thread(Browser(server.port).request, "GET", "/healthz")
                assert page[0] == 200
                await asyncio.wait_for(asyncio.gather(*(link.closed for link in silent)), 45)
                took = clock() - start
            assert 15 < took < 45
            assert watch.rss < 50 * MIB, f"{watch.rss / MIB:.1f} MiB"
            assert percentile(watch.waits, 0.95) < 0.5, watch.waits

    run(scenario())


async def silence(port: int, start: bytes) -> Link:
    """A connection that sends the start of a request, or nothing."""
    loop = asyncio.get_running_loop()
    transport, link = await loop.create_connection(Link, "127.0.0.1", port)
    link.opened.cancel()
    transport.write(start)
    return link
