"""Ready: the snapshot of 200 conversations, a resume with nothing missed, and thousands of sockets that come back at once."""

import asyncio
import json
from argparse import ArgumentParser, Namespace

from bench.chatter import Chatter
from bench.client import Client, Counter, Tally, clock, connect, gather
from bench.report import Report, percentile
from bench.scene import quiet, scene
from bench.server import Load, Server

GROUPS, MEMBERS, TIMES = 20, 100, 40
MISSED = 50  # messages sent while the sockets are cut
JITTER = 5.0


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--clients", type=int, default=2000)


async def greet(server: Server, load: Load) -> tuple[list[float], list[float], int, float, float]:
    """Seconds to `ready` and to `live` with cursors, bytes of `ready`, server CPU of each."""
    tally = Tally()
    first = await connect(Client, server.address, load.cookies[0])
    ready = await first.hello()
    first.close()
    cursors = {f"c:{conversation['id']}": conversation["last_change"] for conversation in ready["conversations"]}
    cursors[f"u:{load.users[0]}"] = ready["cursor"]
    whole, nothing, cpus = [], [], []
    for held in (None, cursors):
        before = server.process.cpu()
        for _ in range(TIMES):
            socket = await connect(lambda: Counter(tally), server.address, load.cookies[0])
            await socket.hello(held)
            (nothing if held else whole).append((socket.live_at if held else socket.ready_at) - socket.asked_at)
            if not held:
                size = socket.ready_bytes
            socket.close()
            await socket.closed
        cpus.append((server.process.cpu() - before) / TIMES)
    return whole, nothing, size, cpus[0], cpus[1]


async def come_back(server: Server, load: Load, clients: int) -> tuple[float, float]:
    """Cuts all sockets at once and sends meanwhile; seconds until all are live and have every message, and server CPU."""
    chatters = [
        Chatter(server.address, cookie, user, JITTER)
        for cookie, user in zip(load.cookies[:clients], load.users, strict=False)
    ]
    await gather([chatter.start for chatter in chatters])
    sender = await connect(Client, server.address, load.cookies[0])
    await sender.hello()
    await quiet(server.process, 0.2)
    cpu, start = server.process.cpu(), clock()
    for chatter in chatters:
        chatter.live.clear()
        if chatter.talk:
            chatter.talk.reset()
    heads: dict[str, int] = {}
    mine = load.conversations[:: len(load.users) // MEMBERS]  # those of the sender; the members are taken in turn
    for number in range(MISSED):
        conversation = mine[number % len(mine)]
        reply = await sender.command(
            "message.send",
            {"conversation": conversation, "client_id": f"missed-{number:04}", "body": f"missed {number}"},
        )
        heads[f"c:{conversation}"] = reply["change"]
    while not all(
        chatter.live.is_set() and all(chatter.cursors.get(feed, head) == head for feed, head in heads.items())
        for chatter in chatters
    ):
        if clock() - start > 60:
            raise TimeoutError(f"{sum(chatter.live.is_set() for chatter in chatters)} of {clients} are back after 60 s")
        await asyncio.sleep(0.05)
    wall, cpu = clock() - start, server.process.cpu() - cpu
    await asyncio.gather(*(chatter.stop() for chatter in chatters))
    return wall, cpu


async def main(options: Namespace) -> Report:
    """One person with many conversations, then many people."""
    clients = 300 if options.short else options.clients
    report = Report("ready")
    star = options.conversations - GROUPS
    users = max(clients, 200) // MEMBERS * MEMBERS
    groups = users * GROUPS // MEMBERS
    with scene(options, users=users, star=star, conversations=groups, members=MEMBERS, messages=3) as (server, load):
        server.start()
        whole, nothing, size, cpu, resume_cpu = await greet(server, load)
        back, back_cpu = await come_back(server, load, clients)
        server.process.stop()
        queries = json.loads(server.manage("show_queries", "ready", f"--user={load.users[0]}").splitlines()[-1])
    report.add(
        "ms", f"ready with {options.conversations} conversations, p50", percentile(whole, 0.5) * 1000, "ms", ("<=", 30)
    )
    report.add("p90_ms", "  p90", percentile(whole, 0.9) * 1000, "ms")
    report.add("cpu_ms", "  server CPU of connecting and ready", cpu * 1000, "ms")
    report.add("queries", "  queries", len(queries), "", ("<=", 11))
    report.add("kib", "  size", size / 1024, "KiB", ("<=", 80))
    report.add("resume_ms", "resume with nothing missed, p50", percentile(nothing, 0.5) * 1000, "ms", ("<=", 5))
    report.add("resume_cpu_ms", "  server CPU of connecting and resuming", resume_cpu * 1000, "ms")
    report.add("back_s", f"{clients} sockets cut at once: all back and in sync", back, "s", ("<=", 15))
    report.add("back_cpu_s", "  server CPU", back_cpu, "s")
    return report
