"""The three records of the original note, for members: what a table broadcasts, its detail, and the question where somebody is."""

from __future__ import annotations

from typing import Any

from core.refusal import Refusal
from games import clock, heard
from games.access import get_table, table_of
from games.actions import tick_tables
from games.shown import everybody, hand_of, usernames
from games.tienlen.status import pack, to_char, to_number
from games.tienlen.table_view import command_of_table, record_for, status_of_table


def get_broadcast(user: Any, table_id: int) -> dict[str, Any]:
    """`id | command`, as character and as number; both null where the integer has no command. Raises Refusal."""
    row, _ = get_table(user, table_id)
    command = command_of_table(table_of(row))
    found = (to_char(command), to_number(command)) if command else (None, None)
    return {"id": row.pk, "command": found[0], "number": found[1]}


def get_detail(user: Any, table_id: int, host: str) -> dict[str, Any]:
    """`id | status | score | cards` with his own score and hand, and the text record. Raises Refusal."""
    row, _ = get_table(user, table_id)
    table = table_of(row)
    status = pack(status_of_table(table))
    addresses = {id: f"{name}@{host}" for id, name in usernames(everybody(table)).items()}
    return {
        "id": row.pk,
        "status": status,
        "status_hex": f"0x{status:08X}",
        "score": table.scores.get(user.pk, 0),
        "cards": hand_of(table, user.pk) or [],
        "record": record_for(table, user.pk, addresses),
    }


def ask_for(user: Any, table_id: int, player: int) -> dict[str, Any]:
    """Where is player N? Whatever is overdue happens; how many seconds ago he was heard, null at an empty seat. Raises Refusal."""
    row, _ = get_table(user, table_id)
    if not 1 <= player <= 4:
        raise Refusal("bad_request")
    now = clock.now()
    heard.note(table_id, user.pk, now)
    if row.deadline is not None and row.deadline <= now:
        tick_tables([table_id])
        row, _ = get_table(user, table_id)
    table = table_of(row)
    asked = table.seats[player - 1]
    ping = None if asked is None else round(max(0.0, now - table.last_seen.get(asked, 0.0)), 1)
    return {"id": row.pk, "player": player, "ping": ping}
