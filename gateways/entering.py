"""How a client becomes a person and stops being one: a connection is a login session like a browser's."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from core.refusal import Refusal
from core.registry import Caller
from gateways import access, book, signin
from gateways.feeds import Person
from gateways.news import News
from gateways.sockets import GatewaySocket
from gateways.turns import Turns
from gateways.verdicts import Verdict
from realtime import executors, hints, limits, server
from realtime.consumer import numbers


class Entering(Turns):
    """Signing in and out, new passwords, and the end that others make."""

    __slots__ = ()

    async def sign_in(self, name: str, password: str) -> Verdict:
        """By name or alias; whoever was signed in here before goes."""
        await self.sign_out()
        outcome = await signin.aside(signin.sign_in, name, password, self.protocol, self.connection.address)
        return await self._enter(outcome)

    async def new_password(self, new: str, old: str | None = None) -> Verdict:
        """The password that has to be chosen first, which signs in; or another one for who is signed in. Raises Refusal."""
        address = self.connection.address
        if self.user is not None and self.caller is not None:
            if self.by_older_password:
                raise Refusal("not_allowed", signin.IN_BROWSER)
            session = self.caller.login_session
            return await signin.aside(signin.another_password, self.user.id, session, old, new, address)
        if self.proved is None:
            raise Refusal("signed_out")
        outcome = await signin.aside(signin.first_password, self.proved, old, new, self.protocol, address)
        return await self._enter(outcome)

    async def replace_password(self, name: str, old: str, new: str) -> Verdict | None:
        """By name and old password, signed in or not: None where it is done. Raises Refusal where the new one is not taken."""
        session = self.caller.login_session if self.caller is not None else None
        return await signin.aside(signin.replace_password, name, old, new, self.connection.address, session)

    async def register(self, name: str, password: str) -> None:
        """A new account. Raises Refusal."""
        await signin.aside(signin.register, name, password, self.connection.address)

    async def _enter(self, outcome: signin.Outcome) -> Verdict:
        opened, self.proved = outcome.opened, outcome.proved
        if opened is None:
            return outcome.verdict
        hub = await server.running()
        address = self.connection.address
        socket = GatewaySocket(next(numbers), opened.user_id, opened.login_session, opened.language, opened.state, self)
        if self.connection.closing or hub.draining or not limits.connect(hub, socket):
            await signin.aside(signin.close, opened.login_session, address)
            return Verdict.LOCKED
        self.socket = socket
        self.user = Person(opened.user_id, opened.name)
        self.caller = Caller(opened.user_id, opened.login_session, opened.language, address)
        self.language, self.look_back, self.by_older_password = opened.language, opened.look_back, opened.older
        self.last_sign_in, self.last_seen = opened.last_sign_in, opened.last_seen
        self.mark, self.sent = secrets.token_hex(8), 0
        hub.add(socket)
        if self.presence:
            self.connection.server.watchers.add(self)
        hub.attach(socket, [f"u:{opened.user_id}"])
        hub.attach(socket, await executors.read(access.keys_of, opened.user_id))
        socket.stale = True
        while socket.stale:  # what the hub took from him meanwhile must not be followed again by an older look
            socket.stale = False
            standing = await executors.read(access.standing, opened.user_id)
            if socket.closed or self.connection.closing:  # meanwhile the session ended: nor anything else
                for feed in list(socket.keys):
                    hub.detach(socket, feed)
                hub.remove(socket)
                return Verdict.LOCKED
        for feed in [feed for feed in socket.keys if feed.key not in standing.heads]:  # left between the two reads
            hub.detach(socket, feed)
        hub.attach(socket, standing.heads)
        hub.start(standing.heads)
        book.note(standing.places)
        self.news = News(self, standing)
        self.connection.signed_in()
        self.entering = True
        return outcome.verdict

    async def _begin(self) -> None:
        """The answer is out: what waits, then everything as it comes."""
        if self.news is None or self.socket is None:
            return
        await self.on_signed_in()
        async for event in self.news.waiting():
            await self.tell(event)
        if self.socket is not None and not self.socket.closed:
            self.socket.release()
            (await server.running()).presence.touch(self.socket)

    async def sign_out(self) -> None:
        """The connection stays and may sign in again."""
        caller = self.caller
        marks = self._leave()
        self.user = self.proved = None
        if caller is not None:
            await self.connection.server.forget(caller, marks)  # waited for: who comes next is not displaced by it
            self.connection.wait_for_sign_in()

    def _leave(self, displaced: bool = False) -> list[asyncio.Future[Any]]:
        """Nothing is heard any more; who he was stays, for a request that is still under way. Answers the read marks on their way."""
        marks = self.flush_read_marks()
        socket, self.socket = self.socket, None
        self.caller = self.news = self.shown = self.events = None
        self.entering = False
        self.connection.server.watchers.discard(self)
        if socket is not None and hints.hub is not None:
            hints.hub.remove(socket)
            hints.hub.presence.touch(socket, gone=displaced)  # else at once: no page that reloads
        return marks

    def put_out(self, code: int, reason: str, abort: bool) -> None:
        """The hub ends this connection: its session has ended, or it cannot keep up."""
        caller = self.caller
        self._leave(displaced=True)
        if abort or self.streaming:
            self.connection.abort()
        else:
            self.connection.write(self.farewell(reason), False)
            self.connection.close()
        if caller is not None:
            self.connection.server.forget(caller)

    def lost(self) -> None:
        """The connection is gone, and with it the session."""
        caller = self.caller
        for task in self.tasks or ():
            task.cancel()
        marks = self._leave()
        self.connection.server.spawn(self.on_close())
        if caller is not None:
            self.connection.server.forget(caller, marks)
