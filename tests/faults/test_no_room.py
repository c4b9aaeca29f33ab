"""C28: the disk under the database is full, or nothing can be written at all. Nobody hears "sent" of what is lost, and it goes on when there is room."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable

import pytest

from bench.chatter import Chatter
from bench.checker import Seen, faults
from bench.client import Client, connect, run
from bench.server import Load, Server
from tests.faults.group import chatters, confirmed, talk

ROOM = 64 * 1024
LONG_AGO = "from accounts.models import LoginSession; LoginSession.objects.update(last_seen='2026-01-01T00:00Z')"


def no_room(server: Server, size: int) -> None:
    """From now on no file of the server grows beyond this: its writes fail as on a full disk."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def refused(client: Client, conversation: int, probe: Seen) -> dict[str, str]:
    """Writes until it is refused; the error."""
    for number in range(1000):
        client_id = f"probe-{number:06}"
        data = {"conversation": conversation, "client_id": client_id, "body": "x" * 4000}
        probe.invoked[client_id] = (conversation, data["body"])
        if not (reply := await client.ask("message.send", data, 60))["ok"]:
            probe.refused.add(client_id)
            return reply["error"]
        probe.confirmed[client_id] = [reply["data"]["seq"]]
    raise AssertionError("there was room for everything")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("room", [ROOM, None], ids=["full", "nothing can be written"])
def test_c28_a_full_disk(site: Callable[..., tuple[Server, Load]], room: int | None) -> None:
    server, load = site(users=8, conversations=2, members=8)
    server.manage("shell", "-c", LONG_AGO)
    server.start()
    wal, probe = server.data / "db.sqlite3-wal", Seen(load.users[7])

    async def scenario() -> list[Chatter]:
        async with chatters(server.address, load, 6) as people:
            going = asyncio.Event()
            going.set()
            talks = [
                asyncio.create_task(talk(c, load.conversations[i % 2], going, 0.1)) for i, c in enumerate(people[:5])
            ]
            client = await connect(Client, server.address, load.cookies[7])
            await client.hello()
            while confirmed(people) < 20:
                await asyncio.sleep(0.05)
            no_room(server, 0 if room is None else wal.stat().st_size + room)
            try:
                error = await refused(client, load.conversations[0], probe)
                assert error["code"] == "server_error" and "disk" in error["message"], error
                reaction = {"conversation": load.conversations[0], "seq": 1, "emoji": "👍", "on": True}
                assert "disk" in (await client.ask("message.react", reaction))["error"]["message"]
                while True:  # and nobody is told otherwise
                    before = confirmed(people)
                    await asyncio.sleep(2)
                    if confirmed(people) == before:
                        break
                kept = await asyncio.to_thread(server.history, load.conversations[1], load.cookies[7])
                assert kept and server.get("/healthz")[0] == 200
            finally:
                no_room(server, resource.RLIM_INFINITY)
            while confirmed(people) < before + 20:
                await asyncio.sleep(0.05)
            going.clear()
            await asyncio.gather(*talks)
            assert not any(person.closes for person in people)
            client.close()
            return people

    people = run(scenario())
    server.process.kill()
    server.start()
    kept = {conversation: server.history(conversation, load.cookies[0]) for conversation in load.conversations}
    assert faults([probe, *(person.seen for person in people)], kept, complete=False) == []
