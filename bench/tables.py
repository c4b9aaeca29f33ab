"""Card tables beside the chat: 200 tables at which bots play leave the delay of messages as it was."""

import asyncio
from argparse import ArgumentParser, Namespace
from typing import Any

from bench.cards import Player, seat
from bench.client import PINGED, Client, clock, connect, gather
from bench.report import Report, percentile
from bench.scene import quiet, scene
from bench.server import Load, Server

PLAYERS = 4
OF_A_GROUP = 3  # tables
RATE, FOLLOWERS = 20, 100


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30, help="of each part")
    parser.add_argument("--think", type=float, default=3.0, help="seconds that a move takes a person, on average")


class Reader(Client):
    """Notes when messages of the chat arrive."""

    def __init__(self, conversation: int) -> None:
        super().__init__()
        self.conversation = conversation
        self.arrivals: dict[str, float] = {}
        self.more = asyncio.Event()

    async def reach(self, count: int) -> None:
        """Waits until so many have arrived."""
        async with asyncio.timeout(60):
            while len(self.arrivals) < count:
                self.more.clear()
                await self.more.wait()

    def event(self, event: dict[str, Any]) -> None:
        if event["type"] == "message" and event["data"]["conversation"] == self.conversation:
            self.arrivals[event["data"]["client_id"]] = clock()
            self.more.set()
        elif event["type"] == "ping":
            self.transport.write(PINGED)
        elif event["type"] in ("ready", "live", "reply"):
            super().event(event)


async def chat(server: Server, load: Load, seconds: float, name: str) -> tuple[list[float], list[float]]:
    """20 messages a second into a group of 100; how long each confirmation and each delivery took."""
    cookies = load.cookies[:FOLLOWERS]
    talkers = await gather([lambda cookie=cookie: connect(Client, server.address, cookie) for cookie in cookies[:10]])
    await asyncio.gather(*(talker.hello() for talker in talkers))
    group = (await talkers[0].command("group.create", {"name": f"Chat {name}", "users": load.users[1:FOLLOWERS]}, 30))[
        "id"
    ]
    readers = await gather(
        [lambda cookie=cookie: connect(lambda: Reader(group), server.address, cookie) for cookie in cookies]
    )
    await asyncio.gather(*(reader.hello() for reader in readers))
    sent: dict[str, float] = {}
    confirmed: list[float] = []

    async def say(number: int) -> None:
        client_id = f"{name}-{number:08}"
        sent[client_id] = clock()
        data = {"conversation": group, "client_id": client_id, "body": f"Bài {number} 第{number}课"}
        await talkers[number % len(talkers)].command("message.send", data, 30)
        confirmed.append(clock() - sent[client_id])

    start, tasks = clock(), []
    for number in range(int(seconds * RATE)):
        await asyncio.sleep(max(0.0, start + number / RATE - clock()))
        tasks.append(asyncio.create_task(say(number)))
    await asyncio.gather(*tasks)
    await asyncio.gather(*(reader.reach(len(sent)) for reader in readers))
    delays = [at - sent[client_id] for reader in readers for client_id, at in reader.arrivals.items()]
    for client in (*talkers, *readers):
        client.close()
    return confirmed, delays


async def main(options: Namespace) -> Report:
    """The chat alone while the tables are idle, then beside all matches, then alone again."""
    tables = 20 if options.short else options.tables
    seconds = 8 if options.short else options.seconds
    groups = -(-tables // OF_A_GROUP)
    people = OF_A_GROUP * PLAYERS
    counts = {"users": max(groups * people, FOLLOWERS), "conversations": groups, "members": people}
    with scene(options, **counts) as (server, load):
        server.start()
        where = await _members(server, load)

        async def table(number: int) -> list[Player]:
            group = load.conversations[number // OF_A_GROUP]
            here = where[group][PLAYERS * (number % OF_A_GROUP) :][:PLAYERS]
            return await seat(server.address, [(load.cookies[at], load.users[at]) for at in here], group)

        players = await gather([lambda number=number: table(number) for number in range(tables)], 16)
        await quiet(server.process, limit=0.3)
        before = await chat(server, load, seconds, "alone")
        going = asyncio.Event()
        going.set()
        everybody = [bot for some in players for bot in some]
        bots = [asyncio.create_task(bot.play(going, options.think)) for bot in everybody]
        await asyncio.sleep(5 + 2 * options.think)
        moves, cpu, start = sum(bot.moves for bot in everybody), server.process.cpu(), clock()
        for bot in everybody:
            bot.waits.clear()
        beside = await chat(server, load, seconds, "beside")
        moves, cpu, wall = sum(bot.moves for bot in everybody) - moves, server.process.cpu() - cpu, clock() - start
        waits = [wait for bot in everybody for wait in bot.waits]
        going.clear()
        await asyncio.gather(*bots)
        await quiet(server.process, limit=0.3)
        after = await chat(server, load, seconds, "after")
        for bot in everybody:
            assert bot.link
            bot.link.close()
    report = Report("tables")
    report.add("tables", "tables with four bots each", tables)
    report.add("moves", "moves a second", moves / wall, "1/s")
    report.add("move_ms", "a move until it is confirmed, p95", percentile(waits, 0.95) * 1e3, "ms")
    report.add("cpu", "of a core", cpu / wall)
    for index, what in enumerate(("confirmed", "delivered")):
        alone = min(percentile(before[index], 0.95), percentile(after[index], 0.95)) * 1e3
        with_tables = percentile(beside[index], 0.95) * 1e3
        report.add(f"{what}_alone", f"message {what}, p95, alone", alone, "ms")
        report.add(f"{what}_beside", "  beside the tables", with_tables, "ms")
        report.add(f"{what}_ratio", "  ratio", with_tables / alone, "", ("<=", 1.2))
    report.add("refused", "acts refused", sum(len(bot.refused) for bot in everybody))
    return report


async def _members(server: Server, load: Load) -> dict[int, list[int]]:
    """The members of each conversation, as places in the load."""
    places = {user: place for place, user in enumerate(load.users)}
    found: dict[int, list[int]] = {conversation: [] for conversation in load.conversations}
    clients = await gather([lambda cookie=cookie: connect(Client, server.address, cookie) for cookie in load.cookies])
    for client, user in zip(clients, load.users, strict=True):
        for conversation in (await client.hello())["conversations"]:
            if conversation["id"] in found:
                found[conversation["id"]].append(places[user])
        client.close()
    return found
