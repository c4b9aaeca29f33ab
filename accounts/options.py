"""What a person may set for himself; only values that differ from the defaults are stored."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from core.refusal import Refusal


def one_of(*choices: str) -> str:
    """An option with a fixed list of values; the first is the default."""
    return field(default=choices[0], metadata={"choices": choices})


def between(default: int, low: int, high: int) -> int:
    """A whole number within limits."""
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True)
class Options:
    """All options with their defaults."""

    theme: str = one_of("system", "light", "dark")
    accent: str = one_of("blue", "teal", "green", "orange", "pink", "violet")
    density: str = one_of("bubbles", "compact")
    text_size: str = one_of("medium", "small", "large", "huge")
    enter_sends: bool = True
    look_back: int = between(50, 10, 200)
    sounds: bool = True
    desktop_notices: bool = False
    quiet_from: int = between(-1, -1, 1439)  # minutes after midnight, -1 for never
    quiet_to: int = between(-1, -1, 1439)
    quiet_until: int = between(0, 0, 2**40)  # not to be disturbed before this moment, in seconds since 1970
    receipts: bool = True
    busy: bool = False
    invisible: bool = False
    show_last_seen: bool = True
    who_may_write: str = one_of("anyone", "friends")
    four_colour_cards: bool = False

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Options:
        """The options of one person. Names that no longer exist are left out."""
        return cls(**{name: value for name, value in stored.items() if name in FIELDS})

    @property
    def presence(self) -> str:
        """How a connection of this person is seen unless it says otherwise."""
        return "invisible" if self.invisible else "busy" if self.busy else "online"

    def changed(self, values: dict[str, Any]) -> Options:
        """These options with some values replaced. Raises Refusal for an unknown name or a wrong value."""
        for name, value in values.items():
            check(name, value)
        return dataclasses.replace(self, **values)

    def to_store(self) -> dict[str, Any]:
        """Only what differs from the defaults."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value != FIELDS[name].default}

    def as_dict(self) -> dict[str, Any]:
        """Everything, for the browser."""
        return dataclasses.asdict(self)


FIELDS = {option.name: option for option in dataclasses.fields(Options)}


def check(name: str, value: Any) -> None:
    """Refuse what is not an option or not a value of it."""
    option = FIELDS.get(name)
    if (
        option is None
        or type(value) is not type(option.default)
        or value not in option.metadata.get("choices", (value,))
    ):
        raise Refusal("bad_request")
    low, high = option.metadata.get("range", (None, None))
    if low is not None and not low <= value <= high:
        raise Refusal("bad_request")
