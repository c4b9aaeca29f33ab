"""Files that a client sends: the server takes the whole file first, then offers it to the other person, or puts it into the group."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from accounts.relations import closed_between
from core.refusal import Refusal
from gateways.feeds import Person, Place
from gateways.frames.codec import BLOCK, Upload, UploadAnswer, UploadPacket, UploadReceived, encode
from gateways.frames.transfer import LARGEST, Arriving, WrongError, packets_of
from gateways.incoming import Incoming, announce
from messaging import rights

if TYPE_CHECKING:
    from gateways.frames.session import Session

GATHER = 64 * BLOCK  # bytes that are written at once
ALLOWED, REFUSED = encode(UploadAnswer(0)), encode(UploadAnswer(1))


def begin(actor: Any, receiver: int | None, name: str, size: int) -> tuple[Any, int]:
    """Announce a file for this person, or for a group, to the site. Raises Refusal."""
    if receiver is not None:
        rights.demand_open(closed_between([(actor.pk, receiver)]).get((actor.pk, receiver)))
    return announce(actor, name, size)


class Transfer:
    """A file on its way: its packets, and where its bytes go."""

    def __init__(self, who: str, receiver: Person | Place, packets: Arriving, bytes: Incoming) -> None:
        self.who, self.receiver, self.packets, self.bytes = who, receiver, packets, bytes
        self.busy = False  # a packet is being written
        self.held = bytearray()  # of packets that are written together

    async def take(self, message: UploadPacket) -> None:
        """One packet; what follows now what was there is written. Raises WrongError and Refusal."""
        for data in self.packets.take(message.number, message.data):
            self.held += data
        if self.held and (len(self.held) >= GATHER or self.packets.complete):
            data, self.held = bytes(self.held), bytearray()
            await self.bytes.take(data)


class Uploads:
    """The files that a client sends, one at a time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now: Transfer | None = None
        self.last: Transfer | None = None  # has come: its last packets may come once more

    async def announced(self, message: Upload) -> None:
        """0x20. Raises Refusal."""
        session, size = self.session, message.size
        fits = size <= LARGEST and message.packets == packets_of(size)
        receiver = await session.find(message.who) if fits and self.now is None else None
        if receiver is None:
            session.send(REFUSED)
            return
        person = receiver.id if isinstance(receiver, Person) else None
        upload, login_session = await session.run(begin, person, message.name, size)
        packets = Arriving(size, asyncio.get_running_loop().time())
        self.now = transfer = Transfer(message.who, receiver, packets, Incoming(upload, login_session))
        if session.connection.closing:  # it was gone before there was anything to forget
            await self.end()
            return
        session.send(ALLOWED)
        if packets.complete:
            await self._store(transfer)
        else:
            session.spawn(self._watch(transfer))

    async def packet(self, message: UploadPacket) -> None:
        """0x21. What belongs to no transfer is ignored. Raises Refusal."""
        transfer, received = self.now, encode(UploadReceived(number=message.number))
        if transfer is None or message.who != transfer.who:
            if self.last is not None and message.who == self.last.who and self.last.packets.knows(message.number):
                self.session.send(received)
            return
        transfer.busy = True
        try:
            await transfer.take(message)
            if transfer.packets.complete:
                await self._store(transfer)
        except WrongError:
            await self.end()
            self.session.send(REFUSED)
        except Refusal:
            await self.end()
            raise
        else:
            self.session.send(received)
        finally:
            transfer.busy = False

    async def end(self) -> None:
        """Give up what is on its way."""
        transfer, self.now = self.now, None
        if transfer is not None:
            await transfer.bytes.forget()

    async def _store(self, transfer: Transfer) -> None:
        """The last packet is acknowledged when the file is stored and offered. Raises Refusal."""
        session, self.now = self.session, None
        try:
            stored = await transfer.bytes.stored()
            receiver = transfer.receiver
            place = receiver if isinstance(receiver, Place) else await session.direct(receiver)
            if isinstance(receiver, Place) or receiver.id == session.me:  # nobody offers himself anything
                await session.say_file(place, stored)
            else:
                await session.offer_file(place, stored)
        except BaseException:
            await transfer.bytes.forget()
            raise
        self.last = transfer

    async def _watch(self, transfer: Transfer) -> None:
        """End a transfer that does not come on."""
        loop = asyncio.get_running_loop()
        while transfer is self.now:
            wait = transfer.packets.due - loop.time()
            if wait <= 0 and not transfer.busy:
                await self.end()
                self.session.transmit(REFUSED)
                return
            await asyncio.sleep(max(wait, 1.0))
