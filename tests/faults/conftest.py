"""Real servers for the fault tests: one data folder and one port each, ended with the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.process import free_port
from bench.server import Load, Server


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that a server has prepared: migrated, with static files."""
    server = Server(tmp_path_factory.mktemp("template"), free_port())
    server.start()
    server.process.stop()
    return server.data


@pytest.fixture(scope="session")
def shared(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Load]]:
    """One running site for the tests that leave it as it was."""
    data = tmp_path_factory.mktemp("shared") / "data"
    shutil.copytree(template, data)
    server = Server(data, free_port())
    load = server.load(users=20, conversations=5, members=20)
    server.start()
    yield server, load
    server.close()


@pytest.fixture
def site(tmp_path: Path, template: Path) -> Iterator[Callable[..., tuple[Server, Load]]]:
    """Makes a migrated site with load; the server is not started. All its processes end with the test."""
    made: list[Server] = []

    def make(env: dict[str, str] | None = None, options: tuple[str, ...] = (), **counts: Any) -> tuple[Server, Load]:
        server = Server(tmp_path / f"site{len(made)}", free_port(), env, options)
        made.append(server)
        shutil.copytree(template / "static", server.data / "static")
        if env and "DATABASE_URL" in env:
            server.manage("migrate", "--verbosity=0")
        else:
            shutil.copy(template / "db.sqlite3", server.data)
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
