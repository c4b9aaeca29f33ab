"""Gateways: fan-out to clients of `packets` beside the same to WebSockets, and memory of idle connections of `lines`."""

import asyncio
import secrets
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from bench.client import Client, Link, Tally, clock, connect, gather
from bench.fanout import FEEDS, Measured, measure, ours
from bench.process import Process, free_port
from bench.report import Report, percentile
from bench.scene import quiet, scene
from bench.server import PASSWORD, Load, Server

SIGN_INS = 16  # at once: each is a hash of 46 MiB
SECONDS = 600.0
WARM = 50
ALLOW = "from core import policies; policies.store('gateways.connections_per_address', 10000)"  # all come from here


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--clients", type=int, default=500, help="of packets")
    parser.add_argument("--messages", type=int, default=100)
    parser.add_argument("--connections", type=int, default=2000, help="of lines")


class Packets(asyncio.Protocol):
    """Signs in and counts texts (0x82/0x00), of which only the heads are read."""

    def __init__(self, tally: Tally, name: str) -> None:
        self.tally, self.name = tally, name
        self.arrivals: list[float] = []
        self.size = 0
        self.signed_in: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport
        head = bytes.fromhex("00100000 00000040")
        self.transport.write(head + self.name.encode().ljust(32, b"\0") + PASSWORD.encode().ljust(32, b"\0"))

    def data_received(self, data: bytes) -> None:
        data = self.tail + data if self.tail else data
        at, end = 0, len(data)
        while end - at >= 8:
            stop = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
            if stop > end:
                break
            kind = data[at + 1]
            if kind == 0x82 and data[at + 3] == 0:
                self.arrivals.append(clock())
                self.size = stop - at
                self.tally.add()
            elif kind == 0x80 and not self.signed_in.done():
                self.signed_in.set_result(data[at + 3])
            at = stop
        self.tail = data[at:]

    def connection_lost(self, error: Exception | None) -> None:
        if not self.signed_in.done():
            self.signed_in.set_exception(ConnectionError("closed before it was signed in"))

    def close(self) -> None:
        """The client goes."""
        self.transport.close()


class Lines(Link):
    """Signs in and does nothing more."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.write(f"2 {self.name} {PASSWORD}\n".encode())

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            if data[:1] == b"2":
                self.opened.set_result(None)
            else:
                self.opened.set_exception(ConnectionError(f"signed in with {data[:20]!r}"))


async def packets(server: Server, port: int, load: Load, messages: int) -> Measured:
    """Like `bench.fanout.ours`, with clients of `packets` instead of browsers; a browser sends."""
    tally, loop = Tally(), asyncio.get_running_loop()

    async def enter(name: str) -> Packets:
        _, client = await loop.create_connection(lambda: Packets(tally, name), "127.0.0.1", port)
        code = await asyncio.wait_for(client.signed_in, SECONDS)
        if code > 1:
            raise RuntimeError(f"sign-in was answered by {code:#04x}")
        return client

    clients = await gather([lambda name=name: enter(name) for name in load.names], SIGN_INS)
    sender = await connect(Client, server.address, load.cookies[0])
    await sender.hello()
    run = secrets.token_hex(4)

    async def fire(number: int) -> None:
        conversation = load.conversations[number % len(load.conversations)]
        body = f"{number:06} " + "x" * 93
        data = {"conversation": conversation, "client_id": f"{run}-{number + 2:06}", "body": body}
        await sender.command("message.send", data)

    try:
        await quiet(server.process, seconds=120)
        tally.count = 0
        for client in clients:
            client.arrivals.clear()
        return await measure(server.process, tally, clients, messages, fire)
    finally:
        for client in [*clients, sender]:
            client.close()


async def idle(process: Process, port: int, names: list[str]) -> float:
    """Bytes of server memory for each signed-in connection."""
    loop = asyncio.get_running_loop()

    def opener(name: str) -> Callable:
        async def enter() -> Lines:
            _, link = await loop.create_connection(lambda: Lines(name), "127.0.0.1", port)
            await asyncio.wait_for(link.opened, SECONDS)
            return link

        return enter

    warm = await gather([opener(name) for name in names[:WARM]], SIGN_INS)
    await quiet(process, seconds=120)
    for link in warm:
        link.transport.close()
    await asyncio.sleep(6)
    await quiet(process, seconds=120)
    before = process.memory()
    links = await gather([opener(name) for name in names], SIGN_INS)
    await quiet(process, seconds=120)
    await asyncio.sleep(5)
    each = (process.memory() - before) / len(links)
    lost = sum(link.closed.done() for link in links)
    if lost:
        raise RuntimeError(f"{lost} of {len(links)} connections were closed: {process.log.read_text()[-2000:]}")
    for link in links:
        link.transport.abort()
    return each


async def main(options: Namespace) -> Report:
    """Browsers, then clients of `packets`, on the same site; then idle clients of `lines`."""
    short = options.short
    clients, messages, connections = (
        (100, 30, 300) if short else (options.clients, options.messages, options.connections)
    )
    report = Report("gateways")
    port = free_port()
    with scene(options, users=clients, conversations=FEEDS, members=clients) as (server, load):
        server.options = ["--gateway", f"packets=127.0.0.1:{port}"]
        server.start()
        browsers = await ours(server, load, messages)
        server.process.stop()
        server.start()
        older = await packets(server, port, load, messages)
        server.process.stop()
    with scene(options, users=connections, conversations=connections * FEEDS // 250 or 1, members=250) as (
        server,
        load,
    ):
        server.manage("shell", "-c", ALLOW)
        server.options = ["--gateway", f"lines=127.0.0.1:{port}"]
        each = await idle(server.start(), port, load.names)
        server.process.stop()
    report.add("clients", "clients of packets", clients)
    report.add("frame_bytes", "frame size", older.size, "bytes")
    report.add("per_cpu", "deliveries per CPU second", older.per_cpu, "/s")
    report.add("websocket", "  WebSockets", browsers.per_cpu, "/s")
    report.add("to_websocket", "ratio to WebSockets", older.per_cpu / browsers.per_cpu, "", (">=", 0.7))
    report.add("p50_ms", "delivery from send, p50", percentile(older.delays, 0.5) * 1000, "ms")
    report.add("p99_ms", "delivery from send, p99", percentile(older.delays, 0.99) * 1000, "ms")
    report.add("connections", "idle connections of lines", connections)
    report.add("kib", "server memory per connection", each / 1024, "KiB", ("<=", 30))
    return report
