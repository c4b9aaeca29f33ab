"""Files that clients of the gateways send: the bytes go to the disk as they come, by the road of all uploads."""

from __future__ import annotations

import asyncio
from typing import Any

from core.refusal import Refusal
from files import actions
from files.receiving import Writer, aside


def announce(actor: Any, name: str, size: int) -> tuple[Any, int]:
    """The upload for a file that is about to come, and the session that sends it. Raises Refusal."""
    return actions.create_upload(actor, name, size), actor._login_session.pk


class Incoming:
    """One file from its head to its end. At most one piece waits while another is written, so the socket is read no faster than the disk writes."""

    def __init__(self, upload: Any, login_session: int) -> None:
        self.upload = upload
        self.left = self._unwritten = upload.size  # bytes that are still to come, and to be written
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(1)
        self._stored = asyncio.ensure_future(self._store(login_session))

    async def take(self, data: bytes) -> None:
        """The next bytes. Raises Refusal when they cannot be stored, or may not be any more."""
        handed = asyncio.ensure_future(self._pieces.put(data))
        await asyncio.wait({handed, self._stored}, return_when=asyncio.FIRST_COMPLETED)
        self.left -= len(data)
        if not handed.done():
            handed.cancel()
            self._stored.result()

    async def stored(self) -> Any:
        """The stored file, when all has come. Raises Refusal."""
        return await self._stored

    async def forget(self) -> None:
        """Nothing is left of it, unless it is in a message already."""
        self._stored.cancel()
        await asyncio.gather(self._stored, return_exceptions=True)
        await aside(actions.cancel_upload, self.upload.owner, self.upload)

    async def _store(self, login_session: int) -> Any:
        if self.upload.size and not await Writer(self.upload, login_session, self._receive).run():
            raise Refusal("conflict")
        return await aside(actions.finish, self.upload)

    async def _receive(self) -> dict[str, Any]:
        data = await self._pieces.get()
        self._unwritten -= len(data)
        return {"type": "http.request", "body": data, "more_body": self._unwritten > 0}
