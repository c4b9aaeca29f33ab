"""What ends a connection at once."""

from collections.abc import Sequence
from typing import Any


class Malformed(Exception):  # noqa: N818 - a word of the domain
    """Bytes that no client of this protocol may send; `reason` goes into the log, never to the client.

    `before`: messages of the same bytes that stood before the fault; they are handled first, however TCP has cut the bytes.
    """

    def __init__(self, reason: str, before: Sequence[Any] = ()) -> None:
        super().__init__(reason)
        self.reason, self.before = reason, before
