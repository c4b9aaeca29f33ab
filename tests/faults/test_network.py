"""C5 and C8: connections that are cut anywhere, and clients that were away."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable

import pytest

from bench.chatter import Chatter
from bench.client import Client, ClosedError, HandshakeError, RefusedError, connect, run
from bench.server import Load, Server
from tests.faults.group import chatters, in_sync, prove, talk
from tests.faults.proxy import DOWN, UP, FaultProxy


@pytest.mark.timeout(1200)
def test_c5_cuts_at_random_bytes(served: Callable[..., tuple[Server, Load]], full: bool) -> None:
    """The same client_id again after each cut: one row, the same answer; another text under it is an error."""
    server, load = served(users=10, conversations=1, members=10)
    conversation, cuts = load.conversations[0], 1000 if full else 60

    async def scenario() -> None:
        chance = random.Random(5)
        async with FaultProxy(server.port) as proxy, chatters(server.address, load, 1, first=9) as [witness]:
            # a handshake has about 250 bytes each way; the command and its reply follow
            proxy.budgets = {
                UP: lambda: chance.choice([None, chance.randrange(1, 700)]),
                DOWN: lambda: chance.choice([None, chance.randrange(1, 6000)]),
            }
            people = [Chatter(server.address.via(proxy.port), load.cookies[i], load.users[i], 0.02) for i in range(8)]
            await asyncio.gather(*(person.start() for person in people))
            going = asyncio.Event()
            going.set()
            talks = [asyncio.create_task(talk(person, conversation, going)) for person in people]
            while proxy.cuts < cuts:
                await asyncio.sleep(0.05)
                assert not any(task.done() for task in talks), [person.closes[-3:] for person in people]
                if not proxy.pipes or chance.random() < 0.3:
                    proxy.reset_all()
            going.clear()
            proxy.budgets = {}
            proxy.reset_all()
            await asyncio.gather(*talks)
            kept = await asyncio.to_thread(server.history, conversation, load.cookies[0])
            await in_sync([*people, witness], {conversation: len(kept)}, 20)
            await asyncio.to_thread(prove, server, load, [*people, witness], [conversation])
            client_id, body = next(iter(people[0].seen.invoked)), "another text"
            await people[0].stop()
            again = await connect(Client, server.address, load.cookies[0])
            await again.hello()
            first = next(message for message in kept if message["client_id"] == client_id)
            data = {"conversation": conversation, "client_id": client_id, "body": first["body"]}
            assert (await again.command("message.send", data))["seq"] == first["seq"]
            with pytest.raises(RefusedError):
                await again.command("message.send", {**data, "body": body})
            for person in people[1:]:
                await person.stop()

    run(scenario())


AWAY = {"a second": 5, "five minutes": 400, "a day": 1500}  # messages missed; more than 1,000 is a resync


@pytest.mark.parametrize("away", AWAY)
def test_c8_back_after_being_away(served: Callable[..., tuple[Server, Load]], away: str) -> None:
    """The server is restarted meanwhile. Resume, or one resync; no loop, no gap, within five seconds."""
    server, load = served(users=3, conversations=2, members=3)
    busy, still = load.conversations

    async def scenario() -> None:
        async with FaultProxy(server.port) as proxy:
            person = Chatter(server.address.via(proxy.port), load.cookies[0], load.users[0], 0.1)
            person.fetch = lambda conversation: newest(server, conversation, load.cookies[0])
            await person.start()
            proxy.refusing = True
            proxy.reset_all()
            async with chatters(server.address, load, 1, first=1) as [other]:
                await asyncio.gather(*(other.say(busy, f"missed {n}", f"missed-{n:06}") for n in range(AWAY[away])))
                await other.say(still, "the only one", "only-one-1")
            await asyncio.to_thread(server.process.stop)
            await asyncio.to_thread(server.start)
            person.connects = 0
            proxy.refusing = False
            took = await in_sync([person], {busy: AWAY[away], still: 1}, 5)
            assert took < 5
            assert person.resyncs == (1 if AWAY[away] > 1000 else 0)
            assert person.connects == 1
            await asyncio.to_thread(prove, server, load, [person, other], [busy, still])
            async with chatters(server.address, load, 1, first=2) as [third]:
                await third.say(busy, "after", "after-000001")
                await in_sync([person], {busy: AWAY[away] + 1}, 5)
            assert person.resyncs == (1 if AWAY[away] > 1000 else 0)
            await person.stop()

    run(scenario())


def newest(server: Server, conversation: int, cookie: str) -> list[dict]:
    """The newest page."""
    status, body = server.get(f"/api/conversations/{conversation}/messages?limit=50", cookie)
    assert status == 200
    return json.loads(body)["messages"]


def test_c5_handshake_cut_short(shared: tuple[Server, Load]) -> None:
    """Half a handshake, then nothing or a reset, disturbs nobody."""
    server, load = shared

    async def scenario() -> None:
        whole = server.address.handshake(load.cookies[0])
        for size in range(1, len(whole), 7):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(whole[:size])
            await writer.drain()
            writer.transport.abort()
        with pytest.raises((HandshakeError, ClosedError)):
            nobody = await connect(Client, server.address, "sessionid=nothing")
            await nobody.hello()
        client = await connect(Client, server.address, load.cookies[0])
        assert (await client.hello())["me"]["id"] == load.users[0]

    run(scenario())
