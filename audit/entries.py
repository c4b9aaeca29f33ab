"""The log as exports read it: events, and beside them what upper apps keep in rows of their own, in the order of time.

All is read page by page by SQL of our own: a million rows in constant memory. A `+` or an `|| ''` keeps a column out of the choice of an
index, so that each page is read in the order it is wanted in, and never sorted anew.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, Protocol

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.utils.translation import gettext_lazy as _

from audit.models import ChainHead
from audit.names import ACTIONS, SENT
from core import registry
from core.refusal import Refusal
from core.sql import rows

PAGE = 2000  # rows held at a time
BAD_ACTION = _("The log knows no event “%(name)s”.")
WINDOW = 5000  # rows of a source that may come in another order than that of time


class Entry(NamedTuple):
    """One line of an export. The first three give the order, and are never the same twice."""

    at: datetime
    source: str  # "event" or "message"
    id: int
    actor_id: int | None
    actor: str
    action: str
    target_type: str
    target_id: int | None
    target: str
    ip: str
    detail: dict[str, Any]
    hash: str


@dataclass(frozen=True)
class Wanted:
    """Which entries: from a moment on, up to another, of one person, of some actions (all when empty)."""

    since: datetime | None = None
    until: datetime | None = None
    user: str = ""
    user_id: int | None = None
    actions: tuple[str, ...] = ()


class Source(Protocol):
    """Rows that stand beside the events. `last` is asked once, when an export begins."""

    name: str

    def last(self) -> int: ...

    def read(self, wanted: Wanted, last: int, position: Position) -> Iterator[Entry]: ...


@dataclass
class Position:
    """How far an export is, by the ids it has passed."""

    ends: dict[str, int]
    reached: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return sum(self.reached.values()) / max(1, sum(self.ends.values()))


def want(
    since: datetime | None = None, until: datetime | None = None, user: str = "", actions: Iterable[str] = ()
) -> Wanted:
    """The filter of an export. `actions` are names, or patterns such as `session.*`. Raises Refusal."""
    user_id = None
    if user:
        try:
            user_id = get_user_model()._default_manager.get_by_natural_key(user).pk
        except ObjectDoesNotExist:  # deleted, or never an account: the log has the names of then
            user_id = None
    known = [*ACTIONS, *SENT]
    chosen: dict[str, None] = {}
    for pattern in actions:
        found = [name for name in known if fnmatchcase(name, pattern)]
        if not found:
            raise Refusal("bad_action", BAD_ACTION, 400, name=pattern[:40])
        chosen |= dict.fromkeys(found)
    return Wanted(since, until, user, user_id, tuple(chosen))


def ends() -> dict[str, int]:
    """The last id of each source at this moment: what comes later is not in the export."""
    head = ChainHead.objects.filter(pk=1).first()
    return {"event": head.number if head else 0, **{source.name: source.last() for source in registry.log_sources}}


def entries(wanted: Wanted, position: Position) -> Iterator[Entry]:
    """Everything wanted, in the order of time. `position.ends` says where to stop."""
    sources = [events(wanted, position.ends["event"], position)]
    sources += [source.read(wanted, position.ends.get(source.name, 0), position) for source in registry.log_sources]
    return heapq.merge(*sources)


def events(wanted: Wanted, last: int, position: Position) -> Iterator[Entry]:
    """The rows of the log."""
    where: list[str] = ["id <= %s"]
    params: list[Any] = [last]
    if wanted.until is not None:
        where.append("at < %s")
        params.append(stored(wanted.until))
    if wanted.user_id is not None:
        where.append("(+actor_id = %s OR (target_type = 'user' AND +target_id = %s))")
        params += [wanted.user_id, wanted.user_id]
    elif wanted.user:
        where.append("(actor_name = %s OR target_name = %s)")
        params += [wanted.user, wanted.user]
    if wanted.actions:
        where.append(f"(action || '') IN ({','.join(['%s'] * len(wanted.actions))})")
        params += wanted.actions
    statement = (
        "SELECT id, at, actor_id, actor_name, action, target_type, target_id, target_name, ip, detail, hash FROM audit_event"  # noqa: S608
        f" WHERE at >= %s AND (at > %s OR id > %s) AND {' AND '.join(where)} ORDER BY at, id LIMIT {PAGE}"
    )
    at, id = stored(wanted.since or datetime(1970, 1, 1, tzinfo=UTC)), 0
    while page := rows(statement, [at, at, id, *params]):
        for id, when, actor_id, actor, action, kind, target_id, target, ip, detail, digest in page:
            told = json.loads(detail) if isinstance(detail, str) else detail
            moment = aware(when)
            yield Entry(
                moment, "event", id, actor_id, actor, action, kind, target_id, target, str(ip or ""), told, digest
            )
        at = stored(moment)
        position.reached["event"] = id
        if len(page) < PAGE:
            break
    position.reached["event"] = last


def stored(at: datetime) -> Any:
    """A moment as the database compares it."""
    return connection.ops.adapt_datetimefield_value(at)


def aware(at: datetime | str) -> datetime:
    """A moment as the database gave it; SQLite's are in UTC and do not say so."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def in_order(found: Iterable[Entry]) -> Iterator[Entry]:
    """By time, from rows that come nearly so."""
    heap: list[Entry] = []
    for entry in found:
        heapq.heappush(heap, entry)
        if len(heap) > WINDOW:
            yield heapq.heappop(heap)
    while heap:
        yield heapq.heappop(heap)


def wants_any(wanted: Wanted, actions: Sequence[str]) -> bool:
    """Whether one of these actions is asked for."""
    return not wanted.actions or bool(set(actions) & set(wanted.actions))
