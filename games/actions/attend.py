"""What happens at tables without anybody's doing: clocks, people who are gone, tables that nobody needs. Everything may be done twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from accounts.relations import closed_between
from core import policies
from core.sql import rows
from games import clock, heard
from games.actions.desk import Desk, close, flush_all, open_desks, pause, step, tick
from games.models import GameTable, Seat
from games.policies import Games
from games.tienlen import seating
from games.tienlen.table import SILENT
from messaging.models import Membership
from messaging.pairs import other_of

WATCHER_GONE = 60.0  # seconds of silence after which somebody does not watch any more
EMPTY = 600.0  # seconds after which a table at which nobody sits is cleared away
FORSAKEN = 3600.0  # the same where people sit, and none of them was heard
CHUNK = 50  # tables in one transaction


def tick_tables(ids: Sequence[int]) -> None:
    """Do what is due at these tables."""
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            desks = open_desks(ids[start : start + CHUNK], clock.now())
            for desk in desks.values():
                tick(desk)
            flush_all(desks.values())
            for desk in desks.values():
                if not desk.steps:  # the host was heard in time, or another process was faster: when to look again
                    _look_again(desk)


def after_restart() -> None:
    """The only server process begins: while it was away nobody could play, so all clocks get half a minute more."""
    ids = list(GameTable.objects.filter(closed_at=None, phase="playing").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            desks = open_desks(ids[start : start + CHUNK], clock.now())
            for desk in desks.values():
                pause(desk)
            flush_all(desks.values())


def _look_again(desk: Desk) -> None:
    from games import clocks
    from games.tienlen import match as rules

    deadline = rules.next_due(desk.table, desk.now)
    if deadline is not None and deadline > desk.now:
        GameTable.objects.filter(pk=desk.row.pk).update(deadline=deadline)
        transaction.on_commit(partial(clocks.tell, desk.row.pk, deadline))
    elif desk.row.deadline is not None and deadline is None:
        GameTable.objects.filter(pk=desk.row.pk).update(deadline=None)


def attend(ids: Sequence[int]) -> None:
    """Look after these tables: who is in the conversation no longer leaves, who is silent is shown so, and what is overdue happens."""
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            desks = open_desks(ids[start : start + CHUNK], clock.now())
            members = _members(desks)
            for desk in desks.values():
                _attend(desk, members)
            flush_all(desks.values())
            for desk in desks.values():
                if not desk.steps:
                    _look_again(desk)


def _attend(desk: Desk, members: set[tuple[int, int]]) -> None:
    table, place = desk.table, desk.conversation
    if why := _why_closed(desk, members):
        close(desk, why)
        return
    tick(desk)
    for user in [*table.sitting(), *table.watchers]:
        silent_for = desk.now - table.last_seen.get(user, 0.0)
        if (place.pk, user) not in members or (user in table.watchers and silent_for > WATCHER_GONE):
            if user in table.sitting() or user in table.watchers:
                step(desk, "leave", seating.leave(table, user, desk.now))
        elif (seat := desk.seats.get(user)) is not None and seat.index is not None:
            silent = silent_for > SILENT
            if silent != seat.silent:
                Seat.objects.filter(pk=seat.pk).update(silent=silent)
                event = {"kind": "silent", "seat": table.seat_of(user), "user": user, "silent": silent}
                step(desk, "tick", [event])


def _why_closed(desk: Desk, members: set[tuple[int, int]]) -> str:
    place, table = desk.conversation, desk.table
    here = [user for conversation, user in members if conversation == place.pk]
    if not (policies.get(Games).tienlen_enabled and place.tables):
        return "off"
    if place.pair_key is not None:
        one = int(place.pair_key.partition(":")[0])
        other = other_of(place.pair_key, one)
        if closed_between([(one, other), (other, one)]):
            return "blocked"
    elif not here and not Membership.objects.filter(conversation=place).exists():
        return "dissolved"
    if desk.row.changed + EMPTY < desk.now and not table.sitting():
        return "empty"
    heard_of = [table.last_seen.get(user, 0.0) for user in table.sitting()]
    forsaken = table.phase != "playing" and max([desk.row.changed, *heard_of]) + FORSAKEN < desk.now
    return "empty" if forsaken else ""


def _members(desks: dict[int, Desk]) -> set[tuple[int, int]]:
    """(conversation, user) of those at these tables who still may be there."""
    users = {user for desk in desks.values() for user in [*desk.table.sitting(), *desk.table.watchers]}
    usable: Any = get_user_model()._default_manager.filter(pk__in=users, deleted_at=None, blocked_at=None)
    where = {desk.conversation.pk for desk in desks.values()}
    found = Membership.objects.filter(conversation__in=where, user__in=usable)
    return set(found.values_list("conversation_id", "user_id"))


def find_work() -> list[int]:
    """The tables that have to be looked after now, in whatever process. Signs of life are written first."""
    heard.store()
    now = clock.now()
    if not policies.get(Games).tienlen_enabled:
        return list(GameTable.objects.filter(closed_at=None).values_list("pk", flat=True))
    found = rows(
        "SELECT t.id FROM games_gametable t JOIN messaging_conversation c ON c.id = t.conversation_id WHERE t.closed_at IS NULL"
        " AND (t.deadline <= %s OR NOT c.tables"
        " OR t.changed < %s AND NOT EXISTS (SELECT 1 FROM games_seat s WHERE s.table_id = t.id AND s.place IS NOT NULL)"
        " OR t.changed < %s AND NOT EXISTS (SELECT 1 FROM games_seat s WHERE s.table_id = t.id AND s.place IS NOT NULL AND s.last_seen >= %s)"
        " OR EXISTS (SELECT 1 FROM games_seat s JOIN accounts_user u ON u.id = s.user_id LEFT JOIN messaging_membership m"
        " ON m.conversation_id = t.conversation_id AND m.user_id = s.user_id WHERE s.table_id = t.id"
        " AND (m.id IS NULL OR u.blocked_at IS NOT NULL OR u.deleted_at IS NOT NULL OR s.place IS NULL AND s.last_seen < %s"
        " OR s.place IS NOT NULL AND s.silent <> (s.last_seen < %s)))"
        " OR c.kind = 'direct' AND EXISTS (SELECT 1 FROM games_seat s JOIN games_seat o ON o.table_id = s.table_id"
        " JOIN accounts_block b ON b.blocker_id = s.user_id AND b.blocked_id = o.user_id WHERE s.table_id = t.id))",
        [now, now - EMPTY, now - FORSAKEN, now - FORSAKEN, now - WATCHER_GONE, now - SILENT],
    )
    return [table for (table,) in found]


def conversation_changed(conversation_id: int) -> None:
    """Registered: fewer people are in a conversation, or tables are switched off there; looked after when that is committed."""
    transaction.on_commit(partial(_attend_those, {"conversation": conversation_id}), robust=True)


def account_closed(user: Any) -> Iterable[int]:
    """Registered: an account was blocked or deleted."""
    transaction.on_commit(partial(_attend_those, {"seat__user": user.pk}), robust=True)
    return ()


def policies_changing(actor: Any, values: dict[str, Any]) -> None:
    """Registered: the site's switch."""
    if values.get("games.tienlen_enabled") is False:
        transaction.on_commit(partial(_attend_those, {}), robust=True)


def _attend_those(which: dict[str, Any]) -> None:
    attend(list(GameTable.objects.filter(closed_at=None, **which).values_list("pk", flat=True)))
