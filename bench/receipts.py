"""Receipts and typing beside fan-out: the same group with and without people who read and write, by turns in one run."""

import asyncio
import contextlib
import itertools
import os
import secrets
from argparse import Namespace
from collections.abc import AsyncIterator
from statistics import median

from bench.client import Client, Counter, Tally, connect, gather
from bench.process import Process
from bench.report import Report, percentile
from bench.scene import quiet, scene
from bench.server import Load, Server

LOOKING = 10  # one member in so many has the group open, and reads at the throttle of a client
READ_SECONDS = 2.0  # between two read marks of one client, as docs/protocol.md has it
TYPING = 10  # one of those in so many is writing at any moment
TYPING_SECONDS = 3.0  # between two times that a client says so
TURNS = 12


class Group:
    """All members' sockets; some of them have the group open."""

    def __init__(self, load: Load, tally: Tally, idle: list[Counter], looking: list[Client]) -> None:
        self.conversation = load.conversations[0]
        self.tally, self.idle, self.looking = tally, idle, looking
        self.run, self.sent, self.seq, self.asked = secrets.token_hex(4), 0, 0, 0

    async def talk(self, messages: int) -> None:
        """One message after the other, each when all have the one before."""
        for _ in range(messages):
            self.sent += 1
            data = {"conversation": self.conversation, "client_id": f"{self.run}-{self.sent:06}", "body": "x" * 100}
            done = self.tally.count + len(self.idle)
            self.seq = (await self.looking[0].command("message.send", data))["seq"]
            await self.tally.reach(done)

    async def read(self) -> None:
        """Everybody who looks reads what there is, at the throttle of a client."""
        await self._by_turns(
            self.looking,
            READ_SECONDS,
            lambda: ("conversation.read", {"conversation": self.conversation, "seq": self.seq}),
        )

    async def type(self) -> None:
        """Some of them write."""
        writers = self.looking[: len(self.looking) // TYPING]
        await self._by_turns(
            writers, TYPING_SECONDS, lambda: ("conversation.typing", {"conversation": self.conversation})
        )

    async def _by_turns(self, clients: list[Client], seconds: float, what) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                for client in clients:
                    await asyncio.sleep(seconds / len(clients))
                    self.asked += 1
                    tasks.create_task(client.command(*what()))


@contextlib.asynccontextmanager
async def beside(*works) -> AsyncIterator[None]:
    """Runs these for as long as the block takes."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _cost(process: Process, group: Group, messages: int, *works) -> float:
    before = process.cpu()
    async with beside(*works):
        await group.talk(messages)
    await asyncio.sleep(1.2)  # the last marks are written once a second
    return process.cpu() - before


async def _enter(server: Server, load: Load) -> Group:
    tally = Tally()

    async def idle(cookie: str) -> Counter:
        socket = await connect(lambda: Counter(tally), server.address, cookie)
        await socket.hello()
        return socket

    async def looking(cookie: str) -> Client:
        client = await connect(Client, server.address, cookie)
        await client.hello()
        await client.command("conversation.open", {"conversation": load.conversations[0]})
        return client

    few = len(load.cookies) // LOOKING
    lookers = await gather([lambda cookie=cookie: looking(cookie) for cookie in load.cookies[:few]])
    others = await gather([lambda cookie=cookie: idle(cookie) for cookie in load.cookies[few:]])
    return Group(load, tally, others, lookers)


async def main(options: Namespace) -> Report:
    """By short turns with and without, each "with" between two "without", so that what else the machine does falls on both."""
    members, messages, turns = (200, 40, 3) if options.short else (options.clients, options.messages, TURNS)
    report = Report("receipts")
    alone: list[float] = []
    beside_it: list[float] = []
    with scene(options, users=members, conversations=1, members=members) as (server, load):
        server.start()
        group = await _enter(server, load)
        await quiet(server.process)
        async with beside(group.read(), group.type()):
            await group.talk(messages)
        before = group.asked
        for _ in range(turns):
            alone.append(await _cost(server.process, group, messages))
            beside_it.append(await _cost(server.process, group, messages, group.read(), group.type()))
        alone.append(await _cost(server.process, group, messages))
        asked = group.asked - before
        for socket in [*group.idle, *group.looking]:
            socket.close()
    around = [(alone[turn] + alone[turn + 1]) / 2 for turn in range(turns)]
    shares = sorted(with_it / without - 1 for with_it, without in zip(beside_it, around, strict=True))
    more = sum(beside_it) - sum(around)
    report.add("members", "members", members)
    report.add("looking", "who have the group open", len(group.looking))
    report.add("message_ms", "CPU of a message to all", median(alone) / messages * 1000, "ms")
    report.add("commands", "reads and signs of typing a message", asked / turns / messages)
    report.add("command_us", "  CPU of one of them", more / asked * 1e6, "µs")
    report.add("both", f"  reading and typing, to fan-out, median of {turns}", median(shares), "", ("<=", 0.05))
    report.add("both_low", "  lower quartile", percentile(shares, 0.25))
    report.add("both_high", "  upper quartile", percentile(shares, 0.75))
    report.add("noise", "  same turns without, quartiles apart", _apart(alone))
    report.add("load", "load of the machine", os.getloadavg()[0])
    return report


def _apart(costs: list[float]) -> float:
    """How far turns of the same kind are from their neighbours, as a share: what the machine adds by itself."""
    shares = sorted(after / before - 1 for before, after in itertools.pairwise(costs))
    return percentile(shares, 0.75) - percentile(shares, 0.25)
