"""Receipts and typing beside fan-out: what one of their commands costs, how many come with a message, and what a message costs."""

import asyncio
import contextlib
import os
import secrets
from argparse import Namespace
from collections.abc import AsyncIterator, Coroutine
from statistics import mean, median

from bench.client import PINGED, Client, Counter, Tally, connect, gather
from bench.process import Process
from bench.report import Report, percentile
from bench.scene import quiet, scene
from bench.server import Load, Server

LOOKING = 10  # one member in so many has the group open, and reads at the throttle of a client
READ_SECONDS = 2.0  # between two read marks of one client, as docs/protocol.md has it
TYPING = 10  # one of those in so many is writing at any moment
TYPING_SECONDS = 3.0  # between two times that a client says so
TURNS = 8
SLOW = 4  # messages in a turn in which the commands are what costs


class Looker(Client):
    """Has the group open; answers, like the others, when it is asked for a sign of life."""

    def event(self, event: dict) -> None:
        """Takes one event."""
        if event["type"] == "ping":
            self.transport.write(PINGED)
        super().event(event)


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

    async def talk_slowly(self, messages: int) -> None:
        """A message as often as a client may say that it has read one: so each command has something to do."""
        for _ in range(messages):
            await self.talk(1)
            await asyncio.sleep(READ_SECONDS)

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


async def _cost(process: Process, talk: Coroutine, *works) -> float:
    before = process.cpu()
    async with beside(*works):
        await talk
    await asyncio.sleep(1.2)  # the last marks are written once a second
    return process.cpu() - before


async def _enter(server: Server, load: Load) -> Group:
    tally = Tally()

    async def idle(cookie: str) -> Counter:
        socket = await connect(lambda: Counter(tally), server.address, cookie)
        await socket.hello()
        return socket

    async def looking(cookie: str) -> Client:
        client = await connect(Looker, server.address, cookie)
        await client.hello()
        await client.command("conversation.open", {"conversation": load.conversations[0]})
        return client

    few = len(load.cookies) // LOOKING
    lookers = await gather([lambda cookie=cookie: looking(cookie) for cookie in load.cookies[:few]])
    others = await gather([lambda cookie=cookie: idle(cookie) for cookie in load.cookies[few:]])
    return Group(load, tally, others, lookers)


async def main(options: Namespace) -> Report:
    """First slow turns, in which the commands cost more than the messages: they tell what a command costs, and dearly, because each wakes
    a process that sleeps. Then turns of fan-out, which tell what a message costs and how many commands come with it.
    """
    members, messages, turns = (200, 40, 2) if options.short else (options.clients, options.messages, TURNS)
    report = Report("receipts")
    commands: list[float] = []
    alone: list[float] = []
    beside_it: list[float] = []
    with scene(options, users=members, conversations=1, members=members) as (server, load):
        server.start()
        process, group = server.process, await _enter(server, load)
        await quiet(process)
        async with beside(group.read(), group.type()):
            await group.talk(messages)
        for _ in range(turns):
            without = await _cost(process, group.talk_slowly(SLOW))
            before = group.asked
            with_it = await _cost(process, group.talk_slowly(SLOW), group.read(), group.type())
            commands.append((with_it - without) / (group.asked - before))
        before = group.asked
        for _ in range(turns):
            alone.append(await _cost(process, group.talk(messages)))
            beside_it.append(await _cost(process, group.talk(messages), group.read(), group.type()))
        asked = (group.asked - before) / turns / messages
        for socket in [*group.idle, *group.looking]:
            socket.close()
    message = mean(alone) / messages
    report.add("members", "members", members)
    report.add("looking", "who have the group open", len(group.looking))
    report.add("message_ms", "CPU of a message to all", message * 1000, "ms")
    report.add("commands", "reads and signs of typing a message", asked)
    report.add("command_us", f"CPU of one of them, mean of {turns} turns", mean(commands) * 1e6, "µs")
    report.add("command_low_us", "  lower quartile", percentile(commands, 0.25) * 1e6, "µs")
    report.add("command_high_us", "  upper quartile", percentile(commands, 0.75) * 1e6, "µs")
    report.add("both", "reading and typing, to fan-out", mean(commands) * asked / message, "", ("<=", 0.05))
    shares = [with_it / without - 1 for with_it, without in zip(beside_it, alone, strict=True)]
    report.add("seen", "  seen in turns of fan-out with and without, median", median(shares))
    report.add("seen_low", "  lower quartile", percentile(shares, 0.25))
    report.add("seen_high", "  upper quartile", percentile(shares, 0.75))
    report.add("load", "load of the machine", os.getloadavg()[0])
    return report
