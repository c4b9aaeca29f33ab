"""The feed of a conversation: its messages by `change`. There is no event table: the rows are the events."""

from __future__ import annotations

from collections.abc import Iterable

from core.sql import Subquery
from messaging.events import read_messages
from messaging.fact import read_fact, users_of
from messaging.models import Conversation

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
        where = "m.conversation_id = %s AND m.change > %s ORDER BY m.change LIMIT %s"
        return [
            (data["change"], "message", data, removed_by(data)) for data in read_messages(where, [id, after, limit])
        ]

    def feeds_of(self, user_id: int) -> Subquery:
        return Subquery("SELECT conversation_id AS id FROM messaging_membership WHERE user_id = %s", [user_id])


def removed_by(data: dict) -> tuple[int, ...]:
    """The users whom a system message puts out of the conversation."""
    if data["kind"] != "system":
        return ()
    fact = read_fact(data["body"])
    return tuple(users_of(fact)) if fact.get("code") in ("left", "removed") else ()
