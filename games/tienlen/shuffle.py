"""A fair shuffle that can be checked afterwards.

1. Before the deal the server chooses a seed and publishes `commitment(seed)`.
2. Each player may add a text of his own: then the server cannot have chosen a seed whose deck it knew.
3. `deck_of(seed, texts)` is the deck; `deck_hash(seed, deck)` is published at the deal.
4. At the end seed, texts and deck are published, and anybody runs `verify`.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence

SEED_BYTES = 32
MOST_TEXT = 64  # bytes a player may add


def new_seed() -> bytes:
    """A seed nobody can guess."""
    return secrets.token_bytes(SEED_BYTES)


def commitment(seed: bytes) -> str:
    """What binds the server to a seed without showing it."""
    return hashlib.sha256(b"tienlen seed" + seed).hexdigest()


def deck_hash(seed: bytes, deck: Sequence[int]) -> str:
    """What binds the server to a deck; the seed is the salt."""
    return hashlib.sha256(seed + bytes(deck)).hexdigest()


def deck_of(seed: bytes, texts: Mapping[int, str]) -> list[int]:
    """The deck of a seed and the texts of seats: Fisher and Yates, with numbers from SHA-256 in counter mode."""
    numbers = _numbers(_key(seed, texts))
    deck = list(range(52))
    for last in range(51, 0, -1):
        count = last + 1
        number = next(number for number in numbers if number < 2**32 // count * count)  # else low ones come more often
        other = number % count
        deck[last], deck[other] = deck[other], deck[last]
    return deck


def verify(seed: bytes, texts: Mapping[int, str], deck: Sequence[int], promised: str, hashed: str) -> bool:
    """Whether what was revealed is what was promised before the deal (`promised`) and at the deal (`hashed`)."""
    return commitment(seed) == promised and deck_of(seed, texts) == list(deck) and deck_hash(seed, deck) == hashed


def _key(seed: bytes, texts: Mapping[int, str]) -> bytes:
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a seed has {SEED_BYTES} bytes")
    parts = [seed]
    for seat in sorted(texts):
        text = texts[seat].encode()
        if len(text) > MOST_TEXT:
            raise ValueError(f"a text has at most {MOST_TEXT} bytes")
        parts.append(bytes([seat, len(text)]) + text)
    return hashlib.sha256(b"".join(parts)).digest()


def _numbers(key: bytes) -> Iterator[int]:
    """Numbers below 2**32 without end."""
    block = 0
    while True:
        digest = hashlib.sha256(key + block.to_bytes(4, "big")).digest()
        for start in range(0, 32, 4):
            yield int.from_bytes(digest[start : start + 4], "big")
        block += 1
