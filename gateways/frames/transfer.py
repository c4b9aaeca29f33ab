"""Files in packets of 1000 bytes, each acknowledged: which have come, which are on their way. Pure: no I/O, the clock is given."""

from __future__ import annotations

from collections.abc import Iterator

from gateways.frames.codec import BLOCK

LARGEST = 20 * 2**20  # bytes of a file
WINDOW = 16  # packets on their way
AGAIN_SECONDS, AGAIN = 5.0, 3  # until a packet is sent again, and how often
PATIENCE, RATE = (
    30.0,
    1024,
)  # a file that comes slower than so many bytes a second, after this many seconds, does not come


class WrongError(Exception):
    """The packets are not those that were announced."""


class GoneError(Exception):
    """Nobody acknowledges."""


def packets_of(size: int) -> int:
    """How many packets a file of this size has."""
    return -(-size // BLOCK)


class Arriving:
    """The packets of a file that was announced. Numbers begin with 0, or with 1 where the sender begins so."""

    def __init__(self, size: int, now: float) -> None:
        self.size, self.packets, self.begun_at = size, packets_of(size), now
        self.first: int | None = None  # the number of the first one
        self.next = 0  # the place of the first one that is missing
        self.ahead: dict[int, bytes] = {}  # place -> data, behind one that is missing

    @property
    def complete(self) -> bool:
        """Whether all have come."""
        return self.next == self.packets

    @property
    def due(self) -> float:
        """By when the next one must have come."""
        return self.begun_at + PATIENCE + self.next * BLOCK / RATE

    def take(self, number: int, data: bytes) -> list[bytes]:
        """The data that follow now what was there; none for a packet that has come before, or out of turn. Raises WrongError."""
        if self.first is None:
            if number > 1:
                raise WrongError
            self.first = number
        place = number - self.first
        if 0 <= place < self.next or place in self.ahead:
            return []
        if not self.next <= place < min(self.packets, self.next + WINDOW) or len(data) != self._length(place):
            raise WrongError
        self.ahead[place] = data
        found = []
        while self.next in self.ahead:
            found.append(self.ahead.pop(self.next))
            self.next += 1
        return found

    def knows(self, number: int) -> bool:
        """Whether it is one of those that have come."""
        return self.first is not None and 0 <= number - self.first < self.next

    def _length(self, place: int) -> int:
        return min(BLOCK, self.size - place * BLOCK)


class Leaving:
    """The packets of a file that is sent: at most 16 unacknowledged, each sent again after 5 s, three times."""

    def __init__(self, size: int) -> None:
        self.packets = packets_of(size)
        self.next = 0  # that was never sent
        self.waiting: dict[int, tuple[float, int, bytes]] = {}  # number -> when it was sent, how often, its data

    @property
    def complete(self) -> bool:
        """Whether all were sent and acknowledged."""
        return self.next == self.packets and not self.waiting

    @property
    def room(self) -> int:
        """How many new ones may be sent now."""
        return min(WINDOW - len(self.waiting), self.packets - self.next)

    @property
    def due(self) -> float | None:
        """When one has to be sent again, unless it is acknowledged before."""
        return min(at for at, _, _ in self.waiting.values()) + AGAIN_SECONDS if self.waiting else None

    def add(self, data: bytes, now: float) -> int:
        """The next packet is sent; its number."""
        number, self.next = self.next, self.next + 1
        self.waiting[number] = (now, 1, data)
        return number

    def acknowledge(self, number: int) -> None:
        """It has come; what was acknowledged before, or never sent, is no matter."""
        self.waiting.pop(number, None)

    def again(self, now: float) -> Iterator[tuple[int, bytes]]:
        """Those that have to be sent again. Raises GoneError."""
        for number, (at, times, data) in list(self.waiting.items()):
            if now >= at + AGAIN_SECONDS:
                if times > AGAIN:
                    raise GoneError
                self.waiting[number] = (now, times + 1, data)
                yield number, data
