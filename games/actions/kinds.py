"""What one may do at a table: each kind of act as a call of the rules. Raises Illegal or Refusal, and then nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.refusal import Refusal
from core.text import UNSTORABLE
from games import refusals
from games.actions.desk import Desk, Event
from games.actions.open import choose
from games.models import Seat
from games.tienlen import match as rules
from games.tienlen import seating
from games.tienlen.state import need
from messaging import rights


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants to do."""

    table: int
    kind: str
    client_id: str
    seq: int = 0
    cards: tuple[int, ...] = ()
    seat: int | None = None
    text: str = ""
    what: str = ""
    phrase: str = ""
    user: int = 0
    preset: str = ""
    options: dict[str, Any] | None = field(default=None, hash=False)


def _watch(desk: Desk, user: int, act: Act) -> list[Event]:
    table, events = desk.table, []
    if user in table.watchers:
        return []
    if (seat := table.seat_of(user)) is not None:
        need(not (table.belongs_to_match(seat) and table.players.get(seat) == user), "match_running")
        need(len(table.watchers) < seating.MOST_WATCHERS, "too_many_watchers")
        events = seating.leave(table, user, desk.now)
    return [*events, *seating.watch(table, user, desk.now)]


def _sit(desk: Desk, user: int, act: Act) -> list[Event]:
    if Seat.objects.filter(user=user, index__isnull=False).exclude(table=desk.row).exists():
        raise refusals.refuse("seated_elsewhere")
    events = seating.sit(desk.table, user, desk.now, act.seat)
    if user in desk.seats and desk.seats[user].index is None:
        events.append({"kind": "watchers", "count": len(desk.table.watchers)})
    return events


def _stand(desk: Desk, user: int, act: Act) -> list[Event]:
    sat = user in desk.table.seats
    events = seating.leave(desk.table, user, desk.now)
    if sat and len(desk.table.watchers) < seating.MOST_WATCHERS:
        events += seating.watch(desk.table, user, desk.now)
    return events


def _ready(desk: Desk, user: int, act: Act) -> list[Event]:
    table = desk.table
    if UNSTORABLE.search(act.text):
        raise Refusal("bad_request")
    events = seating.be_ready(table, user, desk.now, text=act.text)
    two = desk.conversation.pair_key is not None and len(table.sitting()) == len(table.ready) == 2
    if two:
        return events + rules.start(table, table.host, desk.now)
    return events + (rules.start(table, None, desk.now) if rules.all_ready(table) else [])


def _set(desk: Desk, user: int, act: Act) -> list[Event]:
    options, name = choose(act.preset or "standard", act.options)
    events = seating.set_options(desk.table, user, options, desk.now)
    desk.row.preset = name
    return events


def _vote(desk: Desk, user: int, act: Act) -> list[Event]:
    return rules.agree(desk.table, user, act.what, desk.now)


KINDS: dict[str, Callable[[Desk, int, Act], list[Event]]] = {
    "watch": _watch,
    "sit": _sit,
    "stand": _stand,
    "ready": _ready,
    "unready": lambda desk, user, act: seating.be_ready(desk.table, user, desk.now, ready=False),
    "start": lambda desk, user, act: rules.start(desk.table, user, desk.now),
    "play": lambda desk, user, act: rules.move(desk.table, user, "play", desk.now, act.cards),
    "pass": lambda desk, user, act: rules.move(desk.table, user, "pass", desk.now),
    "quit": lambda desk, user, act: rules.quit_match(desk.table, user, desk.now),
    "vote": _vote,
    "set": _set,
    "reset": lambda desk, user, act: seating.reset_scores(desk.table, user, desk.now),
    "unseat": lambda desk, user, act: seating.unseat(desk.table, user, act.user, desk.now),
}


# What of an act matters for its kind, besides kind and table.
MATTERS = {
    "sit": ("seat",),
    "ready": ("text",),
    "play": ("cards",),
    "vote": ("what",),
    "set": ("preset", "options"),
    "unseat": ("user",),
}


def asked(act: Act) -> dict[str, Any]:
    """The same, as it is kept with what came of it: under one client_id only the same may be asked for again."""
    found = {name: getattr(act, name) for name in MATTERS.get(act.kind, ())}
    return {**found, "cards": sorted(act.cards)} if act.kind == "play" else found


def demand_close(desk: Desk, user: int, kind: str, role: str) -> None:
    """The host may clear an idle table away, masters and managers any. Raises Refusal."""
    if rights.may(kind, role, "close_table"):
        return
    if desk.table.host != user:
        raise Refusal("not_allowed")
    if desk.table.phase == "playing":
        raise refusals.refuse("match_running")
