"""Token buckets: so many at once, so many a second."""

import time


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
