"""What people see of a table: the same for all, but for one's own hand."""

from collections.abc import Mapping
from typing import Any

from games.tienlen.shuffle import commitment
from games.tienlen.status import (
    EMPTY,
    IN,
    NO_CARDS,
    READY,
    WATCHING,
    Command,
    Record,
    Status,
    command_of,
    pack,
    status_of,
    to_char,
    to_number,
    to_record,
)
from games.tienlen.table import Table
from games.tienlen.view import view_for


def table_view(table: Table, user: int | None, now: float) -> dict[str, Any]:
    """A snapshot for somebody who sits, watches or only looks; times are seconds from now."""
    status = status_of_table(table)
    command = _command(table, status)
    seat = next((seat for seat, player in table.players.items() if player == user), None)
    return {
        "phase": table.phase,
        "match": table.match,
        "options": table.options.to_json(),
        "host": table.host,
        "seats": [
            None
            if other is None
            else {"user": other, "ready": other in table.ready, "silent": table.is_silent(other, now)}
            for other in table.seats
        ],
        "players": [table.players.get(number) for number in range(4)],
        "watchers": len(table.watchers),
        "scores": {str(other): score for other, score in table.scores.items()},
        "due": {name: max(0.0, round(time - now, 3)) for name, time in table.due.items()},
        "votes": {what: len(users) for what, users in table.votes.items()},
        "status": pack(status),
        "char": to_char(command) if command else None,
        "number": to_number(command) if command else None,
        "promise": commitment(table.seed) if table.seed else None,
        "hash": table.shuffled.get("hash"),
        "proof": dict(table.shuffled) if table.phase != "playing" and table.shuffled else None,
        "game": view_for(table.game, seat) if table.game else None,
    }


def status_of_table(table: Table) -> Status:
    """The status integer's fields; a match's until somebody is ready for the next."""
    game = table.game if table.phase != "waiting" else None
    base = status_of(game) if game else Status()
    states, left = [*base.states], [*base.left]
    for seat, user in enumerate(table.seats):
        if user is None:
            if not (game and table.phase == "playing" and seat in game.out):
                states[seat], left[seat] = EMPTY, NO_CARDS
        elif table.phase != "playing" and user in table.ready:
            states[seat], left[seat] = IN, READY
        elif not game:
            states[seat], left[seat] = IN, NO_CARDS
        elif table.players.get(seat) != user:
            states[seat], left[seat] = (WATCHING if table.phase == "playing" else IN), NO_CARDS
    return base._replace(states=tuple(states), left=tuple(left))


def record_for(table: Table, user: int, addresses: Mapping[int, str]) -> str:
    """The note's text record for one who sits here: his own score and cards."""
    seat = next((seat for seat, player in table.players.items() if player == user), None)
    hand = table.game.hands[seat] if table.game and seat is not None else ()
    seats = tuple(None if other is None else addresses[other] for other in table.seats)
    return to_record(Record(seats, pack(status_of_table(table)), table.scores.get(user, 0), hand))


def command_of_table(table: Table) -> Command | None:
    """The note's command: who is to move, who won, or that all wait."""
    return _command(table, status_of_table(table))


def _command(table: Table, status: Status) -> Command | None:
    if table.phase == "result":
        return command_of(status, table.game.places if table.game else [], over=True)
    return command_of(status)
