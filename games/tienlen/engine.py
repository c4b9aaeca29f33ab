"""The rules of play: `apply(state, move) -> state, events`. The same deck and moves always give the same game.

Events tell what all may see; they never hold a card that was not played.
"""

from collections.abc import Collection, Sequence
from typing import Any

from games.tienlen.cards import ALL, has_two
from games.tienlen.combos import RUN, Combo, beats, can_be_chopped, classify, is_chop, price
from games.tienlen.instant import winner_of
from games.tienlen.options import STANDARD, Options
from games.tienlen.scoring import pay_chain, pay_instant, settle
from games.tienlen.state import SEATS, Beaten, Illegal, Move, State, round_from
from games.tienlen.status import from_record, pack, to_record, unpack
from games.tienlen.view import view_for

__all__ = [
    "Illegal",
    "Move",
    "State",
    "apply",
    "from_record",
    "new_game",
    "pack",
    "refusal",
    "to_record",
    "unpack",
    "view_for",
]
Event = dict[str, Any]
HAND = 13


def new_game(
    options: Options = STANDARD,
    *,
    deck: Sequence[int] | None = None,
    hands: Sequence[Collection[int]] | None = None,
    players: Sequence[int] = (0, 1, 2, 3),
    lead: int | None = None,
    first: bool = False,
    hold: bool = False,
) -> State:
    """A game that was just dealt: from a deck (13 cards in a row for each player) or from the hands of seats 0–3.

    `first`: the first of a table. `lead`: who was first last time; without him the lowest card leads.
    `hold`: a trick topped by a 2 or a bomb stays open for chops out of turn until the move `close`.
    """
    state = State(options=options, players=sorted(players), live=sorted(players), hold=hold)
    if deck is not None:
        parts = {seat: deck[HAND * index : HAND * (index + 1)] for index, seat in enumerate(state.players)}
    else:
        parts = {seat: list(hand) for seat, hand in enumerate(hands or []) if seat in state.players}
    dealt = [card for part in parts.values() for card in part]
    seats_good = 2 <= len(parts) == len(players) and all(0 <= seat < SEATS for seat in parts)
    if not seats_good or any(len(part) != HAND for part in parts.values()):
        raise ValueError("two to four players get 13 cards each")
    if len(set(dealt)) != len(dealt) or any(card not in ALL for card in dealt):
        raise ValueError("a card twice, or no card")
    for seat, part in parts.items():
        state.hands[seat] = tuple(sorted(part))
    won = winner_of(state.hands, options, first)
    if won:
        state.instant, winner = won
        state.places, state.over, state.live = [winner], True, []
        pay_instant(state, winner)
        return state
    lowest = min(dealt)
    holder = next(seat for seat, part in parts.items() if lowest in part)
    opens = first or options.opening == "every_game" or lead not in parts
    state.turn = holder if opens else lead
    if options.opening == "every_game" or (options.opening == "first_game" and first):
        state.must = lowest
    return state


def refusal(state: State, move: Move) -> str | None:
    """Why a move is not legal: the first reason that applies, or None."""
    seat, kind = move.seat, move.kind
    if kind == "cancel":
        return "not_playing" if state.over else None
    if kind == "close":
        return None if state.closing else "not_playing" if state.over else "not_your_turn"
    if state.over or seat not in state.live:
        return "not_playing"
    if kind == "play":
        return _refusal_of_play(state, seat, move.cards)
    if kind == "leave":
        return None
    if state.turn != seat or state.closing:
        return "not_your_turn"
    return "leader_cannot_pass" if kind == "pass" and state.top is None else None


def _refusal_of_play(state: State, seat: int, cards: Collection[int]) -> str | None:
    hand, top = state.hands[seat], state.top
    if not cards or len(set(cards)) != len(cards) or not all(card in hand for card in cards):
        return "not_in_hand"
    combo = classify(cards)
    if combo is None:
        return "not_a_combo"
    if (state.turn != seat or state.closing) and not is_free_chop(state, seat, combo):
        return "not_your_turn"
    if state.must is not None and state.must not in cards:
        return "must_include_3s"
    if top and not beats(combo, top, state.options):
        return "does_not_beat"
    # who leads his last cards with a 2 among them holds nothing but 2s, and has to be able to move
    if top and state.options.end_on_two == "forbidden" and len(cards) == len(hand) and has_two(cards):
        return "ends_on_two"
    return None


def is_free_chop(state: State, seat: int, combo: Combo) -> bool:
    """Whether it may be played out of turn and after passing."""
    top, allowed = state.top, state.options.free_chop
    if top is None or state.by == seat or allowed == "none" or not combo.bomb:
        return False
    if allowed == "run4" and not (combo.kind == RUN and combo.length >= 4):
        return False
    return can_be_chopped(top) and beats(combo, top, state.options)


def apply(state: State, move: Move) -> tuple[State, list[Event]]:
    """The state after a move, and what happened; raises Illegal and changes nothing."""
    code = refusal(state, move)
    if code:
        raise Illegal(code)
    state = state.copy()
    state.number += 1
    events: list[Event] = []
    seat = move.seat
    if move.kind == "play":
        state.strikes[seat] = 0
        _play(state, seat, classify(move.cards), events)
    elif move.kind == "pass":
        state.strikes[seat] = 0
        _pass(state, seat, events)
    elif move.kind == "timeout":
        _timeout(state, seat, events)
    elif move.kind == "leave":
        _leave(state, seat, events)
    elif move.kind == "close":
        _close(state, events)
    else:
        _cancel(state, events)
    return state, events


def _play(state: State, seat: int, combo: Combo | None, events: list[Event], by_server: bool = False) -> None:
    assert combo
    beaten, owner = state.top, state.by
    state.hands[seat] = tuple(card for card in state.hands[seat] if card not in combo.cards)
    state.played[seat] += len(combo.cards)
    if seat in state.passed:
        state.passed.remove(seat)
    state.must, state.closing = None, False
    events.append({"kind": "play", "seat": seat, "cards": [*combo.cards], "by_server": by_server})
    if beaten and owner is not None and is_chop(combo, beaten):
        if owner in state.out:
            pay_chain(state, events)  # he went out as the chopper: what he earned is his, and a new chain begins
        free = owner in state.out and beaten.twos
        state.chain.append(Beaten(owner, 0 if free else price(beaten, state.options), beaten.cards))
        events.append({"kind": "chop", "seat": seat, "victim": owner, "units": sum(item.units for item in state.chain)})
        if state.options.chop_reopens:
            state.passed = []
    state.top, state.by = combo, seat
    if not state.hands[seat]:
        _finish(state, seat, events)
    _go_on(state, seat, events)


def _pass(state: State, seat: int, events: list[Event], by_server: bool = False) -> None:
    state.passed.append(seat)
    events.append({"kind": "pass", "seat": seat, "by_server": by_server})
    _go_on(state, seat, events)


def _timeout(state: State, seat: int, events: list[Event]) -> None:
    state.strikes[seat] += 1
    events.append({"kind": "absent", "seat": seat, "strikes": state.strikes[seat]})
    if state.strikes[seat] >= 2:
        state.gone.append(seat)
        _leave(state, seat, events)
    elif state.top is None:
        lowest = state.hands[seat][0] if state.must is None else state.must
        _play(state, seat, classify([lowest]), events, by_server=True)
    else:
        _pass(state, seat, events, by_server=True)


def _leave(state: State, seat: int, events: list[Event]) -> None:
    _out_of_play(state, seat)
    state.left.append(seat)
    events.append({"kind": "left", "seat": seat, "gone": seat in state.gone})
    if state.turn == seat:
        state.must = None  # when the opener leaves, the next one leads freely
        _go_on(state, seat, events)
    elif len(state.live) == 1:
        _end(state, events)


def _finish(state: State, seat: int, events: list[Event]) -> None:
    _out_of_play(state, seat)
    state.out.append(seat)
    events.append({"kind": "out", "seat": seat, "place": len(state.out)})
    options = state.options
    if len(state.out) == 1 and options.cong == "immediate" and options.end_mode == "rank":
        for other in [other for other in state.live if not state.played[other]]:
            _out_of_play(state, other)
            state.blank.append(other)
            events.append({"kind": "blank", "seat": other})


def _out_of_play(state: State, seat: int) -> None:
    state.live.remove(seat)
    if seat in state.passed:
        state.passed.remove(seat)


def _go_on(state: State, seat: int, events: list[Event]) -> None:
    """Who comes after a seat that has acted or left."""
    if len(state.live) < 2 or (state.out and state.options.end_mode == "first_out"):
        _end(state, events)
        return
    if state.top is None:
        state.turn = state.after(seat)
        return
    for other in round_from(seat):
        if other in state.live and other not in state.passed and other != state.by:
            state.turn = other
            return
    state.turn = _leader(state)
    state.closing = state.hold and state.options.free_chop != "none" and can_be_chopped(state.top)
    if state.closing:
        events.append({"kind": "held"})
    else:
        _close(state, events)


def _leader(state: State) -> int | None:
    """Who leads when the trick ends: its owner, else the next seat still in play (hưởng sái), passed or not."""
    assert state.by is not None
    return state.by if state.by in state.live else state.after(state.by)


def _close(state: State, events: list[Event]) -> None:
    pay_chain(state, events)
    _clear(state)
    events.append({"kind": "trick", "seat": state.turn})


def _clear(state: State) -> None:
    state.top, state.by, state.passed, state.chain, state.closing, state.must = None, None, [], [], False, None


def _end(state: State, events: list[Event]) -> None:
    pay_chain(state, events)
    _clear(state)
    settle(state)
    state.turn, state.over = None, True
    events.append({"kind": "over", "places": [*state.places]})


def _cancel(state: State, events: list[Event]) -> None:
    """The match is called off: nobody pays, nobody is placed."""
    _clear(state)
    state.entries, state.turn, state.over, state.cancelled = [], None, True, True
    events.append({"kind": "cancelled"})


assert SEATS == 4  # seats are letters a–d, two bits and four nibbles in the status integer
