"""Sites for the socket tests: one process on SQLite, or two on PostgreSQL and Redis; with people, and spies that listen all the time."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.client import connect
from bench.server import Server
from tests import services
from tests.sockets.browser import PASSWORD, Browser
from tests.sockets.peer import Peer

CAST = ("ann", "ben", "cho", "dan", "eva", "fay")
EXTRAS = 16  # accounts for tests that end sessions or block people
LIMITS = ("commands_burst", "commands_per_second", "handshakes_burst", "handshakes_per_second")
MAKE = """
from accounts.actions import make_account, set_policies
set_policies(None, {f"limits.{name}": 10**9 for name in given["limits"]} | {"signin.sessions": "allow"})
make_account(None, "admin", given["password"], is_admin=True)
names = {name: make_account(None, name, given["password"], display_name=name.title()).pk for name in given["names"]}
from messaging.models import Conversation
print(json.dumps({"people": names, "everyone": Conversation.objects.get(kind="everyone").pk}))
"""


class Redis:
    """A Redis server that can be stopped and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, services.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen

    def start(self) -> None:
        """Returns when it answers."""
        log = self.folder / "redis.log"
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        with log.open("ab") as out:
            self.process = subprocess.Popen([services.redis_program(), *arguments], stdout=out, stderr=out)
        services.wait(self.process, lambda: services.ask_redis(self.port), log)

    def stop(self) -> None:
        """At once."""
        services.end(self.process)


class Site:
    """Running servers, their people and the spies."""

    def __init__(self, shape: str, folder: Path, stack: ExitStack) -> None:
        self.shape, self.scaled = shape, shape == "scaled"
        self.redis: Redis | None = None
        env: dict[str, str] = {}
        if self.scaled:
            self.redis = Redis(folder)
            self.redis.start()
            stack.callback(self.redis.stop)
            env = {"DATABASE_URL": stack.enter_context(services.postgres()), "REDIS_URL": self.redis.url}
        data = folder / "data"
        options = ("--no-worker",) if self.scaled else ()
        self.servers = [Server(data, services.free_port(), env, options) for _ in range(2 if self.scaled else 1)]
        for server in self.servers:
            server.start()
            stack.callback(server.close)
        names = [*CAST, "spy", *(f"extra{number}" for number in range(EXTRAS))]
        made = self.run(MAKE, limits=LIMITS, password=PASSWORD, names=names)
        self.people: dict[str, int] = made["people"]
        self.everyone: int = made["everyone"]
        self.extras = iter(names[-EXTRAS:])
        self.browsers: dict[tuple[str, str], Browser] = {}
        self.spies: list[Peer] = []
        self.quartet: list[str] = []

    def one_more(self) -> Server:
        """One more process beside the others."""
        server = self.servers[0].beside(services.free_port())
        self.servers.append(server)
        server.start()
        return server

    def four(self) -> list[str]:
        """Four people who know nobody but each other."""
        if not self.quartet:
            self.quartet = [next(self.extras) for _ in range(4)]
        return self.quartet

    def run(self, code: str, **given: Any) -> Any:
        """Runs a snippet as a management command beside the servers; what it prints as JSON."""
        head = f"import json\ngiven = json.loads({json.dumps(given)!r})\n"
        printed = self.servers[0].manage("shell", "--verbosity=0", "--command", head + code)
        return json.loads(printed.splitlines()[-1]) if printed.strip() else None

    def browser(self, name: str, device: str = "") -> Browser:
        """The signed-in browser of a person on one of his devices."""
        if (name, device) not in self.browsers:
            self.browsers[name, device] = Browser(self.servers[0].port).sign_in(name)
        return self.browsers[name, device]

    async def connect(self, name: str, server: int = 0, device: str = "", make: Callable[..., Any] = Peer) -> Any:
        """A socket of a person that has not said hello."""
        browser = await asyncio.to_thread(self.browser, name, device)
        where = self.servers[server % len(self.servers)].address
        return await connect(lambda: make(name, self.people.get(name, 0)), where, browser.cookie)

    async def post_spies(self) -> None:
        """An outsider's socket at each process; he is in Everyone and nowhere else."""
        for number in range(len(self.servers)):
            spy = await self.connect("spy", number)
            await spy.hello()
            await spy.command("conversation.open", {"conversation": self.everyone})
            self.spies.append(spy)

    async def keep_spying(self) -> None:
        """Pings, as browsers do."""
        while True:
            await asyncio.sleep(15)
            for spy in self.spies:
                if not spy.closed.done():
                    spy.send("ping", {})

    def betrayed(self) -> list[dict[str, Any]]:
        """The frames that tell the spies of something other than Everyone and themselves."""
        return [event for spy in self.spies for event in spy.events if self.names_others(event)]

    def names_others(self, event: dict[str, Any]) -> bool:
        """Whether an event names a conversation the spy is not in, or tells where other people are."""
        data = event.get("data") or {}
        feeds = {f"c:{self.everyone}", f"u:{self.people['spy']}", None}
        listed = {conversation["id"] for conversation in data.get("conversations", ())}
        listed |= {data.get("conversation", self.everyone), *data.get("gone", ())}
        people = event["type"] == "presence" and {person["id"] for person in data["people"]} != {self.people["spy"]}
        return event.get("feed") not in feeds or listed - {self.everyone} != set() or people

    def errors(self) -> list[str]:
        """What the servers' logs have of unexpected errors; the layer's library tells at length that Redis is away."""
        logs = [server.log.read_text() for server in self.servers]
        told = re.compile(r"^.* (?:ERROR|CRITICAL) (?!channels_redis).*(?:\n.*){0,40}|^Exception in .*", re.MULTILINE)
        return [match[0] for log in logs for match in told.finditer(log)]
