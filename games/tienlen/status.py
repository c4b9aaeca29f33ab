"""The compact forms of the original note: a 32-bit status, command characters and numbers, and a text record.

Bits, high to low: 3 reserved, 3 attack, 2 turn, four times 2 state of player 1–4, four times 4 cards left of player 1–4.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from games.tienlen.combos import KINDS

if TYPE_CHECKING:
    from games.tienlen.state import State

STATES = ("empty", "in", "watching", "passed")
EMPTY, IN, WATCHING, PASSED = range(4)
READY, NO_CARDS = 0xE, 0xF
CANCELLED_CHAR, CANCELLED_NUMBER = "0", 10
SEATS = range(4)


class Status(NamedTuple):
    """What the integer says; seats count from 0."""

    attack: int = 0
    turn: int = 0
    states: tuple[int, ...] = (EMPTY,) * 4
    left: tuple[int, ...] = (NO_CARDS,) * 4

    @property
    def phase(self) -> str:
        """waiting, playing or finished, as far as the integer can tell."""
        dealt = [
            left for state, left in zip(self.states, self.left, strict=True) if state in (IN, PASSED) and left <= 13
        ]
        if not dealt:
            return "waiting"
        return "playing" if sum(left > 0 for left in dealt) > 1 else "finished"


class Command(NamedTuple):
    """What a command character or number says; `seat` counts from 0."""

    what: str  # waiting | move | won | cancelled
    seat: int | None = None


@lru_cache(256)  # a move asks for the same one several times
def encode(status: Status) -> int:
    """The integer of a status; ValueError when it contradicts itself."""
    value = status.attack << 26 | status.turn << 24
    for seat in SEATS:
        value |= status.states[seat] << (22 - 2 * seat) | status.left[seat] << (12 - 4 * seat)
    if unpack(value) != status:
        raise ValueError("a field is too large")
    return value


def unpack(value: int) -> Status:
    """The status of an integer; ValueError when it is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 29:
        raise ValueError("reserved bits are set")
    status = Status(
        value >> 26 & 7,
        value >> 24 & 3,
        tuple(value >> (22 - 2 * seat) & 3 for seat in SEATS),
        tuple(value >> (12 - 4 * seat) & 15 for seat in SEATS),
    )
    if status.attack >= len(KINDS):
        raise ValueError("no such attack")
    for state, left in zip(status.states, status.left, strict=True):
        if state in (EMPTY, WATCHING) and left != NO_CARDS:
            raise ValueError("cards at an empty seat, or of one who watches")
        if state == PASSED and not 1 <= left <= 13:
            raise ValueError("who passed holds cards")
    if status.phase == "waiting" and status.attack:
        raise ValueError("an attack before the deal")
    if status.phase != "playing" and status.turn:
        raise ValueError("a turn when nobody plays")
    # attack 0 and turn 0 may also be a game that ended while several hold cards
    if status.phase == "playing" and (status.attack or status.turn) and not _may_move(status):
        raise ValueError("the turn of somebody who cannot move")
    return status


def _may_move(status: Status) -> bool:
    return status.states[status.turn] == IN and 1 <= status.left[status.turn] <= 13


def pack(state: "State | Status") -> int:
    """The integer of a game or of a status."""
    return encode(state if isinstance(state, Status) else status_of(state))


def status_of(state: "State") -> Status:
    """The status of a game; who left the match or is cóng watches, who left the room is no longer there."""
    if state.cancelled:
        states = [IN if seat in state.players and seat not in state.gone else EMPTY for seat in SEATS]
        return Status(states=tuple(states))
    states, left = [EMPTY] * 4, [NO_CARDS] * 4
    for seat in state.players:
        if seat in state.left or seat in state.blank:
            states[seat] = EMPTY if seat in state.gone else WATCHING
        else:
            # of a trick that is held open the next leader may be one who had passed
            passed = seat in state.passed and seat != state.turn
            states[seat], left[seat] = PASSED if passed else IN, len(state.hands[seat])
    return Status(state.top.kind if state.top else 0, state.turn or 0, tuple(states), tuple(left))


def command_of(
    status: Status, places: Sequence[int] = (), cancelled: bool = False, over: bool = False
) -> Command | None:
    """What the command forms say. `places` name the winner, whom the integer often cannot; None when he is unknown.

    `over` is for an end the integer does not show: an instant win, or the first being out.
    """
    if cancelled:
        return Command("cancelled")
    if status.phase == "playing" and not over:
        return Command("move", status.turn)
    if status.phase == "waiting" and not over:
        return Command("waiting")
    out = [seat for seat in SEATS if status.left[seat] == 0]
    if places or len(out) == 1:
        return Command("won", places[0] if places else out[0])
    return None


def to_char(command: Command) -> str:
    """The character of a command: w, a–d, 1–4, 0."""
    if command.seat is None:
        return "w" if command.what == "waiting" else CANCELLED_CHAR
    return ("abcd" if command.what == "move" else "1234")[command.seat]


def from_char(char: str) -> Command:
    """The command of a character."""
    if len(char) == 1:
        if char in "abcd":
            return Command("move", "abcd".index(char))
        if char in "1234":
            return Command("won", "1234".index(char))
        if char in "w0":
            return Command("waiting" if char == "w" else "cancelled")
    raise ValueError("no such command")


def to_number(command: Command) -> int:
    """The number of a command: 0, 1–4, 11–14, 10."""
    if command.seat is None:
        return 0 if command.what == "waiting" else CANCELLED_NUMBER
    return command.seat + (1 if command.what == "move" else 11)


def from_number(number: int) -> Command:
    """The command of a number; not to be mixed with characters: '1' has won, 1 is to move."""
    if number in (0, CANCELLED_NUMBER):
        return Command("cancelled" if number else "waiting")
    if 1 <= number <= 4:
        return Command("move", number - 1)
    if 11 <= number <= 14:
        return Command("won", number - 11)
    raise ValueError("no such command")


class Record(NamedTuple):
    """The text record one player gets: his own score and cards, never those of others."""

    seats: tuple[str | None, ...]
    status: int
    score: int
    cards: tuple[int, ...]


def to_record(record: Record) -> str:
    """Seven fields with semicolons between; each card is followed by a comma."""
    if any(";" in (seat or "") or (seat or "") != (seat or "").strip() for seat in record.seats):
        raise ValueError("an address with a semicolon or blanks")
    cards = "".join(f"{card}," for card in record.cards)
    return ";".join([*(seat or "" for seat in record.seats), str(record.status), str(record.score), cards])


def from_record(line: str) -> Record:
    """The record of a text; line breaks between the fields are layout, and the status is `unpack`'s to judge. ValueError when it is none."""
    parts = [part.strip() for part in line.split(";")]
    if len(parts) != 7:
        raise ValueError("seven fields")
    seats, (status, score, held) = parts[:4], parts[4:]
    if held and not held.endswith(","):
        raise ValueError("a comma after each card")
    cards = tuple(_whole(card) for card in held.split(",")[:-1])
    if len(set(cards)) != len(cards) or not all(0 <= card < 52 for card in cards):
        raise ValueError("a card twice, or no card")
    if not 0 <= _whole(status) < 1 << 32:
        raise ValueError("32 bits")
    return Record(tuple(seat or None for seat in seats), _whole(status), _whole(score), cards)


def _whole(text: str) -> int:
    """int() without its signs, blanks, underscores and figures of other scripts, but for a minus in front."""
    if not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError(f"not a number: {text!r}")
    return int(text)
