"""The feed of a conversation: its messages by `change`. There is no event table: the rows are the events."""

from __future__ import annotations

import json
from collections.abc import Iterable

from messaging.events import FIELDS, data_of
from messaging.models import Conversation, Membership, Message

CHUNK = 5000  # ids a query


class ConversationFeed:
    """Source of the conversations' feeds."""

    def heads(self, ids: Iterable[int]) -> dict[int, int]:
        ids = list(ids)
        found: dict[int, int] = {}
        for start in range(0, len(ids), CHUNK):
            found.update(
                Conversation.objects.filter(pk__in=ids[start : start + CHUNK]).values_list("pk", "last_change")
            )
        return found

    def read(self, id: int, after: int, limit: int) -> list[tuple[int, str, dict, tuple[int, ...]]]:
        rows = (
            Message.objects.filter(conversation_id=id, change__gt=after).order_by("change").values_list(*FIELDS)[:limit]
        )
        return [(data["change"], "message", data, removed_by(data)) for data in data_of(rows)]

    def feeds_of(self, user_id: int) -> list[int]:
        return list(Membership.objects.filter(user=user_id).values_list("conversation_id", flat=True))


def removed_by(data: dict) -> tuple[int, ...]:
    """The users whom a system message puts out of the conversation."""
    if data["kind"] != "system":
        return ()
    fact = json.loads(data["body"])
    return tuple(user["id"] for user in fact["users"]) if fact["code"] in ("left", "removed") else ()
