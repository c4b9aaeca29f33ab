"""The rows of matches, made and completed with the steps of a table; what the group and the log are told of them. No cards before the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from games import clock, shown
from games.actions.stored import match_of
from games.models import Match
from games.tienlen.status import pack
from games.tienlen.table_view import status_of_table

if TYPE_CHECKING:
    from games.actions.desk import Desk, Event


def keep_match(desk: Desk, events: list[Event], actor: Any) -> int | None:
    """The match that a step belongs to; its row is made with its first and complete with its last step."""
    kinds = {event["kind"] for event in events}
    if "started" in kinds:
        desk.match = _begin(desk).pk
    elif desk.match is None and desk.row.phase == "playing":  # as it was stored
        desk.match = match_of(desk.row.pk, desk.row.match_no)
    found = desk.match
    _note(desk, events, actor)
    if found is not None and kinds & {"over", "cancelled"}:
        _finish(desk, Match.objects.get(pk=found), "cancelled" in kinds)
        desk.match = None
    return found


def _begin(desk: Desk) -> Match:
    table = desk.table
    assert table.game
    lead = next((seat for seat, user in table.players.items() if user == desk.leader), None)
    made = Match.objects.create(
        table=desk.row, no=table.match, started_at=clock.moment(desk.now), options=table.options.to_json(), lead=lead,
        first=desk.leader is None, players={str(seat): user for seat, user in table.players.items()},
        promise=table.shuffled["promise"] or "", deck_hash=table.shuffled["hash"],
    )  # fmt: skip
    users = _people(desk, [*table.players.values()])
    desk.posts.append((None, "game_started", {"table": desk.row.pk, "match": made.no, "users": users}))
    detail = {"table": desk.row.pk, "match": made.no, "players": [*table.players.values()]}
    desk.facts.append((None, "match.started", detail))
    return made


def _finish(desk: Desk, found: Match, cancelled: bool) -> None:
    table, game, no = desk.table, desk.table.game, found.no
    found.ended_at = clock.moment(desk.now)
    status = f"0x{pack(status_of_table(table) if game is None else game):08X}"
    detail: dict[str, Any] = {"table": desk.row.pk, "match": no, "status": status}
    if cancelled or game is None:
        found.result = {"places": [], "points": [0, 0, 0, 0], "entries": [], "instant": None}
        users = _people(desk, [*found.players.values()])
        post: dict[str, Any] = {"users": users, "cancelled": True}
        detail["cancelled"] = True
    else:
        found.seed, found.deck = table.shuffled["seed"] or "", table.shuffled["deck"]
        found.texts = {str(seat): text for seat, text in table.shuffled["texts"].items()}
        entries, points = [entry.to_json() for entry in game.entries], game.points()
        places = [*game.places] + [seat for seat in game.players if seat not in game.places]
        found.result = {"places": [*game.places], "points": points, "entries": entries, "instant": game.instant}
        users = _people(desk, [table.players[seat] for seat in places])
        post = {"users": [{**user, "points": points[seat]} for user, seat in zip(users, places, strict=True)]}
        detail |= {"places": [user["id"] for user in users], "points": [points[seat] for seat in places]}
        if game.instant:
            post["instant"] = detail["instant"] = game.instant
    found.result |= {"cancelled": cancelled, "status": status}
    desk.matches.append(found)
    desk.posts.append((None, "game_ended", {"table": desk.row.pk, "match": no, **post, "status": status}))
    desk.facts.append((None, "match.ended", detail))


def _note(desk: Desk, events: list[Event], actor: Any) -> None:
    """What the log keeps of a match: who left it, who was not there. No cards."""
    for event in events:
        if event["kind"] in ("left", "absent"):
            user = desk.table.players.get(event["seat"])
            detail = {"table": desk.row.pk, "match": desk.table.match, "user": user}
            gone = event["kind"] == "left" and event["gone"]  # he was absent twice, which is told by `absent`
            if event["kind"] == "absent":
                desk.facts.append((None, "match.timed_out", {**detail, "strikes": event["strikes"]}))
            elif not gone:
                desk.facts.append((actor, "match.left", detail))


def _people(desk: Desk, users: list[int]) -> list[dict[str, Any]]:
    names = shown.names_of(users)
    return [{"id": user, "name": names[str(user)]["name"] if str(user) in names else ""} for user in users]
