"""What people see of tables: the public view for all, a snapshot for one person. No card of another hand passes here before the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.relations import faces
from games.models import GameTable, MatchEvent
from games.tienlen.table import Table
from games.tienlen.table_view import table_view

LOG = 30  # steps of a match that a snapshot brings
RESUMED = 50  # events that a page which was away is told; the view says the rest


def public_view(row: GameTable, table: Table, now: float) -> dict[str, Any]:
    """The same for everybody."""
    made = table_view(table, None, now)
    return {
        **made,
        "id": row.pk,
        "conversation": row.conversation_id,
        "preset": row.preset,
        "moved": row.moved_seq,
        "first": table.leader is None,  # nobody has won here yet, also where matches were called off
    }


def event_data(
    row: GameTable, table: Table, events: list[dict[str, Any]], now: float, names: Iterable[int] = (), why: str = ""
) -> dict[str, Any]:
    """A fact of the table's feed: what happened, and how it stands now."""
    data = {
        "table": row.pk,
        "conversation": row.conversation_id,
        "seq": row.seq,
        "view": public_view(row, table, now),
        "events": events,
    }
    if wanted := set(names):
        data["names"] = names_of(wanted)
    if why:
        data["closed"] = why
    return data


def names_of(users: Iterable[int]) -> dict[str, dict[str, str]]:
    """How these people call and show themselves. One query."""
    return {str(face["id"]): {"name": face["name"], "avatar": face["avatar"]} for face in faces(users)}


def everybody(table: Table) -> set[int]:
    """Whom the view of a table speaks of."""
    return {*table.sitting(), *table.players.values(), *table.scores}


def hand_of(table: Table, user: int) -> list[int] | None:
    """The cards that somebody holds in the running match; None for who plays in none."""
    if table.phase != "playing" or table.game is None:
        return None
    for seat, player in table.players.items():
        if player == user and table.seats[seat] == user:
            return [*table.game.hands[seat]]
    return None


def own_hand(row: GameTable, table: Table, user: int) -> dict[str, Any] | None:
    """The same with its number, for the private parts of his feed."""
    cards = hand_of(table, user)
    return None if cards is None else {"seq": row.seq, "match": table.match, "cards": cards}


def snapshot(row: GameTable, table: Table, user: int, may_close: bool, now: float) -> dict[str, Any]:
    """All that one person needs to show a table."""
    seat = table.seat_of(user)
    role = "host" if user == table.host else "player" if seat is not None else "watcher"
    return {
        "table": row.pk,
        "conversation": row.conversation_id,
        "seq": row.seq,
        "view": public_view(row, table, now),
        "hand": hand_of(table, user),
        "names": names_of(everybody(table) | {user}),
        "log": steps_of(row, table.match),
        "role": role if seat is not None or user in table.watchers else "",
        "may_close": may_close,
    }


def steps_of(row: GameTable, no: int, most: int = LOG) -> list[list[Any]]:
    """The last steps of a match: (seq, events)."""
    found = MatchEvent.objects.filter(table=row, match__no=no).order_by("-seq")[:most]
    return [[step.seq, step.payload["events"]] for step in reversed(found)]


def events_after(row: GameTable, after: int) -> list[dict[str, Any]]:
    """What happened since a number, the last of it."""
    found = MatchEvent.objects.filter(table=row, seq__gt=after).order_by("-seq")[:RESUMED]
    return [event for step in reversed(found) for event in step.payload["events"]][-RESUMED:]


def usernames(users: Iterable[int]) -> dict[int, str]:
    """By what these people sign in. One query."""
    return {face["id"]: face["username"] for face in faces(users)}
