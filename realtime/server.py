"""The life of a process that serves sockets: hub, presence, layer, and what runs on the clock."""

from __future__ import annotations

import asyncio
import json
import logging
from time import monotonic
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from core import metrics, policies, registry
from realtime import dispatch, executors, frames, hints, limits
from realtime.here import Here
from realtime.hub import SWEEP_SECONDS, Hub
from realtime.presence import RENEW_SECONDS, Presence
from realtime.sockets import Socket

ASK_CHUNK, ASK_PAUSE = 100, 0.01  # sockets asked together; seconds in which they answer

log = logging.getLogger("chatroom.realtime")
_starting: asyncio.Lock | None = None


async def running() -> Hub:
    """The hub of this process; servers without lifespan events start it at the first connection."""
    global _starting
    if hints.hub is not None:
        return hints.hub
    if _starting is None:
        _starting = asyncio.Lock()
    async with _starting:
        return hints.hub or await start()


async def start() -> Hub:
    """Make the hub and what runs on the clock."""
    hub = Hub(asyncio.get_running_loop())
    hub.presence, hub.here = Presence(hub), Here(hub)
    hub.signals["opened"] = lambda payload: _tell_opened(hub, *payload)
    hub.signals["people"] = lambda payload: _tell_people(hub, *payload)
    hub.signals["state"] = lambda payload: hub.presence.choose(*payload)
    hub.signals["followers"] = lambda payload: _tell_followers(hub, *payload)
    hub.signals["feed"] = lambda payload: _tell_feed(hub, *payload)
    await executors.read(policies.get, limits.Limits)
    await hub.presence.begin()
    hub.clock = [
        asyncio.create_task(_every(1.0, hub.presence.flush)),
        asyncio.create_task(_every(0.5, hub.here.flush)),
        asyncio.create_task(_watch_loop()),
        asyncio.create_task(_every(1.5, lambda: _fresh_policies(hub))),
        asyncio.create_task(_every(1.0, lambda: _put_out(hub))),
        asyncio.create_task(_every(RENEW_SECONDS, hub.presence.renew)),
        asyncio.create_task(_every(SWEEP_SECONDS, lambda: _sweep(hub))),
    ]
    if settings.REDIS_URL:
        hub.clock += [
            asyncio.create_task(_listen(hub)),
            asyncio.create_task(_every(RENEW_SECONDS, hub.here.prune)),
        ]
    for begin in registry.beginnings:
        begin(hub)
    hints.hub = hub
    return hub


async def stop() -> None:
    """End in order: commit what came in, give the lease back."""
    hub, hints.hub = hints.hub, None
    if hub is None:
        return
    for task in hub.clock:
        task.cancel()
    await asyncio.get_running_loop().run_in_executor(None, dispatch.finish)
    await hub.presence.end()


async def _every(seconds: float, work: Any) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            log.exception("What runs on the clock failed; it runs again in %s s", seconds)


async def _watch_loop() -> None:
    """How late the loop comes back to what is due: the first sign of too much work."""
    while True:
        due = monotonic() + 1.0
        await asyncio.sleep(1.0)
        metrics.lag.set(max(monotonic() - due, 0.0))


async def _fresh_policies(hub: Hub) -> None:
    """Read the policies; pages that are open hear of a change."""
    site = await executors.read(_read_site)
    if hub.site is not None and site != hub.site:
        hub.send(hub.sockets.values(), frames.event("policies", {"site": site}))
    hub.site = site


def _read_site() -> dict:
    policies.refresh()
    return registry.site()


async def _put_out(hub: Hub) -> None:
    """Sessions that a command beside the servers ended: no hint told of them."""
    ended = {session for source in registry.ended for session in await executors.read(source)}
    sockets = [socket for socket in hub.sockets.values() if socket.login_session in ended] if ended else []
    if sockets:
        await hub.check_gates(sockets)


async def _sweep(hub: Hub) -> None:
    """Lost hints, ended sessions, silent clients."""
    await hub.sweep()
    await hub.check_gates(hub.sockets.values())
    limits.sweep(hub)
    await ask(list(hub.sockets.values()))


async def ask(sockets: list[Socket]) -> None:
    """Close who has been silent for long; ask who has been for a while, some together, so that their answers come together."""
    now, ping = monotonic(), frames.event("ping")
    silent = [socket for socket in sockets if socket.heard < now - limits.ASK_SECONDS]
    for start in range(0, len(silent), ASK_CHUNK):
        for socket in silent[start : start + ASK_CHUNK]:
            if socket.asked and socket.heard < now - limits.SILENCE_SECONDS:  # not asked yet: it was us who slept
                socket.close(4008, "silent", True)
            else:
                socket.asked = True
                socket.deliver(ping)
        await asyncio.sleep(ASK_PAUSE)


def _tell_people(hub: Hub, text: str, other: str, apart: list[int]) -> None:
    """To everybody; `other` to those behind a block."""
    hidden = set(apart)
    hub.send([socket for socket in hub.sockets.values() if socket.user_id not in hidden], frames.Frame(text))
    hub.send([socket for id in hidden for socket in hub.by_user.get(id, ())], frames.Frame(other))


def _tell_followers(hub: Hub, conversation: int, text: str, but: list[int]) -> None:
    """To all tabs of a conversation's members but some."""
    feed = hub.feeds.get(f"c:{conversation}")
    if feed is not None:
        hub.send([socket for socket in feed.sockets if socket.user_id not in but], frames.Frame(text))


def _tell_feed(hub: Hub, key: str, text: str) -> None:
    """To all who follow a feed, without a number: it may be lost."""
    feed = hub.feeds.get(key)
    if feed is not None:
        hub.send(feed.sockets, frames.Frame(text))


def _tell_opened(hub: Hub, conversation: int, text: str, but: list[int]) -> None:
    """To the tabs that show a conversation and still follow it, but those of some."""
    feed = hub.feeds.get(f"c:{conversation}")
    if feed is not None:
        hub.send(
            [s for s in hub.opened.get(conversation, ()) if s in feed.sockets and s.user_id not in but],
            frames.Frame(text),
        )


async def _listen(hub: Hub) -> None:
    """Hints of other processes; a layer that fails is joined again, the sweep finds what was lost meanwhile."""
    while True:
        try:
            layer: Any = get_channel_layer()
            channel = await layer.new_channel()
            await layer.group_add(hints.GROUP, channel)
            hub.here.begin()
            while True:
                message = await layer.receive(channel)
                if message["origin"] != hub.key:
                    hub.receive(message["type"], json.loads(message["payload"]))
        except Exception as error:  # noqa: BLE001 - whatever Redis does
            log.warning("The channel layer is away: %r", error)
            await asyncio.sleep(1)
