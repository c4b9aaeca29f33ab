"""Who pays whom for what. Every point is an entry with a payer and a receiver, so the sum is always 0."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from games.tienlen.cards import TWO
from games.tienlen.combos import classify, price
from games.tienlen.options import Options
from games.tienlen.state import Entry, State

Bombs = tuple[tuple[int, int], ...]


def _pay(state: State, payer: int, receiver: int, reason: str, units: int, cards: Sequence[int] = ()) -> None:
    if units:
        state.entries.append(Entry(payer, receiver, reason, units, tuple(cards)))


def pay_chain(state: State, events: list[dict[str, Any]]) -> None:
    """The last victim pays the last chopper for all that was beaten (chặt chồng)."""
    if state.chain and state.by is not None:
        victim = state.chain[-1].seat
        for item in state.chain:
            _pay(state, victim, state.by, "chop", item.units, item.cards)
        events.append(
            {"kind": "paid", "from": victim, "to": state.by, "units": sum(item.units for item in state.chain)}
        )
    state.chain = []


def pay_instant(state: State, winner: int) -> None:
    """Each of the others pays the one who won at the deal."""
    for seat in state.players:
        if seat != winner:
            _pay(state, seat, winner, "instant", state.options.instant_pay)


def settle(state: State) -> None:
    """Places and payments at the end of a game."""
    options = state.options
    holders = list(state.live)
    if options.end_mode == "first_out":
        holders.sort(key=lambda seat: len(state.hands[seat]))
    elif options.cong == "end" and state.out:
        state.blank += [seat for seat in holders if not state.played[seat]]
        holders = [seat for seat in holders if state.played[seat]]
    placed = [*state.out, *holders, *reversed(state.left)]
    state.places = [*placed, *state.blank]
    first = state.places[0]
    if options.end_mode == "first_out":
        for seat in placed[1:]:
            hand = state.hands[seat]
            if state.played[seat]:
                _pay(state, seat, first, "cards", len(hand), hand)
            else:
                _pay(state, seat, first, "cards_unplayed", 2 * len(hand), hand)
            _pay_rot(state, seat, first)
        return
    if len(placed) > 1:
        _pay(state, placed[-1], first, "last", options.last)
    if len(placed) == 4:
        _pay(state, placed[2], placed[1], "third", options.third)
    for seat in placed[1:]:
        _pay_rot(state, seat, _rot_receiver(placed, seat, options))
    for seat in state.blank:
        _pay(state, seat, first, "blank", options.blank)
        _pay_rot(state, seat, first)


def _rot_receiver(placed: Sequence[int], seat: int, options: Options) -> int:
    if options.rot_to == "above":
        return placed[placed.index(seat) - 1]
    if options.rot_to == "second" and seat != placed[1]:
        return placed[1]
    return placed[0]


def _pay_rot(state: State, payer: int, receiver: int) -> None:
    """Thối: 2s and bombs left in a hand."""
    if state.options.rot_to == "none":
        return
    for cards in rot_of(state.hands[payer], state.options):
        combo = classify(cards)
        assert combo
        _pay(state, payer, receiver, "rot", price(combo, state.options), cards)


def rot_of(hand: Sequence[int], options: Options) -> list[list[int]]:
    """What a hand pays thối for: its 2s, and the dearest bombs it can be split into; no card counts twice."""
    found = [[card] for card in sorted(hand) if card >> 2 == TWO]
    ranks: list[list[int]] = [[] for _ in range(TWO)]
    for card in sorted(hand):
        if card >> 2 != TWO:
            ranks[card >> 2].append(card)
    _, bombs = _dearest(tuple(len(cards) for cards in ranks), 0, (options.run3, options.quad, options.run4))
    for low, length in bombs:
        each = 4 if length == 1 else 2
        found.append([ranks[rank].pop(0) for rank in range(low, low + length) for _ in range(each)])
    return found


@lru_cache(maxsize=1024)
def _dearest(counts: tuple[int, ...], low: int, prices: tuple[int, int, int]) -> tuple[int, Bombs]:
    """The most units that bombs of these counts of ranks are worth, and the bombs, as (lowest rank, ranks); 1 rank is four of a kind.

    A run that another one could go on with is one longer run, so it is paid as a run of four.
    """
    while low < len(counts) and counts[low] < 2:
        low += 1
    if low == len(counts):
        return 0, ()
    run3, quad, run4 = prices
    ways = [_dearest(counts, low + 1, prices)]
    if counts[low] == 4:
        units, bombs = _dearest((*counts[:low], 0, *counts[low + 1 :]), low + 1, prices)
        ways.append((units + quad, ((low, 1), *bombs)))
    high = low
    while high < len(counts) and counts[high] >= 2:
        high += 1
        if high - low >= 3:
            rest = (*counts[:low], *(count - 2 for count in counts[low:high]), *counts[high:])
            units, bombs = _dearest(rest, low, prices)
            if not any(start == high and ranks > 1 for start, ranks in bombs):
                ways.append((units + (run3 if high - low == 3 else run4), ((low, high - low), *bombs)))
    return max(ways, key=lambda way: (way[0], sum(ranks for _, ranks in way[1])))
