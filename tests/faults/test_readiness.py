"""What monitoring is told when a database or a Redis has really died, and comes back."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path

from bench.process import free_port
from bench.server import Server
from tests.services import postgres
from tests.sockets.sites import Redis


def told(server: Server) -> tuple[int, list[str]]:
    """Status of /readyz, and the parts that it names."""
    status, body = server.get("/readyz", timeout=15)
    return status, json.loads(body)["failed"]


def becomes(server: Server, wanted: tuple[int, list[str]], seconds: float = 20) -> None:
    """Until /readyz says so."""
    end = time.monotonic() + seconds
    while (now := told(server)) != wanted:
        assert time.monotonic() < end, now
        time.sleep(0.5)


def test_redis_dies_and_comes_back_then_the_database_dies(tmp_path: Path) -> None:
    with ExitStack() as stack:
        layer = Redis(tmp_path)
        layer.start()
        stack.callback(layer.stop)
        database = stack.enter_context(ExitStack())
        env = {"DATABASE_URL": database.enter_context(postgres()), "REDIS_URL": layer.url}
        server = Server(tmp_path / "data", free_port(), env, ("--no-worker",))
        stack.callback(server.close)
        server.start()
        assert told(server) == (200, [])
        layer.stop()
        becomes(server, (503, ["channel_layer"]))
        layer.start()
        becomes(server, (200, []))
        database.close()
        becomes(server, (503, ["database"]))
        began = time.monotonic()
        assert (
            told(server) == (503, ["database"]) and time.monotonic() - began < 5
        )  # the pool would try for half a minute
        assert server.get("/healthz")[0] == 200
        status, metrics = server.get("/metrics")
        assert status == 200 and b"chatroom_sockets 0.0" in metrics
        body = server.get("/readyz")[1].decode()
        assert "127.0.0.1" not in body and "refused" not in body  # strangers learn which part, not why
