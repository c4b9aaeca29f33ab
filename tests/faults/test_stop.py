"""C18, C20 and C38: the server stops, dies or sleeps with people on it; nobody is lost, nobody stays as a ghost, nobody is put out again and again."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable

import pytest

from bench.browser import Browser
from bench.client import Client, Counter, Tally, clock, connect, run
from bench.process import free_port
from bench.server import Load, Server
from realtime.presence import LEASE_SECONDS
from tests.faults.group import chatters, in_sync, prove, talk
from tests.services import redis

LEASE = 60.0


@pytest.mark.timeout(300)
def test_c18_sigterm_under_load(served: Callable[..., tuple[Server, Load]], full: bool) -> None:
    """200 sockets hear 1012, what was asked is answered, all are back and in sync soon."""
    count = 200 if full else 80
    server, load = served(users=count, conversations=2, members=count)
    first, second = load.conversations

    async def scenario() -> None:
        async with chatters(server.address, load, count, jitter=5.0) as people:
            going = asyncio.Event()
            going.set()
            talks = [
                asyncio.create_task(talk(c, load.conversations[i % 2], going, 0.5)) for i, c in enumerate(people[:40])
            ]
            await asyncio.sleep(2)
            took = await asyncio.to_thread(server.process.stop)
            assert took <= 10
            assert server.process.popen.returncode == 0, server.log.read_text()[-2000:]
            assert [chatter.closes[:1] for chatter in people] == [[1012]] * count
            start = clock()
            await asyncio.to_thread(server.start)
            while not all(chatter.live.is_set() for chatter in people):
                assert clock() - start < 30
                await asyncio.sleep(0.05)
            back = clock() - start
            going.clear()
            await asyncio.gather(*talks)
            heads = {c: len(await asyncio.to_thread(server.history, c, load.cookies[0])) for c in (first, second)}
            await in_sync(people, heads, 15)
            assert back <= 15
            assert max(chatter.resumes for chatter in people) <= 2
            await asyncio.to_thread(prove, server, load, people, [first, second])

    run(scenario())


def test_c18_running_requests_end(served: Callable[..., tuple[Server, Load]]) -> None:
    """Requests that are being answered at SIGTERM get their answer; new connections are refused."""
    server, load = served(users=20, conversations=1, members=20, messages=200)

    def page(index: int) -> int:
        browser = Browser(server.port, load.cookies[index])
        return browser.request("GET", f"/api/conversations/{load.conversations[0]}/messages?limit=200")[0]

    async def scenario() -> None:
        requests = [asyncio.create_task(asyncio.to_thread(page, index)) for index in range(16)]
        await asyncio.sleep(0.05)
        stopping = asyncio.create_task(asyncio.to_thread(server.process.stop))
        done = await asyncio.gather(*requests, return_exceptions=True)
        assert [status for status in done if isinstance(status, int)] == [200] * sum(isinstance(s, int) for s in done)
        assert all(isinstance(status, (int, ConnectionError)) for status in done), done
        assert await stopping <= 10

    run(scenario())


def presence(server: Server, load: Load, index: int) -> str:
    """How user 0 sees another one."""
    status, body = server.get(f"/api/people?ids={load.users[index]}", load.cookies[0])
    assert status == 200
    return json.loads(body)["people"][0]["presence"]


async def shown(server: Server, load: Load, index: int, wanted: str, seconds: float) -> float:
    """Waits until the presence is as wanted; the seconds it took."""
    start = clock()
    while (found := await asyncio.to_thread(presence, server, load, index)) != wanted:
        assert clock() - start < seconds, f"still {found} after {seconds} s"
        await asyncio.sleep(0.25)
    return clock() - start


@pytest.mark.timeout(200)
def test_c20_no_ghosts_after_a_crash(served: Callable[..., tuple[Server, Load]]) -> None:
    """kill -9 of the server: after a restart only those are online who came back."""
    server, load = served(users=3, conversations=1, members=3)

    async def scenario() -> None:
        async with chatters(server.address, load, 1, first=1):
            leaver = await connect(Client, server.address, load.cookies[2])
            await leaver.hello()
            await shown(server, load, 1, "online", 5)
            await shown(server, load, 2, "online", 5)
            server.process.kill()
            await asyncio.to_thread(server.start)
            await shown(server, load, 1, "online", 10)
            await shown(server, load, 2, "offline", LEASE)

    run(scenario())


@pytest.mark.full
@pytest.mark.timeout(200)
def test_c20_stopped_client_goes_offline(served: Callable[..., tuple[Server, Load]]) -> None:
    """A client whose machine sleeps (it neither reads nor pings) is offline within a minute; the others stay."""
    server, load = served(users=3, conversations=1, members=3)

    async def scenario() -> None:
        tally = Tally()
        awake = await connect(lambda: Counter(tally), server.address, load.cookies[1])
        await awake.hello()
        silent = await connect(Client, server.address, load.cookies[2])
        await silent.hello()
        silent.transport.pause_reading()
        await shown(server, load, 2, "online", 5)
        start = clock()

        async def pings() -> None:
            while True:
                await asyncio.sleep(15)
                awake.send("ping", {}, 1)

        task = asyncio.create_task(pings())
        await shown(server, load, 2, "offline", LEASE + 5)
        assert clock() - start <= LEASE + 5
        assert await asyncio.to_thread(presence, server, load, 1) == "online"
        task.cancel()

    run(scenario())


@pytest.mark.timeout(600)
def test_c38_a_server_that_slept_past_its_lease(served: Callable[..., tuple[Server, Load]], full: bool) -> None:
    """Of two, one is stopped until the other has taken its people for gone. It wakes: they are there, and missed nothing."""
    with redis() as url:
        first, load = served({"REDIS_URL": url}, ("--no-worker",), users=12, conversations=1, members=12)
        second = first.beside(free_port())
        second.start()
        group = load.conversations[0]

        async def scenario() -> None:
            async with (
                chatters(first.address, load, 8, jitter=2.0) as here,
                chatters(second.address, load, 4, jitter=2.0, first=8) as there,
            ):
                await here[0].say(group, "before", "before-0001")
                await in_sync([*here, *there], {group: 1}, 5)
                await shown(second, load, 7, "online", 10)
                first.process.popen.send_signal(signal.SIGSTOP)
                try:
                    said = asyncio.create_task(here[1].say(group, "asleep", "asleep-0001"))
                    for number in range(20):
                        await there[0].say(group, f"meanwhile {number}", f"meanwhile-{number:03}")
                    took = await shown(second, load, 7, "offline", LEASE)
                    assert took > LEASE_SECONDS / 3  # by its lease, not by a close
                    await asyncio.sleep(90 - LEASE if full else 2)
                finally:
                    first.process.popen.send_signal(signal.SIGCONT)
                woke = clock()
                await said
                heads = {group: 22}
                await in_sync([*here, *there], heads, 30)
                for index in (1, 7):
                    await shown(second, load, index, "online", LEASE)
                assert clock() - woke <= LEASE
                await asyncio.sleep(12)  # one more look of the server at all its sockets
                assert not any(c.closes for c in [*here, *there]), [(c.seen.user, c.closes) for c in [*here, *there]]
                await here[7].say(group, "after", "after-00001")
                await in_sync([*here, *there], {group: 23}, 5)
                await asyncio.to_thread(prove, second, load, [*here, *there], [group])

        try:
            run(scenario())
        finally:
            second.close()
