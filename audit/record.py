"""Writing to the log."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
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
    head = hold_chain()
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


def hold_chain() -> ChainHead:
    """The end of the chain, locked: whoever asks for it has nothing else to wait for in this transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record() belongs into the transaction of what it tells of")
    return ChainHead.objects.select_for_update().get_or_create(pk=1)[0]


def name_of(thing: Any) -> str:
    """The name by which people know an account or a conversation; empty where it has none."""
    return str(getattr(thing, "username", None) or getattr(thing, "name", None) or "")[:64]


def plain_address(ip: str | None) -> str | None:
    """The one spelling of an address that every database gives back unchanged."""
    if not ip:
        return None
    address = ipaddress.ip_address(ip)
    return str(getattr(address, "ipv4_mapped", None) or address)
