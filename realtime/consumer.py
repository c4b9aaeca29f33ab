"""The socket at `/ws/`: a plug. It parses, looks the command up, calls one action off the event loop and answers with the request's ref."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from channels.consumer import AsyncConsumer

from core.refusal import Refusal, unexpected
from core.registry import Caller
from realtime import dispatch, executors, frames, limits, server
from realtime.origin import address_of, allowed, session_key
from realtime.own import OWN
from realtime.sockets import Socket

HELLO_SECONDS = 20.0
PIPELINE = 32  # batched commands of one socket that may wait for their answer
numbers = itertools.count(1)
log = logging.getLogger("chatroom.realtime")


class SocketConsumer(AsyncConsumer):
    """One connection. No layer channel, no thread hop per frame, no ORM, no rules."""

    socket: Socket
    caller: Caller
    closing: asyncio.Task | None = None

    def __init__(self, identify: Callable[[str | None], Any]) -> None:
        self.identify = identify
        self.waiting = 0  # batched commands without their answer
        self.room: asyncio.Future[None] | None = None

    async def __call__(self, scope: Any, receive: Callable, send: Callable) -> None:
        await receive()  # websocket.connect
        self.hub = await server.running()
        address = address_of(scope)
        if not allowed(scope) or not limits.handshake(address) or self.hub.draining:
            return await send({"type": "websocket.close"})
        identity = await executors.read(self.identify, session_key(scope))
        await send({"type": "websocket.accept"})
        if identity is None or identity.verdict:
            code = 4001 if identity is not None and identity.verdict == "displaced" else 4003
            return await send(
                {"type": "websocket.close", "code": code, "reason": getattr(identity, "verdict", "") or "signed_out"}
            )
        transport = scope.get("extensions", {}).get("chatroom.transport")
        self.caller = Caller(identity.user_id, identity.login_session_id, identity.language, address)
        socket = Socket(
            next(numbers), identity.user_id, identity.login_session_id, identity.language, send, transport, self.close
        )
        socket.state = identity.presence
        del scope, identity
        self.socket = socket
        if not limits.connect(self.hub, socket):
            return await send({"type": "websocket.close", "code": 4008, "reason": "too many connections"})
        self.hub.add(socket)
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                going = await self.dispatch(await receive())
            while going:
                going = await self.dispatch(await receive())
        except TimeoutError:
            self.close(4008, "no hello", False)
        finally:
            self.hub.remove(socket)
            self.hub.presence.touch(socket, gone=True)
            if self.closing is not None:  # the server ends the connection without a code once its application returned
                await self.closing

    def close(self, code: int, reason: str, abort: bool) -> None:
        """End the connection from the server's side; `abort` where the client does not read."""
        transport = self.socket.transport
        if abort and transport is not None:
            transport.abort()
        else:
            self.socket.closed = True
            self.closing = self.hub.spawn(self._close(self.socket.send, code, reason))

    async def _close(self, send: Callable, code: int, reason: str) -> None:
        try:
            await send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception as error:  # noqa: BLE001 - the client was faster; each server says so in its own way
            log.debug("Closing a connection that is gone: %r", error)

    async def dispatch(self, message: Any) -> bool:  # type: ignore[override]
        """Handle one event of the server; False when the connection is over."""
        if message["type"] == "websocket.disconnect":
            return False
        socket = self.socket
        socket.heard = monotonic()
        text = message.get("text") or ""
        if socket.asked and text == frames.ALIVE:  # by far the most frequent frame
            socket.asked = False
            return not socket.closed
        try:
            frame = frames.parse(text)
        except (ValueError, RecursionError):
            return self.refuse(None, Refusal("bad_request"))
        ref = frame.get("ref")
        ref = ref if type(ref) is int and abs(ref) < 2**53 else None
        if not limits.command(socket.user_id, len(text)):
            return self.refuse(ref, Refusal("too_fast"))
        try:
            await self.command(frame["type"], ref, frame.get("data", {}))
        except Refusal as refusal:
            return self.refuse(ref, refusal)
        except Exception as error:
            log.exception("The command %.40r failed", frame["type"])
            return self.refuse(ref, unexpected(error))
        return not socket.closed

    def refuse(self, ref: Any, refusal: Refusal) -> bool:
        """Answer with a refusal; a socket that only errs is closed."""
        self.socket.write(frames.refusal(ref, *dispatch.explain(refusal, self.caller.language)))
        if not limits.error(self.hub, self.socket):
            self.close(4008, "too many errors", False)
            return False
        return not self.socket.closed

    async def command(self, name: str, ref: int | None, data: Any) -> None:
        """Run one command and answer it."""
        if not self.socket.greeted and name not in ("hello", "ping"):
            raise Refusal("bad_request")
        if own := OWN.get(name):
            schema, run = own
            await run(self.hub, self.socket, self.caller, ref, limits.checked(schema, data))
            return
        command, checked = dispatch.validate(name, data)
        if not command.batched:
            result = await executors.read(dispatch.perform, command, self.caller, checked)
            self.socket.write(frames.reply(ref, result))
            return
        while self.waiting >= PIPELINE:
            self.room = self.hub.loop.create_future()
            await self.room
        self.waiting += 1
        dispatch.ask(command, self.caller, checked, partial(self.answer, ref))

    def answer(self, ref: int | None, result: Any) -> None:
        """A batched command was decided."""
        self.waiting -= 1
        if self.room is not None and not self.room.done():
            self.room.set_result(None)
        if isinstance(result, Refusal):
            self.refuse(ref, result)
        else:
            self.socket.write(frames.reply(ref, result))
