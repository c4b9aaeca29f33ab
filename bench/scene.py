"""The scene of a bench: a fresh data folder with accounts and conversations, and a server that is at rest."""

import asyncio
import contextlib
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.process import Process, free_port
from bench.server import Load, Server


@contextlib.contextmanager
def scene(options: Namespace, **counts: Any) -> Iterator[tuple[Server, Load]]:
    """A server that is not started yet, on a migrated database with load; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.dir) as folder:
        server = Server(Path(folder), free_port())
        server.manage("migrate", "--verbosity=0")
        load = server.load(**counts)
        try:
            yield server, load
        except BaseException:
            if server.log.exists():
                print(f"The server's log:\n{server.log.read_text()[-3000:]}", file=sys.stderr)
            raise
        finally:
            if hasattr(server, "process") and server.process.popen.poll() is None:
                server.process.stop()


async def quiet(process: Process, limit: float = 0.1, seconds: float = 30) -> None:
    """Waits until the server uses less than `limit` of a core, so that what came before is not measured."""
    end = asyncio.get_running_loop().time() + seconds
    before = process.cpu()
    while True:
        await asyncio.sleep(0.5)
        now = process.cpu()
        if now - before < limit / 2:
            return
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError("the server does not come to rest")
        before = now
