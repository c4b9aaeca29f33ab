"""Real servers for the fault tests: one data folder and one port each, ended with the test."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.server import Load, Server

FIRST_PORT = int(os.environ.get("CHATROOM_FAULT_PORT", "8210"))
ports = itertools.count(FIRST_PORT)


def free_port() -> int:
    """The next port that nobody listens on."""
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise LookupError


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., tuple[Server, Load]]]:
    """Makes a migrated site with load; the server is not started. All its processes end with the test."""
    made: list[Server] = []

    def make(env: dict[str, str] | None = None, options: tuple[str, ...] = (), **counts: Any) -> tuple[Server, Load]:
        server = Server(tmp_path / f"site{len(made)}", free_port(), env, options)
        made.append(server)
        server.manage("migrate", "--verbosity=0")
        return server, server.load(**counts)

    yield make
    for server in made:
        server.close()


@pytest.fixture
def served(site: Callable[..., tuple[Server, Load]]) -> Callable[..., tuple[Server, Load]]:
    """The same, started."""

    def make(*arguments: Any, **counts: Any) -> tuple[Server, Load]:
        server, load = site(*arguments, **counts)
        server.start()
        return server, load

    return make
