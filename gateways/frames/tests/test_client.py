"""The client for the command line against a running gateway: texts, files of any size both ways."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from django.db import connection

from files.models import StoredFile
from files.processing import process
from gateways.frames.client import Client, show
from gateways.frames.codec import Offered, Said
from gateways.frames.tests.house import PASSWORD, House


def run(work: Callable[..., Coroutine[Any, Any, None]], *args: Any) -> None:
    """On an event loop of the client's own."""
    asyncio.run(asyncio.wait_for(work(*args), 110))


async def enter(port: int, name: str) -> Client:
    """A signed-in client."""
    client = await Client.connect("127.0.0.1", port)
    assert await client.sign_in(name, PASSWORD) == 0
    return client


async def hear(client: Client, kind: type) -> Any:
    """The next message of this kind."""
    while not isinstance(message := await client.heard.get(), kind):
        assert message is not None, "the connection is gone"
    return message


@pytest.fixture
def port(house: House) -> int:
    """Where `frames` is spoken, with two people who may come."""
    house.person("李四"), house.person("张三")
    house.connect()
    return house.gate.ports["frames"]


def test_texts(house: House, port: int):
    async def talk() -> None:
        me, lisi = await enter(port, "张三"), await enter(port, "李四")
        assert [await me.say(text) for text in ("chào", "@李四 hi", "@nobody hi", " ")] == [0, 0, 1, 2]
        heard = [await hear(lisi, Said), await hear(lisi, Said)]
        assert [show(one) for one in heard] == ["* @张三 chào", "> @张三 hi"]
        assert await me.new_password("hoa-sen-2026") == 0
        me.sign_off()
        while await me.heard.get() is not None:
            pass
        with pytest.raises(ConnectionError):
            await me.say("hi")
        await lisi.close()

    run(talk)


@pytest.mark.parametrize("size", [0, 1, 1000, 17_001, 300_000, pytest.param(20 * 2**20, marks=pytest.mark.full)])
def test_a_file_from_client_to_client(house: House, port: int, size: int):
    content = random.Random(size).randbytes(size)

    async def talk() -> None:
        me, lisi = await enter(port, "张三"), await enter(port, "李四")
        assert not await me.upload("nobody", "a.bin", content)
        assert await me.upload("李四", "a.bin", content)
        offered = await hear(lisi, Offered)
        assert (offered.who, offered.name, offered.size) == ("张三", "a.bin", size)
        await asyncio.to_thread(look_at_files)
        assert await lisi.take() == ("a.bin", content)
        await me.close()
        await lisi.close()

    run(talk)
    assert StoredFile.objects.get().size == size


def look_at_files() -> None:
    """What workers do."""
    try:
        for file in StoredFile.objects.filter(status="processing"):
            process(file.pk)
    finally:
        connection.close()
