"""A gateway connection as the hub sees it, and the frames of the hub read once for all of them."""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING, Any

from realtime.frames import Frame
from realtime.sockets import Socket

if TYPE_CHECKING:
    from gateways.entering import Entering


class Heard:
    """An event of the hub, decoded; `made` is the message in it with its names looked up, `making` that look-up: one for all sessions."""

    __slots__ = ("data", "feed", "made", "making", "number", "type")

    def __init__(self, text: str) -> None:
        event = json.loads(text)
        self.type: str = event["type"]
        self.feed: str = event.get("feed", "")
        self.number: int = event.get("number", 0)
        self.data: Any = event.get("data")
        self.made: Any = None
        self.making: asyncio.Future[Any] | None = None


_last: tuple[Frame | None, Heard | None] = (None, None)


def read(frame: Frame) -> Heard:
    """What the frame says. The hub hands one frame to all its sockets in turn, so the last one is all that has to be kept."""
    global _last
    if _last[0] is frame:
        return _last[1]  # type: ignore[return-value]
    heard = Heard(frame.text)
    _last = (frame, heard)
    return heard


class GatewaySocket(Socket):
    """Followed feeds and presence as for a browser's tab; what would be written goes to the session instead."""

    __slots__ = ("session",)

    def __init__(
        self, number: int, user_id: int, login_session: int, language: str, state: str, session: Entering
    ) -> None:
        super().__init__(number, user_id, login_session, language, _never, None, session.put_out)
        self.session = session
        self.state = state
        self.heard = math.inf  # TCP finds out whether the peer lives: it is never asked, and never too silent

    def write(self, frame: Frame) -> None:
        """An event for this connection."""
        if not self.closed:
            self.session.take(read(frame))


async def _never(message: Any) -> None:
    raise AssertionError("a gateway has no WebSocket")
