"""C6 and C7: whatever the layer loses, every socket gets every message, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from bench.client import run
from bench.process import free_port
from bench.server import Load, Server
from tests.faults.group import chatters, in_sync, prove
from tests.faults.proxy import FaultProxy
from tests.services import redis

SWEEP = 30.0  # seconds that the check allows; the hub compares heads every 10


def test_c6_a_command_beside_the_server(served: Callable[..., tuple[Server, Load]]) -> None:
    """Another process writes and there is no layer at all: the sweep finds it."""
    server, load = served(users=3, conversations=1, members=3)
    conversation = load.conversations[0]

    async def scenario() -> None:
        async with chatters(server.address, load, 3) as people:
            await people[0].say(conversation, "from the socket", "by-socket-1")
            said = ["say", f"--user={load.users[1]}", f"--conversation={conversation}", "--count=3"]
            await asyncio.to_thread(server.manage, *said)
            await in_sync(people, {conversation: 4}, SWEEP)
            people[1].seen.invoked.update({f"said-{n:06}": (conversation, f"said {n}") for n in range(3)})
            await asyncio.to_thread(prove, server, load, people, [conversation])

    run(scenario())


@pytest.mark.parametrize("fault", ["muted", "away"])
def test_c6_layer_muted_or_away(served: Callable[..., tuple[Server, Load]], fault: str) -> None:
    """Two processes; what the first sends does not reach the second through Redis, and yet its sockets get all."""
    with redis() as url:

        async def scenario() -> None:
            async with FaultProxy(urlsplit(url).port or 0) as between:
                through = url.replace(str(urlsplit(url).port), str(between.port))
                first, load = await asyncio.to_thread(
                    served, {"REDIS_URL": url}, ("--no-worker",), users=4, conversations=1, members=4
                )
                second = first.beside(free_port(), {"REDIS_URL": through})
                await asyncio.to_thread(second.start)
                conversation = load.conversations[0]
                try:
                    async with (
                        chatters(first.address, load, 2) as here,
                        chatters(second.address, load, 2, first=2) as there,
                    ):
                        await here[0].say(conversation, "while all is well", "before-0001")
                        await in_sync(
                            [*here, *there], {conversation: 1}, 2
                        )  # the positive case: Redis carries it at once
                        if fault == "muted":
                            between.stall()
                        else:
                            between.refusing = True
                            between.reset_all()
                        for number in range(20):
                            await here[number % 2].say(conversation, f"unheard {number}", f"unheard-{number:04}")
                        await there[0].say(conversation, "from the other side", "other-side-1")
                        await in_sync([*here, *there], {conversation: 22}, SWEEP)
                        between.refusing = False
                        between.flow()
                        await asyncio.to_thread(prove, first, load, [*here, *there], [conversation])
                        assert not any(chatter.closes for chatter in [*here, *there])
                finally:
                    second.close()

        run(scenario())


@pytest.mark.parametrize("shape", ["one process", "redis"])
def test_c7_burst(served: Callable[..., tuple[Server, Load]], full: bool, shape: str) -> None:
    """Far more at once than a layer keeps for a channel (100), into a group of fifty."""
    messages, sockets = (2000, 50) if full else (600, 50)

    async def burst(servers: list[Server], load: Load) -> None:
        conversation = load.conversations[0]
        half = sockets // len(servers)
        async with (
            chatters(servers[0].address, load, half) as people,
            chatters(servers[-1].address, load, sockets - half, first=half) as others,
        ):
            everybody = [*people, *others]
            await asyncio.gather(
                *(everybody[n % 10].say(conversation, f"burst {n}", f"burst-{n:06}") for n in range(messages))
            )
            await in_sync(everybody, {conversation: messages}, 30)
            await asyncio.to_thread(prove, servers[0], load, everybody, [conversation])

    if shape == "one process":
        server, load = served(users=sockets, conversations=1, members=sockets)
        run(burst([server], load))
        return
    with redis() as url:
        server, load = served({"REDIS_URL": url}, ("--no-worker",), users=sockets, conversations=1, members=sockets)
        second = server.beside(free_port())
        second.start()
        try:
            run(burst([server, second], load))
        finally:
            second.close()
