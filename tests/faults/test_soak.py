"""C39: a site in use for long. What it holds of the machine stays as it was, and a socket that is old still hears all."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench.chatter import Chatter
from bench.client import Client, clock, connect, run
from bench.gateways import Lines
from bench.line import Line, picture
from bench.process import free_port
from bench.server import Load, Server
from chatroom.lanes import LANES
from tests.faults.group import chatters, in_sync, prove
from tests.services import postgres

MINUTES = float(os.environ.get("CHATROOM_SOAK_MINUTES", "10"))
PEOPLE, COMERS, GROUPS, CLIENTS = 40, 10, 4, 6  # who stay, who come and go, where they talk, clients of `lines`
RATE = 5.0  # messages a second
EVERY = 2.0  # seconds between two looks
DRIFT = 1.05


@dataclass(frozen=True)
class Held:
    """What a server holds at a moment."""

    memory: int
    files: int
    threads: int
    connections: int
    sockets: int


def held(server: Server, database: str) -> Held:
    """By the kernel, the database and the site's own account."""
    process, names = Path(f"/proc/{server.process.pid}"), []
    for link in (process / "fd").iterdir():
        with contextlib.suppress(OSError):
            names.append(str(link.readlink()))
    if database:
        with psycopg.connect(database, autocommit=True) as asking:
            row = asking.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = 'chatroom'").fetchone()
            open_now = row[0] - 1 if row else 0
    else:
        open_now = sum(name.endswith("db.sqlite3") for name in names)
    told = re.search(rb"^chatroom_sockets (\d+)", server.get("/metrics")[1], re.MULTILINE)
    threads = len(list((process / "task").iterdir()))
    return Held(server.process.memory(alone=True), len(names), threads, open_now, int(told[1]) if told else -1)


@contextlib.asynccontextmanager
async def meanwhile(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs them until the block ends; one that fails fails the block."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
        assert not any(task.done() for task in tasks), [task.result() for task in tasks if task.done()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Use:
    """What people do with a site all day."""

    def __init__(self, server: Server, load: Load, people: list[Chatter], gateway: int) -> None:
        self.server, self.load, self.people, self.gateway = server, load, people, gateway
        self.chance = random.Random(39)
        self.sent = self.uploads = self.visits = self.reads = 0
        self.photo = picture()

    async def talk(self) -> None:
        """RATE texts a second from everybody in turn; at times an edit and a reaction."""
        begun = clock()
        while True:
            self.sent += 1
            person, conversation = self.people[self.sent % PEOPLE], self.load.conversations[self.sent % GROUPS]
            seq = await person.say(conversation, f"text {self.sent} tiếng Việt 中文", f"soak-{self.sent:07}")
            if self.sent % 5 == 0 and person.talk is not None:
                with contextlib.suppress(ConnectionError, TimeoutError):
                    await person.talk.ask(
                        "message.react", {"conversation": conversation, "seq": seq, "emoji": "👍", "on": True}
                    )
            await asyncio.sleep(max(0.0, begun + self.sent / RATE - clock()))

    async def come_and_go(self) -> None:
        """Somebody is there for some seconds, and goes politely or not; at times the line of one who stays is cut."""
        while True:
            index = PEOPLE + self.chance.randrange(COMERS)
            client = await connect(Client, self.server.address, self.load.cookies[index])
            await client.hello()
            await asyncio.sleep(self.chance.uniform(0, 1))
            self.chance.choice([client.close, client.reset])()
            self.visits += 1
            if self.visits % 10 == 0 and (cut := self.people[1 + self.visits // 10 % (PEOPLE - 1)].talk) is not None:
                cut.reset()

    async def files(self) -> None:
        """Files that are uploaded and sent, pictures with previews among them; and half a file whose line is cut."""
        talk = self.people[0].talk
        assert talk is not None
        while True:
            self.uploads += 1
            conversation, client_id = self.load.conversations[self.uploads % GROUPS], f"file-{self.uploads:07}"
            async with Line(self.server.port, self.load.cookies[0]) as line:
                photo = self.uploads % 3 == 0
                token = await line.upload(
                    1 << 20, data=self.photo if photo else b"", name="ảnh.jpg" if photo else "a.bin"
                )
            self.people[0].seen.invoked[client_id] = (conversation, "")
            data = {"conversation": conversation, "client_id": client_id, "body": "", "files": [token]}
            await talk.command("message.send", data, 60)
            async with Line(self.server.port, self.load.cookies[1]) as line:
                announced = {"Tus-Resumable": "1.0.0", "Upload-Length": 1 << 20, "Upload-Metadata": "filename YQ=="}
                made = await line.ask("POST", "/files/uploads/", {**announced, "Content-Length": 0})
                head = f"PATCH {made.headers['location']} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
                head += f"Cookie: {line.cookie}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                head += f"Content-Type: application/offset+octet-stream\r\nContent-Length: {1 << 20}\r\n\r\n"
                line.writer.write(head.encode() + bytes(1 << 19))
                await line.writer.drain()
                line.writer.transport.abort()
            await asyncio.sleep(6)

    async def look(self) -> None:
        """Pages, history, search: so many at once that all threads that are kept for requests are there from the beginning."""
        paths = ["/", f"/api/conversations/{self.load.conversations[0]}/messages?limit=50", "/api/search?q=viet"]
        loop, hands = asyncio.get_running_loop(), ThreadPoolExecutor(LANES)
        while True:
            for path in paths:
                answers = await asyncio.gather(
                    *(loop.run_in_executor(hands, self.server.get, path, c, 120) for c in self.load.cookies[:LANES])
                )
                assert {status for status, _ in answers} == {200}, (path, answers[0])
                self.reads += len(answers)
            await asyncio.sleep(5)

    async def gateways(self) -> None:
        """Clients of `lines` who stay and one who signs in and out again; each writes."""
        loop = asyncio.get_running_loop()

        async def enter(name: str) -> Lines:
            _, link = await loop.create_connection(lambda: Lines(name), "127.0.0.1", self.gateway)
            await asyncio.wait_for(link.opened, 60)
            return link

        names = self.load.names[PEOPLE + COMERS :]
        stay = [await enter(name) for name in names[1:]]
        while True:
            passing = await enter(names[0])
            for link in [passing, *stay]:
                link.transport.write(f"c {self.load.names[0]}\n7 {link.name}\n".encode())
            await asyncio.sleep(2)
            passing.transport.close()
            assert not any(link.closed.done() for link in stay), self.server.log.read_text()[-2000:]
            await asyncio.sleep(3)


def drift(looks: list[Held]) -> dict[str, tuple[int, int]]:
    """Of each figure the least of the time after warming up, and that of the end: what is never given back.

    What is in use for a moment (the 46 MiB of a password's hash) says nothing of it.
    """
    part = len(looks) // 5
    early, late = ([asdict(look) for look in some] for some in (looks[part : 2 * part], looks[-part:]))
    return {name: (min(look[name] for look in early), min(look[name] for look in late)) for name in asdict(looks[0])}


@pytest.mark.full
@pytest.mark.timeout(MINUTES * 60 + 900)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_c39_nothing_grows(served: Callable[..., tuple[Server, Load]], database: str) -> None:
    """CHATROOM_SOAK_MINUTES of use (10): memory, open files, threads and connections to the database within five per cent."""

    async def scenario(server: Server, load: Load, gateway: int, url: str) -> None:
        async with chatters(server.address, load, PEOPLE) as people:
            use = Use(server, load, people, gateway)
            old = people[0]  # its line is never cut
            looks: list[Held] = []
            everything = (use.talk(), use.come_and_go(), use.files(), use.look(), use.gateways())
            async with meanwhile(*everything):
                begun = clock()
                while clock() - begun < MINUTES * 60:
                    await asyncio.sleep(EVERY)
                    looks.append(await asyncio.to_thread(held, server, url))
            heads = {c: len(await asyncio.to_thread(server.history, c, load.cookies[0])) for c in load.conversations}
            await in_sync(people, heads, 30)
            assert old.connects == 1 and not old.closes
            assert min(len(old.known[conversation]) for conversation in load.conversations) >= use.sent // GROUPS - 1
            await asyncio.to_thread(prove, server, load, people, load.conversations)
            figures = drift(looks)
            print(f"\n{use.sent} texts, {use.visits} visits, {use.uploads} uploads, {use.reads} reads; {figures}")
            assert all(late <= early * DRIFT for early, late in figures.values()), (
                figures,
                looks[:: len(looks) // 20 or 1],
            )
            assert not re.findall(r"^Traceback.*", server.log.read_text(), re.MULTILINE), server.log.read_text()[-3000:]

    def soak(url: str) -> None:
        gateway = free_port()
        counts = {"users": PEOPLE + COMERS + CLIENTS, "conversations": GROUPS, "members": PEOPLE + COMERS + CLIENTS}
        env = {"DATABASE_URL": url} if url else {}
        server, load = served(env, ("--gateway", f"lines=127.0.0.1:{gateway}"), **counts)
        run(scenario(server, load, gateway, url))

    if database == "sqlite":
        soak("")
    else:
        with postgres(lasting=True) as url:
            soak(url)
