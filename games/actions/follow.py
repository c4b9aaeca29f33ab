"""Looking on, signs of life, and short words at the seat."""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import Any

from django.db import connection, transaction

from accounts.access import senders
from core import registry
from core.buckets import Buckets
from core.refusal import Refusal
from core.registry import Caller
from games import clock, heard, refusals
from games.access import demand_on, get_snapshot, get_table
from games.actions.acting import acts
from games.actions.attend import tick_tables
from games.actions.desk import flush_all, open_desks, step
from games.actions.kinds import KINDS, Act
from games.actions.open import demand_open
from games.actions.stored import heads_of
from games.models import Seat
from games.tienlen.state import Illegal
from messaging.actions import demand_voice
from realtime import frames, hints

PHRASES = (
    "hello", "nice", "hurry", "thanks", "sorry", "well_played", "oops", "wait", "good_luck", "again", "laugh", "wow",
)  # fmt: skip
said = Buckets(3, 0.5)  # of one person, at once and a second


def follow(actor: Any, table_id: int) -> dict[str, Any]:
    """Watch a table, unless one is at it already; the snapshot. Raises Refusal."""
    row, membership = get_table(actor, table_id)
    demand_on(membership)
    demand_open(membership.conversation, actor.pk)
    if not Seat.objects.filter(table=row, user=actor).exists():
        _do(actor, table_id, "watch")
    heard.note(table_id, actor.pk, clock.now())
    return get_snapshot(actor, table_id)


def unfollow(actor: Any, table_id: int) -> None:
    """Watch no longer; who sits stays. Raises Refusal."""
    row, _ = get_table(actor, table_id)
    if Seat.objects.filter(table=row, user=actor, index=None).exists():
        _do(actor, table_id, "stand")


def _do(actor: Any, table_id: int, kind: str) -> None:
    if not acts.take(actor.pk):
        raise Refusal("too_fast")
    with transaction.atomic():
        desk = open_desks([table_id], clock.now()).get(table_id)
        if desk is None:
            raise Refusal("not_found")
        if kind == "stand" and actor.pk not in desk.table.watchers:
            return  # in another tab he sat down meanwhile
        try:
            events = KINDS[kind](desk, actor.pk, Act(table_id, kind, ""))
        except Illegal as illegal:
            raise refusals.of(illegal) from None
        if events:
            step(desk, kind, events, actor)
        flush_all([desk])


def heartbeat(requests: Sequence[tuple[Caller, int]]) -> list[dict | Refusal]:
    """ "Where is 3?": signs of life at these tables, and whatever is overdue there happens now."""
    now = clock.now()
    at = connection.ops.adapt_datetimefield_value(clock.moment(time()))
    people = senders([caller.login_session for caller, _ in requests], at)
    heads = heads_of({table for _, table in requests}, {caller.user_id for caller, _ in requests})
    results: list[dict | Refusal] = []
    for caller, table in requests:
        person = people.get(caller.login_session)
        head = heads.get((table, caller.user_id))
        if person is None or person.id != caller.user_id:
            results.append(Refusal("signed_out"))
        elif head is None:
            results.append(Refusal("not_found"))
        else:
            heard.note(table, caller.user_id, now)
            results.append({"seq": head[0], "done": True, "hand": None})
    if overdue := {table for (table, _), (_, due) in heads.items() if due is not None and due <= now}:
        tick_tables(sorted(overdue))
    return results


def say(caller: Caller, table_id: int, phrase: str) -> dict | Refusal:
    """A phrase for those at the table: shown for a moment, kept nowhere."""
    try:
        actor = registry.find_actors([caller.login_session]).get(caller.login_session)
        if actor is None:
            raise Refusal("signed_out")
        row, membership = get_table(actor, table_id)
        demand_on(membership)
        demand_voice(membership)
        seat = Seat.objects.filter(table=row, user=actor).first()
        if seat is None or phrase not in PHRASES:
            raise Refusal("bad_request")
        if not said.take(actor.pk):
            raise Refusal("too_fast")
    except Refusal as refusal:
        return refusal
    told = {"table": row.pk, "user": actor.pk, "seat": seat.index, "phrase": phrase}
    hints.signal("feed", [f"table:{row.pk}", frames.event("said", told).text])
    return {"seq": row.seq, "done": True, "hand": None}
