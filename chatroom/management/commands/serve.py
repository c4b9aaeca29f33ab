"""manage.py serve: prepares the data folder and runs the site."""

import argparse
import gc
import importlib
import io
import socket
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from accounts.setup import new_link
from chatroom.serving import launch, network, options, preparation
from chatroom.serving.authority import Authority
from files import receiving
from gateways import running as gateways
from realtime import hints


class Command(BaseCommand):
    """Runs the site: database, translations, static files, worker and web server in one process."""

    help = "Runs the site: prepares the data folder, then serves pages, sockets and background work in one process."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The options of serving/options.py, which manage.py reads too."""
        options.add_options(parser)

    def handle(self, *args: Any, **given: Any) -> None:
        """Everything in order; returns when the server has drained."""
        self.options = argparse.Namespace(**given)
        self.bind = options.bind_address(self.options)
        listener = self.listen()
        files = preparation.raise_file_limit()
        try:
            self.held = preparation.hold_folder(Path(settings.DATA_DIR))
            shared = not settings.REDIS_URL and preparation.is_shared(self.held)
        except BlockingIOError:
            raise CommandError(
                "A backup is being restored here, or that was not finished: restore it again with --replace."
            ) from None
        if shared:
            self.warn(
                "Another server runs on this data folder. Without Redis people at one see what happens at the other up to"
                " ten seconds late; see Scaling out in docs/operate.md, or stop one of them."
            )
        self.prepare()
        certificate = self.certificate()
        self.offer_gateways(certificate)
        self.link = new_link()
        connections.close_all()  # this thread asks nothing more
        self.worker = None
        if not (self.options.no_worker or settings.REDIS_URL):
            from chatroom.serving.worker import EmbeddedWorker  # 20 MB that a web process beside workers does not need

            self.worker = EmbeddedWorker()
            self.worker.start()
        module, _, name = settings.ASGI_APPLICATION.rpartition(".")
        application = getattr(importlib.import_module(module), name)
        gc.collect()
        gc.freeze()  # what is loaded now stays: later collections need not look at it
        gc.set_threshold(20_000)  # thousands of sockets are living objects: looking at them often finds nothing
        if self.options.server == "daphne":
            launch.daphne(application, listener, certificate, self.announce, self.drain)
        else:
            launch.uvicorn(application, listener, certificate, files, self.announce, self.drain)
        if self.worker:
            self.worker.join()

    def listen(self) -> socket.socket:
        """Takes the port first, so that a taken one is told before anything is changed."""
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self.bind, self.options.port, type=socket.SOCK_STREAM
            )[0]
            listener = socket.socket(family, kind, protocol)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError as error:
            hint = f"; try --port {self.options.port + 1}" if self.options.port else ""
            raise CommandError(
                f"Cannot listen on {self.bind} port {self.options.port}: {error.strerror}{hint}"
            ) from error
        listener.set_inheritable(False)
        self.port = listener.getsockname()[1]
        return listener

    def prepare(self) -> None:
        """Database, static files, demo."""
        data = Path(settings.DATA_DIR)
        with preparation.alone(data):
            if copy := preparation.migrate(data):
                self.say(f"The database was copied to {copy} before it was changed.")
            preparation.collect_static(Path(settings.STATIC_ROOT))
            if self.options.demo:
                from chatroom import demo

                for line in demo.make():
                    self.say(line)
        if warning := preparation.sqlite_warning():
            self.warn(warning)

    def certificate(self) -> tuple[str, str] | None:
        """Certificate and key file when we speak HTTPS."""
        if bool(self.options.tls_cert) != bool(self.options.tls_key):
            raise CommandError("--tls-cert and --tls-key belong together.")
        if self.options.tls_cert:
            return self.options.tls_cert, self.options.tls_key
        if not self.options.tls:
            return None
        authority = Authority(Path(settings.DATA_DIR) / "tls")
        hosts = [host for host in settings.ALLOWED_HOSTS if host != "*"]
        authority.ensure(hosts)
        if outside := authority.outside(hosts):
            self.warn(
                f"The certificate does not cover {', '.join(outside)}. Remove {authority.folder} to begin with a new one."
            )
        self.say(f"Certificate authority: SHA-256 {authority.fingerprint()}")
        return str(authority.server_file), str(authority.server_key_file)

    def offer_gateways(self, certificate: tuple[str, str] | None) -> None:
        """Binds the addresses of the gateways; the server begins to listen there with everything else."""
        if self.options.gateway and self.options.server == "daphne":
            raise CommandError("--gateway needs --server uvicorn.")
        try:
            gateways.plan = gateways.make_plan(self.options.gateway, certificate, self.options.plain)
        except (OSError, ValueError) as error:
            raise CommandError(f"--gateway: {error}") from error

    def announce(self) -> None:
        """The address, the set-up link and the QR code, when the server listens."""
        scheme = "https" if settings.TLS else "http"
        everywhere = self.bind in ("0.0.0.0", "::")  # noqa: S104
        addresses = ["127.0.0.1", *network.lan_addresses()] if everywhere else [self.bind]
        urls = [f"{scheme}://{network.bracketed(address)}:{self.port}/" for address in addresses]
        others = urls[1] if everywhere and len(urls) > 1 else urls[0]  # what other machines would open
        if not network.is_loopback(self.bind) and not settings.TLS:
            self.warn("Without HTTPS everybody on this network could read along. --tls makes its own certificate.")
        lines = [f"Chatroom is at {'  '.join(urls)}"]
        lines += [f"Older clients: {address}" for address in gateways.plan.sockets]
        if self.link:
            lines.append(f"Set it up with this link; it works once: {others}{self.link.lstrip('/')}")
        if self.options.tls and not self.options.tls_cert and not self.options.quiet:
            lines.append(f"Each device must trust this site's certificate once: {others}trust/")
        if self.options.lan and not self.options.quiet:
            code = io.StringIO()
            segno.make(others, error="l").terminal(out=code, compact=True)
            lines += [f"For phones: {others}", code.getvalue()]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()

    def drain(self) -> None:
        """The first signal came: /readyz says no, new sockets are refused, uploads and the worker end what they have begun."""
        if hints.hub:
            hints.hub.draining = True
        receiving.drain()
        gateways.drain()
        if self.worker:
            self.worker.stop()

    def say(self, text: str) -> None:
        """A line for the operator, unless --quiet."""
        if not self.options.quiet:
            self.stdout.write(text)

    def warn(self, text: str) -> None:
        """A warning, always."""
        self.stderr.write(self.style.WARNING(f"Warning: {text}"))
