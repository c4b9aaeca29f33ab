"""The bytes of an upload from its connection to the storage, as they come.

No thread and no database connection is held while a client sends slowly: bytes are gathered in the event loop, at most GATHER of them,
and only then handed to one of a few threads.
"""

from __future__ import annotations

import asyncio
import binascii
import errno
import functools
import hashlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import registry
from core.refusal import Refusal
from files import actions
from files.actions.uploads import DISK_FULL, check_room
from files.models import Upload
from files.parts import HeldError, Parts, open_parts
from realtime import executors

THREADS = 4
GATHER = 256 * 1024  # bytes that are handed on at once
SYNC_SECONDS = 5.0  # what came in is confirmed, and the right to send it asked for again, at least so often
ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}

CHECKSUM = _("What has arrived is not what was sent. Send it again, please.")

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="files")
_writers: dict[str, Writer] = {}


async def aside(work: Callable, *args: Any) -> Any:
    """Run work on files, and the database work that goes with it, off the event loop."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool, functools.partial(executors.guarded, work, *args))


class Checksum:
    """What the client says of the bytes of one request."""

    def __init__(self, header: str) -> None:
        name, _, value = header.strip().partition(" ")
        if name not in ALGORITHMS:
            raise Refusal("bad_request")
        try:
            self.expected = binascii.a2b_base64(value, strict_mode=True)
        except ValueError:
            raise Refusal("bad_request") from None
        self.digest = ALGORITHMS[name]()


class Writer:
    """The one request that writes to an upload. A newer request ends it: its connection may be dead without our knowing."""

    def __init__(self, upload: Upload, login_session: int, receive: Callable[[], Awaitable[Any]]) -> None:
        self.upload, self.login_session, self.receive = upload, login_session, receive
        self.done = asyncio.Event()
        self.displaced = self.waiting = False  # waiting: for the client, not for a thread of ours
        self.taking: asyncio.Task | None = None
        self.gathered: list[bytes] = []
        self.size = 0  # of what is gathered
        self.taken = upload.offset  # where the next byte belongs
        self.parts: Parts | None = None
        self.lock = Lock()  # a request that is cut off in the middle of a write closes the file only after it
        self.synced_at = monotonic()

    async def run(self, checksum: Checksum | None = None) -> bool:
        """Take the body; True when it came to its end. What came of a body that was cut is kept, if it has no checksum. Raises Refusal."""
        token = self.upload.token
        self.parts = await aside(self._open)
        _writers[token] = self
        try:
            self.taking = asyncio.create_task(self._take(checksum))
            ended = await self.taking
            if checksum and (not ended or checksum.digest.digest() != checksum.expected):
                if ended:
                    raise Refusal("checksum_mismatch", CHECKSUM, 460)
                return False
            await self._hand_on()
            await aside(self._sync)
            return ended
        finally:
            await aside(self._close)
            if _writers.get(token) is self:
                del _writers[token]
            self.done.set()

    async def _take(self, checksum: Checksum | None) -> bool:
        while not self.displaced:
            self.waiting = True
            try:
                event = await self.receive()
            except asyncio.CancelledError:
                if self.displaced:
                    return False
                raise
            finally:
                self.waiting = False
            if event["type"] == "http.disconnect":
                return False
            body = event.get("body", b"")
            self.gathered.append(body)
            self.size += len(body)
            if self.taken + self.size > self.upload.size:
                raise Refusal("bad_request")
            if checksum:
                checksum.digest.update(body)
            if self.size >= GATHER:
                await self._hand_on()
            if not checksum and self._time_to_sync():
                await self._hand_on()
                await aside(self._sync)
            if not event.get("more_body"):
                return True
        return False

    def give_way(self) -> None:
        """End soon; what has come stays."""
        self.displaced = True
        if self.waiting and self.taking is not None:
            self.taking.cancel()

    def _time_to_sync(self) -> bool:
        assert self.parts is not None
        waiting = self.taken + self.size - self.upload.offset
        return waiting >= self.parts.sync_every or (waiting > 0 and monotonic() - self.synced_at > SYNC_SECONDS)

    async def _hand_on(self) -> None:
        if self.size:
            data, self.gathered = b"".join(self.gathered), []
            self.taken, self.size = self.taken + self.size, 0
            await aside(self._append, data)

    def _append(self, data: bytes) -> None:
        try:
            with self.lock:
                if self.parts is not None:
                    self.parts.append(data)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise Refusal("disk_full", DISK_FULL, 507) from None
            raise

    def _close(self) -> None:
        with self.lock:
            if self.parts is not None:
                self.parts.close()
            self.parts = None

    def _open(self) -> Parts:
        try:
            return open_parts(self.upload.token, self.upload.offset)
        except HeldError:
            raise Refusal("locked", _("This file is on its way over another connection."), 423) from None
        except LookupError:
            raise Refusal("not_found") from None

    def _sync(self) -> None:
        """Confirms what was handed on, if whoever sends it still may."""
        if self.login_session not in registry.find_actors([self.login_session]):
            raise Refusal("signed_out")
        with self.lock:
            if self.taken > self.upload.offset and self.parts is not None:
                check_room()
                self.parts.sync()
                actions.confirm_bytes(self.upload, self.taken)
        self.synced_at = monotonic()


def writing(user_id: int) -> int:
    """How many uploads of this person are written to by this process."""
    return sum(writer.upload.owner_id == user_id for writer in _writers.values())


async def give_way(token: str) -> None:
    """End the request that writes to this upload in this process, after what it has got is safe."""
    while (writer := _writers.get(token)) is not None:
        writer.give_way()
        await writer.done.wait()


def drain() -> None:
    """The server ends: every upload keeps what has come, and its client goes on with the next server. From any thread."""
    for writer in list(_writers.values()):
        if writer.taking is not None:
            writer.taking.get_loop().call_soon_threadsafe(writer.give_way)
