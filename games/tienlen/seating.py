"""Around the matches of a table: seats, the host, who is ready, rules, points of the session."""

from games.tienlen import match
from games.tienlen.engine import Event
from games.tienlen.options import Options
from games.tienlen.shuffle import MOST_TEXT, commitment
from games.tienlen.state import SEATS, need
from games.tienlen.table import Table

MOST_WATCHERS = 30


def sit(table: Table, user: int, now: float, seat: int | None = None) -> list[Event]:
    """Takes a seat; of a running match he only watches. A seat of that match stays as it is until the end."""
    need(user not in table.seats, "already_seated")
    free = [other for other in range(SEATS) if table.seats[other] is None and not table.belongs_to_match(other)]
    need(bool(free), "table_full")
    need(seat is None or seat in free, "seat_taken")
    seat = free[0] if seat is None else seat
    table.seats[seat] = user
    if user in table.watchers:
        table.watchers.remove(user)
    if table.host is None:
        table.host = user
    table.scores.setdefault(user, 0)
    table.last_seen[user] = now
    return [{"kind": "sat", "seat": seat, "user": user}]


def watch(table: Table, user: int, now: float) -> list[Event]:
    """Looks on."""
    need(user not in table.seats, "already_seated")
    need(user in table.watchers or len(table.watchers) < MOST_WATCHERS, "too_many_watchers")
    table.last_seen[user] = now
    if user not in table.watchers:
        table.watchers.append(user)
    return [{"kind": "watchers", "count": len(table.watchers)}]


def leave(table: Table, user: int, now: float) -> list[Event]:
    """Leaves the table, and with it the match; also for who is removed from the group."""
    need(user in table.seats or user in table.watchers, "not_here")
    if user in table.watchers:
        table.watchers.remove(user)
        events: list[Event] = [{"kind": "watchers", "count": len(table.watchers)}]
    else:
        events = match.leave_match(table, user, now)
        events += match.vacate(table, user)
    table.last_seen.pop(user, None)
    return events


def be_ready(table: Table, user: int, now: float, ready: bool = True, text: str = "") -> list[Event]:
    """Agrees to the next match ("Chơi tiếp"), with a text of his own for the shuffle."""
    need(user in table.seats, "not_seated")
    need(table.phase != "playing", "match_running")
    need(len(text.encode()) <= MOST_TEXT, "text_too_long")
    need(table.seed is not None or not text, "no_promise")  # a seed chosen afterwards could be chosen for its deck
    table.last_seen[user] = now
    if ready and user not in table.ready:
        table.ready.append(user)
    elif not ready and user in table.ready:
        table.ready.remove(user)
    table.texts[user] = text
    return [{"kind": "ready", "user": user, "ready": ready}]


def set_options(table: Table, user: int, options: Options, now: float) -> list[Event]:
    """Other rules from the next match on; all have to agree to them anew."""
    _need_host(table, user)
    need(table.phase != "playing", "match_running")
    table.last_seen[user] = now
    table.options, table.ready = options, []
    return [{"kind": "options"}]


def unseat(table: Table, user: int, other: int, now: float) -> list[Event]:
    """The host makes somebody watch who is not ready."""
    _need_host(table, user)
    need(table.phase != "playing", "match_running")
    need(other in table.seats and other != user and other not in table.ready, "not_allowed")
    table.last_seen[user] = now
    table.watchers.append(other)
    return match.vacate(table, other)


def reset_scores(table: Table, user: int, now: float) -> list[Event]:
    """The host begins a new session of points."""
    _need_host(table, user)
    need(table.phase != "playing", "match_running")
    table.last_seen[user] = now
    table.scores = dict.fromkeys(table.sitting(), 0)
    return [{"kind": "scores"}]


def promise(table: Table, seed: bytes) -> str:
    """Binds the next shuffle to a seed, before anybody adds his text; gives what is published."""
    need(table.seed is None and table.phase != "playing", "match_running")
    table.seed = seed
    return commitment(seed)


def _need_host(table: Table, user: int) -> None:
    need(user == table.host, "not_host")
