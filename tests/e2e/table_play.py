"""A whole match with a deck that is known: who does what, worked out by the engine beside the server."""

from __future__ import annotations

from bench.server import Server
from games.tienlen.combos import RUN, STRAIGHT, classify
from games.tienlen.engine import Move, State, apply, new_game
from games.tienlen.hints import chops_out_of_turn, combos_of, legal_plays
from games.tienlen.shuffle import deck_of

# Its deck: B passes on a pair, C puts two 2s on it, B chops them with four pairs in a row, goes out, and D has played nothing
SEED = bytes.fromhex("eb98c0389fa983f7a57a5e274079bf56fd702c6765f2918861cc0c8f4e27b7c9")
FIX = "from games.models import GameTable; t = GameTable.objects.get(pk=%d); t.state['seed'] = '%s'; t.save(update_fields=['state'])"


def fix_deck(server: Server, table: int) -> None:
    """The next shuffle at the table gives the known deck: written into its row, where no user comes."""
    server.manage("shell", "-c", FIX % (table, SEED.hex()))


def deal(first: bool = True) -> State:
    """The game that begins with it."""
    return new_game(deck=deck_of(SEED, dict.fromkeys(range(4), "")), first=first, hold=True)


def script() -> tuple[list[Move], State]:
    """The moves of the match and how it ends. Four pairs in a row are kept for a chop."""
    state, moves = deal(), []
    while not state.over:
        moves.append(_next(state))
        state, _ = apply(state, moves[-1])
    return moves, state


def _next(state: State) -> Move:
    for seat in state.live:
        if chops := chops_out_of_turn(state, seat):
            return Move(seat, "play", chops[0])
    if state.closing or state.turn is None:
        return Move(-1, "close")
    runs = [combo.cards for combo in combos_of(state.hands[state.turn]) if combo.kind == RUN and combo.length > 3]
    kept = set(runs[-1]) if runs else set()
    plays = [cards for cards in legal_plays(state, state.turn) if not kept & set(cards) and _is_small(cards)]
    if state.top is None:
        return Move(state.turn, "play", min(plays, key=lambda cards: (-len(cards), cards[-1])))
    return Move(state.turn, "play", plays[0]) if plays else Move(state.turn, "pass")


def _is_small(cards: list[int]) -> bool:
    combo = classify(cards)
    return combo is not None and (len(cards) < 4 or combo.kind == STRAIGHT)
