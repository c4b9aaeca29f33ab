"""Proving that nobody has touched the log: a walk over the chain of events, and over what upper apps have sealed in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC

from audit.models import ChainHead, Event
from core import registry

PAGE = 1000  # rows held at a time
PRUNED = "log.pruned"
Step = Callable[[float, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that is not as it was written. `sure`: tampered with; otherwise it could not be checked."""

    what: str  # "event" or "message"
    first: int
    last: int
    reason: str
    sure: bool = True

    def __str__(self) -> str:
        which = str(self.first) if self.first == self.last else f"{self.first} to {self.last}"
        return f"{self.what} {which}: {self.reason}"


def quiet(share: float, done: int) -> None:
    """For those who want no progress."""


def check(step: Step = quiet, anchor: str = "") -> Iterator[Finding]:
    """All that is wrong, in the order of the walk; `anchor`: a hash that must still be in the chain."""
    yield from check_events(step, anchor)
    for check_sealed in registry.log_checks:
        for what, first, last, reason, sure in check_sealed(step):
            yield Finding(what, first, last, reason, sure)


def check_events(step: Step = quiet, anchor: str = "") -> Iterator[Finding]:
    """Changed, removed, inserted and re-ordered events, and a cut tail."""
    end, end_hash = head()
    seen = False
    number, last = _beginning()
    while page := list(Event.objects.filter(id__gt=number).order_by("id")[:PAGE]):
        for event in page:
            event.at = event.at.astimezone(UTC)
            seen = seen or event.hash == anchor
            if event.id != number + 1 and _beginning() == (event.id - 1, event.previous_hash):
                pass  # the events before it were old, and deleted just now
            elif event.id != number + 1:
                yield Finding("event", number + 1, event.id - 1, "missing")
            elif event.previous_hash != last:
                yield Finding("event", event.id, event.id, "does not follow")
            if event.digest() != event.hash:
                yield Finding("event", event.id, event.id, "changed")
            number, last = event.id, event.hash
        step(number / max(1, end), number)
        if number >= end:  # people go on meanwhile: what they do comes with the next page
            end, end_hash = head()
    if number < end:
        yield Finding("event", number + 1, end, "cut off")
    elif number > end:
        yield Finding("event", end + 1, number, "inserted behind the end of the chain")
    elif end_hash != last:
        yield Finding("event", number, number, "is not the one that was written last")
    if anchor and not seen:
        yield Finding(
            "event",
            1,
            number,
            f"none has the hash {anchor}: the chain is not the one it was taken from, or has been deleted up to there",
        )


def pruned_to() -> Event | None:
    """The event that says up to which one the log was deleted because it was old; None when all of it is there."""
    return Event.objects.filter(action=PRUNED).order_by("-id").first()


def _beginning() -> tuple[int, str]:
    """Number and hash of the event before the first one that is there; where old ones are being deleted, some may be left."""
    pruned = pruned_to()
    if pruned is None:
        return 0, ""
    last, hash = pruned.detail["last"], pruned.detail["hash"]
    first = Event.objects.order_by("id").first()
    return (first.id - 1, first.previous_hash) if first and first.id <= last else (last, hash)


def head() -> tuple[int, str]:
    """Number and hash of the last event: noted elsewhere, they prove later that the chain was not written anew."""
    found = ChainHead.objects.filter(pk=1).first() or ChainHead()
    return found.number, found.hash


@dataclass(frozen=True)
class Verdict:
    """What the check of the chain found. `broken_at` is the first event that does not fit, None when all do."""

    events: int
    broken_at: int | None
    reason: str = ""


def verify() -> Verdict:
    """Walk the chain of events up to the first that does not fit."""
    for finding in check_events():
        return Verdict(finding.first - 1, finding.first, finding.reason)
    return Verdict(head()[0], None)
