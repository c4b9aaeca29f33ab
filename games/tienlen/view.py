"""What a seat may see. No card of another hand is in it before the end."""

from typing import Any

from games.tienlen.combos import KINDS
from games.tienlen.state import SEATS, State
from games.tienlen.status import pack


def view_for(state: State, seat: int | None) -> dict[str, Any]:
    """The game for the player of a seat, or for one who watches (None)."""
    shown = state.over and not state.cancelled
    return {
        "number": state.number,
        "status": pack(state),
        "options": state.options.to_json(),
        "players": [*state.players],
        "counts": [len(hand) for hand in state.hands],
        "live": [*state.live],
        "turn": state.turn,
        "top": {"by": state.by, "kind": KINDS[state.top.kind], "cards": [*state.top.cards]} if state.top else None,
        "passed": [*state.passed],
        # in a game of two or three the lowest dealt card is nobody's business but the opener's
        "must": state.must if seat is not None and seat == state.turn else None,
        "chain": [{"seat": item.seat, "units": item.units, "cards": [*item.cards]} for item in state.chain],
        "closing": state.closing,
        "strikes": [*state.strikes],
        "out": [*state.out],
        "left": [*state.left],
        "gone": [*state.gone],
        "blank": [*state.blank],
        "over": state.over,
        "cancelled": state.cancelled,
        "instant": state.instant,
        "places": [*state.places],
        "entries": [entry.to_json() for entry in state.entries],
        "points": state.points(),
        "hand": [*state.hands[seat]] if seat is not None and 0 <= seat < SEATS else None,
        "hands": [[*hand] for hand in state.hands] if shown else None,
    }
