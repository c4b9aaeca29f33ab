"""Instant wins (tới trắng): hands that win at the deal."""

from collections.abc import Callable, Sequence

from games.tienlen.cards import TWO
from games.tienlen.options import Options

ACE = TWO - 1
Hand = Sequence[int]


def _of_rank(hand: Hand) -> list[list[int]]:
    made: list[list[int]] = [[] for _ in range(TWO + 1)]
    for card in sorted(hand):
        made[card >> 2].append(card)
    return made


def _dragon(hand: Hand) -> int | None:
    ranks = _of_rank(hand)
    return ranks[ACE][-1] if all(ranks[:TWO]) else None


def _five_run(hand: Hand) -> int | None:
    ranks = _of_rank(hand)
    for high in range(ACE, 3, -1):
        if all(len(ranks[rank]) >= 2 for rank in range(high - 4, high + 1)):
            return ranks[high][-1]
    return None


def _four_twos(hand: Hand) -> int | None:
    twos = _of_rank(hand)[TWO]
    return twos[-1] if len(twos) == 4 else None


def _six_pairs(hand: Hand) -> int | None:
    ranks = _of_rank(hand)
    if sum(len(cards) // 2 for cards in ranks) < 6:
        return None
    return max(cards[-1] for cards in ranks if len(cards) >= 2)


def _one_colour(hand: Hand) -> int | None:
    """Twelve or thirteen cards of one colour; thirteen stand above twelve."""
    for red in (True, False):
        same = [card for card in hand if (card & 3 >= 2) == red]
        if len(same) >= 12:
            return max(same) + 52 * (len(same) == 13)
    return None


def _four_triples(hand: Hand) -> int | None:
    triples = [cards for cards in _of_rank(hand) if len(cards) >= 3]
    return triples[-1][-1] if len(triples) >= 4 else None


def _four_threes(hand: Hand) -> int | None:
    return 3 if {0, 1, 2, 3} <= set(hand) else None


def _run3_with_3s(hand: Hand) -> int | None:
    ranks = _of_rank(hand)
    return ranks[2][-1] if 0 in hand and all(len(ranks[rank]) >= 2 for rank in range(3)) else None


KINDS: dict[str, Callable[[Hand], int | None]] = {
    "dragon": _dragon,
    "five_run": _five_run,
    "four_twos": _four_twos,
    "six_pairs": _six_pairs,
    "one_colour": _one_colour,
    "four_triples": _four_triples,
    "four_threes": _four_threes,
    "run3_with_3s": _run3_with_3s,
}
FIRST_GAME = {"four_threes", "run3_with_3s"}


def kinds_of(hand: Hand, options: Options, first: bool = False) -> list[str]:
    """The kinds a hand holds, highest priority first."""
    return [
        kind for kind in options.instant if (first or kind not in FIRST_GAME) and hand and KINDS[kind](hand) is not None
    ]


def winner_of(hands: Sequence[Hand], options: Options, first: bool = False) -> tuple[str, int] | None:
    """The kind and the seat that win at the deal: by priority of the kind, then by the deciding card."""
    for kind in options.instant:
        if kind in FIRST_GAME and not first:
            continue
        held = {seat: KINDS[kind](hand) for seat, hand in enumerate(hands) if hand}
        cards = {seat: card for seat, card in held.items() if card is not None}
        if cards:
            return kind, max(cards, key=lambda seat: cards[seat])
    return None
