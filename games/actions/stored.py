"""The rows of tables as every move reads and writes them, by hand-written SQL: built by the ORM a move costs three times as much."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.sql import for_update, marks, padded, pairs, rows
from games.models import GameTable, MatchEvent
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


@dataclass(slots=True)
class SeatRow:
    """Somebody at a table, as `Seat` has it."""

    pk: int
    table_id: int
    user_id: int
    index: int | None
    last_seen: float
    silent: bool


def lock_tables(ids: Collection[int]) -> list[tuple[GameTable, Conversation, int | None]]:
    """Those of these tables that are open, each with its conversation and its last match. Locked: conversations by id, the tables of each by id."""
    if not ids:
        return []
    columns = ", ".join(f"t.{name}" for name in ("id", "conversation_id", *TABLE))
    lock = for_update()
    places: dict[int, Conversation] = {}
    tables = []
    for kind, switch, pair, match, *values in rows(
        f"SELECT c.kind, c.tables, c.pair_key, m.id, {columns} FROM messaging_conversation c"  # noqa: S608
        " JOIN games_gametable t ON t.conversation_id = c.id LEFT JOIN games_match m ON m.table_id = t.id AND m.no = t.match_no"
        f" WHERE t.id IN {marks(ids)} AND t.closed_at IS NULL ORDER BY c.id, t.id{lock}{' OF c, t' if lock else ''}",
        padded(ids),
    ):
        row = _made(GameTable, dict(zip(("id", "conversation_id", *TABLE), values, strict=True)))
        row.state = json.loads(row.state)
        if (
            where := row.conversation_id
        ) not in places:  # one for all of its tables: each message that is posted numbers it
            place = {"id": where, "kind": kind, "tables": bool(switch), "pair_key": pair}
            places[where] = _made(Conversation, place)
        tables.append((row, places[where], match))
    return tables


def _made(model: Any, values: dict[str, Any]) -> Any:
    """An instance with these values; others are read when they are asked for."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db(connection.alias, names, [values[name] for name in names])


def seats_of(tables: Collection[int]) -> list[SeatRow]:
    """Everybody at these tables."""
    sql = f"SELECT id, table_id, user_id, place, last_seen, silent FROM games_seat WHERE table_id IN {marks(tables)}"  # noqa: S608
    return [SeatRow(*row) for row in rows(sql, padded(tables))] if tables else []


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


def heads_of(tables: Collection[int], users: Collection[int]) -> dict[tuple[int, int], tuple[int, float | None]]:
    """(table, user) -> its number and when something is due there; of open tables in conversations that these users are in."""
    found = rows(
        "SELECT t.id, m.user_id, t.seq, t.deadline FROM games_gametable t"  # noqa: S608
        " JOIN messaging_membership m ON m.conversation_id = t.conversation_id"
        f" WHERE t.id IN {marks(tables)} AND m.user_id IN {marks(users)} AND t.closed_at IS NULL",
        [*padded(tables), *padded(users)],
    )
    return {(table, user): (seq, deadline) for table, user, seq, deadline in found}


def steps_by(asked: Collection[tuple[int, str]]) -> dict[tuple[int, str], MatchEvent]:
    """What was done before under these (user, client id)."""
    values, params = pairs(asked)
    ids = [id for (id,) in rows(f"SELECT id FROM games_matchevent WHERE (user_id, client_id) IN {values}", params)]  # noqa: S608
    found = MatchEvent.objects.filter(pk__in=ids) if ids else ()
    return {(step.user_id or 0, step.client_id or ""): step for step in found}


def store_tables(tables: Sequence[GameTable]) -> None:
    """Write what tables have become."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE games_gametable SET {', '.join(f'{name} = %s' for name in TABLE)} WHERE id = %s",  # noqa: S608
            [_table(row) for row in tables],
        )


def _table(row: GameTable) -> list[Any]:
    values: list[Any] = [getattr(row, name) for name in TABLE]
    values[TABLE.index("state")] = _json(row.state)
    values[TABLE.index("closed_at")] = _moment(row.closed_at)
    return [*values, row.pk]


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
