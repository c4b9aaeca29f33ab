"""Messages as the browsers see them: the same for every viewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from messaging.models import Message, Reaction

FIELDS = (
    "id", "conversation_id", "seq", "change", "sender_id", "client_id", "kind", "body", "html", "reply_to", "sent_at", "edited_at",
    "recalled_at", "recalled_by_id", "sender__display_name", "sender__username",
)  # fmt: skip


def stamp(at: datetime | None) -> str | None:
    """A time in UTC with milliseconds."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def message_data(row: tuple, reactions: list[dict]) -> dict[str, Any]:
    """One row of FIELDS as a message of the protocol."""
    (
        id,
        conversation,
        seq,
        change,
        sender,
        client_id,
        kind,
        body,
        html,
        reply_to,
        sent,
        edited,
        recalled,
        recalled_by,
        name,
        username,
    ) = row
    return {
        "id": id,
        "conversation": conversation,
        "seq": seq,
        "change": change,
        "sender": sender,
        "sender_name": name or username or "",
        "client_id": client_id,
        "kind": kind,
        "body": body,
        "html": html,
        "reply_to": reply_to,
        "sent_at": stamp(sent),
        "edited_at": stamp(edited),
        "recalled_at": stamp(recalled),
        "recalled_by": recalled_by,
        "reactions": reactions,
    }


def data_of(rows: Iterable[tuple]) -> list[dict]:
    """Rows of FIELDS as messages, with their reactions read in one query."""
    rows = list(rows)
    by_message: defaultdict[int, dict[str, list[int]]] = defaultdict(dict)
    found = Reaction.objects.filter(message__in=[row[0] for row in rows]).order_by("added_at", "id")
    for message_id, emoji, user_id in found.values_list("message_id", "emoji", "user_id"):
        by_message[message_id].setdefault(emoji, []).append(user_id)
    return [
        message_data(row, [{"emoji": e, "users": u} for e, u in by_message.get(row[0], {}).items()]) for row in rows
    ]


def data_of_message(message_id: int) -> dict:
    """One message as it is now."""
    return data_of([Message.objects.values_list(*FIELDS).get(pk=message_id)])[0]
