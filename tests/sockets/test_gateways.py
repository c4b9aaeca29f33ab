"""A gateway beside the servers: the same people talk to each other, whichever process they are connected to."""

from __future__ import annotations

import asyncio

import pytest

from bench.process import Process, python
from tests import services
from tests.sockets.browser import PASSWORD
from tests.sockets.conftest import Join
from tests.sockets.peer import message
from tests.sockets.sites import Site


async def line(reader: asyncio.StreamReader) -> str:
    """One line of the server."""
    return (await asyncio.wait_for(reader.readline(), 30)).decode().rstrip("\n")


async def hears(reader: asyncio.StreamReader, text: str) -> None:
    """This line comes; before it there may be what was unread."""
    while (read := await line(reader)) != text:
        assert read


@pytest.mark.timeout(300)  # it may be the first that wants the sites
async def test_a_process_of_its_own_talks_with_the_servers(site: Site, join: Join) -> None:
    server, port = site.servers[0], services.free_port()
    if not site.scaled:
        with pytest.raises(RuntimeError, match="REDIS_URL"):
            await asyncio.to_thread(server.manage, "gateway", f"lines=127.0.0.1:{port}")
        return
    log = server.data / "gateway.log"
    command = [python(), "manage.py", "gateway", f"lines=127.0.0.1:{port}", "--data", str(server.data)]
    process = Process(command, log, server.env)
    try:
        await asyncio.to_thread(process.wait_until, lambda: "Older clients" in log.read_text())
        ann = await join("ann", server=1)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        name = next(site.extras)
        writer.write(f"2 {name} {PASSWORD}\n".encode())
        assert await line(reader) == "2"
        writer.write(f"3 {name} Everyone xin chào\n".encode())
        await hears(reader, f"3 {name} Everyone xin chào")
        await ann.see(message(site.everyone, "xin chào", sender=site.people[name]), 20)
        await ann.say(site.everyone, "你好")
        await hears(reader, "3 ann Everyone 你好")
        site_admin = "from accounts.models import User; from accounts.actions import end_all_sessions\n"
        await asyncio.to_thread(site.run, site_admin + f"end_all_sessions(User.objects.get(username='{name}'))")
        assert await line(reader) == ""  # closed
        writer.close()
    finally:
        assert await asyncio.to_thread(process.stop) < 10
    assert "Traceback" not in log.read_text()
