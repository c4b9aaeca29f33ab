"""The administration after years: lists, further pages, filters, searches and single rows with a million messages and events, on SQLite and PostgreSQL."""

import contextlib
import random
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from bench.browser import Browser
from bench.client import clock
from bench.process import free_port
from bench.report import Report, percentile
from bench.scene import quiet
from bench.search import MEMORY
from bench.server import Load, Server
from tests.services import postgres

TARGET_MS = 300
ROUNDS = 12
MESSAGES, EVENTS = "/admin/messaging/message/", "/admin/audit/event/"
CONVERSATIONS, MEMBERS, FILES = (
    "/admin/messaging/conversation/",
    "/admin/messaging/membership/",
    "/admin/files/storedfile/",
)
USERS = "/admin/accounts/user/"


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--messages", type=int, default=1_000_000, help="and as many events")
    parser.add_argument("--databases", default="sqlite", help="sqlite,postgresql")
    parser.add_argument(
        "--data", type=Path, help="a data folder that an earlier run has filled, or that this one fills and leaves"
    )


def pages(load: Load, count: int, rnd: random.Random) -> Iterator[tuple[str, str, str]]:
    """Key, label and address of each page, with other rows at each call."""
    place, person, middle = rnd.choice(load.conversations), rnd.choice(load.users[2:]), rnd.randrange(count // 4, count)
    yield "start", "start page", "/admin/"
    yield "messages", "messages", MESSAGES
    yield "messages_middle", "– a page in the middle", f"{MESSAGES}?before={middle}"
    yield "messages_back", "– back from there", f"{MESSAGES}?after={middle // 2}"
    yield "messages_place", "– of a conversation", f"{MESSAGES}?conversation={place}"
    yield "messages_person", "– of a person", f"{MESSAGES}?sender={person}"
    yield (
        "messages_word",
        "– with a word",
        f"{MESSAGES}?q={rnd.choice(('khau', '密码', 'password', 'truong', 'error'))}",
    )
    yield "messages_rare", "– with a word that is nowhere", f"{MESSAGES}?q=zzq{rnd.randrange(1000)}"
    yield "messages_word_person", "– with a word, of a person", f"{MESSAGES}?q=khau&sender={person}"
    yield "message", "one message", f"{MESSAGES}{middle}/change/"
    yield "conversations", "conversations", CONVERSATIONS
    yield "conversations_search", "– with a name", f"{CONVERSATIONS}?q=group {rnd.randrange(10)}"
    yield "conversation", "one conversation", f"{CONVERSATIONS}{place}/change/"
    yield "members", "memberships", MEMBERS
    yield "members_person", "– of a person", f"{MEMBERS}?user={person}"
    yield "members_search", "– with a name", f"{MEMBERS}?q=load"
    yield "files", "files", FILES
    yield "files_person", "– of a person", f"{FILES}?owner={person}"
    yield "events", "events", EVENTS
    yield "events_middle", "– a page in the middle", f"{EVENTS}?before={middle}"
    yield "events_rare", "– of a rare kind", f"{EVENTS}?action=account.blocked"
    yield "events_common", "– of a common kind", f"{EVENTS}?action=session.opened"
    yield "events_search", "– with a name that ten people have", f"{EVENTS}?q=load"
    yield "events_actor", "– what a person did", f"{EVENTS}?actor_id={person}"
    yield "events_target", "– what was done to a person", f"{EVENTS}?target_type=user&target_id={person}"
    yield "events_two", "– a rare kind of a person", f"{EVENTS}?action=account.blocked&actor_id={person}"
    yield "event", "one event", f"{EVENTS}{middle}/change/"
    yield "users", "accounts", USERS
    yield "user", "one account", f"{USERS}{person}/change/"
    yield "sessions", "sessions", "/admin/accounts/loginsession/"


async def main(options: Namespace) -> Report:
    """Every page in turn, some rounds of it."""
    count = 20_000 if options.short else options.messages
    report = Report("admin")
    for database in options.databases.split(","):
        with contextlib.ExitStack() as stack:
            if kept := options.data and options.data / (database if database != "sqlite" else ""):
                folder = kept
            else:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=options.dir)))
            url = {}
            if database != "sqlite":
                url = {"DATABASE_URL": stack.enter_context(postgres(MEMORY, True, kept and kept / "server"))}
            server = Server(folder, free_port(), url)
            server.manage("migrate", "--verbosity=0")
            made = folder / "load.json"
            if not made.exists():
                server.manage("make_archive", f"--messages={count}", f"--events={count}", f"--out={made}")
            load, rnd, took = Load.read(made), random.Random(5), {}
            server.start()
            stack.callback(server.process.stop)
            browser = Browser(server.port, load.cookies[0])
            labels: dict[str, str] = {}
            for round_ in range(ROUNDS + 1):
                for key, label, path in pages(load, count, rnd):
                    start, busy = clock(), server.process.cpu()
                    browser.get(quote(path, safe="/?=&"))
                    if round_:
                        spent = ((clock() - start) * 1000, (server.process.cpu() - busy) * 1000)
                        took.setdefault(key, []).append(spent)
                    labels[key] = label
            await quiet(server.process)
        for key, times in took.items():
            wall, cpu = zip(*times, strict=True)
            name = f"{database}, {labels[key]}"
            report.add(f"{database}_{key}_p50", f"{name}: p50", percentile(list(wall), 0.5), "ms")
            report.add(f"{database}_{key}_p95", f"{name}: p95", percentile(list(wall), 0.95), "ms", ("<=", TARGET_MS))
            report.add(f"{database}_{key}_cpu", f"{name}: p95 of the server's CPU", percentile(list(cpu), 0.95), "ms")
    return report
