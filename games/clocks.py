"""The clocks of the tables, in every server process: no scheduler, and nothing is lost with a process.

What is due when stands in the rows. Each process applies what it knows to be due and, every few seconds, what others have left; the
rows' locks make that harmless however many do it. Any player's heartbeat does the same.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from django.conf import settings

from games import clock
from realtime import executors, hints

SWEEP_SECONDS = 5.0
log = logging.getLogger("chatroom.games")
_due: dict[int, float] = {}  # table -> when; of the event loop
_wake: asyncio.Event | None = None
_asleep_until = 0.0


def tell(table: int, deadline: float | None) -> None:
    """After a commit: when something is due at a table, or that nothing is."""
    if hints.hub is not None:
        hints.hub.loop.call_soon_threadsafe(_set, table, deadline)


def _set(table: int, deadline: float | None) -> None:
    if deadline is None:
        _due.pop(table, None)
    else:
        _due[table] = deadline
        if _wake is not None and deadline <= max(_asleep_until, clock.now()):
            _wake.set()


def start(hub: Any) -> None:
    """Runs for as long as the process serves."""
    hub.clock += [asyncio.create_task(_run()), asyncio.create_task(_sweep())]


async def _run() -> None:
    from games.actions import tick_tables

    global _wake, _asleep_until
    _wake = asyncio.Event()
    while True:
        _wake.clear()
        now = clock.now()
        if due := [table for table, at in _due.items() if at <= now]:
            for table in due:
                del _due[table]
            await _guarded(tick_tables, due)  # what fails here is found by the sweep
            continue
        _asleep_until = min([now + SWEEP_SECONDS, *_due.values()])
        try:
            async with asyncio.timeout(max(0.01, _asleep_until - now)):
                await _wake.wait()
        except TimeoutError:
            continue


async def _sweep() -> None:
    """Remake the clocks at the start; later look for what other processes, or a lost one, have left undone."""
    from games.actions import attend, find_work
    from games.actions.attend import after_restart

    if not settings.REDIS_URL:  # the only process: while it was away nobody could play
        await _guarded(after_restart)
    while True:
        found = await _guarded(find_work)
        if found:
            await _guarded(attend, found)
        await asyncio.sleep(SWEEP_SECONDS)


async def _guarded(work: Any, *args: Any) -> Any:
    try:
        return await executors.read(work, *args)
    except Exception:
        log.exception("Looking after the tables failed; again in %s s", SWEEP_SECONDS)
        return None
