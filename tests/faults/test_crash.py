"""C1: kill -9 while twenty people send with retry: nothing confirmed is lost, nothing is kept twice, no number is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bench.chatter import Chatter
from bench.client import run
from bench.server import Load, Server
from tests.faults.group import chatters, confirmed, in_sync, prove, talk
from tests.services import postgres

PEOPLE, CONVERSATIONS = 20, 4


async def killed_again_and_again(server: Server, load: Load, kills: int, between: float) -> list[Chatter]:
    """Kills the server at a random moment of each period and starts it again."""
    async with chatters(server.address, load, PEOPLE) as people:
        going = asyncio.Event()
        going.set()
        talks = [
            asyncio.create_task(talk(c, load.conversations[i % CONVERSATIONS], going)) for i, c in enumerate(people)
        ]
        for _ in range(kills):
            await asyncio.sleep(people[0].random.uniform(0.3, 2 * between))
            server.process.kill()
            await asyncio.to_thread(server.start)
        await asyncio.sleep(between)
        going.clear()
        await asyncio.gather(*talks)
        heads = {c: len(await asyncio.to_thread(server.history, c, load.cookies[0])) for c in load.conversations}
        await in_sync(people, heads, 30)
        await asyncio.to_thread(prove, server, load, people, load.conversations)
    return people


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_c1_kill_under_load(served: Callable[..., tuple[Server, Load]], full: bool, database: str) -> None:
    def scenario(env: dict[str, str]) -> None:
        counts: dict[str, Any] = {"users": PEOPLE, "conversations": CONVERSATIONS, "members": PEOPLE}
        server, load = served(env, **counts)
        kills, between, wanted = (50, 1.5, 20_000) if full else (2, 0.6, 100)
        people = run(killed_again_and_again(server, load, kills, between))
        assert all(chatter.connects > kills // 2 for chatter in people)
        assert confirmed(people) >= wanted

    if database == "sqlite":
        scenario({})
    else:
        with postgres(lasting=True) as url:
            scenario({"DATABASE_URL": url})
