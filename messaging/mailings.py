"""What somebody has sent to several people: how many it reached, and who has read it."""

from __future__ import annotations

from typing import Any

from core.refusal import Refusal
from core.sql import rows
from messaging.models import Mailing
from messaging.pairs import other_of
from messaging.summary import TAKES_PART
from realtime.frames import stamp

SHOWN = 50
PREVIEW = 200  # letters
READ = f"CASE WHEN p.read_seq >= m.seq AND {TAKES_PART} THEN 1 ELSE 0 END"
RECEIVED = (
    "messaging_message m JOIN messaging_conversation c ON c.id = m.conversation_id"
    " LEFT JOIN messaging_membership p ON p.conversation_id = m.conversation_id AND p.user_id <> m.sender_id"
    " LEFT JOIN accounts_user u ON u.id = p.user_id"
)


def mailings_of(user: Any) -> list[dict]:
    """The last ones, the newest first. One query; recalled messages have no text, so that a text is left while one of them stands."""
    found = rows(
        f"SELECT g.id, g.sent_at, SUBSTR(MAX(m.body), 1, %s), COUNT(m.id), SUM({READ}) FROM {RECEIVED}"  # noqa: S608
        f" JOIN messaging_mailing g ON g.id = m.mailing_id WHERE g.id IN"
        " (SELECT id FROM messaging_mailing WHERE sender_id = %s ORDER BY id DESC LIMIT %s) GROUP BY g.id, g.sent_at ORDER BY g.id DESC",
        [PREVIEW, user.pk, SHOWN],
    )
    return [
        {"id": id, "at": stamp(at), "text": text, "receivers": receivers, "read": int(read)}
        for id, at, text, receivers, read in found
    ]


def status_of(user: Any, mailing_id: int) -> list[dict]:
    """Each receiver of one's own mailing. Raises Refusal."""
    if not Mailing.objects.filter(pk=mailing_id, sender=user).exists():
        raise Refusal("not_found")
    found = rows(
        f"SELECT c.pair_key, m.conversation_id, m.seq, {READ} FROM {RECEIVED} WHERE m.mailing_id = %s ORDER BY m.id",  # noqa: S608
        [mailing_id],
    )
    return [
        {"user": other_of(key, user.pk), "conversation": conversation, "seq": seq, "read": bool(read)}
        for key, conversation, seq, read in found
    ]
