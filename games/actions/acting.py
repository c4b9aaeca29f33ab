"""What people do at tables: all that comes in at the same time in one transaction, an answer for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from core import policies, registry
from core.buckets import Buckets
from core.refusal import Refusal
from core.registry import Caller
from games import clock, refusals, shown
from games.actions.desk import Desk, close, flush_all, open_desks, step, tick
from games.actions.kinds import KINDS, Act, demand_close
from games.actions.open import demand_open
from games.models import MatchEvent
from games.policies import Games
from games.tienlen.state import Illegal
from messaging import rights
from messaging.models import Membership

acts = Buckets(10, 5)  # of one person, at once and a second
STALE = ("play", "pass")  # depend on what one has seen


def act(requests: Sequence[tuple[Caller, Act]]) -> list[dict | Refusal]:
    """Do these; the answer to each is `{seq, done, hand}` (stale: `done` false, with a `snapshot`) or a Refusal."""
    try:
        with transaction.atomic():
            return _act(requests)
    except IntegrityError:  # somebody sat down at two tables in two processes
        if len(requests) > 1:
            raise  # one by one, then
        return [Refusal("conflict")]


def _act(requests: Sequence[tuple[Caller, Act]]) -> list[dict | Refusal]:
    now = clock.now()
    desks = open_desks((wanted.table for _, wanted in requests), now)
    actors = registry.find_actors([caller.login_session for caller, _ in requests])
    roles = _roles(desks, {caller.user_id for caller, _ in requests})
    known = _known(requests)
    results: list[dict | Refusal] = []
    for caller, wanted in requests:
        try:
            actor = actors.get(caller.login_session)
            if actor is None or actor.pk != caller.user_id:
                raise Refusal("signed_out")
            actor.ip = caller.ip
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
        return _answer(desk, actor.pk, close(desk, "closed", actor))
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
    more = {"cards": sorted(wanted.cards)} if wanted.kind == "play" else {}
    return _answer(desk, actor.pk, step(desk, wanted.kind, events, actor, wanted.client_id, **more))


def _answer(desk: Desk, user: int, seq: int) -> dict:
    return {"seq": seq, "done": True, "hand": shown.hand_of(desk.table, user)}


def _again(before: MatchEvent, wanted: Act, desk: Desk | None, user: int) -> dict:
    """The original answer; the hand is as it is now."""
    same = before.table_id == wanted.table and before.kind == wanted.kind
    if not same or before.payload.get("cards", []) != sorted(wanted.cards):
        raise refusals.refuse("client_id_reused")
    return {"seq": before.seq, "done": True, "hand": shown.hand_of(desk.table, user) if desk else None}


def _known(requests: Sequence[tuple[Caller, Act]]) -> dict[tuple[int, str], MatchEvent]:
    """What was done by these client ids before."""
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for caller, wanted in requests:
        ids[wanted.client_id].add(caller.user_id)
    users = {caller.user_id for caller, _ in requests}
    found = MatchEvent.objects.filter(user__in=users, client_id__in=ids)
    return {(step.user_id or 0, step.client_id or ""): step for step in found}


def _roles(desks: dict[int, Desk], users: set[int]) -> dict[tuple[int, int], str]:
    where = {desk.conversation.pk for desk in desks.values()}
    found = Membership.objects.filter(conversation__in=where, user__in=users)
    return {(place, user): role for place, user, role in found.values_list("conversation_id", "user_id", "role")}
