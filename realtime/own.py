"""Commands that the socket answers itself: they are about this connection, not about anything that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core import registry
from core.refusal import Refusal
from core.registry import Caller
from realtime import dispatch, executors, frames, snapshot
from realtime.frames import Frame
from realtime.here import hidden_among, small_among
from realtime.hub import Hub, feeds_of, read_heads
from realtime.schemas import Empty, Hello, Opened, Resume, State
from realtime.sockets import Socket


async def ping(hub: Hub, socket: Socket, caller: Caller, ref: int | None, data: Empty) -> None:
    """`ping`: the client is there."""
    socket.write(frames.reply(ref, {}))


async def hello(hub: Hub, socket: Socket, caller: Caller, ref: int | None, data: Hello) -> None:
    """`hello`: attach, then snapshot, then rows, then live."""
    if socket.greeted:
        raise Refusal("bad_request")
    hub.attach(socket, [f"u:{socket.user_id}"])
    hub.attach(socket, await executors.read(feeds_of, socket.user_id))
    known = {**data.heads, **data.cursors}
    socket.stale = True
    while socket.stale:  # what the hub took from him meanwhile must not be followed again by an older snapshot
        socket.stale = False
        ready, heads, missing, resync = await executors.read(_snapshot, caller, known, data.cursors)
        if socket.closed:  # meanwhile the session ended: it must not follow anything again
            hub.remove(socket)
            return
    for feed in [feed for feed in socket.keys if feed.key not in heads]:  # left between the two reads
        hub.detach(socket, feed)
    hub.attach(socket, heads)
    hub.start(heads)
    socket.write(Frame(ready))
    for key, rows in missing:
        await socket.write_all(_numbered(key, data.cursors[key], rows))
    for key in resync:
        socket.write(Frame(f'{{"type":"resync","feed":"{key}"}}'))
    await socket.catch_up()
    socket.release()
    socket.write(frames.event("live"))
    hub.presence.touch(socket)


async def resume(hub: Hub, socket: Socket, caller: Caller, ref: int | None, data: Resume) -> None:
    """`feed.resume`: the facts of one feed after a number."""
    feed = hub.feeds.get(data.feed)
    if feed is None or feed not in socket.keys:
        raise Refusal("not_found")
    rows, head, resync = await executors.read(_rows_after, feed.kind, feed.id, data.after)
    if feed not in socket.keys:
        raise Refusal("not_found")
    await socket.write_all(_numbered(feed.key, data.after, rows))
    socket.write(frames.reply(ref, {"resync": True} if resync else {"number": head}))
    if (
        feed.delivered is not None and feed.delivered > head
    ):  # went past while the rows were read: the client looks again
        hub.tell_head(socket, feed)


async def show(hub: Hub, socket: Socket, caller: Caller, ref: int | None, data: Opened) -> None:
    """`conversation.open`: which conversation this tab shows."""
    if data.conversation is not None and hub.feeds.get(f"c:{data.conversation}") not in socket.keys:
        raise Refusal("not_found")
    hub.show(socket, data.conversation)
    here = hub.here.people(data.conversation) if data.conversation else set()
    seen = await executors.read(_opened, socket.user_id, data.conversation, here) if data.conversation else ([], [])
    for type, fact in seen[1]:
        socket.write(frames.event(type, fact))
    socket.write(frames.reply(ref, {"here": seen[0]}))


async def set_state(hub: Hub, socket: Socket, caller: Caller, ref: int | None, data: State) -> None:
    """`presence.set`: how this connection wants to be seen."""
    socket.state = data.state
    hub.presence.touch(socket)
    socket.write(frames.reply(ref, {}))


OWN: dict[str, tuple[Any, Any]] = {
    "ping": (Empty, ping),
    "hello": (Hello, hello),
    "feed.resume": (Resume, resume),
    "conversation.open": (Opened, show),
    "presence.set": (State, set_state),
}


def _opened(user_id: int, conversation: int, here: set[int]) -> tuple[list[int], list[tuple[str, dict]]]:
    """Those here whom this user may see, and what only those who look are told: it may have changed while he did not."""
    if not small_among({conversation}):
        here = set()
    hidden = {other for other, _ in hidden_among({(other, user_id) for other in here - {user_id}})}
    return sorted(here - hidden), [event for tell in registry.opened for event in tell(user_id, conversation)]


def _numbered(key: str, prev: int, rows: list) -> Iterator[Frame]:
    for number, type, data, _ in rows:
        yield frames.numbered(type, key, number, prev, frames.encode(data))
        prev = number


def _snapshot(caller: Caller, known: dict[str, int], cursors: dict[str, int]) -> tuple[str, dict, list, list]:
    made, heads = snapshot.build(dispatch.actor_of(caller), known)
    missing, resync = snapshot.missing(cursors, heads)
    return frames.encode({"type": "ready", "data": made}), heads, missing, resync


def _rows_after(kind: str, id: int, after: int) -> tuple[list, int, bool]:
    heads = read_heads([f"{kind}:{id}"])
    head = heads.get(f"{kind}:{id}", 0)
    if kind == "u":
        return registry.feeds["u"].read(id, after, 1), head, False
    missing, resync = snapshot.missing({f"{kind}:{id}": after}, heads)
    return missing[0][1] if missing else [], head, bool(resync)
