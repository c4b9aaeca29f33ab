"""The only place that finds tables for a person: those of conversations that he is in. Missing and forbidden look the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import policies
from core.refusal import Refusal
from core.sql import Subquery, rows
from games import clock, heard, refusals, shown
from games.models import GameTable, Match, MatchEvent, Seat
from games.policies import Games
from games.tienlen.table import Table
from messaging import rights
from messaging.access import get_membership
from messaging.models import Membership

MATCHES = 50
FOLLOWED = (
    " FROM games_seat s JOIN games_gametable t ON t.id = s.table_id"
    " JOIN messaging_membership m ON m.conversation_id = t.conversation_id AND m.user_id = s.user_id"
    " WHERE s.user_id = %s AND t.closed_at IS NULL"
)


def demand_on(membership: Membership) -> None:
    """Raise Refusal where there are no card tables."""
    if not (policies.get(Games).tienlen_enabled and membership.conversation.tables):
        raise refusals.refuse("tables_off")
    rights.demand(membership, "play")


def get_table(user: Any, table_id: int, closed: bool = False) -> tuple[GameTable, Membership]:
    """A table of a conversation that the user is in, and his membership. Raises Refusal."""
    row = GameTable.objects.filter(pk=table_id).first()
    if row is None or (row.closed_at is not None and not closed):
        raise Refusal("not_found")
    return row, get_membership(user, row.conversation_id)


def table_of(row: GameTable) -> Table:
    """The rules' table of a row, with the signs of life that came since it was stored."""
    table = Table.from_json(row.state)
    for user, at in Seat.objects.filter(table=row).values_list("user_id", "last_seen"):
        table.last_seen[user] = heard.last(row.pk, user, max(at, table.last_seen.get(user, 0.0)))
    return table


def get_snapshot(user: Any, table_id: int) -> dict[str, Any]:
    """A table as one person sees it. Raises Refusal."""
    row, membership = get_table(user, table_id)
    may_close = rights.may(membership.conversation.kind, membership.role, "close_table")
    return shown.snapshot(row, table_of(row), user.pk, may_close, clock.now())


def get_tables(user: Any, conversation_id: int) -> dict[str, Any]:
    """The open tables of a conversation. Raises Refusal."""
    get_membership(user, conversation_id)
    found = []
    people: set[int] = set()
    for row in GameTable.objects.filter(conversation=conversation_id, closed_at=None).defer("state").order_by("pk"):
        seats: list[int | None] = [None] * 4
        watchers = 0
        for someone, index in Seat.objects.filter(table=row).values_list("user_id", "index"):
            if index is None:
                watchers += 1
            else:
                seats[index] = someone
                people.add(someone)
        found.append(
            {
                "table": row.pk, "preset": row.preset, "host": row.host_id, "phase": row.phase, "match": row.match_no,
                "seats": seats, "watchers": watchers, "opened_at": row.opened_at,
            }
        )  # fmt: skip
    return {"tables": found, "names": shown.names_of(people)}


def get_matches(user: Any, table_id: int) -> dict[str, Any]:
    """The matches of a table that are over, the newest first. Raises Refusal."""
    row, _ = get_table(user, table_id, closed=True)
    found = Match.objects.filter(table=row, ended_at__isnull=False).order_by("-no")[:MATCHES]
    matches: list[dict[str, Any]] = [
        {
            "no": match.no,
            "started_at": match.started_at,
            "ended_at": match.ended_at,
            "players": match.players,
            **{name: match.result[name] for name in ("places", "points", "instant", "cancelled")},
        }
        for match in found
    ]
    return {"matches": matches, "names": shown.names_of({id for m in matches for id in m["players"].values()})}


def get_replay(user: Any, table_id: int, no: int) -> dict[str, Any]:
    """Everything of one match that is over: deck and steps rebuild every state of it. Raises Refusal."""
    row, _ = get_table(user, table_id, closed=True)
    match = Match.objects.filter(table=row, no=no, ended_at__isnull=False).first()
    if match is None:
        raise Refusal("not_found")
    seats = sorted(match.players, key=int)
    deck: list[int] = match.deck or []
    steps = MatchEvent.objects.filter(match=match).order_by("seq")
    return {
        "table": row.pk,
        "conversation": row.conversation_id,
        "no": match.no,
        "started_at": match.started_at,
        "ended_at": match.ended_at,
        "options": match.options,
        "players": match.players,
        "names": shown.names_of(match.players.values()),
        "lead": match.lead,
        "first": match.first,
        "deck": deck or None,
        "hands": {seat: sorted(deck[13 * n : 13 * (n + 1)]) for n, seat in enumerate(seats)} if deck else None,
        "promise": match.promise,
        "hash": match.deck_hash,
        "seed": match.seed or None,
        "texts": match.texts,
        **{name: match.result[name] for name in ("places", "points", "entries", "instant", "cancelled", "status")},
        "events": [[step.seq, step.at, step.payload["events"]] for step in steps],
    }


def tables_of(user_id: int) -> list[tuple[int, int, int, int | None]]:
    """(table, conversation, seq, seat) of the open tables that somebody sits at or watches, in conversations that he is in. One query."""
    return rows(f"SELECT t.id, t.conversation_id, t.seq, s.place{FOLLOWED} ORDER BY t.id", [user_id])


def followed(user_id: int) -> Subquery:
    """The same tables, for a query that asks for other feeds as well."""
    return Subquery(f"SELECT t.id{FOLLOWED}", [user_id])


def listing(user_id: int) -> list[dict[str, Any]]:
    """Where somebody sits or watches, as pages know it."""
    return [{"table": table, "conversation": where, "seat": seat} for table, where, _, seat in tables_of(user_id)]


def hands_of(user_id: int, tables: list[int]) -> dict[str, dict[str, Any]]:
    """The hands that somebody holds at these tables."""
    found = {}
    for row in GameTable.objects.filter(pk__in=tables, phase="playing", closed_at=None):
        if (hand := shown.own_hand(row, Table.from_json(row.state), user_id)) is not None:
            found[str(row.pk)] = hand
    return found


def names_by_id(users: Iterable[int]) -> dict[int, str]:
    """How these people are called."""
    return {int(id): face["name"] for id, face in shown.names_of(users).items()}
