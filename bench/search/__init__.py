"""Search: what it finds against the truth, and how long it takes, on SQLite and PostgreSQL, beside FTS5's own tokenizers."""

import contextlib
import json
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bench.process import free_port
from bench.report import Report
from bench.server import Server
from tests.services import postgres

TARGET_MS = 20
MEMORY = "512MB"  # of PostgreSQL for its pages: a quarter of a small server's, as its manual advises


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--messages", type=int, default=100_000, help="1000000 for the figures of docs/benchmarks.md")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--no-rivals", action="store_true", help="leave unicode61 and trigram out")


async def main(options: Namespace) -> Report:
    """One process per database, each with the same messages and the same queries."""
    count = 20_000 if options.short else options.messages
    report = Report("search")
    results = {}
    for database in options.databases.split(","):
        with tempfile.TemporaryDirectory(prefix="bench-", dir=options.dir) as folder, contextlib.ExitStack() as stack:
            env = (
                {"DATABASE_URL": stack.enter_context(postgres(MEMORY, lasting=True))}
                if database == "postgresql"
                else {}
            )
            server = Server(Path(folder), free_port(), env)
            server.manage("migrate", "--verbosity=0")
            rivals = [] if options.no_rivals or database != "sqlite" else ["--rivals"]
            results[database] = json.loads(
                server.manage("bench_search", f"--messages={count}", *rivals).splitlines()[-1]
            )
    for database, result in results.items():
        tell(report, database, result)
    answers = [result["answers"] for result in results.values()]
    report.add("same", "both databases answer alike", float(all(a == answers[0] for a in answers)), "", (">=", 1))
    return report


def tell(report: Report, database: str, result: dict) -> None:
    """The rows of one database."""
    for kind, (recall, precision, queries) in result["quality"].items():
        label = f"{database}, {kind} ({queries} queries)"
        report.add(f"{database}_{kind}_recall", f"{label}: recall", recall * 100, "%", (">=", 100))
        report.add(f"{database}_{kind}_precision", f"{label}: precision", precision * 100, "%", (">=", 100))
    for kind, (p50, p95, busy50, busy95, queries) in result["times"].items():
        target = ("<=", TARGET_MS) if kind == "all" else None
        label = f"{database}, {kind} ({queries} queries)"
        report.add(f"{database}_{kind}_p50", f"{label}: p50", p50, "ms")
        report.add(f"{database}_{kind}_p95", f"{label}: p95", p95, "ms", target)
        report.add(f"{database}_{kind}_cpu_p50", f"{label}: p50 of CPU", busy50, "ms")
        report.add(f"{database}_{kind}_cpu_p95", f"{label}: p95 of CPU", busy95, "ms")
    for name, figure in result["figures"].items():
        report.add(f"{database}_{name}", f"{database}: {name.replace('_', ' ')}", figure)
    for rival, (recall, precision, p50, p95, size) in result.get("rivals", {}).items():
        report.add(f"{rival}_recall", f"FTS5 {rival}: recall", recall * 100, "%")
        report.add(f"{rival}_precision", f"FTS5 {rival}: precision", precision * 100, "%")
        report.add(f"{rival}_p50", f"FTS5 {rival}: p50", p50, "ms")
        report.add(f"{rival}_p95", f"FTS5 {rival}: p95", p95, "ms")
        report.add(f"{rival}_mb", f"FTS5 {rival}: index", size, "MB")
