"""The match of a table: from the deal to the result sheet, with its clocks."""

from collections.abc import Collection, Sequence

from games.tienlen.engine import Event, apply, new_game
from games.tienlen.shuffle import commitment, deck_hash, deck_of
from games.tienlen.state import SEATS, Illegal, Kind, Move, need
from games.tienlen.table import Table

TURN = 20.0  # all in seconds
CLOSE = 2.5  # how long a trick is held open for chops out of turn
RESULT = 15.0  # the result sheet; then the host may start without those who are not ready
HOST_GONE = 60.0
RESTART = 30.0
PATIENCE = 60.0  # what players may grant one of them, once a match


def all_ready(table: Table) -> bool:
    """Whether a match may start by itself: all seats agree, or all who played the last one."""
    there = table.sitting()
    again = table.phase == "result" and set(table.players.values()) <= set(there)
    return 2 <= len(there) == len(table.ready) and (len(there) == SEATS or again)


def start(table: Table, user: int | None, now: float, deck: Sequence[int] | None = None) -> list[Event]:
    """Deals, at the host's word or (None) because all are ready; who is not ready keeps it up for the time of a result sheet only."""
    need(table.phase != "playing", "match_running")
    if user is None:
        need(all_ready(table), "not_all_ready")
    else:
        need(user == table.host, "not_host")
    agreed = [seat for seat, other in enumerate(table.seats) if other is not None and other in (*table.ready, user)]
    need(len(agreed) >= 2, "too_few")
    may_leave_out = table.phase == "waiting" and table.game is not None  # the result sheet was long enough in sight
    need(len(agreed) == len(table.sitting()) or may_leave_out, "not_all_ready")
    need(table.seed is not None or deck is not None, "no_promise")
    if user is not None:
        table.last_seen[user] = now
    texts = {seat: table.texts.get(table.seats[seat] or 0, "") for seat in agreed}
    cards = deck_of(table.seed or b"", texts) if deck is None else list(deck)
    table.players = {seat: other for seat, other in enumerate(table.seats) if other is not None and seat in agreed}
    lead = next((seat for seat, other in table.players.items() if other == table.leader), None)
    first = table.leader is None  # nobody has won here yet
    table.game = new_game(table.options, deck=cards, players=agreed, lead=lead, first=first, hold=True)
    promised = commitment(table.seed) if table.seed else None
    table.shuffled = {"promise": promised, "hash": deck_hash(table.seed or b"", cards), "deck": cards, "texts": texts}
    table.phase, table.match, table.ready, table.texts = "playing", table.match + 1, [], {}
    table.votes, table.waited, table.due = {}, False, {}
    events: list[Event] = [{"kind": "started", "match": table.match, "players": agreed, "hash": table.shuffled["hash"]}]
    _set_clock(table, now)
    if table.game.over:
        _end(table, now)
        events.append({"kind": "over", "places": [*table.game.places], "instant": table.game.instant})
    return events


def move(table: Table, user: int, kind: Kind, now: float, cards: Collection[int] = ()) -> list[Event]:
    """Plays or passes. What is overdue comes first: call `tick` before."""
    seat = _need_player(table, user)
    need(kind in ("play", "pass"), "not_allowed")
    events = _apply(table, Move(seat, kind, cards), now)
    table.last_seen[user] = now
    return events


def quit_match(table: Table, user: int, now: float) -> list[Event]:
    """Leaves the match and stays at the table."""
    _need_player(table, user)
    table.last_seen[user] = now
    return leave_match(table, user, now)


def leave_match(table: Table, user: int, now: float) -> list[Event]:
    """Takes a player out of the match, if he still plays."""
    seat = table.seat_of(user)
    if table.phase != "playing" or seat is None or not table.game or seat not in table.game.live:
        return []
    return _apply(table, Move(seat, "leave"), now)


def agree(table: Table, user: int, what: str, now: float) -> list[Event]:
    """To `cancel` (all who play) or to `wait` a minute longer for the one to move (more than half of the others, once a match)."""
    seat = _need_player(table, user)
    game = table.game
    assert game
    need(what in ("cancel", "wait") and seat in game.live, "not_allowed")
    need(what == "cancel" or (not table.waited and seat != game.turn and "turn" in table.due), "not_allowed")
    table.last_seen[user] = now
    votes = table.votes.setdefault(what, [])
    if user not in votes:
        votes.append(user)
    live = [table.players[other] for other in game.live]
    if what == "cancel" and set(live) <= set(votes):
        return cancel(table, now)
    if what == "wait" and 2 * len(votes) > len(live) - 1:
        table.waited = True
        table.due["turn"] = max(table.due["turn"], now) + PATIENCE
        return [{"kind": "waits", "seat": game.turn}]
    return [{"kind": "agreed", "what": what, "seat": seat}]


def cancel(table: Table, now: float) -> list[Event]:
    """Calls the match off: a manager, the end of the group, the switch; nobody pays."""
    need(table.phase == "playing", "not_playing")
    return _apply(table, Move(-1, "cancel"), now)


def heartbeat(table: Table, user: int, now: float) -> list[Event]:
    """ "Where is 3?": a sign of life, and whatever is overdue happens now."""
    if user in table.seats or user in table.watchers:
        table.last_seen[user] = now
    return tick(table, now)


def next_due(table: Table, now: float) -> float | None:
    """When `tick` has to be called."""
    times = [*table.due.values()]
    if table.host is not None and table.last_seen[table.host] + HOST_GONE > now:
        times.append(table.last_seen[table.host] + HOST_GONE)
    return min(times, default=None)


def tick(table: Table, now: float) -> list[Event]:
    """Does what is due. One turn at most runs out in a call: the next player gets his whole time."""
    events: list[Event] = []
    if table.due.get("result", now + 1) <= now:
        del table.due["result"]
        table.phase = "waiting"
        events.append({"kind": "waiting"})
    if table.game and table.due.get("close", now + 1) <= now:
        events += _apply(table, Move(-1, "close"), now)
    elif table.game and table.due.get("turn", now + 1) <= now:
        assert table.game.turn is not None
        absent = table.players[table.game.turn]
        events += _apply(table, Move(table.game.turn, "timeout"), now)
        if any(event["kind"] == "left" for event in events):
            events += vacate(table, absent)
            table.last_seen.pop(absent, None)
    if table.host is not None and table.last_seen[table.host] + HOST_GONE <= now:
        there = [user for user in table.sitting() if user != table.host and not table.is_silent(user, now)]
        seat = table.seat_of(table.host)
        if there and seat is not None:
            table.host = next(user for user in (*table.seats[seat:], *table.seats[:seat]) if user in there)
            events.append({"kind": "host", "user": table.host})
    return events


def after_restart(table: Table, now: float) -> None:
    """All clocks stand still for half a minute, and nobody has been silent."""
    for name, time in table.due.items():
        table.due[name] = max(time, now) + RESTART
    table.last_seen = dict.fromkeys(table.last_seen, now + RESTART)


def vacate(table: Table, user: int) -> list[Event]:
    """Frees a seat; its host passes the table on."""
    seat = table.seats.index(user)
    table.seats[seat] = None
    for users in (table.ready, *table.votes.values()):
        if user in users:
            users.remove(user)
    events: list[Event] = [{"kind": "stood_up", "seat": seat, "user": user}]
    return events + _pass_host(table, seat) if table.host == user else events


def _need_player(table: Table, user: int) -> int:
    seat = table.seat_of(user)
    need(table.phase == "playing" and seat is not None and table.players.get(seat) == user, "not_playing")
    assert seat is not None
    return seat


def _apply(table: Table, move: Move, now: float) -> list[Event]:
    if table.game is None:
        raise Illegal("not_playing")
    before = table.game
    table.game, events = apply(before, move)
    if move.kind != "leave" or table.game.turn != before.turn:
        _set_clock(table, now)
    if table.game.over:
        _end(table, now)
    return events


def _set_clock(table: Table, now: float) -> None:
    """The one to move has his whole time."""
    assert table.game
    table.votes.pop("wait", None)
    table.due = {"close": now + CLOSE} if table.game.closing else {"turn": now + TURN}


def _end(table: Table, now: float) -> None:
    """What a match that is over or was called off leaves behind."""
    game, seed = table.game, table.seed
    assert game
    table.due, table.votes, table.seed = {}, {}, None
    if game.cancelled:
        table.phase, table.shuffled, table.game = "waiting", {}, None
        return
    for seat, user in table.players.items():
        table.scores[user] = table.scores.get(user, 0) + game.points()[seat]
    table.leader = table.players[game.places[0]]
    table.shuffled["seed"] = seed.hex() if seed else None
    table.phase, table.due = "result", {"result": now + RESULT}


def _pass_host(table: Table, seat: int) -> list[Event]:
    order = [table.seats[(seat + step) % SEATS] for step in range(1, SEATS)]
    table.host = next((user for user in order if user is not None), None)
    return [{"kind": "host", "user": table.host}]
