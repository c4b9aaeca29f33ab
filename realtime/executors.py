"""Threads of our own for the database work of sockets: a small pool for commands and reads, one committer per batched command.

`database_sync_to_async` would put a whole process on one thread and reopen SQLite at each call.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Any, NamedTuple

from django.db import DatabaseError, InterfaceError, connection

from core import metrics
from core.refusal import Refusal, unexpected

THREADS = 4
BATCH = 64
log = logging.getLogger("chatroom.realtime")
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="reader")


def guarded(work: Callable, *args: Any) -> Any:
    """Run database work in a thread that keeps its connection; a connection that broke is not kept."""
    try:
        return work(*args)
    except (DatabaseError, InterfaceError):
        connection.close()
        raise


async def read(work: Callable, *args: Any) -> Any:
    """Run database work off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_pool, functools.partial(guarded, work, *args))


def idle(pool: ThreadPoolExecutor = _pool, threads: int = THREADS) -> None:
    """Wait until a pool has done what it was given, and close its threads' connections to the database (tests, shut-down)."""
    barrier = threading.Barrier(threads)

    def close() -> None:
        barrier.wait(30)  # the others may be at work
        connection.close()

    for future in [pool.submit(close) for _ in range(threads)]:
        future.result()


class Asked(NamedTuple):
    """Who asked from an event loop: `take` is called there with the result or the Refusal."""

    loop: asyncio.AbstractEventLoop
    take: Callable[[Any], None]


class Committer:
    """One thread that takes what has come in and hands it, together, to one call; each caller gets his own answer.

    `gather` seconds may pass to collect more; without it the next batch is whatever came during the last one.
    """

    def __init__(self, name: str, run: Callable[[list], list], gather: float = 0.0) -> None:
        self.name, self.run, self.gather = name, run, gather
        self.waiting: queue.SimpleQueue = queue.SimpleQueue()
        self.thread: threading.Thread | None = None
        self.starting = threading.Lock()

    def submit(self, request: Any) -> Future:
        """Queue a request; the future holds its result or the Refusal."""
        future: Future = Future()
        self._queue(request, future)
        return future

    def ask(self, request: Any, take: Callable[[Any], None]) -> None:
        """Queue a request of the running event loop; the answers of a batch come to it together, with one wake-up."""
        self._queue(request, Asked(asyncio.get_running_loop(), take))

    def _queue(self, request: Any, to: Future | Asked) -> None:
        if self.thread is None or not self.thread.is_alive():
            with self.starting:
                if self.thread is None or not self.thread.is_alive():
                    self.thread = threading.Thread(target=self._work, name=self.name, daemon=True)
                    self.thread.start()
        self.waiting.put((request, to))

    def stop(self) -> None:
        """Finish what has come in, then end the thread."""
        if self.thread is not None:
            self.waiting.put(None)
            self.thread.join(10)
            self.thread = None

    def _work(self) -> None:
        try:
            while True:
                batch = [self.waiting.get()]
                if self.gather and batch[0] is not None:
                    threading.Event().wait(self.gather)
                while len(batch) < (BATCH if not self.gather else 10_000):
                    try:
                        batch.append(self.waiting.get_nowait())
                    except queue.Empty:
                        break
                self._commit([item for item in batch if item is not None])
                if None in batch:
                    return
        finally:
            connection.close()

    def _commit(self, batch: list) -> None:
        if not batch:
            return
        began = monotonic()
        try:
            results = guarded(self.run, [request for request, _ in batch])
        except Exception as error:
            if len(batch) > 1:
                log.exception("A batch of %s failed, its requests run one by one", self.name)
                for item in batch:
                    self._commit([item])
                return
            log.exception("A request of %s failed", self.name)
            results = [unexpected(error)]
        metrics.commit.labels(self.name).observe(monotonic() - began)
        metrics.count_commands(self.name, results)
        together: defaultdict[asyncio.AbstractEventLoop, list] = defaultdict(list)
        for (_, to), result in zip(batch, results, strict=True):
            if isinstance(to, Asked):
                together[to.loop].append((to.take, result))
            elif isinstance(result, Refusal):
                to.set_exception(result)
            else:
                to.set_result(result)
        for loop, answers in together.items():
            with contextlib.suppress(RuntimeError):  # it has ended
                loop.call_soon_threadsafe(_hand_out, loop, answers)


def _hand_out(loop: asyncio.AbstractEventLoop, answers: list) -> None:
    for take, result in answers:
        loop.call_soon(take, result)  # each on its own: one that fails keeps nobody from his answer
