"""The instruments themselves: the checker finds each kind of fault, the proxy does what it says."""

from __future__ import annotations

import asyncio

import pytest

from bench.checker import Seen, faults
from bench.client import run
from tests.faults.proxy import DOWN, UP, FaultProxy


def good() -> tuple[list[Seen], dict]:
    """Two clients and a history that agree."""
    one, other = Seen(1), Seen(2)
    kept = []
    for seq in (1, 2, 3):
        one.invoked[f"id-{seq}"] = (7, f"text {seq}")
        one.confirmed[f"id-{seq}"] = [seq]
        kept.append({"seq": seq, "sender": 1, "client_id": f"id-{seq}", "body": f"text {seq}"})
    one.received[7] = other.received[7] = [(seq, f"text {seq}") for seq in (1, 2, 3)]
    return [one, other], {7: kept}


def test_agreement_has_no_faults() -> None:
    assert faults(*good()) == []


@pytest.mark.parametrize(
    ("word", "spoil"),
    [
        ("lost", lambda clients, kept: kept[7].pop()),
        ("not 1..", lambda clients, kept: kept[7].pop(1)),
        ("kept 2 times", lambda clients, kept: kept[7].append({**kept[7][0], "seq": 4})),
        ("phantom", lambda clients, kept: kept[7].append({"seq": 4, "sender": 9, "client_id": "id-9", "body": "?"})),
        ("another text", lambda clients, kept: kept[7][1].update(body="changed")),
        ("confirmed as", lambda clients, kept: clients[0].confirmed["id-1"].append(2)),
        ("refused and kept", lambda clients, kept: clients[0].refused.add("id-1")),
        (
            "out of order",
            lambda clients, kept: clients[1].received.update({7: [(1, "text 1"), (3, "text 3"), (2, "text 2")]}),
        ),
        (
            "received 2 times",
            lambda clients, kept: clients[1].received.update({7: [(n, f"text {n}") for n in (1, 2, 2, 3)]}),
        ),
        ("never received", lambda clients, kept: clients[1].received.update({7: [(1, "text 1"), (3, "text 3")]})),
        (
            "received what is not kept",
            lambda clients, kept: clients[1].received.update({7: [(n, f"text {n}") for n in (1, 2, 3, 4)]}),
        ),
    ],
)
def test_each_fault_is_found(word: str, spoil) -> None:
    clients, kept = good()
    spoil(clients, kept)
    assert any(word in fault for fault in faults(clients, kept))


def test_proxy() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with FaultProxy(server.sockets[0].getsockname()[1]) as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"hello"
            proxy.stall(DOWN)
            writer.write(b"again")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.readexactly(5), 0.2)
            proxy.flow()
            assert await reader.readexactly(5) == b"again"
            proxy.reset_all()
            with pytest.raises(ConnectionResetError):
                await reader.readexactly(1)
            proxy.budgets[UP] = lambda: 3
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            writer.write(b"hello")
            with pytest.raises(ConnectionResetError):
                await reader.readexactly(5)
            assert proxy.cuts == 1
            proxy.refusing = True
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            assert await reader.read(1) == b""
        server.close()

    run(scenario())
