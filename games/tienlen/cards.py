"""Cards are numbers, rank * 4 + suit: 0 is 3♠, 51 is 2♥; a higher number is a higher card."""

from collections.abc import Iterable

RANKS = "3456789TJQKA2"
SUITS = "scdh"  # ♠ ♣ ♦ ♥
TWO = 12
ALL = range(52)
NAMES = tuple(rank + suit for rank in RANKS for suit in SUITS)
_NUMBERS = {name: number for number, name in enumerate(NAMES)}


def parse(text: str) -> list[int]:
    """The cards of a text like "3s Td 2h", in its order."""
    try:
        return [_NUMBERS[name] for name in text.split()]
    except KeyError as error:
        raise ValueError(f"not a card: {error.args[0]}") from None


def show(cards: Iterable[int]) -> str:
    """The text that `parse` reads."""
    return " ".join(NAMES[card] for card in cards)


def has_two(cards: Iterable[int]) -> bool:
    """Whether a 2 is among them."""
    return any(card >> 2 == TWO for card in cards)
