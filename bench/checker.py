"""What clients saw and the proof that it agrees with what the server kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Seen:
    """One client's log: what it asked for, what was confirmed or refused, what it received, in its own order."""

    user: int
    invoked: dict[str, tuple[int, str]] = field(default_factory=dict)  # client_id -> conversation, body
    confirmed: dict[str, list[int]] = field(default_factory=dict)  # client_id -> every seq it was told
    refused: set[str] = field(default_factory=set)
    received: dict[int, list[tuple[int, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # conversation -> (seq, body)


def faults(clients: list[Seen], kept: dict[int, list[dict[str, Any]]], complete: bool = True) -> list[str]:
    """All that is wrong; `kept` is the final history of each conversation. `complete`: every client must have received all of it."""
    found: list[str] = []
    rows: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    invoked = {(client.user, client_id): what for client in clients for client_id, what in client.invoked.items()}
    for conversation, messages in kept.items():
        numbers = [message["seq"] for message in messages]
        if numbers != list(range(1, len(numbers) + 1)):
            found.append(f"conversation {conversation}: not 1..{len(numbers)}: {_holes(numbers)}")
        for message in messages:
            if message["client_id"] is None:
                continue
            key = (message["sender"], message["client_id"])
            rows[key].append(message)
            if key not in invoked:
                found.append(f"phantom: {key}")
            elif invoked[key] != (conversation, message["body"]):
                found.append(f"another text or place: {key}")
    found += [f"kept {len(copies)} times: {key}" for key, copies in rows.items() if len(copies) > 1]
    for client in clients:
        for client_id, numbers in client.confirmed.items():
            copies = rows.get((client.user, client_id))
            if not copies:
                found.append(f"lost: confirmed as {numbers} and not kept: {client.user} {client_id}")
            elif set(numbers) != {copies[0]["seq"]}:
                found.append(f"confirmed as {numbers}, kept as {copies[0]['seq']}: {client.user} {client_id}")
        found += [f"refused and kept: {client_id}" for client_id in client.refused if (client.user, client_id) in rows]
        for conversation, received in client.received.items():
            found += _order(client.user, conversation, received, kept.get(conversation, []), complete)
    return found


def _order(
    user: int, conversation: int, received: list[tuple[int, str]], messages: list[dict[str, Any]], complete: bool
) -> list[str]:
    bodies = {message["seq"]: message["body"] for message in messages}
    numbers = [seq for seq, _ in received]
    who = f"user {user} in conversation {conversation}"
    found = [f"{who}: received {count} times: {seq}" for seq, count in Counter(numbers).items() if count > 1]
    if numbers != sorted(numbers):
        found.append(f"{who}: out of order: {numbers[:50]}")
    found += [f"{who}: received what is not kept: {seq}" for seq, body in received if bodies.get(seq) != body]
    if complete and numbers and set(numbers) != {seq for seq in bodies if seq >= numbers[0]}:
        found.append(
            f"{who}: never received {sorted({seq for seq in bodies if seq >= numbers[0]} - set(numbers))[:20]}"
        )
    return found


def _holes(numbers: list[int]) -> str:
    whole = set(range(1, max(numbers, default=0) + 1))
    return f"missing {sorted(whole - set(numbers))[:20]}, repeated {[n for n, c in Counter(numbers).items() if c > 1][:20]}"
