import threading

import pytest
from django.db import connection, transaction

from audit.chain import check_events, verify
from audit.models import ChainHead, Event
from audit.record import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    for number in range(5):
        with transaction.atomic():
            record(None, "tested", ip="::1", detail={"number": number, "text": "你好 đường"})


def test_events_follow_each_other_without_holes(chain):
    assert list(Event.objects.order_by("id").values_list("id", flat=True)) == [1, 2, 3, 4, 5]
    assert (verify().events, verify().broken_at) == (5, None)


def test_an_empty_log_is_whole():
    assert verify().broken_at is None


def test_a_rolled_back_event_leaves_no_hole(chain):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(None, "undone")
        raise ZeroDivisionError
    with transaction.atomic():
        assert record(None, "done").id == 6
    assert verify().broken_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("action", "other"),
        ("actor_name", "x"),
        ("actor_id", 9),
        ("detail", {"number": 9}),
        ("ip", "::2"),
        ("target_name", "x"),
        ("target_id", 1),
        ("hash", "0" * 64),
    ],
)
def test_a_changed_event_is_found(chain, field, value):
    Event.objects.filter(id=3).update(**{field: value})
    assert verify().broken_at == 3


def test_an_event_changed_together_with_its_hash_is_found_at_the_next(chain):
    event = Event.objects.get(id=3)
    event.action = "other"
    Event.objects.filter(id=3).update(action="other", hash=event.digest())
    assert verify().broken_at in {3, 4}


def test_a_moved_time_is_found(chain):
    Event.objects.filter(id=2).update(at=Event.objects.get(id=1).at)
    assert verify().broken_at == 2


def test_a_removed_event_is_found(chain):
    Event.objects.filter(id=3).delete()
    assert (verify().broken_at, verify().reason) == (3, "missing")


def test_a_cut_tail_is_found(chain):
    Event.objects.filter(id=5).delete()
    assert (verify().broken_at, verify().reason) == (5, "cut off")


def test_swapped_events_are_found(chain):
    Event.objects.filter(id=3).update(id=99)
    Event.objects.filter(id=4).update(id=3)
    Event.objects.filter(id=99).update(id=4)
    assert verify().broken_at == 3


def test_events_that_are_written_during_the_walk_are_no_fault(chain):
    def meanwhile(share, done):
        if done < 8:
            with transaction.atomic():
                record(None, "tested")

    assert list(check_events(meanwhile)) == []
    assert Event.objects.count() == 8


def test_an_event_behind_the_end_of_the_chain_is_found(chain):
    last = Event.objects.get(id=5)
    last.id, last.previous_hash = 6, last.hash
    last.hash = last.digest()
    last.save(force_insert=True)
    assert (verify().broken_at, verify().reason) == (6, "inserted behind the end of the chain")


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded():
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError):
        record(None, "tested")
    assert not Event.objects.exists() and not ChainHead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_make_one_chain():
    start = threading.Barrier(6)

    def write(number):
        start.wait()
        try:
            for _ in range(5):
                with transaction.atomic():
                    record(None, "tested", detail={"writer": number})
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (verify().events, verify().broken_at) == (30, None)
