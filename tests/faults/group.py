"""People who keep talking in one conversation, and the proof at the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bench.chatter import Chatter
from bench.checker import faults
from bench.client import Address, gather
from bench.server import Load, Server


@contextlib.asynccontextmanager
async def chatters(
    address: Address, load: Load, count: int, jitter: float = 0.5, first: int = 0
) -> AsyncIterator[list[Chatter]]:
    """Connected people in the order of the load; they leave in the end."""
    people = list(zip(load.cookies, load.users, strict=True))[first : first + count]
    made = [Chatter(address, cookie, user, jitter) for cookie, user in people]
    try:
        await gather([chatter.start for chatter in made])
        yield made
    finally:
        await asyncio.gather(*(chatter.stop() for chatter in made))


async def talk(chatter: Chatter, conversation: int, going: asyncio.Event, pause: float = 0.0) -> None:
    """Says one thing after the other while `going` is set."""
    number = 0
    while going.is_set():
        number += 1
        await chatter.say(conversation, f"text {number} of {chatter.seen.user}", f"{chatter.seen.user:08}-{number:06}")
        if pause:
            await asyncio.sleep(chatter.random.uniform(0, 2 * pause))


async def in_sync(chatters: list[Chatter], heads: dict[int, int], seconds: float) -> float:
    """Waits until each is live and has every message of the conversations (id -> last seq); the seconds it took."""
    loop = asyncio.get_running_loop()
    start = loop.time()

    def behind(chatter: Chatter) -> bool:
        held = {
            conversation: len(chatter.known[conversation])
            for conversation in heads
            if f"c:{conversation}" in chatter.cursors
        }
        return not chatter.live.is_set() or any(
            chatter.cursors[f"c:{conversation}"] < heads[conversation] for conversation in held
        )

    while late := [chatter for chatter in chatters if behind(chatter)]:
        if loop.time() - start > seconds:
            told = [
                (c.seen.user, c.live.is_set(), {k: v for k, v in c.cursors.items() if k[0] == "c"}, c.closes[-3:])
                for c in late[:5]
            ]
            raise TimeoutError(f"{len(late)} are not in sync with {heads} after {seconds} s: {told}")
        await asyncio.sleep(0.02)
    return loop.time() - start


def prove(
    server: Server, load: Load, chatters: list[Chatter], conversations: list[int], complete: bool = True
) -> dict[int, list[dict[str, Any]]]:
    """The final history agrees with what everybody saw; the history."""
    kept = {conversation: server.history(conversation, load.cookies[0]) for conversation in conversations}
    assert faults([chatter.seen for chatter in chatters], kept, complete) == []
    return kept


def confirmed(chatters: list[Chatter]) -> int:
    """Messages that were confirmed."""
    return sum(len(chatter.seen.confirmed) for chatter in chatters)
