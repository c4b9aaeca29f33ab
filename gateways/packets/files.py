"""Files of `packets` on their way out: read no faster than the socket takes them, and never in memory as a whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from core.refusal import Refusal
from files.access import get_file_by_id
from files.reading import Reading
from files.receiving import aside
from gateways.feeds import Person
from gateways.packets import forms
from gateways.packets.codec import encode
from gateways.packets.messages import FileContent

if TYPE_CHECKING:
    from gateways.packets.session import Session

PIECE = 64 * 1024  # bytes that are read when the socket has taken those before
LOOKS, LOOK_SECONDS = 60, 0.3  # how often, and how long apart, a file is asked for that the site is still looking at


async def hand_out(session: Session, id: int) -> None:
    """0x82/0x02 and the content, or why not. What comes for this client meanwhile waits behind it."""
    try:
        file = await _settled(session, id)
        reading = await aside(Reading, file)
    except Refusal as refusal:
        session.transmit(encode(session.from_system(session.reason(refusal))))
        return
    try:
        await session.drained()
        session.streaming = True
        session.connection.write_through(encode(_head(file, reading.size)))
        left = reading.size
        while left:
            data = await aside(reading.read, min(PIECE, left))
            if not data:  # nobody can end this frame any more
                session.connection.abort()
                return
            left -= len(data)
            session.connection.write_through(data)
            await session.drained()
    finally:
        session.streaming = False
        await aside(reading.close)


def _head(file: Any, size: int) -> FileContent:
    sender = forms.name_of(Person(file.owner.pk, file.owner.username)) if file.owner else ""
    return FileContent(sender, forms.moment(file.created_at), forms.file_field(file.name), file.pk, size)


async def _settled(session: Session, id: int) -> Any:
    """A stored file that this person may have. What others sent may hold what they do not know of, such as where a picture was taken:
    it is waited for until the site has looked at it. Raises Refusal."""
    for _ in range(LOOKS):
        file = await session.run(get_file_by_id, id)
        if file.status == "refused":
            break
        if file.status != "processing" or file.owner_id == session.me.id:
            return file
        await asyncio.sleep(LOOK_SECONDS)
    raise Refusal("not_found")
