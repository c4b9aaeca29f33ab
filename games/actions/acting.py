"""What people do at tables: all that comes in at the same time in one transaction, an answer for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import time
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts.access import senders
from core import policies
from core.buckets import Buckets
from core.refusal import Refusal
from core.registry import Caller
from games import clock, refusals, shown
from games.actions.desk import Desk, close, flush_all, open_desks, step, tick
from games.actions.kinds import KINDS, Act, asked, demand_close
from games.actions.open import demand_open
from games.actions.stored import roles_of, steps_by
from games.models import MatchEvent
from games.policies import Games
from games.tienlen.state import Illegal
from messaging import rights

acts = Buckets(10, 5)  # of one person, at once and a second
STALE = ("play", "pass")  # depend on what one has seen


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as much of him as the log asks for."""

    pk: int
    username: str
    ip: str


def act(requests: Sequence[tuple[Caller, Act]]) -> list[dict | Refusal]:
    """Do these; the answer to each is `{seq, done, hand}` (stale: `done` false, with a `snapshot`) or a Refusal."""
    try:
        with transaction.atomic():
            return _act(requests) if requests else []
    except IntegrityError:  # somebody sat down at two tables in two processes
        if len(requests) > 1:
            raise  # one by one, then
        return [Refusal("conflict")]


def _act(requests: Sequence[tuple[Caller, Act]]) -> list[dict | Refusal]:
    now = clock.now()
    desks = open_desks((wanted.table for _, wanted in requests), now)
    at = connection.ops.adapt_datetimefield_value(clock.moment(time()))
    people = senders([caller.login_session for caller, _ in requests], at)
    places = {desk.conversation.pk for desk in desks.values()}
    roles = roles_of(places, {caller.user_id for caller, _ in requests})
    known = steps_by([(caller.user_id, wanted.client_id) for caller, wanted in requests])
    results: list[dict | Refusal] = []
    for caller, wanted in requests:
        try:
            person = people.get(caller.login_session)
            if person is None or person.id != caller.user_id:
                raise Refusal("signed_out")
            actor = Actor(person.id, person.username, caller.ip)
            desk = desks.get(wanted.table)
            role = roles.get((desk.conversation.pk, actor.pk)) if desk else None
            if (before := known.get((actor.pk, wanted.client_id))) is not None:
                results.append(_again(before, wanted, desk if role else None, actor.pk))
                continue
            if desk is None or role is None or desk.row.closed_at is not None:
                raise Refusal("not_found")
            if not acts.take(actor.pk):
                raise Refusal("too_fast")
            results.append(_one(desk, actor, role, wanted))
            if desk.steps and desk.steps[-1].client_id == wanted.client_id:
                known[actor.pk, wanted.client_id] = desk.steps[-1]
        except Refusal as refusal:
            results.append(refusal)
        except Illegal as illegal:
            results.append(refusals.of(illegal))
    flush_all(desks.values())
    return results


def _one(desk: Desk, actor: Any, role: str, wanted: Act) -> dict:
    conversation, table = desk.conversation, desk.table
    may_close = rights.may(conversation.kind, role, "close_table")
    if wanted.kind == "close":
        demand_close(desk, actor.pk, conversation.kind, role)
        return _answer(desk, actor.pk, close(desk, "closed", actor, wanted.client_id))
    if not (policies.get(Games).tienlen_enabled and conversation.tables):
        raise refusals.refuse("tables_off")
    if not rights.may(conversation.kind, role, "play"):
        raise Refusal("not_allowed")
    demand_open(conversation, actor.pk)
    tick(desk)
    if wanted.kind in STALE and wanted.seq < desk.row.moved_seq:
        view = shown.snapshot(desk.row, table, actor.pk, may_close, desk.now)
        return {**_answer(desk, actor.pk, desk.row.seq), "done": False, "snapshot": view}
    events = KINDS[wanted.kind](desk, actor.pk, wanted)
    if not events:  # it was so already
        return _answer(desk, actor.pk, desk.row.seq)
    return _answer(desk, actor.pk, step(desk, wanted.kind, events, actor, wanted.client_id, asked(wanted)))


def _answer(desk: Desk, user: int, seq: int) -> dict:
    return {"seq": seq, "done": True, "hand": shown.hand_of(desk.table, user)}


def _again(before: MatchEvent, wanted: Act, desk: Desk | None, user: int) -> dict:
    """The original answer; the hand is as it is now."""
    same = before.table_id == wanted.table and before.kind == wanted.kind
    if not same or before.payload.get("asked", {}) != asked(wanted):
        raise refusals.refuse("client_id_reused")
    return {"seq": before.seq, "done": True, "hand": shown.hand_of(desk.table, user) if desk else None}
