"""The two shapes of a site, and sockets of its people that end with the test."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.sockets.peer import Peer, kind
from tests.sockets.sites import Site

numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here share one event loop, because the spies listen through all of them. What a frame must be like, one process tells."""
    for item in items:
        if Path(__file__).parent in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            if item.path.name == "test_input.py" and "[scaled" in item.name:
                item.add_marker(pytest.mark.slow)


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=["one", "scaled"])
async def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A running site. In the end no spy may have heard what is not for him, and no server may have stumbled."""
    with ExitStack() as stack:
        made = await asyncio.to_thread(Site, request.param, tmp_path_factory.mktemp(request.param), stack)
        await made.post_spies()
        pings = asyncio.create_task(made.keep_spying())
        yield made
        for spy in made.spies:
            assert not spy.closed.done(), f"a spy was put out with {spy.close_code}"
            await spy.settled()
        pings.cancel()
        assert made.betrayed() == []
        assert [fault for spy in made.spies for fault in spy.faults] == []
        assert made.errors() == []


Join = Callable[..., Any]


@pytest_asyncio.fixture(loop_scope="session")
async def join(site: Site) -> AsyncIterator[Join]:
    """`await join("ann", server=1)`: a live socket. `hello=False`: one that has said nothing yet; `hello={…}`: its data."""
    joined: list[Peer] = []

    async def make(name: str, server: int = 0, hello: bool | dict = True, **more: Any) -> Any:
        peer = await site.connect(name, server, **more)
        joined.append(peer)
        if hello is not False:
            peer.send("hello", hello if isinstance(hello, dict) else {})
            peer.snapshot = (await peer.see(kind("ready"), 20))["data"]
            await peer.see(kind("live"), 20)
        return peer

    yield make
    for peer in joined:
        peer.close()
    for peer in joined:
        await asyncio.wait_for(peer.closed, 5)
    assert [fault for peer in joined for fault in peer.faults] == []


@pytest_asyncio.fixture(loop_scope="session")
async def group(site: Site, join: Join) -> Callable[..., Any]:
    """`await group("ann", "ben")`: a new group of the first with the others; its id."""

    async def make(master: str, *others: str, name: str = "") -> int:
        peer = await join(master)
        data = {"name": name or f"Group {next(numbers)}", "users": [site.people[other] for other in others]}
        return (await peer.command("group.create", data))["id"]

    return make
