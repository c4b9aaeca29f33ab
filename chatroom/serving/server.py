"""uvicorn with a drain that ends: readiness off, sockets closed with 1012, running requests finished, out in ten seconds."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

EXIT_DEADLINE = 9.5  # seconds from the signal to the end, also with a thread that hangs


class Server(uvicorn.Server):
    """Calls `on_ready` when it listens and `on_drain` at the first signal."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], on_drain: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_ready, self.on_drain = on_ready, on_drain
        self.draining = False

    async def startup(self, sockets: list | None = None) -> None:
        """Listens, then tells."""
        await super().startup(sockets)
        self.on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Takes the signals and does not raise them again: what follows the server has to run too."""
        before = {number: signal.signal(number, self.handle_exit) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins the drain; a second Ctrl+C cuts it short."""
        if not self.draining:
            self.draining = True
            watch_exit()
            self.on_drain()
        super().handle_exit(sig, frame)


def watch_exit() -> None:
    """Ends the process when something (a thread in a system call, an executor) would hold it."""

    def end() -> None:
        sys.stderr.write("serve: a thread did not end; leaving without it\n")
        sys.stderr.flush()
        os._exit(1)

    timer = threading.Timer(EXIT_DEADLINE, end)
    timer.daemon = True
    timer.start()
