"""The shuffle: bound before the deal, checkable after it, even."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from games.tienlen.shuffle import commitment, deck_hash, deck_of, new_seed, verify

SEED = bytes(range(32))
FINGERPRINT = "382b4b418eda9635f39125561e08397cc1633f5214b158b38417136588611cef"


def test_the_deck_follows_from_the_seed_and_the_texts():
    deck = deck_of(SEED, {0: "xin chào", 2: "你好"})
    assert sorted(deck) == list(range(52))
    assert deck_of(SEED, {2: "你好", 0: "xin chào"}) == deck
    assert deck[:8] == [*deck_of(SEED, {0: "xin chào", 2: "你好"})[:8]]
    for other in (
        {},
        {0: "xin chào"},
        {0: "xin chào", 1: "你好"},
        {0: "xin chàO", 2: "你好"},
        {0: "xin ", 2: "chào你好"},
    ):
        assert deck_of(SEED, other) != deck
    assert deck_of(bytes(32), {0: "xin chào", 2: "你好"}) != deck


def test_it_never_changes():
    """Old games must stay checkable."""
    assert hashlib.sha256(bytes(deck_of(SEED, {1: "a"}))).hexdigest() == FINGERPRINT


def test_what_was_promised_can_be_checked_and_a_lie_is_seen():
    seed, texts = new_seed(), {0: "a", 3: "b"}
    deck = deck_of(seed, texts)
    promised, hashed = commitment(seed), deck_hash(seed, deck)
    assert verify(seed, texts, deck, promised, hashed)
    swapped = [deck[1], deck[0], *deck[2:]]
    assert not verify(seed, texts, swapped, promised, deck_hash(seed, swapped)), "another deck"
    assert not verify(seed, {0: "a"}, deck, promised, hashed), "a text left out"
    other = new_seed()
    assert not verify(other, texts, deck_of(other, texts), promised, deck_hash(other, deck_of(other, texts))), (
        "another seed"
    )
    assert not verify(seed, texts, deck, promised, deck_hash(other, deck))
    assert len({new_seed() for _ in range(100)}) == 100


@pytest.mark.parametrize(("seed", "texts"), [(b"short", {}), (SEED, {0: "x" * 65})])
def test_limits(seed: bytes, texts: dict[int, str]):
    with pytest.raises(ValueError, match="bytes"):
        deck_of(seed, texts)


def test_each_card_comes_to_each_place_equally_often(full: bool):
    decks = 52 * (2000 if full else 40)
    places = Counter()
    for number in range(decks):
        places.update(enumerate(deck_of(number.to_bytes(32, "big"), {})))
    expected = decks / 52
    chi = sum((places[place, card] - expected) ** 2 / expected for place in range(52) for card in range(52))
    assert abs(chi - 51 * 51) < 5 * (2 * 51 * 51) ** 0.5, "chi square with 51 × 51 degrees of freedom"
