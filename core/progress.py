"""A bar on the terminal while a command works; silent where nobody looks."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH, EVERY = 30, 0.2  # letters; seconds between two drawings


class Progress:
    """Told how far it is, between 0 and 1, and how many are done."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stderr
        self.shown = self.out.isatty()
        self.drawn = 0.0

    def __call__(self, share: float, done: int) -> None:
        """Draw, at most five times a second."""
        now = time.monotonic()
        if self.shown and now - self.drawn >= EVERY:
            self.drawn = now
            self._draw(share, done)

    def end(self, done: int) -> None:
        """The full bar, and on to the next line."""
        if self.shown:
            self._draw(1, done)
            self.out.write("\n")
            self.out.flush()

    def _draw(self, share: float, done: int) -> None:
        share = max(0.0, min(1.0, share))
        full = round(share * WIDTH)
        self.out.write(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%} {done:,}")
        self.out.flush()
