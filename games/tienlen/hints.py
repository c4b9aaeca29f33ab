"""Help for a player: what he could play, and why a set of cards cannot be played."""

from collections.abc import Collection

from games.tienlen.cards import TWO
from games.tienlen.combos import Combo, beats, classify
from games.tienlen.engine import refusal
from games.tienlen.state import Move, State


def legal_plays(state: State, seat: int) -> list[list[int]]:
    """What the seat may play now, cheapest first; of plays that differ only below their top card, one."""
    if state.over or seat not in state.live:
        return []
    combos = [combo for combo in combos_of(state.hands[seat]) if _fits(state, seat, combo)]
    combos.sort(key=lambda combo: (combo.bomb, combo.top >> 2 == TWO, combo.length, combo.top))
    return [[*combo.cards] for combo in combos]


def _fits(state: State, seat: int, combo: Combo) -> bool:
    if state.top and not beats(combo, state.top, state.options):
        return False
    return refusal(state, Move(seat, "play", combo.cards)) is None


def chops_out_of_turn(state: State, seat: int) -> list[list[int]]:
    """What the seat may play although it is not to move."""
    if state.turn == seat and not state.closing:
        return []
    return legal_plays(state, seat)


def combos_of(hand: Collection[int]) -> list[Combo]:
    """All combinations of a hand, of each kind, length and top card the one with the lowest other cards."""
    ranks: list[list[int]] = [[] for _ in range(TWO + 1)]
    for card in sorted(hand):
        ranks[card >> 2].append(card)
    found: list[list[int]] = []
    for cards in ranks:
        for index, card in enumerate(cards):
            found += [[*cards[:below], card] for below in range(index + 1)]
    for low in range(TWO - 2):
        straight: list[int] = []
        pairs: list[int] = []
        for rank in range(low, TWO):
            cards = ranks[rank]
            if not cards:
                break
            if len(straight) >= 2:
                found += [[*straight, card] for card in cards]
            straight.append(cards[0])
            if len(cards) > 1 and len(pairs) == 2 * (rank - low):
                if len(pairs) >= 4:
                    found += [[*pairs, cards[0], card] for card in cards[1:]]
                pairs += cards[:2]
    return [combo for combo in map(classify, found) if combo]


def explain(state: State, seat: int, cards: Collection[int]) -> dict[str, str] | None:
    """Why these cards cannot be played: the code of the refusal, and for `does_not_beat` what is missing."""
    code = refusal(state, Move(seat, "play", cards))
    if code is None:
        return None
    if code != "does_not_beat" or not state.top:
        return {"code": code}
    combo, top = classify(cards), state.top
    assert combo
    if combo.kind != top.kind:
        return {"code": code, "detail": "other_kind"}
    return {"code": code, "detail": "too_low" if combo.length == top.length else "other_length"}
