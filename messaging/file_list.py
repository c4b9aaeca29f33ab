"""All files and links of a conversation, the newest first."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.db import connection

from core.sql import rows
from messaging.access import PAGE_MAX, get_membership
from messaging.events import stamp
from messaging.files import carried_by

KINDS = {"image": ("image",), "media": ("audio", "video"), "file": ("file",)}
KINDS["all"] = tuple(kind for kinds in KINDS.values() for kind in kinds)
LINK = re.compile(r'<a href="(https?://[^"]*)"')
WORDS = 200  # letters of the message around a link
HERE = "m.conversation_id = %s AND m.seq > %s AND m.seq < %s"
# As the database has written the condition of the index `message_with_links`: else it is not used
LINKED = {"sqlite": r"m.html LIKE '%%<a %%' ESCAPE '\'", "postgresql": "m.html::text LIKE '%%<a %%'"}


def get_files(user: Any, conversation_id: int, kind: str, before: int | None = None, limit: int = 50) -> dict:
    """The files of a kind (pictures; sound and video; others; all), or the links, of the messages before one. Raises Refusal.

    A page ends with the last item of a message, so it may have a few more than asked for.
    """
    membership = get_membership(user, conversation_id)
    span = [conversation_id, membership.cleared_seq, before if before is not None else 2**53]
    limit = max(1, min(limit, PAGE_MAX))
    return _links(span, limit) if kind == "link" else _files(span, KINDS[kind], limit)


def _files(span: list[int], kinds: tuple[str, ...], limit: int) -> dict:
    found = rows(
        f"SELECT m.id, m.seq, m.sent_at, m.sender_id FROM messaging_message m WHERE {HERE} AND m.kind = 'file'"  # noqa: S608
        " AND m.recalled_at IS NULL AND EXISTS (SELECT 1 FROM messaging_messagefile a JOIN files_storedfile s ON s.id = a.file_id"
        f" WHERE a.message_id = m.id AND CASE WHEN s.status = 'failed' THEN 'file' ELSE s.kind END IN ({','.join(['%s'] * len(kinds))}))"
        " ORDER BY m.seq DESC LIMIT %s",
        [*span, *kinds, limit + 1],
    )
    items: list[dict] = []
    more = False
    carried = carried_by([row[0] for row in found]) if found else {}
    for id, seq, sent_at, sender in found:
        if len(items) >= limit:
            more = True
            break
        here = {"seq": seq, "sent_at": stamp(sent_at), "sender": sender}
        items += [{**here, "file": file} for file in reversed(carried[id]["files"]) if _kind_of(file) in kinds]
    return {"items": items, "more": more}


def _kind_of(file: dict) -> str:
    return "file" if file["status"] == "failed" else file["kind"]


def _links(span: list[int], limit: int) -> dict:
    items: list[dict] = []
    while True:
        found = rows(
            "SELECT m.seq, m.sent_at, m.sender_id, m.html, m.body FROM messaging_message m"  # noqa: S608
            f" WHERE {HERE} AND {LINKED[connection.vendor]} ORDER BY m.seq DESC LIMIT %s",
            [*span, limit + 1],
        )
        for seq, sent_at, sender, html, body in found[:limit]:
            if len(items) >= limit:
                return {"items": items, "more": True}
            here = {"seq": seq, "sent_at": stamp(sent_at), "sender": sender, "text": body[:WORDS]}
            items += [{**here, "url": unescape(url)} for url in reversed(dict.fromkeys(LINK.findall(html)))]
            span[2] = seq
        if items or len(found) <= limit:  # nothing but addresses of mail: they are no links
            return {"items": items, "more": len(found) > limit}
