"""Presence: who is online, resting on leases. A connection counts while the lease of its process runs, whatever else fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core import registry
from core.sql import marks, padded, rows, stored_now
from realtime import executors, frames, hints
from realtime.hub import Hub
from realtime.models import Connection, ServerProcess
from realtime.sockets import Socket

LEASE_SECONDS = 40
RENEW_SECONDS = 10.0
GRACE_SECONDS = 4.0  # a page that reloads is not told as offline
OFFLINE = "offline"
# What several connections of one person look like together: the highest rank; who is invisible anywhere is it everywhere.
RANKS = {"away": 1, "online": 2, "busy": 3, "invisible": 4}
SHOWN = {rank: state for state, rank in RANKS.items() if state != "invisible"}
_CASES = " ".join(f"WHEN '{state}' THEN {rank}" for state, rank in RANKS.items())
STRONGEST = f"MAX(CASE c.state {_CASES} END)"
LIVING = "realtime_connection c JOIN realtime_serverprocess p ON p.id = c.process_id WHERE p.expires_at > %s"
RANK = f"(SELECT {STRONGEST} FROM {LIVING} AND c.user_id = u.id)"  # noqa: S608 - of `u`; its parameter is the present moment


def presence_of(user_ids: Iterable[int]) -> dict[int, str]:
    """The presence of users as others see it: online, away, busy; absent from the answer: offline (or invisible)."""
    ids = list(user_ids)
    if not ids:
        return {}
    found = rows(
        f"SELECT c.user_id, {STRONGEST} FROM {LIVING} AND c.user_id IN {marks(ids)} GROUP BY c.user_id",  # noqa: S608
        [stored_now(), *padded(ids)],
    )
    return {user_id: shown for user_id, rank in found if (shown := shown_as(rank)) != OFFLINE}


def shown_as(rank: int | None) -> str:
    """What a RANK looks like to others."""
    return SHOWN.get(rank or 0, OFFLINE)


def connected(login_sessions: Iterable[int]) -> set[int]:
    """Those of the login sessions that have a connection in a process whose lease runs."""
    living = Connection.objects.filter(login_session__in=list(login_sessions), process__expires_at__gt=timezone.now())
    return set(living.values_list("login_session", flat=True))


def merge(states: set[str]) -> str:
    """What several connections of one person look like together."""
    return shown_as(max((RANKS[state] for state in states), default=None))


class Presence:
    """Writes this process's connections once a second, tells changes to those who may see them."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.process_id: int | None = None
        self.written: dict[int, str] = {}  # connection number -> state in its row
        self.changed: dict[int, float] = {}  # user -> not before (loop time)
        self.told: dict[int, str] = {}
        self.listeners: list[Callable[[list[tuple[int, bool]]], None]] = []  # told who came and who went
        hub.signals["presence"] = self.take

    def touch(self, socket: Socket, gone: bool = False) -> None:
        """The connections of this user changed."""
        if socket.opened is not None:
            self.hub.looked(socket.opened, socket)
        due = self.hub.loop.time() + (GRACE_SECONDS if gone else 0)
        self.changed[socket.user_id] = min(due, self.changed.get(socket.user_id, due)) if not gone else due

    def choose(self, user_id: int, state: str) -> None:
        """A person has chosen, on one device, how all of them are seen."""
        for socket in self.hub.by_user.get(user_id, ()):
            socket.state = state
            self.touch(socket)

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
        known = {number: row for number, row in new.items() if number in self.written}
        shown, tellable = await executors.read(
            _write, self.process_id, {n: r for n, r in new.items() if n not in known}, known, gone, due
        )
        for user_id in due:
            if self.changed.get(user_id, now + 1) <= now:  # not touched again while it was written
                del self.changed[user_id]
        self.written.update({number: row[2] for number, row in new.items()})
        for number in gone:
            self.written.pop(number, None)  # a lease that was lost has taken all of them
        if due:
            hints.signal("presence", [[id, shown.get(id, OFFLINE), id in tellable] for id in due])

    def take(self, changes: list) -> None:
        """Presence as it is now, from any process: tell what is new."""
        news = {id: (state, tell) for id, state, tell in changes if self.told.get(id, OFFLINE) != state}
        moved = [
            (id, state != OFFLINE) for id, (state, _) in news.items() if OFFLINE in (state, self.told.get(id, OFFLINE))
        ]
        for listen in self.listeners if moved else ():
            listen(moved)
        for user_id, (state, _) in news.items():
            if state == OFFLINE:
                self.told.pop(user_id, None)
            else:
                self.told[user_id] = state
        if news and self.hub.sockets:
            self.hub.spawn(self._tell(news))

    async def _tell(self, news: dict[int, tuple[str, bool]]) -> None:
        opened = {conversation: {tab.user_id for tab in tabs} for conversation, tabs in self.hub.opened.items()}
        watchers, members, hidden = await executors.read(_audience, set(news), opened)
        people: defaultdict[Socket, set[int]] = defaultdict(set)
        for user_id, watcher in watchers:
            for socket in () if (user_id, watcher) in hidden else self.hub.by_user.get(watcher, ()):
                people[socket].add(user_id)
        for user_id, conversation in members:
            for socket in self.hub.opened.get(conversation, ()):
                if (user_id, socket.user_id) not in hidden:
                    people[socket].add(user_id)
        built: dict[frozenset, frames.Frame] = {}
        now = timezone.now()
        for socket, user_ids in people.items():
            group = frozenset(user_ids)
            if group not in built:
                states = [
                    {"id": id, "presence": state, "last_seen": now if state == OFFLINE and tell else None}
                    for id, (state, tell) in ((id, news[id]) for id in group)
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


def _write(process_id: int, new: dict, known: dict, gone: list[int], due: list[int]) -> tuple[dict[int, str], set[int]]:
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
        left = [user_id for user_id in due if user_id not in shown]
        tellable = {user_id for saw in registry.last_seen for user_id in saw(left)} if left else set()
    return shown, tellable


def _audience(user_ids: set[int], opened: dict[int, set[int]]) -> tuple[list, list, set]:
    """Who is told of whom, as pairs of people and of a person and an open conversation, and the pairs with a block between them."""
    watchers = [pair for audience in registry.audiences for pair in audience(user_ids)]
    members = [pair for among in registry.members_of for pair in among(user_ids, set(opened))] if opened else []
    pairs = set(watchers) | {(user, viewer) for user, conversation in members for viewer in opened[conversation]}
    return watchers, members, {pair for hide in registry.hidden for pair in hide(pairs)}


def _end(process_id: int) -> None:
    ServerProcess.objects.filter(pk=process_id).delete()
