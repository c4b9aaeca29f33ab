"""Hints: after a commit, which feed has reached which number, with the event ready to hand on.

A hint may be lost, doubled or late; the rows are the truth and the hub reads them when a number is missing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from realtime import frames

if TYPE_CHECKING:
    from realtime.hub import Hub

GROUP = "chatroom.servers"
SEND_SECONDS, SENDING_MAX = 5.0, 500
_sending = 0  # messages on their way to the layer
log = logging.getLogger("chatroom.realtime")
hub: Hub | None = None  # of this process; set by the server's start-up


class Hint(NamedTuple):
    """A fact of a feed. `data` is its JSON, or None: read the source.

    `detach`: users whom the fact removes from the feed. `access`: rights of the feed's user changed.
    """

    feed: str
    number: int
    type: str = ""
    data: str | None = None
    detach: tuple[int, ...] = ()
    access: bool = False


def publish(
    feed: str, number: int, type: str = "", data: Any = None, detach: Iterable[int] = (), access: bool = False
) -> None:
    """Announce a fact written in this transaction, once it is committed."""
    publish_all([Hint(feed, number, type, None if data is None else frames.encode(data), tuple(detach), access)])


def publish_all(hints: list[Hint]) -> None:
    """Announce facts written in this transaction, once it is committed."""
    if hints:
        transaction.on_commit(lambda: _hand_over("hints", [tuple(hint) for hint in hints]))


def signal(kind: str, payload: Any) -> None:
    """Tell every process something that may be lost: presence, typing, receipts, policies."""
    _hand_over(kind, payload)


def _hand_over(kind: str, payload: Any) -> None:
    if hub is not None:
        hub.loop.call_soon_threadsafe(hub.receive, kind, payload, monotonic() if kind == "hints" else None)
    if not settings.REDIS_URL:
        return
    message = {"type": kind, "origin": hub.key if hub else "", "payload": frames.encode(payload)}
    if hub is not None:
        asyncio.run_coroutine_threadsafe(_send(message), hub.loop)
    else:
        async_to_sync(_send)(message)


async def _send(message: dict) -> None:
    global _sending
    if _sending >= SENDING_MAX:
        return  # Redis hangs: the rows are there
    layer: Any = get_channel_layer()
    _sending += 1
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await layer.group_send(GROUP, message)
    except Exception as error:  # noqa: BLE001 - whatever Redis does, the rows are there and the sweep finds them
        log.warning("The channel layer does not take hints: %r", error)
    finally:
        _sending -= 1
