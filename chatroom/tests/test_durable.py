"""That a commit is on the disk before anybody hears of it, in every thread that serves."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import connection, connections

from files import receiving
from realtime import executors
from realtime.executors import Committer

SECONDS = 30


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL syncs by itself")
@pytest.mark.django_db(transaction=True)
def test_every_thread_that_serves_waits_for_the_disk_at_each_commit():
    """What was confirmed survives a power failure: NORMAL would lose the last commits, and no test that kills a process would notice."""

    def asked(*_) -> list[tuple]:
        with connection.cursor() as cursor:
            return [cursor.execute(f"PRAGMA {name}").fetchone() for name in ("synchronous", "journal_mode")]

    async def in_a_lane() -> list[tuple]:
        async with ThreadSensitiveContext(executor=lane):
            return await sync_to_async(asked)()

    committer, lane = Committer("asked", lambda batch: [asked() for _ in batch]), ThreadPoolExecutor(1)
    try:
        found = {
            "here": asked(),
            "commands and reads": asyncio.run(executors.read(asked)),
            "sends": committer.submit(None).result(SECONDS),
            "uploads": receiving._pool.submit(asked).result(SECONDS),
            "requests": asyncio.run(in_a_lane()),
        }
    finally:
        committer.stop()
        lane.submit(connections.close_all).result(SECONDS)
        executors.idle()
        executors.idle(receiving._pool, receiving.THREADS)
    assert found == {thread: [(2,), ("wal",)] for thread in found}
