"""The rules a table may choose, and the presets it is offered."""

from dataclasses import dataclass, fields
from typing import Any

INSTANTS = (
    "dragon", "five_run", "four_twos", "six_pairs",
    "one_colour", "four_triples", "four_threes", "run3_with_3s",
)  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {
    "opening": ("first_game", "every_game", "free"),
    "free_chop": ("run4", "any_bomb", "none"),
    "end_on_two": ("allowed", "forbidden"),
    "end_mode": ("rank", "first_out"),
    "cong": ("immediate", "end", "off"),
    "rot_to": ("first", "above", "second", "none"),
}
MOST = 100  # units of one price


@dataclass(frozen=True, slots=True)
class Options:
    """One table's rules; the defaults are the preset Chuẩn. Prices are in units."""

    opening: str = "first_game"  # when the first play must contain 3♠
    quad_chops_pair2: bool = True
    free_chop: str = "run4"  # what may be played out of turn
    chop_reopens: bool = False  # a chop asks those again who had passed
    end_on_two: str = "allowed"
    end_mode: str = "rank"  # until one has cards, or until the first is out
    cong: str = "immediate"  # when it is asked who has not played a card
    rot_to: str = "first"  # who is paid for 2s and bombs left in a hand
    instant: tuple[str, ...] = INSTANTS[:4]  # in order of priority
    last: int = 2
    third: int = 1
    blank: int = 4
    instant_pay: int = 4
    two_black: int = 1
    two_red: int = 2
    run3: int = 3
    quad: int = 4
    run4: int = 5

    @classmethod
    def make(cls, values: dict[str, Any]) -> "Options":
        """Options from data a table stores or a person chose; ValueError names what is wrong."""
        known = {field.name: field for field in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown option: {name}")
            if name in CHOICES:
                good = isinstance(value, str) and value in CHOICES[name]
            elif name == "instant":
                good = isinstance(value, list | tuple) and len(set(map(str, value))) == len(value)
                good = good and all(kind in INSTANTS for kind in value)
            elif known[name].type is bool or known[name].type == "bool":
                good = isinstance(value, bool)
            else:
                good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST
            if not good:
                raise ValueError(f"option {name}: {value!r}")
        return cls(**{**values, "instant": tuple(values["instant"])} if "instant" in values else values)

    @classmethod
    def stored(cls, values: dict[str, Any]) -> "Options":
        """What `to_json` gave: it was checked when it was made."""
        return cls(**{**values, "instant": tuple(values["instant"])})

    def to_json(self) -> dict[str, Any]:
        """What `make` reads."""
        made = {name: getattr(self, name) for name in _NAMES}
        return {**made, "instant": list(self.instant)}

    def changed(self) -> dict[str, Any]:
        """Only what differs from the preset Chuẩn."""
        plain = Options().to_json()
        return {name: value for name, value in self.to_json().items() if value != plain[name]}


_NAMES = tuple(field.name for field in fields(Options))
STANDARD = Options()
PRESETS = {
    "standard": STANDARD,  # Chuẩn
    "count": Options(end_mode="first_out"),  # Đếm lá
    "family": Options(
        quad_chops_pair2=False, cong="off", rot_to="none", last=0, third=0, blank=0, instant_pay=0,
        two_black=0, two_red=0, run3=0, quad=0, run4=0,
    ),
}  # fmt: skip
