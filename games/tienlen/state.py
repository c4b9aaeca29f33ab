"""One game as plain data: what is stored in a row, and all a move needs to know."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple

from games.tienlen.combos import Combo, classify
from games.tienlen.options import STANDARD, Options

SEATS = 4
Kind = Literal["play", "pass", "timeout", "leave", "close", "cancel"]


class Move(NamedTuple):
    """What a seat does. The server itself makes `timeout`, `close` (a trick that was held open) and `cancel`, whose seat is of no account."""

    seat: int
    kind: Kind
    cards: Collection[int] = ()


class Entry(NamedTuple):
    """One line of the result sheet: who pays whom how many units, for what and which cards."""

    payer: int
    receiver: int
    reason: str  # chop | rot | last | third | blank | instant | cards | cards_unplayed
    units: int
    cards: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the result sheet gets it."""
        return {
            "from": self.payer,
            "to": self.receiver,
            "reason": self.reason,
            "units": self.units,
            "cards": [*self.cards],
        }


class Beaten(NamedTuple):
    """One chopped play of the open chain."""

    seat: int
    units: int
    cards: tuple[int, ...]


class Illegal(Exception):  # noqa: N818 - an answer, as core's Refusal
    """A move the rules forbid; `code` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def need(condition: bool, code: str) -> None:
    """Raises Illegal unless the condition holds."""
    if not condition:
        raise Illegal(code)


@dataclass(slots=True)
class State:
    """A game. `hands` keeps the cards of those who left or are cóng: they count at the end."""

    options: Options = STANDARD
    players: list[int] = field(default_factory=list)  # seats that were dealt to
    hands: list[tuple[int, ...]] = field(
        default_factory=lambda: [()] * SEATS, repr=False
    )  # never in a log or traceback
    played: list[int] = field(default_factory=lambda: [0] * SEATS)  # how many cards
    strikes: list[int] = field(default_factory=lambda: [0] * SEATS)
    live: list[int] = field(default_factory=list)  # seats still in play
    turn: int | None = None
    top: Combo | None = None
    by: int | None = None  # whose the top play is
    passed: list[int] = field(default_factory=list)
    must: int | None = field(default=None, repr=False)  # the card the first play must contain
    chain: list[Beaten] = field(default_factory=list)
    closing: bool = False  # nobody has to answer any more, but a chop out of turn still may come
    hold: bool = False  # whether tricks are held open so
    out: list[int] = field(default_factory=list)  # without cards, first one first
    left: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)  # of those, who is out of the room
    blank: list[int] = field(default_factory=list)  # cóng
    places: list[int] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    instant: str | None = None
    over: bool = False
    cancelled: bool = False
    number: int = 0  # of moves made

    def copy(self) -> "State":
        """One that can be changed while this stays."""
        made = object.__new__(State)
        for name in _NAMES:
            value = getattr(self, name)
            setattr(made, name, value[:] if type(value) is list else value)
        return made

    def to_json(self) -> dict[str, Any]:
        """Lists, numbers and strings only; holds all hands."""
        made: dict[str, Any] = {name: getattr(self, name) for name in _NAMES}
        for name, value in made.items():
            if type(value) is list:
                made[name] = [list(item) if isinstance(item, tuple) else item for item in value]
        made["options"] = self.options.to_json()
        made["top"] = list(self.top.cards) if self.top else None
        made["chain"] = [[item.seat, item.units, list(item.cards)] for item in self.chain]
        made["entries"] = [entry.to_json() for entry in self.entries]
        return made

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "State":
        """What `to_json` gave."""
        made = cls(**{**data, "options": Options.stored(data["options"])})
        made.hands = [tuple(hand) for hand in data["hands"]]
        made.top = classify(data["top"]) if data["top"] else None
        made.chain = [Beaten(seat, units, tuple(cards)) for seat, units, cards in data["chain"]]
        made.entries = [
            Entry(entry["from"], entry["to"], entry["reason"], entry["units"], tuple(entry["cards"]))
            for entry in data["entries"]
        ]
        return made

    def after(self, seat: int) -> int | None:
        """The next seat still in play."""
        return next((other for other in round_from(seat) if other in self.live), None)

    def points(self) -> list[int]:
        """Net units of each seat so far."""
        net = [0] * SEATS
        for entry in self.entries:
            net[entry.payer] -= entry.units
            net[entry.receiver] += entry.units
        return net


_NAMES = tuple(field.name for field in fields(State))


def round_from(seat: int) -> list[int]:
    """The other seats in the order of play."""
    return [(seat + step) % SEATS for step in range(1, SEATS)]
