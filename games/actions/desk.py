"""Tables under their locks, in one transaction: the rows, the rules' tables, what happened at them, and how all of it is written.

Locks are taken in this order everywhere: conversations by id, tables by id, then what `flush` writes; the log's chain comes last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from audit.record import record
from games import clock, clocks, heard, shown
from games.access import listing
from games.actions import stored
from games.actions.matches import keep_match
from games.models import GameTable, Match, MatchEvent, Seat
from games.tienlen import match as rules
from games.tienlen import seating
from games.tienlen.shuffle import new_seed
from games.tienlen.table import Table
from messaging.actions.system import post_system
from messaging.models import Conversation
from realtime import hints
from realtime.frames import encode
from realtime.heads import bump_users

Event = dict[str, Any]
LATE = 10.0  # seconds after which nobody can have been there to see that something was due
MOVES = {"started", "play", "pass", "held", "trick", "absent", "left", "over", "cancelled"}


@dataclass(slots=True)
class Desk:
    """One locked table. `step` it after each thing that happened; `flush_all` when all of it is decided."""

    row: GameTable
    conversation: Conversation
    table: Table
    seats: dict[int, stored.SeatRow]  # by user
    now: float
    leader: int | None  # who was first in the last match before the one that is dealt
    match: int | None = None  # the one that runs
    steps: list[MatchEvent] = field(default_factory=list)
    told: list[hints.Hint] = field(default_factory=list)
    hands: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False)  # user -> what his own feed is told
    posts: list[tuple[Any, str, dict[str, Any]]] = field(default_factory=list)  # system messages
    facts: list[tuple[Any, str, dict[str, Any]]] = field(default_factory=list)  # of the log
    matches: list[Match] = field(default_factory=list)  # changed ones


def step(
    desk: Desk, kind: str, events: list[Event], actor: Any = None, client_id: str | None = None, asked: Any = None
) -> int:
    """Something happened: number it, keep it, tell it. Gives the number."""
    table, row = desk.table, desk.row
    kinds = {event["kind"] for event in events}
    if table.seed is None and table.phase != "playing":
        seating.promise(table, new_seed())
    row.seq += 1
    if kinds & MOVES:
        row.moved_seq = row.seq
    of_match = keep_match(desk, events, actor)
    payload = {"events": events, **({"asked": asked} if asked else {})}
    desk.steps.append(
        MatchEvent(
            table_id=row.pk, match_id=of_match, seq=row.seq, user_id=actor.pk if actor else None, kind=kind, payload=payload,
            at=clock.moment(desk.now), client_id=client_id,
        )
    )  # fmt: skip
    there = {*table.sitting(), *table.watchers}
    gone = sorted(user for user in desk.seats if user not in there)
    new = {event["user"] for event in events if event["kind"] == "sat"}
    why = next((event["why"] for event in events if event["kind"] == "closed"), "")
    data = shown.event_data(row, table, events, desk.now, new, why)
    row.status = data["view"]["status"]
    desk.told.append(hints.Hint(f"table:{row.pk}", row.seq, "table", encode(data), tuple(gone)))
    if "started" in kinds:
        for user in table.players.values():
            if (hand := shown.own_hand(row, table, user)) is not None:
                desk.hands[user] = {"hands": {str(row.pk): hand}}
    row.phase, row.match_no, desk.leader = table.phase, table.match, table.leader
    return row.seq


def tick(desk: Desk) -> None:
    """What is overdue happens before anything else. Nobody pays for a server that was away."""
    due = [desk.table.due[name] for name in ("turn", "close") if name in desk.table.due]
    if due and min(due) + LATE < desk.now:
        pause(desk)
    elif events := rules.tick(desk.table, desk.now):
        step(desk, "tick", events)


def pause(desk: Desk) -> None:
    """All clocks stand still for half a minute."""
    rules.after_restart(desk.table, desk.now)
    step(desk, "tick", [{"kind": "paused", "seconds": rules.RESTART}])


def close(desk: Desk, why: str, actor: Any = None, client_id: str | None = None) -> int:
    """The table is cleared away; a running match is called off."""
    table = desk.table
    events: list[Event] = rules.cancel(table, desk.now) if table.phase == "playing" else []
    desk.row.closed_at = clock.moment(desk.now)
    for user in [*table.sitting(), *table.watchers]:
        events += seating.leave(table, user, desk.now)
    table.due = {}
    events = [event for event in events if event["kind"] not in ("watchers", "host")]
    if why != "dissolved":
        desk.posts.append((actor, "game_closed", {"table": desk.row.pk, "why": why}))
    seq = step(desk, "close", [*events, {"kind": "closed", "why": why}], actor, client_id)
    desk.facts.append((actor, "table.closed", {"table": desk.row.pk, "why": why}))
    return seq


def open_desks(ids: Iterable[int], now: float) -> dict[int, Desk]:
    """Those of these tables that are open, locked for this transaction."""
    desks = {}
    for row, conversation, match in stored.lock_tables(set(ids)):
        table = Table.from_json(row.state)
        desks[row.pk] = Desk(row, conversation, table, {}, now, table.leader, match if row.phase == "playing" else None)
    for seat in stored.seats_of(desks):
        desk = desks[seat.table_id]
        desk.seats[seat.user_id] = seat
        seen = max(seat.last_seen, desk.table.last_seen.get(seat.user_id, 0.0))
        desk.table.last_seen[seat.user_id] = heard.last(seat.table_id, seat.user_id, seen)
    return desks


def flush_all(desks: Iterable[Desk]) -> None:
    """Write what happened, tell it after the commit, and put it into the log."""
    changed = [desk for desk in desks if desk.steps]
    if not changed:
        return
    moved: set[int] = set()
    for desk in changed:
        _complete(desk)
        moved |= _store_seats(desk)
    stored.store_tables([desk.row for desk in changed])
    stored.store_steps([step for desk in changed for step in desk.steps])
    for match in [match for desk in changed for match in desk.matches]:
        match.save(update_fields=["ended_at", "seed", "deck", "texts", "result"])
    for desk in changed:
        for actor, code, arguments in desk.posts:
            sender = None if actor is None else get_user_model()._default_manager.get(pk=actor.pk)
            post_system(desk.conversation, sender, code, **arguments)
    hints.publish_all([hint for desk in changed for hint in desk.told])
    private: dict[int, dict | None] = {user: {"tables": listing(user)} for user in moved}
    for user, hand in ((user, hand) for desk in changed for user, hand in desk.hands.items()):
        private[user] = (private.get(user) or {}) | hand
    bump_users(private, access=bool(moved))  # sockets follow the tables of their users from now on, and no others
    for desk in changed:
        for actor, action, detail in desk.facts:
            record(actor, action, desk.conversation, detail=detail)


def _complete(desk: Desk) -> None:
    """The row as it is to be written."""
    row, table = desk.row, desk.table
    row.host_id, row.changed = table.host, desk.now
    row.deadline = None if row.closed_at else rules.next_due(table, desk.now)
    row.state = table.to_json()
    transaction.on_commit(partial(clocks.tell, row.pk, row.deadline))


def _store_seats(desk: Desk) -> set[int]:
    """Bring the rows in line with the state; gives who came, went or changed his seat."""
    table = desk.table
    wanted: dict[int, int | None] = dict.fromkeys(table.watchers)
    wanted |= {user: index for index, user in enumerate(table.seats) if user is not None}
    gone = {user for user in desk.seats if user not in wanted}
    if gone:
        Seat.objects.filter(table=desk.row, user__in=gone).delete()
    moved = [seat for user, seat in desk.seats.items() if user in wanted and seat.index != wanted[user]]
    for seat in sorted(moved, key=lambda seat: wanted[seat.user_id] is not None):  # who stands up first frees the seat
        Seat.objects.filter(pk=seat.pk).update(index=wanted[seat.user_id])
    new = {user for user in wanted if user not in desk.seats}
    if new:
        Seat.objects.bulk_create(
            [Seat(table=desk.row, user_id=user, index=wanted[user], last_seen=desk.now) for user in sorted(new)]
        )
    return new | gone | {seat.user_id for seat in moved}
