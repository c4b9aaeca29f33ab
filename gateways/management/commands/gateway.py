"""manage.py gateway: the gateways as a process of their own, beside the servers."""

import argparse
import asyncio
import signal
from typing import Any

import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from gateways import running
from realtime import hints, server


class Command(BaseCommand):
    """Speaks the protocols of older clients in a process of its own."""

    help = "Speaks struct, frames, lines and packets in a process beside the servers (PostgreSQL and Redis)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Addresses, and TLS."""
        parser.add_argument("addresses", nargs="+", metavar="PROTOCOL=HOST:PORT", help="struct, frames, lines, packets")
        parser.add_argument(
            "--tls-cert", default="", metavar="FILE", help="TLS with this certificate (PEM, with its chain)"
        )
        parser.add_argument("--tls-key", default="", metavar="FILE", help="key of --tls-cert")
        parser.add_argument("--plain", action="store_true", help="without TLS, also where others can reach it")
        parser.add_argument("--data", default="", metavar="DIR", help="folder of the keys and files")

    def handle(self, *args: Any, **given: Any) -> None:
        """Returns when the connections were let go."""
        if not settings.REDIS_URL or connection.vendor != "postgresql":
            raise CommandError(
                "A gateway of its own needs REDIS_URL and PostgreSQL (DATABASE_URL): without them nothing that happens here reaches the"
                " servers. Start it inside the server instead: manage.py serve --gateway "
                + " --gateway ".join(given["addresses"])
            )
        if bool(given["tls_cert"]) != bool(given["tls_key"]):
            raise CommandError("--tls-cert and --tls-key belong together.")
        certificate = (given["tls_cert"], given["tls_key"]) if given["tls_cert"] else None
        try:
            running.plan = running.make_plan(given["addresses"], certificate, given["plain"], everywhere=True)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        connections.close_all()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self.serve())

    async def serve(self) -> None:
        """Until a signal."""
        hub = await server.start()
        await running.start()
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            hub.loop.add_signal_handler(number, ended.set)
        self.stdout.write("\n".join(f"Older clients: {address}" for address in running.plan.sockets))
        self.stdout.flush()
        await ended.wait()
        if hints.hub:
            hints.hub.draining = True
        await running.stop()
        await server.stop()
