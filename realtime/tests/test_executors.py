"""The committer: what comes in together is committed together, and each gets his own answer."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from core.refusal import Refusal
from realtime.executors import BATCH, Committer

SECONDS = 10


def answers(futures: list[Future]) -> list:
    return [future.exception(SECONDS) or future.result() for future in futures]


def test_requests_that_wait_at_the_same_time_are_one_batch():
    batches: list[list] = []
    first, go = threading.Event(), threading.Event()

    def run(requests: list) -> list:
        batches.append(requests)
        first.set()
        assert go.wait(SECONDS)
        return [request * 2 for request in requests]

    committer = Committer("test", run)
    futures = [committer.submit(0)]
    assert first.wait(SECONDS)
    futures += [committer.submit(n) for n in range(1, 40)]
    go.set()
    assert answers(futures) == [n * 2 for n in range(40)]
    assert batches == [[0], list(range(1, 40))]
    committer.stop()


def test_a_batch_has_an_end():
    sizes: list[int] = []
    committer = Committer("test", lambda requests: sizes.append(len(requests)) or requests)
    futures = []
    for n in range(3 * BATCH):
        future: Future = Future()
        committer.waiting.put((n, future))
        futures.append(future)
    futures.append(committer.submit(-1))
    assert answers(futures) == [*range(3 * BATCH), -1]
    assert max(sizes) == BATCH
    committer.stop()


def test_a_refusal_is_raised_to_its_caller_alone():
    committer = Committer("test", lambda requests: [Refusal("not_found") if n == 1 else n for n in requests])
    found = answers([committer.submit(n) for n in range(3)])
    assert (found[0], found[1].code, found[2]) == (0, "not_found", 2)
    committer.stop()


def test_a_failure_is_found_by_running_one_by_one_and_the_thread_lives_on(caplog: pytest.LogCaptureFixture):
    def run(requests: list) -> list:
        if "poison" in requests:
            raise ZeroDivisionError
        return requests

    committer = Committer("test", run)
    futures: list[Future] = [Future() for _ in range(3)]
    for future, request in zip(futures, ["a", "poison", "b"], strict=True):
        committer.waiting.put((request, future))
    found = answers([*futures, committer.submit("c")])
    assert [getattr(answer, "code", answer) for answer in found] == ["a", "server_error", "b", "c"]
    assert answers([committer.submit("d")]) == ["d"]
    assert "poison" not in caplog.text
    committer.stop()


def test_gathering_waits_for_company():
    batches: list[list] = []
    committer = Committer("test", lambda requests: batches.append(requests) or requests, gather=0.2)
    futures = [committer.submit(n) for n in range(5)]
    assert answers(futures) == list(range(5))
    assert batches == [list(range(5))]
    committer.stop()


def test_stopping_commits_what_came_in_and_the_next_request_starts_anew():
    done: list = []
    committer = Committer("test", lambda requests: done.extend(requests) or requests)
    futures = [committer.submit(n) for n in range(10)]
    committer.stop()
    assert answers(futures) == list(range(10)) == done
    assert committer.thread is None
    assert answers([committer.submit(10)]) == [10]
    committer.stop()
