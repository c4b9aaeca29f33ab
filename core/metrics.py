"""What each process counts for `/metrics`: one list of all counters. They are moved on once for a batch, a frame to all or a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from core.refusal import Refusal

disable_created_metrics()  # a line more for each counter, which nothing here needs
FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds

commands = Counter("chatroom_commands", "Commands of the socket and the HTTP API", ["command", "outcome"])
messages = Counter("chatroom_messages_sent", "Messages that people have sent")
commit = Histogram(
    "chatroom_commit_seconds", "Time a batch of commands takes to be committed", ["command"], buckets=FAST
)
delivery = Histogram(
    "chatroom_delivery_seconds", "From a commit to its frames at the sockets of this process", buckets=FAST
)
frames = Counter("chatroom_frames_sent", "Frames handed to sockets by the hub")
reads = Counter("chatroom_hub_reads", "Times the hub read rows because a hint was missing")
behind = Counter("chatroom_hub_behind", "Feeds that the comparison of heads found behind")
lag = Gauge("chatroom_loop_lag_seconds", "How late the event loop was at its last tick of a second")
requests = Counter("chatroom_http_requests", "HTTP requests", ["area", "status"])
request_time = Histogram(
    "chatroom_http_seconds", "Time of HTTP requests until their answer began", ["area"], buckets=FAST
)
signin_failures = Counter("chatroom_signin_failures", "Sign-ins that failed or were refused", ["reason"])
tasks = Counter("chatroom_tasks", "Background tasks that this process has ended", ["task", "outcome"])
slow_queries = Counter("chatroom_slow_queries", "Queries slower than the threshold")
errors = Counter("chatroom_errors", "Unexpected exceptions that were logged")


def count_commands(name: str, results: Iterable[Any]) -> None:
    """The outcomes of a batch, refusals by their code."""
    outcomes: dict[str, int] = {}
    for result in results:
        outcome = result.code if isinstance(result, Refusal) else "ok"
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    for outcome, number in outcomes.items():
        commands.labels(name, outcome).inc(number)
