"""Runs a file of positions: python -m games.tienlen.positions FILE. Prints what failed, and how many passed and failed."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from games.tienlen import cards as card_names
from games.tienlen.combos import KINDS, beats, classify
from games.tienlen.engine import apply, new_game
from games.tienlen.instant import kinds_of
from games.tienlen.options import STANDARD, Options
from games.tienlen.state import Illegal, Move, State
from games.tienlen.status import STATES, command_of, from_record, pack, to_char, to_number, to_record, unpack

SEATS = "ABCD"
ALIASES: dict[str, dict[Any, str]] = {  # other words a file may use for a choice
    "opening": {"not_compelled": "free", "none": "free", "never": "free"},
    "cong": {"at_end": "end", "end_only": "end", "none": "off", False: "off"},
    "rot_to": {"third": "above", "off": "none", None: "none", False: "none"},
    "free_chop": {"off": "none", None: "none", False: "none"},
}
ATTACKS = {"four": "quad", "four_of_a_kind": "quad", "pair_run": "run"}
Json = Any


def options_of(*layers: dict[str, Json] | None) -> Options:
    """Options of the file's defaults and a position's own; later layers win."""
    merged: dict[str, Json] = {}
    for layer in layers:
        merged.update(layer or {})
    for name, words in ALIASES.items():
        if name in merged:
            merged[name] = words.get(merged[name], merged[name])
    return Options.make(merged)


def seat_of(name: str) -> int:
    """A is seat 0."""
    return SEATS.index(name)


def letters(seats: list[int]) -> list[str]:
    """Seats as letters."""
    return [SEATS[seat] for seat in seats]


def cards_of(text: str | list[str]) -> list[int]:
    """Cards of a text or of a list of names."""
    return card_names.parse(text if isinstance(text, str) else " ".join(text))


def build(position: Json, defaults: dict[str, Json] | None = None) -> State:
    """The state a position starts from."""
    options = options_of(defaults, position.get("opts"))
    return _dealt(position, options) if position.get("deal") else _midway(position, options)


def _dealt(position: Json, options: Options) -> State:
    """`deal` holds the hands, or says that `seats` do; without `lead` it is the first game of a table."""
    deal = position["deal"]
    if isinstance(deal, list):
        deal = dict(zip(SEATS, deal, strict=False))
    seats = deal if isinstance(deal, dict) and "A" in deal else position["seats"]
    hands = [cards_of(_hand_text(seats.get(name)) or "") for name in SEATS]
    lead = _lead(position)
    return new_game(
        options,
        hands=hands,
        players=[seat for seat, hand in enumerate(hands) if hand],
        lead=None if lead is None else seat_of(lead),
        first=_is_first(position),
    )


def _lead(position: Json) -> str | None:
    deal = position["deal"] if isinstance(position["deal"], dict) else {}
    return position.get("lead", deal.get("lead", position.get("turn")))


def _is_first(position: Json) -> bool:
    return bool(position.get("first", bool(position.get("deal")) and _lead(position) is None))


def _hand_text(value: Json) -> str | list[str] | None:
    return value.get("hand", "") if isinstance(value, dict) else value


def _midway(position: Json, options: Options) -> State:
    state = State(options=options)
    for index, name in enumerate(SEATS):
        value = position["seats"].get(name)
        if value is None:
            continue
        hand = tuple(sorted(cards_of(_hand_text(value) or "")))
        state.players.append(index)
        state.hands[index] = hand
        played = value.get("played", True) if isinstance(value, dict) else len(hand) < 13
        state.played[index] = max(13 - len(hand), 1) if played is True else int(played or 0)
        if isinstance(value, dict):
            state.strikes[index] = int(value.get("strikes", 0))
    for name in ("passed", "out", "left", "gone", "blank"):
        setattr(state, name, [seat_of(seat) for seat in position.get(name) or []])
    state.live = [
        seat for seat in state.players if state.hands[seat] and seat not in (*state.out, *state.left, *state.blank)
    ]
    if top := position.get("top"):
        state.top, state.by = classify(cards_of(top["cards"])), seat_of(top["by"])
        if state.top is None:
            raise ValueError(f"no combination on the table: {top['cards']}")
    if position.get("first"):
        lowest, holder = min((state.hands[seat][0], seat) for seat in state.live)
        state.turn, state.must = holder, None if options.opening == "free" else lowest
    elif position.get("turn"):
        state.turn = seat_of(position["turn"])
    else:
        before = state.by if state.by is not None else state.out[-1] if state.out else 3
        order = [(before + step) % 4 for step in range(1, 5)]
        state.turn = next(seat for seat in order if seat in state.live and seat not in state.passed)
    return state


def play(state: State, steps: Json) -> Iterator[State | str]:
    """The states after each step, or what went wrong."""
    for number, step in enumerate(steps or [], 1):
        name, kind, *rest = step
        held = cards_of(rest[0]) if kind == "play" else []
        expected = rest[-1]
        before = state.to_json()
        try:
            state, _ = apply(state, Move(seat_of(name), kind, held))
            got = "ok"
        except Illegal as illegal:
            got = f"no:{illegal.code}"
            if state.to_json() != before:
                yield f"step {number} {step}: the refused step changed the state"
        if got != expected:
            yield f"step {number} {step}: {got}"
            return
        yield state


def found(state: State) -> dict[str, Json]:
    """What `then` may compare."""
    return {
        "turn": None if state.turn is None else SEATS[state.turn],
        "top": card_names.show(state.top.cards) if state.top else None,
        "by": None if state.by is None else SEATS[state.by],
        "passed": letters(sorted(state.passed)),
        "out": letters(state.out),
        "left": letters(sorted(state.left)),
        "blank": letters(sorted(state.blank)),
        "over": state.over,
        "places": letters(state.places),
        "must": None if state.must is None else card_names.NAMES[state.must],
        "pay": {SEATS[seat]: units for seat, units in enumerate(state.points()) if units},
        "closing": state.closing,
    }


def differences(state: State, then: Json, first: bool = False) -> Iterator[str]:
    """What is not as `then` says."""
    got = found(state)
    for name, expected in then.items():
        if name == "hands":
            for seat, text in expected.items():
                hand = state.hands[seat_of(seat)]
                if text != len(hand) and (isinstance(text, int) or sorted(cards_of(text or "")) != [*hand]):
                    yield f"hands {seat}: {card_names.show(hand)}, expected {text}"
            continue
        if name == "instants":
            if not _same_instants(state, expected, first):
                yield f"instants: {_instants(state, first)}, won by {state.instant}, expected {expected}"
            continue
        if name not in got:
            yield f"{name}: cannot be compared"
            continue
        actual = got[name]
        if name == "top" and expected is not None and actual is not None:
            actual, expected = sorted(cards_of(actual)), sorted(cards_of(expected))
        elif name in ("passed", "left", "blank"):
            expected = sorted(expected)
        elif name == "pay":
            expected = {seat: units for seat, units in expected.items() if units}
        if actual != expected:
            yield f"{name}: {actual}, expected {expected}"


def _instants(state: State, first: bool) -> dict[str, list[str]]:
    held = {SEATS[seat]: kinds_of(state.hands[seat], state.options, first) for seat in state.players}
    return {seat: kinds for seat, kinds in held.items() if kinds}


def _words(expected: Json) -> list[str]:
    if isinstance(expected, str):
        return expected.replace(":", " ").split()
    parts = (
        [part for item in expected.items() if item[1] for part in item]
        if isinstance(expected, dict)
        else expected or []
    )
    return [word for part in parts for word in _words(part)]


def _same_instants(state: State, expected: Json, first: bool) -> bool:
    """`expected` names seats, kinds or both: of the winner, or of all who hold one (their best, or all they hold)."""
    words = _words(expected)
    seats = sorted(word for word in words if word in SEATS)
    kinds = sorted(word for word in words if word not in SEATS)
    every = _instants(state, first)
    won = {SEATS[state.places[0]]: [str(state.instant)]} if state.instant else {}
    for held in (won, every, {seat: kinds[:1] for seat, kinds in every.items()}):
        of_held = sorted(kind for kinds in held.values() for kind in kinds)
        if (not seats or seats == sorted(held)) and (not kinds or kinds == of_held):
            return bool(words) == bool(held)
    return False


def check_position(position: Json, defaults: Json) -> Iterator[str]:
    """What is wrong with one position."""
    state = build(position, defaults)
    first = _is_first(position)
    for result in play(state, position.get("steps")):
        if isinstance(result, str):
            yield result
            return
        state = result
    yield from differences(state, position.get("then") or {}, first)


def check_grid(grid: Json, options: Options) -> Iterator[tuple[str, list[str]]]:
    """Each combination against each other one."""
    rows = grid if isinstance(grid, dict) else {row["name"]: row for row in grid}
    combos = {name: classify(cards_of(row["cards"])) for name, row in rows.items()}
    for name, row in rows.items():
        mine = combos[name]
        won = {
            other for other, combo in combos.items() if mine and combo and other != name and beats(mine, combo, options)
        }
        wrong = won ^ set(row.get("beats") or [])
        yield f"grid {name}", [f"{other}: {'beaten' if other in won else 'not beaten'}" for other in sorted(wrong)]


def check_codec(row: Json) -> Iterator[str]:
    """A status integer both ways."""
    value = int(str(row["hex"]), 16) if "hex" in row else row["dec"]
    try:
        status = unpack(value)
    except ValueError as error:
        if not row.get("invalid"):
            yield f"refused: {error}"
        return
    if row.get("invalid"):
        yield "not refused"
        return
    if row.get("dec", value) != value or pack(status) != value:
        yield f"packs to {pack(status)}"
    places = [seat_of(seat) if isinstance(seat, str) else seat - 1 for seat in row.get("places") or []]
    if isinstance(row.get("winner"), int):
        places = [row["winner"] - 1]
    command = command_of(status, places, bool(row.get("cancelled")))
    got = {
        "attack": KINDS[status.attack],
        "turn": status.turn + 1 if status.phase == "playing" else None,
        "states": [STATES[state] for state in status.states],
        "left": [*status.left],
        "phase": status.phase,
        "numeric": to_number(command) if command else None,
        "char": to_char(command) if command else None,
    }
    for name, expected in row.get("is", {}).items():
        if name == "attack":
            expected = ATTACKS.get(str(expected).replace(" ", "_"), expected)
        if got.get(name, "unknown") != expected and not (name == "turn" and not expected and got["turn"] is None):
            yield f"{name}: {got.get(name)}, expected {expected}"


def check_text(row: Json) -> Iterator[str]:
    """A text record both ways."""
    try:
        record = from_record(row["line"])
    except ValueError as error:
        if not row.get("invalid"):
            yield f"refused: {error}"
        return
    if row.get("invalid"):
        yield "not refused"
        return
    if to_record(record) != "".join(row["line"].split("\n")):
        yield f"written as {to_record(record)}"
    got = {"seats": [*record.seats], "status": record.status, "score": record.score, "cards": [*record.cards]}
    for name, expected in row.get("is", {}).items():
        if got.get(name) != expected:
            yield f"{name}: {got.get(name)}, expected {expected}"


def results(data: Json) -> Iterator[tuple[str, list[str]]]:
    """Each case of a file with what is wrong with it."""
    defaults = data.get("defaults")
    for section in ("positions", "option_positions"):
        for position in data.get(section) or []:
            yield _case(section, position, lambda row: check_position(row, defaults), "id", "rule")
    if data.get("grid"):
        try:
            yield from check_grid(data["grid"], options_of(defaults) if defaults else STANDARD)
        except Exception as error:  # noqa: BLE001 - as in _case
            yield "grid", [f"{type(error).__name__}: {error}"]
    for row in data.get("codec") or []:
        yield _case("codec", row, check_codec, "hex", "dec", "note")
    for row in data.get("text") or []:
        yield _case("text", row, check_text, "line")


def _case(section: str, row: Json, check: Callable[[Json], Iterator[str]], *names: str) -> tuple[str, list[str]]:
    """One row by its name, with what is wrong with it. A row that cannot be read has failed; those behind it still count."""
    told = [str(row[name]) for name in names if row.get(name)] if isinstance(row, dict) else [str(row)[:60]]
    try:
        return " ".join([section, *told]), [*check(row)]
    except Exception as error:  # noqa: BLE001 - files of others have forms that nobody foresaw
        return " ".join([section, *told]), [f"{type(error).__name__}: {error}"]


def main(paths: list[str]) -> int:
    """Prints failures and counts; 1 when something failed."""
    passed = failed = 0
    for path in paths:
        for name, wrong in results(json.loads(Path(path).read_text(encoding="utf-8"))):
            passed, failed = passed + (not wrong), failed + bool(wrong)
            for line in wrong:
                sys.stdout.write(f"FAILED {name}\n       {line}\n")
    sys.stdout.write(f"{passed} passed, {failed} failed\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else __doc__)
