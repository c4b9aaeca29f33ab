"""The socket at `/ws/`: a plug. It parses, looks the command up, calls one action off the event loop and answers with the request's ref."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from time import monotonic
from typing import Any

from channels.consumer import AsyncConsumer
from django.conf import settings

from core import registry
from core.refusal import Refusal
from core.registry import Caller
from realtime import dispatch, executors, frames, limits, server, snapshot
from realtime.frames import Frame
from realtime.origin import allowed
from realtime.schemas import Hello, Opened, Resume, State
from realtime.sockets import Socket

HELLO_SECONDS = 20.0
PIPELINE = 32  # batched commands of one socket that may wait for their answer
numbers = itertools.count(1)
log = logging.getLogger("chatroom.realtime")


class SocketConsumer(AsyncConsumer):
    """One connection. No layer channel, no thread hop per frame, no ORM, no rules."""

    identify: Callable[[str | None], Any]

    def __init__(self, identify: Callable[[str | None], Any]) -> None:
        self.identify = identify
        self.socket: Socket | None = None
        self.pipeline: set = set()

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        await receive()  # websocket.connect
        self.hub = await server.running()
        address = (scope.get("client") or ("",))[0] or ""
        if not allowed(scope) or not limits.handshake(address) or self.hub.draining:
            return await send({"type": "websocket.close"})
        identity = await executors.read(self.identify, _session_key(scope))
        await send({"type": "websocket.accept"})
        if identity is None or identity.verdict:
            code = 4001 if identity is not None and identity.verdict == "displaced" else 4003
            return await send({"type": "websocket.close", "code": code, "reason": getattr(identity, "verdict", "") or "signed_out"})
        transport = scope.get("extensions", {}).get("chatroom.transport")
        self.caller = Caller(identity.user_id, identity.login_session_id, identity.language, address)
        socket = Socket(next(numbers), identity.user_id, identity.login_session_id, identity.language, send, transport, self.close)
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

    def close(self, code: int, reason: str, abort: bool) -> None:
        """End the connection from the server's side; `abort` where the client does not read."""
        transport = self.socket.transport if self.socket else None
        if abort and transport is not None:
            transport.abort()
        elif self.socket is not None:
            self.socket.closed = True
            self.hub.spawn(self._close(self.socket.send, code, reason))

    async def _close(self, send: Callable, code: int, reason: str) -> None:
        try:
            await send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception as error:  # noqa: BLE001 - the client was faster; each server says so in its own way
            log.debug("Closing a connection that is gone: %r", error)

    async def dispatch(self, message: dict) -> bool:
        """Handle one event of the server; False when the connection is over."""
        if message["type"] == "websocket.disconnect":
            return False
        socket = self.socket
        socket.heard = monotonic()
        try:
            frame = frames.parse(message.get("text") or "")
        except (ValueError, RecursionError):
            return self.refuse(None, Refusal("bad_request"))
        ref = frame.get("ref")
        ref = ref if type(ref) is int and abs(ref) < 2**53 else None
        if not limits.command(self.hub, socket):
            return self.refuse(ref, Refusal("too_fast"))
        try:
            await self.command(frame["type"], ref, frame.get("data", {}))
        except Refusal as refusal:
            return self.refuse(ref, refusal)
        except Exception:
            log.exception("The command %.40r failed", frame["type"])
            return self.refuse(ref, Refusal("server_error", status=500))
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
        if name == "ping":
            return self.socket.write(frames.reply(ref, {}))
        if name == "hello":
            return await self.hello(limits.checked(Hello, data))
        if self.socket.hold is not None:
            raise Refusal("bad_request")
        if handler := OWN.get(name):
            return await handler(self, ref, data)
        command, checked = dispatch.validate(name, data)
        if not command.batched:
            result = await executors.read(dispatch.perform, command, self.caller, checked)
            return self.socket.write(frames.reply(ref, result))
        while len(self.pipeline) >= PIPELINE:
            await asyncio.wait(self.pipeline, return_when=asyncio.FIRST_COMPLETED)
        future = asyncio.wrap_future(dispatch.submit(command, self.caller, checked))
        self.pipeline.add(future)
        future.add_done_callback(lambda done: self.answer(ref, done))

    def answer(self, ref: int | None, done: asyncio.Future) -> None:
        """A batched command was decided."""
        self.pipeline.discard(done)
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self.socket.write(frames.reply(ref, done.result()))
        else:
            self.refuse(ref, error if isinstance(error, Refusal) else Refusal("server_error", status=500))

    async def hello(self, hello: Hello) -> None:
        """Attach, then snapshot, then rows, then live."""
        socket = self.socket
        if socket.hold is None:
            raise Refusal("bad_request")
        self.hub.attach(socket, [f"u:{socket.user_id}"])
        self.hub.attach(socket, await executors.read(_feeds, socket.user_id))
        known = {**hello.heads, **hello.cursors}
        ready, heads, missing, resync = await executors.read(_snapshot, self.caller, known, hello.cursors)
        self.hub.attach(socket, heads)
        self.hub.start(heads)
        socket.write(Frame(ready))
        for key, rows in missing:
            prev = hello.cursors[key]
            for number, type, data, _ in rows:
                socket.write(frames.numbered(type, key, number, prev, frames.encode(data)))
                prev = number
        for key in resync:
            socket.write(Frame(f'{{"type":"resync","feed":"{key}"}}'))
        socket.release()
        socket.write(frames.event("live"))
        self.hub.presence.touch(socket)

    async def resume(self, ref: int | None, data: Any) -> None:
        """`feed.resume`: the facts of one feed after a number."""
        asked = limits.checked(Resume, data)
        feed = self.hub.feeds.get(asked.feed)
        if feed is None or self.socket not in feed.sockets:
            raise Refusal("not_found")
        heads = await executors.read(server.read_heads, [asked.feed])
        missing, resync = await executors.read(snapshot.missing, {asked.feed: asked.after}, heads)
        if asked.feed.startswith("u:"):
            missing, resync = [(asked.feed, await executors.read(registry.feeds["u"].read, feed.id, asked.after, 1))], []
        for key, rows in missing:
            prev = asked.after
            for number, type, fact, _ in rows:
                self.socket.write(frames.numbered(type, key, number, prev, frames.encode(fact)))
                prev = number
        self.socket.write(frames.reply(ref, {"resync": True} if resync else {"number": heads[asked.feed]}))

    async def open(self, ref: int | None, data: Any) -> None:
        """`conversation.open`: which conversation this tab shows."""
        conversation = limits.checked(Opened, data).conversation
        feed = self.hub.feeds.get(f"c:{conversation}")
        if conversation is not None and (feed is None or self.socket not in feed.sockets):
            raise Refusal("not_found")
        self.hub.show(self.socket, conversation)
        here = {socket.user_id for socket in self.hub.opened.get(conversation, ()) if socket.state != "invisible"}
        self.socket.write(frames.reply(ref, {"here": sorted(here)}))

    async def state(self, ref: int | None, data: Any) -> None:
        """`presence.set`."""
        self.socket.state = limits.checked(State, data).state
        self.hub.presence.touch(self.socket)
        self.socket.write(frames.reply(ref, {}))


OWN = {"feed.resume": SocketConsumer.resume, "conversation.open": SocketConsumer.open, "presence.set": SocketConsumer.state}


def _session_key(scope: dict) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load("; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"))
    except CookieError:
        return None
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else None


def _feeds(user_id: int) -> list[str]:
    return server.feeds_of(user_id)


def _snapshot(caller: Caller, known: dict[str, int], cursors: dict[str, int]) -> tuple[str, dict, list, list]:
    made, heads = snapshot.build(dispatch.actor_of(caller), known)
    missing, resync = snapshot.missing(cursors, heads)
    return frames.encode({"type": "ready", "data": made}), heads, missing, resync
