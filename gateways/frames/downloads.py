"""Files that others have for a client: offered one at a time, sent when it wants them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any

from core.refusal import Refusal
from files.access import get_file
from files.reading import Reading
from files.receiving import aside
from gateways import names
from gateways.feeds import FileFact, Text
from gateways.frames.codec import BLOCK, FILE_NAME, NAME, Announced, DownloadBegins, DownloadPacket, Offered, encode
from gateways.frames.transfer import LARGEST, GoneError, Leaving, packets_of
from messaging.actions.marks import mark_read
from messaging.actions.offers import answer_offer

if TYPE_CHECKING:
    from gateways.frames.session import Session

READ = 64 * BLOCK  # bytes that are read at once
QUEUE_MAX = 500  # files that wait behind the open offer of a client that answers none
LOOK_SECONDS, LOOKS = 0.5, 1200  # how often it is asked whether a file may be read by now
ENDED = ("refused", "withdrawn", "expired")  # states of an offer
Give = Callable[[bytes], None]


class Step(Enum):
    """How far the open offer is."""

    OFFERED = 1  # 0x82 was sent
    WANTED = 2  # 0x22 came; the file is not there, or not ready
    ANNOUNCED = 3  # 0x83 was sent
    RUNNING = 4  # 0x23/0 came


class Waiting:
    """A file of a message, or the one that it offers."""

    def __init__(self, text: Text, name: str, size: int, file: FileFact | None) -> None:
        self.text, self.name, self.size, self.file = text, name, size, file
        self.at = (text.place.id, text.seq)
        self.step = Step.OFFERED
        self.sender = names.to_field(text.sender, NAME)
        self.content: Reading | None = None
        self.leaving: Leaving | None = None
        self.wake = asyncio.Event()

    def frame(self, kind: type[Announced], size: int) -> bytes:
        """An announcement of it."""
        name = names.cut_file(self.name, FILE_NAME)
        return encode(kind(who=self.sender, size=size, packets=packets_of(size), name=name))


class Downloads:
    """What waits for this client: one open offer, the next after its end."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now: Waiting | None = None
        self.queue: deque[Waiting] = deque()

    @property
    def full(self) -> bool:
        """Whether too many wait already."""
        return len(self.queue) >= QUEUE_MAX

    def add(self, text: Text) -> None:
        """What a message brings."""
        found = [Waiting(text, file.name, file.size, file) for file in text.files]
        if not text.files and text.offer is not None:
            found = [Waiting(text, text.offer.name, text.offer.size, None)]
        self.queue += [waiting for waiting in found if waiting.size <= LARGEST]
        self._next(self.session.send)

    async def wanted(self) -> None:
        """0x22: takes what is offered; without an offer it is ignored."""
        waiting = self.now
        if waiting is None or waiting.step is not Step.OFFERED:
            return
        waiting.step = Step.WANTED
        if waiting.file is not None:
            self.session.spawn(self._announce(waiting, waiting.file.token))
            return
        try:
            await self.session.run(answer_offer, *waiting.at, True)
        except Refusal:  # it was taken back, or has expired
            self._drop(waiting, self.session.send)

    async def answered(self, refused: bool) -> None:
        """0x23: the client takes what was announced, or does not want it, before that or after."""
        waiting = self.now
        if waiting is None:
            return
        if refused:
            if waiting.file is None and waiting.step is Step.OFFERED:
                with suppress(Refusal):
                    await self.session.run(answer_offer, *waiting.at, False)
            await self._done(waiting, self.session.send)
        elif waiting.step is Step.ANNOUNCED:
            waiting.step = Step.RUNNING
            self.session.spawn(self._send(waiting))

    def received(self, number: int) -> None:
        """0x24."""
        if self.now is not None and self.now.leaving is not None:
            self.now.leaving.acknowledge(number)
            self.now.wake.set()

    def changed(self, text: Text) -> None:
        """An offer is in another state."""
        for waiting in self._of(text.place.id, text.seq):
            if text.files:
                self._came(waiting, text.files[0])
            elif text.offer is None or text.offer.state in ENDED:
                self._drop(waiting, self.session.send)

    def _came(self, waiting: Waiting, file: FileFact) -> None:
        """What was offered is there; it is told again when somebody has looked at it."""
        if waiting.file is None:
            waiting.file = file
            if waiting is self.now and waiting.step is Step.WANTED:
                self.session.spawn(self._announce(waiting, file.token))

    def recalled(self, place: int, seq: int) -> None:
        """A message was taken back: its files are gone."""
        for waiting in self._of(place, seq):
            self._drop(waiting, self.session.send)

    def end(self) -> None:
        """Somebody else signs in: nothing waits any more, and what is on its way stops."""
        self.queue.clear()
        if self.now is not None:
            self._drop(self.now, self.session.send)

    def _of(self, *at: int) -> list[Waiting]:
        return [waiting for waiting in ([self.now] if self.now else []) + list(self.queue) if waiting.at == at]

    def _next(self, give: Give) -> None:
        if self.now is None and self.queue:
            self.now = self.queue.popleft()
            give(self.now.frame(Offered, self.now.size))

    def _drop(self, waiting: Waiting, give: Give) -> None:
        """It has come to its end."""
        if waiting is self.now:
            self.now = None
            waiting.wake.set()
            self._next(give)
        elif waiting in self.queue:
            self.queue.remove(waiting)

    async def _done(self, waiting: Waiting, give: Give) -> None:
        """The client has it, or does not want it: it counts as read, and at the next sign-in it is not offered again."""
        caller = self.session.caller
        if caller is not None and not any(other.at == waiting.at for other in self.queue):
            await self.session.look(mark_read, [(caller, *waiting.at)])
        self._drop(waiting, give)

    async def _announce(self, waiting: Waiting, token: str) -> None:
        """Announce the file as soon as it may be read, with the size that it has then."""
        for _ in range(LOOKS):
            try:
                file = await self.session.run(get_file, token)
            except Refusal:
                break
            if waiting is not self.now:
                return
            if file.status == "refused" or file.size > LARGEST:
                break
            if file.status != "processing":  # until then it may hold what its owner does not know of
                waiting.size, waiting.step = file.size, Step.ANNOUNCED
                self.session.transmit(waiting.frame(DownloadBegins, file.size))
                return
            await asyncio.sleep(LOOK_SECONDS)
        self._drop(waiting, self.session.transmit)

    async def _send(self, waiting: Waiting) -> None:
        """Send the packets; the file is asked for once more: it may have been taken back since."""
        assert waiting.file is not None
        content: Reading | None = None
        try:
            file = await self.session.run(get_file, waiting.file.token)
            content = await aside(Reading, file)
            if content.size == waiting.size:
                await self._send_packets(waiting, content)
                if waiting is self.now:
                    await self._done(waiting, self.session.transmit)
        except (Refusal, GoneError):
            pass
        finally:
            if content is not None:
                await aside(content.close)
            self._drop(waiting, self.session.transmit)

    async def _send_packets(self, waiting: Waiting, content: Reading) -> None:
        """Up to the last acknowledgement, or the end of the transfer. Raises GoneError."""
        waiting.leaving = leaving = Leaving(waiting.size)
        loop, held = asyncio.get_running_loop(), b""
        while waiting is self.now and not leaving.complete:
            waiting.wake.clear()
            packets = list(leaving.again(loop.time()))
            while leaving.room:
                held = held or await aside(_read, content)
                data, held = held[:BLOCK], held[BLOCK:]
                packets.append((leaving.add(data, loop.time()), data))
            for number, data in packets:
                self.session.transmit(encode(DownloadPacket(who=waiting.sender, number=number, data=data)))
            await self.session.drained()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(leaving.due):
                    await waiting.wake.wait()


def _read(content: Any) -> bytes:
    """The next bytes; whole packets unless the file ends."""
    found = b""
    while len(found) < READ and (data := content.read(READ - len(found))):
        found += data
    return found
