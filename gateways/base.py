"""What the sessions of all four protocols have in common: requests one after the other, pushes behind the answers they belong to."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from core.refusal import Refusal
from core.registry import Caller
from gateways.errors import Malformed
from gateways.feeds import Person, Place, Text
from gateways.news import News
from gateways.signin import Proved
from gateways.sockets import GatewaySocket
from realtime import dispatch, executors

if TYPE_CHECKING:
    from gateways.connection import Connection

READ_SECONDS = 2.0  # between two read marks of a conversation
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
        "pacing",
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
        self.proved: Proved | None = None  # who has given the right password and must change it
        self.shown: Place | None = None
        self.mark, self.sent = "", 0  # of the messages of this connection
        self.working = self.pushing = self.entering = self.pacing = False
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
        task.add_done_callback(self._is_done)
        return task

    def _is_done(self, task: asyncio.Task) -> None:
        assert self.tasks is not None
        self.tasks.discard(task)
        self.connection.rest()

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
            self.connection.server.note_malformed(self.connection, self.protocol, reason, self.caller)
            self.connection.close()

    def read_up_to(self, place: Place, seq: int) -> None:
        """A read mark, at most every two seconds."""
        marks = self.read_marks
        if marks is None:
            marks = self.read_marks = {}
            self.connection.server.loop.call_later(READ_SECONDS, self.flush_read_marks)
        marks[place.id] = max(seq, marks.get(place.id, 0))

    def flush_read_marks(self) -> list[asyncio.Future[Any]]:
        """Send the read marks that have gathered; they count as long as the session lives."""
        marks, self.read_marks = self.read_marks, None
        caller, waiting = self.caller, []
        for conversation, seq in (marks or {}).items() if caller is not None else ():
            command, data = dispatch.validate("conversation.read", {"conversation": conversation, "seq": seq})
            waiting.append(self.connection.server.loop.create_future())
            dispatch.ask(command, caller, data, waiting[-1].set_result)  # type: ignore[arg-type]
        return waiting

    async def _begin(self) -> None:
        """The answer to a sign-in is out."""
        raise NotImplementedError


def _perform(caller: Caller, action: Callable[..., Any], args: tuple, named: dict) -> Any:
    actor = dispatch.actor_of(caller)
    actor.ip = caller.ip
    return action(actor, *args, **named)
