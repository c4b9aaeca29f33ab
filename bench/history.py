"""History: what a page of 50 costs in a conversation of ten thousand messages and of a million."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bench.browser import Browser
from bench.client import clock
from bench.report import Report, percentile
from bench.scene import quiet, scene
from bench.server import Load, Server

ROUNDS, REQUESTS = 8, 25
SMALL = 10_000


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--messages", type=int, default=1_000_000, help="of the large conversation")


def request(browser: Browser, server: Server, path: str, cpu: list[float], wall: list[float]) -> int:
    """One round of requests; the size of the page."""
    before = server.process.cpu()
    for _ in range(REQUESTS):
        start = clock()
        size = len(browser.get(path))
        wall.append(clock() - start)
    cpu.append((server.process.cpu() - before) / REQUESTS)
    return size


def sql_alone(server: Server, load: Load, conversation: int) -> float:
    """Seconds of the same SQL in a loop."""
    from pysqlite3 import dbapi2

    output = server.manage("show_queries", "page", f"--user={load.users[0]}", f"--conversation={conversation}")
    queries = json.loads(output.splitlines()[-1])
    connection = dbapi2.connect(str(Path(server.data) / "db.sqlite3"))
    times = []
    for _ in range(200):
        start = clock()
        for query in queries:
            connection.execute(query).fetchall()
        times.append(clock() - start)
    connection.close()
    return percentile(times, 0.5)


async def main(options: Namespace) -> Report:
    """Both conversations in turn, the newest page and one in the middle."""
    large = 100_000 if options.short else options.messages
    report = Report("history")
    with scene(options, users=10, conversations=2, members=10, messages=f"{SMALL},{large}") as (server, load):
        server.start()
        browser = Browser(server.port, load.cookies[0])
        cpu: dict[str, list[float]] = {}
        wall: dict[str, list[float]] = {}
        sizes = {}
        names = {"small": (load.conversations[0], SMALL), "large": (load.conversations[1], large)}
        for round_ in range(ROUNDS + 1):
            for name, (conversation, count) in names.items():
                for kind, query in (("newest", "?limit=50"), ("middle", f"?limit=50&before={count // 2}")):
                    key = f"{name}_{kind}"
                    path = f"/api/conversations/{conversation}/messages{query}"
                    if round_ == 0:
                        sizes[key] = request(browser, server, path, [], [])
                    else:
                        request(browser, server, path, cpu.setdefault(key, []), wall.setdefault(key, []))
        await quiet(server.process)
        server.process.stop()
        alone = {name: sql_alone(server, load, conversation) for name, (conversation, _) in names.items()}
    for name, (_, count) in names.items():
        for kind in ("newest", "middle"):
            key = f"{name}_{kind}"
            mean = sum(cpu[key]) / len(cpu[key])
            report.add(f"{key}_cpu_ms", f"{kind} page of {count:,}: server CPU", mean * 1000, "ms", ("<=", 5))
            report.add(
                f"{key}_p50_ms", f"{kind} page of {count:,}: p50 at the client", percentile(wall[key], 0.5) * 1000, "ms"
            )
        report.add(f"{name}_sql_ms", f"  the same SQL alone, {count:,}", alone[name] * 1000, "ms")
    for kind in ("newest", "middle"):
        ratio = percentile(wall[f"large_{kind}"], 0.5) / percentile(wall[f"small_{kind}"], 0.5)
        report.add(f"{kind}_ratio", f"{kind} page: large / small", ratio, "", ("<=", 1.2))
    report.add("kib", "size of a page", sizes["small_newest"] / 1024, "KiB")
    return report
