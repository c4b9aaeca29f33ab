"""The writers' queue of SQLite: in the order of asking, and left by whoever fails."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError

from core.models import Policy
from core.sqlite.base import FairLock

SECONDS = 10


def wait_until(ready) -> None:
    deadline = time.monotonic() + SECONDS
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_the_lock_is_handed_on_in_the_order_of_asking():
    lock, order, threads = FairLock(), [], []
    assert lock.acquire(1)
    for n in range(5):

        def take(n=n) -> None:
            assert lock.acquire(SECONDS)
            order.append(n)
            lock.release()

        threads.append(threading.Thread(target=take))
        threads[-1].start()
        wait_until(lambda n=n: len(lock.waiting) == n + 1)
    lock.release()
    for thread in threads:
        thread.join(SECONDS)
    assert order == [0, 1, 2, 3, 4]
    assert not lock.held


def test_who_gives_up_waiting_is_passed_over():
    lock = FairLock()
    assert lock.acquire(1)
    assert not lock.acquire(0.01)
    assert not lock.waiting
    lock.release()
    assert lock.acquire(0.01)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has row locks instead")
@pytest.mark.django_db(transaction=True)
def test_a_flood_of_writers_loses_nothing_and_starves_nobody():
    done: list[int] = []

    def write(n: int) -> None:
        try:
            for m in range(10):
                with transaction.atomic():
                    Policy.objects.create(key=f"flood.{n}-{m}", value=n)
                Policy.objects.filter(key=f"flood.{n}-{m}").update(value=m)
            done.append(n)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sorted(done), Policy.objects.count()) == (list(range(8)), 80)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has row locks instead")
@pytest.mark.django_db(transaction=True)
def test_a_failed_transaction_leaves_the_queue():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Policy.objects.create(key="a.b", value=1)
        raise ZeroDivisionError
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("INSERT INTO no_such_table VALUES (1)")
    written = threading.Thread(target=lambda: (Policy.objects.create(key="c.d", value=1), connection.close()))
    written.start()
    written.join(5)
    assert [policy.key for policy in Policy.objects.all()] == ["c.d"]
