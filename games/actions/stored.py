"""The rows of tables as every move reads and writes them, by hand-written SQL: built by the ORM a move costs three times as much."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from core.sql import for_update, marks, padded, pairs, rows
from games.models import GameTable, MatchEvent, Seat
from messaging.models import Conversation

TABLE = (
    "host_id",
    "phase",
    "status",
    "match_no",
    "seq",
    "moved_seq",
    "preset",
    "state",
    "deadline",
    "changed",
    "closed_at",
)
STEP = ("table_id", "match_id", "seq", "user_id", "kind", "payload", "at", "client_id")


def places_of(tables: Collection[int]) -> dict[int, int]:
    """The conversations of those of these tables that are open."""
    return {id: place for id, (place, *_) in heads_of(tables).items()}


def heads_of(tables: Collection[int]) -> dict[int, tuple[int, int, float | None]]:
    """(conversation, seq, when something is due) of those of these tables that are open."""
    if not tables:
        return {}
    found = rows(
        f"SELECT id, conversation_id, seq, deadline FROM games_gametable WHERE id IN {marks(tables)} AND closed_at IS NULL",  # noqa: S608
        padded(tables),
    )
    return {id: (place, seq, deadline) for id, place, seq, deadline in found}


def lock_conversations(ids: Collection[int]) -> dict[int, Conversation]:
    """These conversations, locked in the order of ids."""
    sql = f"SELECT * FROM messaging_conversation WHERE id IN {marks(ids)} ORDER BY id{for_update()}"  # noqa: S608
    return {found.pk: found for found in Conversation.objects.raw(sql, padded(ids))}


def lock_tables(ids: Collection[int]) -> list[GameTable]:
    """Those of these tables that are open, locked in the order of ids."""
    sql = f"SELECT * FROM games_gametable WHERE id IN {marks(ids)} AND closed_at IS NULL ORDER BY id{for_update()}"  # noqa: S608
    return list(GameTable.objects.raw(sql, padded(ids)))


def seats_of(tables: Collection[int]) -> list[Seat]:
    """Everybody at these tables."""
    sql = f"SELECT id, table_id, user_id, place, last_seen, silent FROM games_seat WHERE table_id IN {marks(tables)}"  # noqa: S608
    return [Seat(*row) for row in rows(sql, padded(tables))] if tables else []


def match_of(table: int, no: int) -> int:
    """The id of a match."""
    return rows("SELECT id FROM games_match WHERE table_id = %s AND no = %s", [table, no])[0][0]


def roles_of(conversations: Collection[int], users: Collection[int]) -> dict[tuple[int, int], str]:
    """(conversation, user) -> his role there."""
    if not conversations:
        return {}
    found = rows(
        "SELECT conversation_id, user_id, role FROM messaging_membership"  # noqa: S608
        f" WHERE conversation_id IN {marks(conversations)} AND user_id IN {marks(users)}",
        [*padded(conversations), *padded(users)],
    )
    return {(place, user): role for place, user, role in found}


def steps_by(asked: Collection[tuple[int, str]]) -> dict[tuple[int, str], MatchEvent]:
    """What was done before under these (user, client id)."""
    values, params = pairs(asked)
    ids = [id for (id,) in rows(f"SELECT id FROM games_matchevent WHERE (user_id, client_id) IN {values}", params)]  # noqa: S608
    found = MatchEvent.objects.filter(pk__in=ids) if ids else ()
    return {(step.user_id or 0, step.client_id or ""): step for step in found}


def store_table(row: GameTable) -> None:
    """Write what a table has become."""
    values: list[Any] = [getattr(row, name) for name in TABLE]
    values[TABLE.index("state")] = _json(row.state)
    values[TABLE.index("closed_at")] = _moment(row.closed_at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE games_gametable SET {', '.join(f'{name} = %s' for name in TABLE)} WHERE id = %s",  # noqa: S608
            [*values, row.pk],
        )


def store_steps(steps: Sequence[MatchEvent]) -> None:
    """Write what happened."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO games_matchevent ({', '.join(STEP)}) VALUES ({', '.join(['%s'] * len(STEP))})",  # noqa: S608
            [_step(step) for step in steps],
        )


def _step(step: MatchEvent) -> list[Any]:
    at, payload = _moment(step.at), _json(step.payload)
    return [step.table_id, step.match_id, step.seq, step.user_id, step.kind, payload, at, step.client_id]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _moment(at: Any) -> Any:
    return None if at is None else connection.ops.adapt_datetimefield_value(at)
