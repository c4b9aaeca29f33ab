"""Sending: confirmed messages a second, how long a confirmation and a delivery take, and what others wait meanwhile."""

import asyncio
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from bench.browser import Browser
from bench.client import Client, Counter, Tally, clock, connect, gather
from bench.report import Report, percentile
from bench.scene import quiet, scene
from bench.server import PASSWORD, Load, Server

SENDERS, FOLLOWERS = 50, 500
RATE = 20  # messages a second in the second part
TEXT = "The lesson begins at nine, bring the blue book and a pencil"


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--seconds", type=float, default=15, help="of each part")


async def closed_loop(
    server: Server, load: Load, seconds: float, others: "Others | None" = None
) -> tuple[list[float], float, float]:
    """Each sender sends the next message when the last one is confirmed; latencies, wall time, server CPU."""
    clients = await gather(
        [lambda cookie=cookie: connect(Client, server.address, cookie) for cookie in load.cookies[:SENDERS]]
    )
    await asyncio.gather(*(client.hello() for client in clients))
    await quiet(server.process)
    task = asyncio.create_task(others.run()) if others else None
    latencies: list[float] = []
    cpu, start = server.process.cpu(), clock()

    async def sender(index: int) -> None:
        conversation, number = load.directs[index // 2][0], 0
        while clock() - start < seconds:
            number += 1
            sent = clock()
            data = {
                "conversation": conversation,
                "client_id": f"send-{id(latencies)}-{index}-{number:06}",
                "body": TEXT[: 60 - 6] + f"{number:06}",
            }
            await clients[index].command("message.send", data)
            latencies.append(clock() - sent)
            clients[index].events.clear()

    await asyncio.gather(*(sender(index) for index in range(SENDERS)))
    wall, cpu = clock() - start, server.process.cpu() - cpu
    if others and task:
        others.going = False
        await task
    for client in clients:
        client.close()
    return latencies, wall, cpu


async def steady(server: Server, load: Load, seconds: float, others: "Beside", name: str = "steady") -> list[float]:
    """20 messages a second into a conversation of 500 sockets; the delay of each delivery."""
    tally = Tally()
    sockets = await gather(
        [
            lambda cookie=cookie: connect(lambda: Counter(tally), server.address, cookie)
            for cookie in load.cookies[:FOLLOWERS]
        ]
    )
    await gather([socket.hello for socket in sockets])
    senders = await gather(
        [lambda cookie=cookie: connect(Client, server.address, cookie) for cookie in load.cookies[:RATE]]
    )
    await asyncio.gather(*(sender.hello() for sender in senders))
    await quiet(server.process)
    task = asyncio.create_task(others.run())
    sent: list[float] = []
    replies = []
    start = clock()
    for number in range(int(seconds * RATE)):
        await asyncio.sleep(start + number / RATE - clock())
        sent.append(clock())
        data = {
            "conversation": load.conversations[0],
            "client_id": f"{name}-{number:06}",
            "body": TEXT[: 60 - 6] + f"{number:06}",
        }
        replies.append(asyncio.ensure_future(senders[number % RATE].command("message.send", data)))
    await asyncio.gather(*replies)
    await tally.reach(len(sent) * FOLLOWERS)
    others.going = False
    await task
    delays = [arrival - at for socket in sockets for at, arrival in zip(sent, socket.arrivals, strict=True)]
    for socket in [*sockets, *senders]:
        socket.close()
    return delays


class Beside(Protocol):
    """What goes on beside the messages, until `going` ends."""

    going: bool

    async def run(self) -> None: ...


class Others:
    """What goes on beside the messages: drafts over a socket, sign-ins and admin pages over HTTP, each timed."""

    def __init__(self, server: Server, load: Load, number: int) -> None:
        self.server, self.load, self.number = server, load, number
        self.signed_in = 0
        self.draft: list[float] = []
        self.sign_in: list[float] = []
        self.admin: list[float] = []
        self.going = True

    async def run(self) -> None:
        """Until `going` ends."""
        await asyncio.gather(
            self._drafts(), self._often(0.5, self.sign_in, self._sign_in), self._often(0.3, self.admin, self._admin())
        )

    async def _drafts(self) -> None:
        writer = await connect(Client, self.server.address, self.load.cookies[-1])
        await writer.hello()
        number = 0
        while self.going:
            number += 1
            start = clock()
            await writer.command("draft.save", {"conversation": self.load.conversations[0], "body": f"draft {number}"})
            self.draft.append(clock() - start)
            await asyncio.sleep(0.05)
        writer.close()

    async def _often(self, pause: float, times: list[float], work: Callable[[], Any]) -> None:
        while self.going:
            start = clock()
            await asyncio.to_thread(work)
            times.append(clock() - start)
            await asyncio.sleep(pause)

    def _sign_in(self) -> None:
        self.signed_in += 1
        browser = Browser(
            self.server.port, address=f"127.0.{self.number}.{self.signed_in % 250 + 1}"
        )  # limits are per address
        browser.sign_in(self.load.names[-2 - self.signed_in % 100], PASSWORD)
        browser.close()

    def _admin(self) -> Callable[[], Any]:
        browser = Browser(self.server.port, self.load.cookies[0])
        return lambda: browser.get("/admin/")


class Crowd:
    """The morning of a school: so many sign in at the same moment, all from one address."""

    SIZE = 200

    def __init__(self, server: Server, load: Load) -> None:
        self.server, self.load = server, load
        self.took: list[float] = []
        self.going = True  # all of them come at once and are not sent away

    async def run(self) -> None:
        """Until all are in."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(self.SIZE) as threads:
            await asyncio.gather(*(loop.run_in_executor(threads, self._sign_in, place) for place in range(self.SIZE)))

    def _sign_in(self, place: int) -> None:
        start = clock()
        browser = Browser(self.server.port, timeout=120)
        browser.sign_in(self.load.names[-2 - place], PASSWORD)
        browser.close()
        self.took.append(clock() - start)


def raw_commits(database: Path, seconds: float) -> float:
    """Commits a second of the same rows in a plain loop on a copy of the database, with synchronous=FULL."""
    from pysqlite3 import dbapi2

    copy = database.with_name("copy.sqlite3")
    shutil.copy(database, copy)
    connection = dbapi2.connect(str(copy), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    cursor = connection.execute("SELECT * FROM messaging_message ORDER BY id DESC LIMIT 1")
    columns = [column[0] for column in cursor.description]
    row = dict(zip(columns, cursor.fetchone(), strict=True))
    insert = (
        f"INSERT INTO messaging_message ({', '.join(columns)}) VALUES ({', '.join(f':{column}' for column in columns)})"
    )
    done, start = 0, clock()
    while clock() - start < seconds:
        row.update(id=row["id"] + 1, seq=row["seq"] + 1, change=row["change"] + 1, client_id=f"raw-{row['id']}")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "UPDATE messaging_conversation SET last_seq = :seq, last_change = :change WHERE id = :conversation_id", row
        )
        connection.execute(insert, row)
        connection.execute("COMMIT")
        done += 1
    rate = done / (clock() - start)
    connection.close()
    return rate


async def main(options: Namespace) -> Report:
    """ClosedError loop, then a steady stream with others beside it."""
    seconds = 5.0 if options.short else options.seconds
    report = Report("send")
    with scene(options, users=FOLLOWERS, pairs=SENDERS // 2, conversations=1, members=FOLLOWERS) as (server, load):
        process = server.start()
        idle = Others(server, load, 1)
        idle_task = asyncio.create_task(idle.run())
        await asyncio.sleep(3)
        idle.going = False
        await idle_task
        latencies, wall, cpu = await closed_loop(server, load, seconds)
        flooded, beside = Others(server, load, 2), Others(server, load, 3)
        with_others, with_wall, _ = await closed_loop(server, load, seconds, flooded)
        delays = await steady(server, load, seconds, beside)
        crowd = Crowd(server, load)
        crowded = await steady(server, load, seconds, crowd, "crowd")
        process.stop()
        raw = raw_commits(server.data / "db.sqlite3", 2)
    report.add("rate", "confirmed messages per second", len(latencies) / wall, "/s", (">=", 1500))
    report.add("p50_ms", "confirmation p50", percentile(latencies, 0.5) * 1000, "ms")
    report.add("p99_ms", "confirmation p99", percentile(latencies, 0.99) * 1000, "ms", ("<=", 100))
    report.add("cpu_us", "server CPU per message", cpu / len(latencies) * 1e6, "µs")
    report.add("raw", "  one commit per message, plain loop", raw, "/s")
    report.add("delivery_p50_ms", "delivery p50 at 20/s to 500 sockets", percentile(delays, 0.5) * 1000, "ms")
    report.add("delivery_p99_ms", "delivery p99", percentile(delays, 0.99) * 1000, "ms", ("<=", 50))
    signing_in = f"{Crowd.SIZE} sign-ins at once"
    report.add("crowd_p95_ms", f"delivery p95 beside {signing_in}", percentile(crowded, 0.95) * 1000, "ms", ("<=", 500))
    report.add("crowd_s", f"  until all of the {signing_in} were in", max(crowd.took), "s")
    base = percentile(idle.sign_in, 0.5)
    report.add("sign_in_idle_ms", "sign-in on an idle server, p50", base * 1000, "ms")
    for name, label, found in (("", "beside 20/s", beside), ("flood_", "beside the flood", flooded)):
        report.add(
            f"{name}draft_p99_ms", f"small write {label}, p99", percentile(found.draft, 0.99) * 1000, "ms", ("<=", 50)
        )
        for key, title, seconds in (
            ("admin", f"admin page {label}, p99", percentile(found.admin, 0.99)),
            ("sign_in", f"sign-in {label}, p99 above idle", percentile(found.sign_in, 0.99) - base),
        ):
            target = None if name else ("<=", 50.0)  # beside the flood the processor is the limit
            report.add(f"{name}{key}_p99_ms", title, seconds * 1000, "ms", target)
    report.add("flood_rate", "confirmed per second with others beside", len(with_others) / with_wall, "/s")
    return report
