"""What a set of cards is, what beats it, and what a chopped play costs."""

from collections.abc import Collection
from typing import NamedTuple

from games.tienlen.cards import TWO
from games.tienlen.options import Options

NONE, SINGLE, PAIR, TRIPLE, QUAD, STRAIGHT, RUN = range(7)  # the attack types of the status integer
KINDS = ("none", "single", "pair", "triple", "quad", "straight", "run")


class Combo(NamedTuple):
    """A combination; `length` counts its ranks in a straight or a run of pairs, else its cards."""

    kind: int
    length: int
    top: int
    cards: tuple[int, ...]

    @property
    def bomb(self) -> bool:
        """Four of a kind or a run of pairs."""
        return self.kind in (QUAD, RUN)

    @property
    def twos(self) -> bool:
        """One 2 or a pair of 2s, which bombs may chop."""
        return self.kind in (SINGLE, PAIR) and self.top >> 2 == TWO


def classify(cards: Collection[int]) -> Combo | None:
    """The combination these cards are, if they are one."""
    held = tuple(sorted(cards))
    count = len(held)
    if not count or len(set(held)) != count:
        return None
    ranks = [card >> 2 for card in held]
    low, high = ranks[0], ranks[-1]
    if low == high:
        return Combo(count, count, held[-1], held)
    if high == TWO or count < 3:
        return None
    if ranks == list(range(low, low + count)):
        return Combo(STRAIGHT, count, held[-1], held)
    pairs = count // 2
    if count >= 6 and count % 2 == 0 and ranks[::2] == ranks[1::2] == list(range(low, low + pairs)):
        return Combo(RUN, pairs, held[-1], held)
    return None


def beats(new: Combo, old: Combo, options: Options) -> bool:
    """Whether `new` may be put on `old`."""
    if new.kind == old.kind and new.length == old.length:
        return new.top > old.top
    if new.kind == RUN:
        if old.kind == RUN:
            return new.length > old.length
        if old.twos:
            return old.kind == SINGLE or new.length >= 4
        return old.kind == QUAD and new.length >= 4
    if new.kind == QUAD:
        if old.twos:
            return old.kind == SINGLE or options.quad_chops_pair2
        return old.kind == RUN and old.length == 3
    return False


def can_be_chopped(old: Combo) -> bool:
    """Whether beating it with a bomb is a chop: 2s and bombs."""
    return old.twos or old.bomb


def is_chop(new: Combo, old: Combo) -> bool:
    """Whether `new`, which beats `old`, chops it: a higher 2 on a 2 is no chop."""
    return new.bomb and can_be_chopped(old)


def price(combo: Combo, options: Options) -> int:
    """Units of a play that is chopped; a run longer than four pairs costs as one of four."""
    if combo.kind == QUAD:
        return options.quad
    if combo.kind == RUN:
        return options.run3 if combo.length == 3 else options.run4
    if not combo.twos:
        return 0
    return sum(options.two_red if card & 3 >= 2 else options.two_black for card in combo.cards)
