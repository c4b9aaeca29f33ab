"""What the sessions of all four protocols have in common: requests one after the other, pushes behind the answers they belong to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from core.refusal import Refusal
from core.registry import Caller
from gateways.errors import Malformed
from gateways.feeds import Person, Place, Presence, Text
from gateways.news import News
from gateways.sockets import GatewaySocket, Heard
from realtime import dispatch, executors, limits

if TYPE_CHECKING:
    from gateways.connection import Connection

READ_SECONDS = 2.0  # between two read marks of a conversation
EVENTS_MAX = 1000  # that wait while a request is under way
PACE = 0.05  # seconds until a client that asks too fast is heard again
log = logging.getLogger("chatroom.gateways")


class Base:
    """One client: signed in or not. See docs/gateways for what the four make of it."""

    protocol: ClassVar[str]
    Decoder: ClassVar[Callable[[], Any]]
    presence: ClassVar[bool] = False  # whether it is told of everybody who comes and goes

    __slots__ = (
        "by_older_password",
        "caller",
        "connection",
        "entering",
        "events",
        "language",
        "last_seen",
        "last_sign_in",
        "look_back",
        "mark",
        "news",
        "proved",
        "pushing",
        "read_marks",
        "sent",
        "shown",
        "socket",
        "tasks",
        "user",
        "working",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.user: Person | None = None
        self.caller: Caller | None = None
        self.socket: GatewaySocket | None = None
        self.news: News | None = None
        self.language = ""
        self.look_back = 0
        self.last_sign_in: datetime | None = None
        self.last_seen: datetime | None = None  # before this sign-in
        self.by_older_password = False  # signed in by the password for older clients
        self.proved: int | None = None  # who has given the right password and must change it
        self.shown: Place | None = None
        self.mark, self.sent = "", 0  # of the messages of this connection
        self.working = self.pushing = self.entering = False
        self.events: deque[tuple[Any, bool]] | None = None  # and whether `News.ready` was asked already
        self.tasks: set[asyncio.Task] | None = None
        self.read_marks: dict[int, int] | None = None

    # What a protocol says

    async def on_message(self, message: Any) -> None:
        """One request."""
        raise NotImplementedError

    def on_refusal(self, message: Any, refusal: Refusal) -> None:
        """The request was refused by a rule."""
        raise NotImplementedError

    def on_text(self, text: Text) -> None:
        """A new message for this person; waits for nothing."""
        raise NotImplementedError

    async def on_event(self, event: Any) -> bool | None:
        """Whatever else happened; True when this client could be told."""
        return None

    async def on_signed_in(self) -> None:
        """After the answer to the sign-in, before what waits."""

    def farewell(self, reason: str) -> bytes:
        """The last bytes of a session that somebody else has ended."""
        return b""

    def free(self, message: Any) -> bool:
        """Whether it does not count as a command of the person."""
        return False

    async def on_close(self) -> None:
        """The connection is gone."""

    # Out

    def send(self, data: bytes) -> None:
        """An answer, or within `on_text` and `on_event` a push."""
        self.connection.write(data, self.pushing)

    def transmit(self, data: bytes) -> None:
        """An answer from a task beside."""
        self.connection.write(data, False)

    async def drained(self) -> None:
        """Until the client takes more. Raises ConnectionResetError when it goes away."""
        await self.connection.drained()

    @property
    def streaming(self) -> bool:
        """Whether a frame is being sent in pieces, so that pushes wait."""
        return self.connection.holding

    @streaming.setter
    def streaming(self, value: bool) -> None:
        self.connection.holding = value
        if not value:
            self.connection.flush()

    def close(self) -> None:
        """After what was sent."""
        self.connection.close()

    # Work

    async def run(self, action: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """`action(actor, …)` off the event loop, the rights looked up anew. Raises Refusal."""
        if self.caller is None:
            raise Refusal("signed_out")
        return await executors.read(_perform, self.caller, action, args, named)

    async def look(self, function: Callable[..., Any], *args: Any) -> Any:
        """A look-up off the event loop that needs no actor."""
        return await executors.read(function, *args)

    def reason(self, refusal: Refusal) -> str:
        """Why, in the person's language."""
        return dispatch.explain(refusal, self.language)[1]

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task:
        """Do something beside the requests; it ends with the connection."""
        task = self.connection.server.loop.create_task(self._beside(work))
        if self.tasks is None:
            self.tasks = set()
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Malformed as malformed:
            self.malformed(malformed.reason)
        except ConnectionError:
            return
        except Exception:
            log.exception("A task of a %s session failed", self.protocol)
            self.connection.abort()

    def malformed(self, reason: str) -> None:
        """The client says what no client may say: close, and write it down."""
        if not self.connection.closing:
            self.connection.server.note_malformed(self.connection.address, self.protocol, reason, self.caller)
            self.connection.close()

    def read_up_to(self, place: Place, seq: int) -> None:
        """A read mark, at most every two seconds."""
        marks = self.read_marks
        if marks is None:
            marks = self.read_marks = {}
            self.connection.server.loop.call_later(READ_SECONDS, self.flush_read_marks)
        marks[place.id] = max(seq, marks.get(place.id, 0))

    def flush_read_marks(self) -> None:
        """Send the read marks that have gathered."""
        marks, self.read_marks = self.read_marks, None
        caller = self.caller
        if marks and caller is not None:
            for conversation, seq in marks.items():
                command, data = dispatch.validate("conversation.read", {"conversation": conversation, "seq": seq})
                dispatch.ask(command, caller, data, _nothing)

    # Requests and events, in order

    def wake(self) -> None:
        """Requests or events have come."""
        if not self.working and not self.connection.closing:
            self.working = True
            self.connection.server.spawn(self._work())

    def take(self, heard: Heard) -> None:
        """An event of the hub: at once where nothing is under way, else behind that."""
        judged = not self.working
        if judged:
            assert self.news is not None
            text = self.news.ready(heard)
            if text is False:
                return
            if text is not None:
                self._tell(text)
                return
        if self.events is None:
            self.events = deque()
        self.events.append((heard, judged))
        if len(self.events) > EVENTS_MAX:
            log.info("A client at %s is too far behind; its connection is closed", self.connection.address)
            self.connection.abort()
        elif not self.working:
            self.wake()

    def _tell(self, text: Text) -> None:
        self.pushing = True
        try:
            self.on_text(text)
        except Exception:
            log.exception("A message could not be told over %s", self.protocol)
        finally:
            self.pushing = False

    async def _work(self) -> None:
        connection = self.connection
        later = 0.0
        try:
            while not connection.closing:
                await self._catch_up()
                if not connection.inbox or connection.closing:
                    break
                if self.user is not None and not self._may_go_on(connection.inbox[0]):
                    later = PACE  # pushes go on meanwhile, and the client waits
                    break
                message = connection.inbox.popleft()
                if isinstance(message, Malformed):
                    raise message
                await self._request(message)
                await connection.drained()
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
            connection.server.loop.call_later(later, self.wake)
        elif connection.inbox or self.events:
            self.wake()
        else:
            connection.all_done()

    def _may_go_on(self, message: Any) -> bool:
        assert self.user is not None
        return self.free(message) or limits.command(self.user.id, 0)

    async def _request(self, message: Any) -> None:
        try:
            await self.on_message(message)
        except Refusal as refusal:
            self.on_refusal(message, refusal)
        if self.entering:
            self.entering = False
            with contextlib.suppress(Refusal):  # the session has ended meanwhile: the hub closes it
                await self._begin()

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
        self.wake()

    async def tell(self, event: Any) -> None:
        """Hand one event to the protocol; an answer that was told needs no browser any more."""
        self.pushing = True
        try:
            told = await self.on_event(event)
        finally:
            self.pushing = False
        if told and self.news is not None:
            await self.news.was_told(event)

    async def _begin(self) -> None:
        """The answer to a sign-in is out."""
        raise NotImplementedError


def _perform(caller: Caller, action: Callable[..., Any], args: tuple, named: dict) -> Any:
    actor = dispatch.actor_of(caller)
    actor.ip = caller.ip
    return action(actor, *args, **named)


def _nothing(result: Any) -> None:
    """Nobody waits for the answer."""
