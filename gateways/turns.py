"""In which order things are done for a client: one request after the other, and pushes behind the answers they belong to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from typing import Any

from core.buckets import Buckets
from core.refusal import Refusal
from gateways import book
from gateways.base import Base
from gateways.errors import Malformed
from gateways.feeds import Presence, Text
from gateways.sockets import Heard
from realtime import limits

EVENTS_MAX = 5000  # that wait while a request is under way; everybody may come or go at one moment
PACE = 0.05  # seconds until a client that asks too fast is heard again
strangers = Buckets(2000, 200)  # requests before the sign-in, of each address: so many at once, so many a second
log = logging.getLogger("chatroom.gateways")


class Turns(Base):
    """Requests from the connection, events from the hub, one worker only while there is something to do."""

    __slots__ = ()

    def wake(self) -> None:
        """Requests or events have come."""
        if not self.working and not self.connection.closing:
            self.working = True
            self.connection.server.spawn(self._work())

    def take(self, heard: Heard) -> None:
        """An event of the hub: at once where nothing is under way, else behind that."""
        judged = False
        if not self.working and not self.events:
            assert self.news is not None
            text = self.news.ready(heard)
            if text is False:
                return
            if text is not None:
                self._tell(text)
                return
            judged = not book.is_unknown(heard)
        if self.events is None:
            self.events = deque()
        self.events.append((heard, judged))
        if len(self.events) > EVENTS_MAX:
            log.info("A client at %s is too far behind; its connection is closed", self.connection.address)
            self.connection.abort()
        elif not self.working and book.is_unknown(heard):
            book.looked_up(heard).add_done_callback(self._go_on)
        elif not self.working:
            self.wake()

    def _go_on(self, looked_up: Any) -> None:
        """The names of a message are known now: tell it, and what came after it, without a task of one's own."""
        while self.events and not self.working and self.news is not None:
            heard, judged = self.events[0]
            text = None if judged or not isinstance(heard, Heard) else self.news.ready(heard)
            if text is None:
                if isinstance(heard, Heard) and not judged:
                    self.events[0] = (heard, not book.is_unknown(heard))
                self.wake()
                return
            self.events.popleft()
            if text:
                self._tell(text)
        self.events = self.events or None

    def _tell(self, text: Text) -> None:
        self.pushing = True
        try:
            self.on_text(text)
        except Exception:
            log.exception("A message could not be told over %s; its client has to sign in again", self.protocol)
            self.connection.abort()  # it would go on without, and never know
        finally:
            self.pushing = False

    async def _work(self) -> None:
        connection = self.connection
        later = 0.0
        try:
            while not connection.closing:
                await self._catch_up()
                if not connection.more() or connection.closing or not connection.inbox:
                    break
                if not self._may_go_on(connection.inbox[0]):
                    later = PACE  # pushes go on meanwhile, and the client waits
                    break
                message = connection.inbox.popleft()
                if isinstance(message, Malformed):
                    raise message
                await self._request(message)
                await connection.drained()
                await asyncio.sleep(0)  # thousands of small requests in a row: the others have their turn between
        except Malformed as malformed:
            self.malformed(malformed.reason)
        except Exception as error:
            if not connection.closing:  # else what it was told last is still on its way
                if not isinstance(error, ConnectionError):
                    log.exception("A %s session failed", self.protocol)
                connection.abort()
        finally:
            self.working = False
        if connection.closing:
            return
        if later:
            if not self.pacing:  # one timer, into however many pieces the requests were cut
                self.pacing = True
                connection.server.loop.call_later(later, self._paced)
        elif connection.inbox or self.events:
            self.wake()
        else:
            connection.all_done()

    def _paced(self) -> None:
        self.pacing = False
        self.wake()

    def _may_go_on(self, message: Any) -> bool:
        if self.user is None:
            return strangers.take(self.connection.where)
        return self.free(message) or limits.command(self.user.id, 0)

    @property
    def at_work(self) -> bool:
        """Whether an answer is on its way."""
        return self.working or self.pacing

    async def _request(self, message: Any) -> None:
        try:
            await self.on_message(message)
        except Refusal as refusal:
            self.on_refusal(message, refusal)
        if self.entering:
            self.entering = False
            try:
                await self._begin()
            except Refusal as refusal:
                if refusal.code != "signed_out":  # else the session has ended meanwhile: the hub closes it
                    raise

    async def _catch_up(self) -> None:
        """Tell what came while a request was under way."""
        while self.events and self.news is not None and not self.connection.closing:
            heard, judged = self.events.popleft()
            if not isinstance(heard, Heard):
                await self.tell(heard)
                continue
            text = None if judged else self.news.ready(heard)  # asked once: it remembers what it was asked
            if text:
                self._tell(text)
            elif text is None:
                async for event in self.news.events(heard):
                    if isinstance(event, Text):
                        self._tell(event)
                    else:
                        await self.tell(event)
        self.events = None

    def hear_presence(self, changes: list[Presence]) -> None:
        """People came or went, those behind a block left out."""
        if self.news is None or self.user is None or self.socket is None:
            return
        for change in changes:
            if change.person.id not in self.news.apart and change.person.id != self.user.id:
                self.queue(change)

    def queue(self, event: Any) -> None:
        """An event that is none of the hub's feeds, in its turn."""
        self.events = self.events or deque()
        self.events.append((event, True))
        if len(self.events) > EVENTS_MAX:
            self.connection.abort()
        self.wake()

    async def tell(self, event: Any) -> None:
        """Hand one event to the protocol; an answer that was told needs no browser any more."""
        self.pushing = True
        told = None
        try:
            with contextlib.suppress(Refusal):  # the session has ended, or somebody has settled it meanwhile
                told = await self.on_event(event)
        finally:
            self.pushing = False
        if told and self.news is not None:
            with contextlib.suppress(Refusal):
                await self.news.was_told(event)
