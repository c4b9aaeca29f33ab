"""Messages as the browsers see them: the same for every viewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from core.sql import marks, padded, rows
from core.text import shown_name
from realtime.frames import stamp

SELECT = (
    "SELECT m.id, m.conversation_id, m.seq, m.change, m.sender_id, m.client_id, m.kind, m.body, m.html, m.reply_to, m.sent_at, m.edited_at,"
    " m.recalled_at, m.recalled_by_id, u.display_name, u.username FROM messaging_message m LEFT JOIN accounts_user u ON u.id = m.sender_id"
    " WHERE "
)


def read_messages(where: str, params: Sequence[Any]) -> list[dict]:
    """Messages as the protocol has them; `where` goes on from WHERE, messages are `m`. By SQL: every page and every resume comes here."""
    return data_of(rows(SELECT + where, params))


def message_data(row: tuple, reactions: list[dict]) -> dict[str, Any]:
    """One row of SELECT as a message of the protocol."""
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
        "sender_name": shown_name(name, username),
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


def data_of(found: Sequence[tuple]) -> list[dict]:
    """Rows of SELECT as messages, with their reactions read in one query."""
    if not found:
        return []
    ids = [row[0] for row in found]
    by_message: defaultdict[int, dict[str, list[int]]] = defaultdict(dict)
    for message_id, emoji, user_id in rows(
        f"SELECT message_id, emoji, user_id FROM messaging_reaction WHERE message_id IN {marks(ids)} ORDER BY added_at, id",  # noqa: S608
        padded(ids),
    ):
        by_message[message_id].setdefault(emoji, []).append(user_id)
    return [
        message_data(row, [{"emoji": e, "users": u} for e, u in by_message.get(row[0], {}).items()]) for row in found
    ]


def data_of_message(message_id: int) -> dict:
    """One message as it is now."""
    return read_messages("m.id = %s", [message_id])[0]
