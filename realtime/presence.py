"""Presence: who is online, resting on leases. A connection counts while the lease of its process runs, whatever else fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from core import registry
from core.sql import marks, padded, rows
from realtime import executors, frames, hints
from realtime.hub import Hub
from realtime.models import Connection, ServerProcess
from realtime.sockets import Socket

LEASE_SECONDS = 40
RENEW_SECONDS = 20.0
GRACE_SECONDS = 4.0  # a page that reloads is not told as offline
OFFLINE = "offline"


def presence_of(user_ids: Iterable[int]) -> dict[int, str]:
    """The presence of users as others see it: online, away, busy; absent from the answer: offline (or invisible)."""
    ids = list(user_ids)
    if not ids:
        return {}
    states: defaultdict[int, set[str]] = defaultdict(set)
    for user_id, state in rows(
        "SELECT c.user_id, c.state FROM realtime_connection c JOIN realtime_serverprocess p ON p.id = c.process_id"  # noqa: S608
        f" WHERE p.expires_at > %s AND c.user_id IN {marks(ids)}",
        [connection.ops.adapt_datetimefield_value(timezone.now()), *padded(ids)],
    ):
        states[user_id].add(state)
    return {user_id: shown for user_id, found in states.items() if (shown := merge(found)) != OFFLINE}


def merge(states: set[str]) -> str:
    """What several connections of one person look like together."""
    if not states or "invisible" in states:
        return OFFLINE
    return next(state for state in ("busy", "online", "away") if state in states)


class Presence:
    """Writes this process's connections once a second, tells changes to those who may see them."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.process_id: int | None = None
        self.written: dict[int, str] = {}  # connection number -> state in its row
        self.changed: dict[int, float] = {}  # user -> not before (loop time)
        self.told: dict[int, str] = {}
        hub.signals["presence"] = self.take

    def touch(self, socket: Socket, gone: bool = False) -> None:
        """The connections of this user changed."""
        due = self.hub.loop.time() + (GRACE_SECONDS if gone else 0)
        self.changed[socket.user_id] = min(due, self.changed.get(socket.user_id, due)) if not gone else due

    async def begin(self) -> None:
        """Take a lease for this process."""
        self.process_id = await executors.read(_begin, self.hub.key)

    async def renew(self) -> None:
        """Renew the lease; connections of dead processes go, their users are looked at again."""
        alive, orphans = await executors.read(_renew, self.process_id)
        if not alive:  # the lease ran out while the process slept: its rows are gone, write them again
            self.written.clear()
            await self.begin()
        for user_id in orphans:
            self.changed.setdefault(user_id, 0.0)

    async def flush(self) -> None:
        """Write what changed, then tell."""
        if not self.changed and len(self.hub.sockets) == len(self.written):
            return
        now = self.hub.loop.time()
        current = {
            number: (socket.user_id, socket.login_session, socket.state) for number, socket in self.hub.sockets.items()
        }
        due = [user_id for user_id, at in self.changed.items() if at <= now]
        new = {number: row for number, row in current.items() if self.written.get(number) != row[2]}
        gone = [number for number in self.written if number not in current]
        if not (due or new or gone):
            return
        for user_id in due:
            del self.changed[user_id]
        known = {number: row for number, row in new.items() if number in self.written}
        shown = await executors.read(
            _write, self.process_id, {n: r for n, r in new.items() if n not in known}, known, gone, due
        )
        self.written.update({number: row[2] for number, row in new.items()})
        for number in gone:
            del self.written[number]
        if due:
            hints.signal("presence", [[user_id, shown.get(user_id, OFFLINE)] for user_id in due])

    def take(self, changes: list) -> None:
        """Presence as it is now, from any process: tell what is new."""
        news = {user_id: state for user_id, state in changes if self.told.get(user_id, OFFLINE) != state}
        for user_id, state in news.items():
            if state == OFFLINE:
                self.told.pop(user_id, None)
            else:
                self.told[user_id] = state
        if news and self.hub.sockets:
            self.hub.spawn(self._tell(news))

    async def _tell(self, news: dict[int, str]) -> None:
        watchers, members = await executors.read(_audience, set(news), set(self.hub.opened))
        people: defaultdict[Socket, set[int]] = defaultdict(set)
        for user_id, watcher in watchers:
            for socket in self.hub.by_user.get(watcher, ()):
                people[socket].add(user_id)
        for user_id, conversation in members:
            for socket in self.hub.opened.get(conversation, ()):
                people[socket].add(user_id)
        built: dict[frozenset, frames.Frame] = {}
        now = timezone.now()
        for socket, user_ids in people.items():
            group = frozenset(user_ids)
            if group not in built:
                states = [
                    {"id": id, "presence": news[id], "last_seen": now if news[id] == OFFLINE else None} for id in group
                ]
                built[group] = frames.event("presence", {"people": states})
            socket.deliver(built[group])

    async def end(self) -> None:
        """The process ends in order: its connections go at once."""
        if self.process_id is not None:
            await executors.read(_end, self.process_id)


def _begin(key: str) -> int:
    expires_at = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    return ServerProcess.objects.update_or_create(key=key, defaults={"expires_at": expires_at})[0].pk


def _renew(process_id: int) -> tuple[bool, list[int]]:
    now = timezone.now()
    alive = ServerProcess.objects.filter(pk=process_id).update(expires_at=now + timedelta(seconds=LEASE_SECONDS))
    dead = ServerProcess.objects.filter(expires_at__lte=now)
    orphans = list(Connection.objects.filter(process__in=dead).values_list("user_id", flat=True).distinct())
    if orphans:
        for saw in registry.last_seen:
            saw(orphans)
    dead.delete()
    return bool(alive), orphans


def _write(process_id: int, new: dict, known: dict, gone: list[int], due: list[int]) -> dict[int, str]:
    with transaction.atomic():
        rows = [
            Connection(process_id=process_id, number=n, user_id=u, login_session=s, state=state)
            for n, (u, s, state) in new.items()
        ]
        Connection.objects.bulk_create(rows, ignore_conflicts=True, batch_size=150)
        for number, (_, _, state) in known.items():
            Connection.objects.filter(process_id=process_id, number=number).update(state=state)
        for start in range(0, len(gone), 500):
            Connection.objects.filter(process_id=process_id, number__in=gone[start : start + 500]).delete()
        shown = presence_of(due)
        for saw in registry.last_seen:
            saw([user_id for user_id in due if user_id not in shown])
    return shown


def _audience(user_ids: set[int], conversations: set[int]) -> tuple[list, list]:
    watchers = [pair for audience in registry.audiences for pair in audience(user_ids)]
    members = (
        [pair for among in registry.members_of for pair in among(user_ids, conversations)] if conversations else []
    )
    return watchers, members


def _end(process_id: int) -> None:
    ServerProcess.objects.filter(pk=process_id).delete()
