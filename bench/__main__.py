"""bin/bench: the named bench, its table, and one JSON object as the last line."""

import argparse
import sys

from bench import admin, fanout, files, gateways, history, idle, page, ready, search, send, tables, tienlen
from bench.client import run

BENCHES = {
    "fanout": fanout,
    "send": send,
    "idle": idle,
    "history": history,
    "ready": ready,
    "page": page,
    "search": search,
    "files": files,
    "tienlen": tienlen,
    "admin": admin,
    "gateways": gateways,
    "tables": tables,
}


def main() -> int:
    """Runs one bench."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    commands = parser.add_subparsers(dest="bench", required=True)
    for name, module in BENCHES.items():
        command = commands.add_parser(name, help=module.__doc__, description=module.__doc__)
        command.add_argument("--short", action="store_true", help="small counts, at most a minute")
        command.add_argument("--dir", default=None, help="where the data folder is made")
        command.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
        module.arguments(command)
    options = parser.parse_args()
    report = run(BENCHES[options.bench].main(options))
    report.print()
    return 1 if options.check and report.missed() else 0


sys.exit(main())
