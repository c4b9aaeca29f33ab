"""Tiến Lên: what the engine takes to answer a move, alone and with what a server does around it."""

import json
import random
from argparse import ArgumentParser, Namespace

from bench.client import clock
from bench.report import Report, percentile
from games.tienlen.engine import Illegal, Move, State, apply, new_game, view_for
from games.tienlen.hints import legal_plays
from games.tienlen.options import PRESETS


def arguments(parser: ArgumentParser) -> None:
    """Options of this bench."""
    parser.add_argument("--games", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)


async def main(options: Namespace) -> Report:
    """Random games of all presets: legal moves, refused ones, hints, and the whole way of a stored game."""
    chance = random.Random(options.seed)
    moves: list[float] = []
    refused: list[float] = []
    hints: list[float] = []
    whole: list[float] = []
    games = 100 if options.short else options.games
    for number in range(games):
        state = new_game(
            list(PRESETS.values())[number % len(PRESETS)], deck=chance.sample(range(52), 52), first=number % 2 == 0
        )
        while not state.over:
            assert state.turn is not None
            start = clock()
            plays = legal_plays(state, state.turn)
            hints.append(clock() - start)
            pass_it = state.top is not None and (not plays or chance.random() < 0.3)
            move = Move(state.turn, "pass") if pass_it else Move(state.turn, "play", chance.choice(plays))
            refused.append(_refused(state, chance))
            whole.append(_whole(state, move))
            start = clock()
            state, _ = apply(state, move)
            moves.append(clock() - start)
    report = Report("tienlen")
    report.add("games", "games", games)
    report.add("moves", "moves", len(moves))
    report.add("us", "a move, p50", percentile(moves, 0.5) * 1e6, "µs", ("<=", 200))
    report.add("p99_us", "  p99", percentile(moves, 0.99) * 1e6, "µs")
    report.add("refused_us", "a refused move, p50", percentile(refused, 0.5) * 1e6, "µs", ("<=", 200))
    report.add("hints_us", "all hints of a hand, p50", percentile(hints, 0.5) * 1e6, "µs")
    report.add("whole_us", "stored state → move → stored state and five views, p50", percentile(whole, 0.5) * 1e6, "µs")
    return report


def _refused(state: State, chance: random.Random) -> float:
    """Seconds of a move that is refused, whoever makes it."""
    move = Move(chance.randrange(4), "play", chance.sample(range(52), 3))
    start = clock()
    try:
        apply(state, move)
    except Illegal:
        return clock() - start
    return 0.0


def _whole(state: State, move: Move) -> float:
    """Seconds from the JSON in a row to the JSON in the row and that of all frames."""
    stored = json.dumps(state.to_json())
    start = clock()
    after, events = apply(State.from_json(json.loads(stored)), move)
    json.dumps(after.to_json())
    for seat in (None, 0, 1, 2, 3):
        json.dumps([events, view_for(after, seat)])
    return clock() - start
