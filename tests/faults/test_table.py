"""C37: the server is killed four times during a match: what was confirmed holds, nothing is done twice, and the match goes on to its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from bench.cards import Player, seat
from bench.client import ClosedError, HandshakeError, RefusedError, run
from bench.server import Load, Server
from tests.services import postgres

KILLS, MOVES_BETWEEN = 4, 4


async def back(player: Player) -> None:
    """Until he is in again."""
    while True:
        try:
            await player.connect()
            return
        except (OSError, HandshakeError, ClosedError, TimeoutError):
            await asyncio.sleep(0.2)


async def surely(player: Player, kind: str, **fields: Any) -> dict[str, Any] | None:
    """An act that is repeated under the same id until there is an answer; None when it is refused for good."""
    client_id = f"sure-{player.user}-{player.chance.randrange(10**9):09}"
    while True:
        try:
            return await player.act(kind, client_id, **fields)
        except (ClosedError, TimeoutError, OSError):
            await back(player)
        except RefusedError as refused:
            if refused.code not in ("too_fast", "server_error", "conflict"):
                return None
            await asyncio.sleep(0.3)


async def match(server: Server, players: list[Player]) -> tuple[int, int]:
    """Plays until it is over; the server is killed while acts are on their way. Moves and kills."""
    confirmed: list[tuple[int, int]] = []
    moves = kills = 0
    for player in players:
        await surely(player, "ready")
    while players[0].view.get("phase") != "result":
        for player in players:
            if (wanted := player.wanted()) is None or wanted[0] == "ready":
                continue
            kill = moves >= MOVES_BETWEEN * (kills + 1) and kills < KILLS
            sending = asyncio.create_task(surely(player, wanted[0], **wanted[1]))
            if kill:
                kills += 1
                await asyncio.sleep(player.chance.uniform(0, 0.01))
                server.process.kill()
                await asyncio.to_thread(server.start)
            answer = await sending
            if answer and answer["done"]:
                moves += 1
                confirmed.append((answer["seq"], player.user))
        for player in players:
            if player.link is None or player.link.closed.done():
                await back(player)
        await asyncio.sleep(0.02)
    assert len({seq for seq, _ in confirmed}) == len(confirmed)
    status, body = await asyncio.to_thread(
        server.get, f"/api/v1/tables/{players[0].table}/matches/1", players[0].cookie
    )
    assert status == 200, body
    replay = json.loads(body)
    done = {seq for seq, _, events in replay["events"] for event in events if event["kind"] in ("play", "pass")}
    assert {seq for seq, _ in confirmed} <= done  # what was confirmed is in the record
    played = [
        card
        for _, _, events in replay["events"]
        for event in events
        if event["kind"] == "play"
        for card in event["cards"]
    ]
    assert len(played) == len(set(played))  # no card twice
    assert sum(replay["points"]) == 0 and sorted(replay["places"]) == [0, 1, 2, 3]
    return moves, kills


@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_c37_killed_in_a_match(served: Callable[..., tuple[Server, Load]], database: str) -> None:
    def scenario(env: dict[str, str]) -> None:
        server, load = served(env, users=4, conversations=1, members=4)

        async def whole() -> None:
            people = list(zip(load.cookies, load.users, strict=True))
            players = await seat(server.address, people, load.conversations[0])
            moves, kills = await match(server, players)
            assert kills == KILLS and moves >= KILLS * MOVES_BETWEEN
            assert "Traceback" not in server.log.read_text()

        run(whole())

    if database == "sqlite":
        scenario({})
    else:
        with postgres(lasting=True) as url:
            scenario({"DATABASE_URL": url})
