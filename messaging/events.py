"""Messages as the browsers see them: the same for every viewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from core.sql import among, rows
from core.text import shown_name
from messaging.files import carried_by
from realtime.frames import stamp

SELECT = (
    "SELECT m.id, m.conversation_id, m.seq, m.change, m.sender_id, m.client_id, m.kind, m.body, m.html, m.reply_to, m.sent_at, m.edited_at,"
    " m.recalled_at, m.recalled_by_id, m.mentions_all, m.forwarded_from_id, u.display_name, u.username, f.display_name, f.username, p.id"
    " FROM messaging_message m LEFT JOIN accounts_user u ON u.id = m.sender_id LEFT JOIN accounts_user f ON f.id = m.forwarded_from_id"
    " LEFT JOIN messaging_pin p ON p.message_id = m.id WHERE "
)


def read_messages(where: str, params: Sequence[Any]) -> list[dict]:
    """Messages as the protocol has them; `where` goes on from WHERE, messages are `m`. By SQL: every page and every resume comes here."""
    return data_of(rows(SELECT + where, params))


def message_data(
    row: tuple, reactions: list[dict], mentions: Sequence[int] = (), carried: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """One row of SELECT as a message of the protocol; what few messages have is left out of the others."""
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
        everybody,
        origin,
        name,
        username,
        origin_name,
        origin_username,
        pin,
    ) = row
    data = {
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
    if mentions:
        data["mentions"] = list(mentions)
    if everybody:
        data["mentions_all"] = True
    if origin is not None:
        data["forwarded_from"] = {"id": origin, "name": shown_name(origin_name, origin_username)}
    if pin is not None:
        data["pinned"] = True
    if carried:
        data.update(carried)
    return data


def data_of(found: Sequence[tuple]) -> list[dict]:
    """Rows of SELECT as messages, with their reactions and mentions read in one query, in one more what they carry, if they do."""
    if not found:
        return []
    ids = [row[0] for row in found]
    some, params = among("message_id", ids)
    reactions: defaultdict[int, dict[str, list[int]]] = defaultdict(dict)
    mentions: defaultdict[int, list[int]] = defaultdict(list)
    for message_id, emoji, user_id, _, _ in rows(
        f"SELECT message_id, emoji, user_id, added_at, id FROM messaging_reaction WHERE {some}"  # noqa: S608
        f" UNION ALL SELECT message_id, NULL, user_id, NULL, id FROM messaging_mention WHERE {some} ORDER BY 4, 5",
        params * 2,
    ):
        if emoji is None:
            mentions[message_id].append(user_id)
        else:
            reactions[message_id].setdefault(emoji, []).append(user_id)
    loaded = [row[0] for row in found if row[6] == "file" and row[12] is None]
    carried = carried_by(loaded) if loaded else {}
    return [
        message_data(
            row,
            [{"emoji": e, "users": u} for e, u in reactions.get(row[0], {}).items()],
            mentions.get(row[0], ()),
            carried.get(row[0]),
        )
        for row in found
    ]


def data_of_message(message_id: int) -> dict:
    """One message as it is now."""
    return read_messages("m.id = %s", [message_id])[0]
