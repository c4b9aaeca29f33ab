"""Writing to the log, and proving that nobody has touched it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection, models
from django.utils import timezone

from audit.models import ChainHead, Event


def record(
    actor: Any,
    action: str,
    target: models.Model | None = None,
    *,
    ip: str | None = None,
    detail: dict[str, Any] | None = None,
) -> Event:
    """Add one event. The last statement of its transaction, because it locks the chain's head for all others.

    `actor` is an account or None for the site itself; `ip` is the address asked from, by default the one the entrance noted on the actor.
    """
    return record_many(actor, [(action, target, detail or {})], ip=ip)[0]


def record_many(
    actor: Any, facts: Sequence[tuple[str, models.Model | None, dict[str, Any]]], *, ip: str | None = None
) -> list[Event]:
    """Add an event for each (action, target, detail), in order; under the same rule as `record`."""
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record() belongs into the transaction of what it tells of")
    head, _ = ChainHead.objects.select_for_update().get_or_create(pk=1)
    events: list[Event] = []
    now, address, previous = timezone.now().astimezone(UTC), plain_address(ip or getattr(actor, "ip", None)), head.hash
    for number, (action, target, detail) in enumerate(facts, head.number + 1):
        event = Event(
            id=number,
            at=now,
            actor_id=actor.pk if actor else None,
            actor_name=name_of(actor),
            action=action,
            target_type=str(target._meta.model_name) if target else "",
            target_id=target.pk if target else None,
            target_name=name_of(target),
            ip=address,
            detail=detail,
            previous_hash=previous,
        )
        event.hash = previous = event.digest()
        events.append(event)
    Event.objects.bulk_create(events)
    if events:
        ChainHead.objects.filter(pk=1).update(number=events[-1].id, hash=previous)
    return events


def name_of(thing: Any) -> str:
    """The name by which people know an account or a conversation; empty where it has none."""
    return str(getattr(thing, "username", None) or getattr(thing, "name", None) or "")[:64]


def plain_address(ip: str | None) -> str | None:
    """The one spelling of an address that every database gives back unchanged."""
    if not ip:
        return None
    address = ipaddress.ip_address(ip)
    return str(getattr(address, "ipv4_mapped", None) or address)


@dataclass(frozen=True)
class Verdict:
    """What the check of the chain found. `broken_at` is the first event that does not fit, None when all do."""

    events: int
    broken_at: int | None
    reason: str = ""


def verify() -> Verdict:
    """Walk the whole chain. Finds changed, removed, inserted and re-ordered events, and a cut tail."""
    number, last = 0, ""
    for event in Event.objects.order_by("id").iterator(2000):
        event.at = event.at.astimezone(UTC)
        if event.id != number + 1:
            return Verdict(number, number + 1, "missing")
        if event.previous_hash != last:
            return Verdict(number, event.id, "does not follow")
        if event.digest() != event.hash:
            return Verdict(number, event.id, "changed")
        number, last = event.id, event.hash
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    if (head.number, head.hash) != (number, last):
        return Verdict(number, number + 1, "cut off")
    return Verdict(number, None)
