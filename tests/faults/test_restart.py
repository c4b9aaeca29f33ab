"""C19: the database server restarts, or a handler fails: the sockets live, and nothing is lost."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.client import Client, clock, connect, run
from bench.process import free_port
from bench.server import Load, Server
from tests.faults.group import chatters, confirmed, in_sync, prove, talk
from tests.services import postgres


@pytest.mark.timeout(600)
def test_c19_postgresql_restarts_under_load(served: Callable[..., tuple[Server, Load]]) -> None:
    """Away for some seconds while everybody talks: within a minute all are in sync, nothing is lost, no socket is deaf."""
    with ExitStack() as stack:
        # not under tmp_path: PostgreSQL runs as another user, who may not enter there
        kept, port = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatroom-kept-"))), free_port()
        database = stack.enter_context(ExitStack())
        url = database.enter_context(postgres(lasting=True, kept=kept, port=port))
        server, load = served({"DATABASE_URL": url}, users=12, conversations=2, members=12)

        async def scenario() -> None:
            async with chatters(server.address, load, 12) as people:
                going = asyncio.Event()
                going.set()
                talks = [
                    asyncio.create_task(talk(c, load.conversations[i % 2], going, 0.2))
                    for i, c in enumerate(people[:8])
                ]
                while confirmed(people) < 30:
                    await asyncio.sleep(0.05)
                await asyncio.to_thread(database.close)
                await asyncio.sleep(3)
                before = confirmed(people)
                await asyncio.to_thread(stack.enter_context, postgres(lasting=True, kept=kept, port=port))
                back = clock()
                while confirmed(people) < before + 30:
                    await asyncio.sleep(0.05)
                going.clear()
                await asyncio.gather(*talks)
                heads = {
                    c: len(await asyncio.to_thread(server.history, c, load.cookies[0])) for c in load.conversations
                }
                await in_sync(people, heads, 60 - (clock() - back))
                marks = {c: n + 1 for c, n in heads.items()}
                for number, conversation in enumerate(load.conversations):  # also who was silent hears what is new
                    await people[number].say(conversation, "the last", f"the-last-{number:03}")
                await in_sync(people, marks, 15)
                await asyncio.to_thread(prove, server, load, people, load.conversations)

        run(scenario())


@pytest.mark.timeout(600)
def test_c19_a_handler_that_raises(served: Callable[..., tuple[Server, Load]]) -> None:
    """A table is gone under the running server: a command that needs it is answered `server_error`, and the socket goes on."""
    server, load = served(users=2, conversations=1, members=2)
    group = load.conversations[0]

    def rename(old: str, new: str) -> None:
        with sqlite3.connect(server.data / "db.sqlite3", timeout=20) as beside:
            beside.execute(f"ALTER TABLE {old} RENAME TO {new}")
        beside.close()

    async def scenario() -> None:
        client = await connect(Client, server.address, load.cookies[0])
        await client.hello()
        data = {"conversation": group, "client_id": "raises-0001", "body": "hi @load00001"}
        assert (await client.command("message.send", data))["seq"] == 1
        reaction = {"conversation": group, "seq": 1, "emoji": "👍", "on": True}
        for table, command, asked in (
            ("messaging_reaction", "message.react", reaction),  # one at a time
            ("messaging_mention", "message.send", {**data, "client_id": "raises-0002"}),  # together with others
        ):
            await asyncio.to_thread(rename, table, "elsewhere")
            reply = await client.ask(command, asked, 30)
            await asyncio.to_thread(rename, "elsewhere", table)
            assert not reply["ok"] and reply["error"]["code"] == "server_error", reply
            told = str(reply)
            assert table not in told and "Traceback" not in told and "SQL" not in told
            assert (await client.ask(command, asked, 30))["ok"], "it does not work again"
        assert not client.closed.done()
        assert [message["seq"] for message in server.history(group, load.cookies[1])] == [1, 2]
        client.close()

    run(scenario())
