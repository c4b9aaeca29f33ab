"""Token buckets: so many at once, so many a second."""

import time
from collections.abc import Hashable


class TokenBucket:
    """Holds up to `burst` tokens, gains `rate` a second. One object per user or address, kept by the caller."""

    __slots__ = ("at", "burst", "rate", "tokens")

    def __init__(self, burst: float, rate: float, now: float | None = None) -> None:
        self.burst, self.rate, self.tokens = burst, rate, burst
        self.at = time.monotonic() if now is None else now

    def take(self, tokens: float = 1.0, now: float | None = None) -> bool:
        """Take tokens if there are enough."""
        now = time.monotonic() if now is None else now
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < tokens:
            return False
        self.tokens -= tokens
        return True


class Buckets:
    """A bucket for each key, such as a user; those that are full again are forgotten."""

    KEPT = 1000

    def __init__(self, burst: float, rate: float) -> None:
        self.burst, self.rate = burst, rate
        self.held: dict[Hashable, TokenBucket] = {}

    def take(self, key: Hashable, tokens: float = 1.0) -> bool:
        """Take tokens of this key if there are enough."""
        if len(self.held) > self.KEPT:
            now = time.monotonic()
            self.held = {
                key: bucket
                for key, bucket in self.held.items()
                if bucket.tokens + (now - bucket.at) * bucket.rate < bucket.burst
            }
        return self.held.setdefault(key, TokenBucket(self.burst, self.rate)).take(tokens)
