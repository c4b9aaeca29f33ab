"""Fan-out: one message to many sockets, each message committed first; deliveries per second of server CPU."""

import contextlib
import secrets
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import receipts
from bench.client import Address, Client, Counter, Tally, clock, connect, frame, gather
from bench.process import Process, free_port, python
from bench.report import Report, percentile
from bench.scene import quiet, scene
from bench.server import Load, Server

FEEDS = 20


@dataclass
class Measured:
    """One fan-out run."""

    sockets: int
    messages: int
    cpu: float
    wall: float
    size: int
    delays: list[float]

    @property
    def per_cpu(self) -> float:
        """Deliveries per second of server CPU."""
        return self.sockets * self.messages / self.cpu


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--messages", type=int, default=100)
    parser.add_argument("--receipts", action="store_true", help="instead: what reading and typing cost beside it")
    parser.add_argument("--daphne", action="store_true", help="also our server and the stock consumer under daphne")


async def measure(
    process: Process, tally: Tally, sockets: list[Counter], messages: int, fire: Callable[[int], Awaitable[None]]
) -> Measured:
    """Fires messages one after the other, each when all sockets have the one before; two for warming up."""
    delays: list[float] = []
    for number in range(-2, messages):
        if number == 0:
            await quiet(process)
            cpu, start = process.cpu(), clock()
        sent = clock()
        done = tally.count + len(sockets)
        await fire(number)
        await tally.reach(done)
        if number >= 0:
            delays += [socket.arrivals[-1] - sent for socket in sockets]
    wall = clock() - start
    return Measured(len(sockets), messages, process.cpu() - cpu, wall, sockets[0].size, delays)


async def ours(server: Server, load: Load, messages: int) -> Measured:
    """The real server: every socket has its own account and follows 20 conversations that all are members of."""
    tally = Tally()

    async def follower(cookie: str) -> Counter:
        socket = await connect(lambda: Counter(tally), server.address, cookie)
        await socket.hello()
        return socket

    sockets = await gather([lambda cookie=cookie: follower(cookie) for cookie in load.cookies])
    sender = await connect(Client, server.address, load.cookies[0])
    await sender.hello()

    run = secrets.token_hex(4)

    async def fire(number: int) -> None:
        conversation = load.conversations[number % len(load.conversations)]
        data = {
            "conversation": conversation,
            "client_id": f"{run}-{number + 2:06}",
            "body": f"{number:06} " + "x" * 93,
        }
        await sender.command("message.send", data)

    try:
        return await measure(server.process, tally, sockets, messages, fire)
    finally:
        for socket in [*sockets, sender]:
            socket.close()


async def baseline(process: Process, port: int, clients: int, messages: int) -> Measured:
    """A server of `bench.baselines`, which fans out whenever a socket sends something."""
    tally = Tally()
    sockets = await gather([lambda: connect(lambda: Counter(tally), Address(port))] * clients)

    async def fire(number: int) -> None:
        sockets[0].transport.write(frame(b"{}"))

    try:
        return await measure(process, tally, sockets, messages, fire)
    finally:
        for socket in sockets:
            socket.close()


@contextlib.contextmanager
def program(name: str, port: int, folder: Path, *options: str) -> Iterator[Process]:
    """A baseline server as a process."""
    process = Process([python(), "-m", f"bench.baselines.{name}", f"--port={port}", *options], folder / f"{name}.log")
    try:
        process.wait_until(lambda: _listens(port))
        yield process
    finally:
        process.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def main(options: Namespace) -> Report:
    """Ours between two runs of the bare loop, then stock Channels."""
    if options.receipts:
        return await receipts.main(options)
    clients, messages = (200, 30) if options.short else (options.clients, options.messages)
    report = Report("fanout")
    counts = {"users": clients, "conversations": FEEDS, "members": clients}
    with scene(options, **counts) as (server, load):
        server.start()
        found = await ours(server, load, messages)
        server.process.stop()
        if options.daphne:
            server.options = ["--server", "daphne"]
            server.start()
            daphne = await ours(server, load, messages)
            server.process.stop()
        port, size = free_port(), f"--size={found.size}"
        bare = []
        for _ in range(2):
            with program("bare", port, server.data, size) as process:
                bare.append(await baseline(process, port, clients, messages * 2))
        fewer = max(10, messages // 5)
        stock = {}
        for asgi in ["uvicorn", "daphne"] if options.daphne else ["uvicorn"]:
            # one group only, its best case: with 20 the in-memory layer is several times slower still
            with program("stock", port, server.data, size, f"--server={asgi}", "--feeds=1") as process:
                stock[asgi] = await baseline(process, port, clients, fewer)
    limit = sum(run.sockets * run.messages for run in bare) / sum(run.cpu for run in bare)
    report.add("clients", "sockets", clients)
    report.add("event_bytes", "event size", found.size, "bytes", (">=", 400))
    report.add("per_cpu", "deliveries per CPU second", found.per_cpu, "/s", (">=", 100_000))
    report.add("us", "CPU per delivery", 1e6 / found.per_cpu, "µs")
    report.add("bare", "  bare uvloop loop", limit, "/s")
    report.add(
        "bare_spread", "  bare, highest / lowest run", max(r.per_cpu for r in bare) / min(r.per_cpu for r in bare)
    )
    report.add("to_bare", "ratio to the bare loop", found.per_cpu / limit, "", (">=", 0.5))
    report.add("stock", "  stock Channels, uvicorn", stock["uvicorn"].per_cpu, "/s")
    report.add("to_stock", "ratio to stock Channels", found.per_cpu / stock["uvicorn"].per_cpu, "", (">=", 15))
    if options.daphne:
        report.add("stock_daphne", "  stock Channels, daphne", stock["daphne"].per_cpu, "/s")
        report.add("ours_daphne", "  our app under daphne", daphne.per_cpu, "/s")
    report.add("p50_ms", "delivery from send, p50", percentile(found.delays, 0.5) * 1000, "ms")
    report.add("p99_ms", "delivery from send, p99", percentile(found.delays, 0.99) * 1000, "ms")
    report.add("wall", "messages per second, one after the other", messages / found.wall, "/s")
    return report
