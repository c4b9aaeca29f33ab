"""A table: who sits, watches and is ready, the match that is played, and what is due when.

`seating.py` and `match.py` change it. Nothing here has a clock: every call says what time it is (`now`, in seconds), and
`match.next_due` tells when `match.tick` has something to do. A call that raises Illegal has changed nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from games.tienlen.options import Options
from games.tienlen.state import SEATS, State

SILENT = 25.0  # seconds without a sign of life


@dataclass(slots=True)
class Table:
    """Users are numbers. `seed` and `game` hold secrets: what people get is in `table_view.py`."""

    options: Options
    host: int | None = None
    seats: list[int | None] = field(default_factory=lambda: [None] * SEATS)
    ready: list[int] = field(default_factory=list)  # users
    watchers: list[int] = field(default_factory=list)
    last_seen: dict[int, float] = field(default_factory=dict)
    scores: dict[int, int] = field(default_factory=dict)  # of the session, by user
    phase: str = "waiting"  # waiting | playing | result
    match: int = 0  # how many were started
    game: State | None = None
    players: dict[int, int] = field(default_factory=dict)  # seat → user of this match, also of who has left
    leader: int | None = None  # user who was first last time
    due: dict[str, float] = field(default_factory=dict)  # turn | close | result
    seed: bytes | None = field(default=None, repr=False)  # of the next or the running match
    texts: dict[int, str] = field(default_factory=dict)  # what users add to the shuffle
    # of the last match: promise, hash, and later what proves them
    shuffled: dict[str, Any] = field(default_factory=dict, repr=False)
    votes: dict[str, list[int]] = field(default_factory=dict)  # cancel | wait: users
    waited: bool = False  # the one longer wait of a match was used

    def seat_of(self, user: int) -> int | None:
        """Where somebody sits."""
        return self.seats.index(user) if user in self.seats else None

    def sitting(self) -> list[int]:
        """Users at the table, in the order of seats."""
        return [user for user in self.seats if user is not None]

    def is_silent(self, user: int, now: float) -> bool:
        """Whether he seems to have lost his connection; his seat and his clock stay."""
        return now - self.last_seen.get(user, 0.0) > SILENT

    def belongs_to_match(self, seat: int) -> bool:
        """Whether a seat has to stay as it is until the match ends, even if its player left."""
        return self.phase == "playing" and seat in self.players

    def to_json(self) -> dict[str, Any]:
        """What is stored in a row; holds all hands and the seed."""
        made: dict[str, Any] = {name: getattr(self, name) for name in _NAMES}
        made["options"] = self.options.to_json()
        made["game"] = self.game.to_json() if self.game else None
        made["seed"] = self.seed.hex() if self.seed else None
        return made

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Table":
        """What `to_json` gave, also after it was JSON, whose keys are texts."""
        made = cls(**{**data, "options": Options.stored(data["options"])})
        for name in ("last_seen", "scores", "players", "texts"):
            setattr(made, name, {int(key): value for key, value in data[name].items()})
        if "texts" in made.shuffled:
            made.shuffled = {**made.shuffled, "texts": {int(k): text for k, text in made.shuffled["texts"].items()}}
        made.game = State.from_json(data["game"]) if data["game"] else None
        made.seed = bytes.fromhex(data["seed"]) if data["seed"] else None
        return made


_NAMES = tuple(item.name for item in fields(Table))
