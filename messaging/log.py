"""Messages as entries of exports of the log: who sent something where and when, never what."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from audit.entries import PAGE, Entry, Position, Wanted, aware, in_order, stored, wants_any
from core.sql import rows
from messaging.models import Message
from messaging.pairs import other_of

SELECT = (
    "SELECT m.id, m.sent_at, m.sender_id, u.username, m.kind, m.conversation_id, c.kind, c.name, c.pair_key, m.seq, m.login_session"
    " FROM messaging_message m LEFT JOIN accounts_user u ON u.id = m.sender_id LEFT JOIN messaging_conversation c ON c.id = m.conversation_id"
    " WHERE m.id > %s AND m.id <= %s AND m.kind <> 'system'"
)


class Messages:
    """What was sent. System messages tell of actions that have events."""

    name = "message"

    def last(self) -> int:
        """The newest id."""
        return Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def read(self, wanted: Wanted, last: int, position: Position) -> Iterator[Entry]:
        """In the order of time: ids are given in nearly that."""
        if not wants_any(wanted, ("message.sent", "file.sent")) or (wanted.user and wanted.user_id is None):
            position.reached["message"] = last
            return iter(())
        return in_order(self._rows(wanted, last, position))

    def _rows(self, wanted: Wanted, last: int, position: Position) -> Iterator[Entry]:
        where, params = [SELECT], []
        for column, sign, moment in (("sent_at", ">=", wanted.since), ("sent_at", "<", wanted.until)):
            if moment is not None:
                where.append(f"m.{column} {sign} %s")
                params.append(stored(moment))
        if wanted.user_id is not None:
            where.append("+m.sender_id = %s")
            params.append(wanted.user_id)
        if wanted.actions and "file.sent" not in wanted.actions:
            where.append("m.kind <> 'file'")
        elif wanted.actions and "message.sent" not in wanted.actions:
            where.append("m.kind = 'file'")
        statement = " AND ".join(where) + f" ORDER BY m.id LIMIT {PAGE}"
        after, everyone = 0, _("Everyone")
        while page := rows(statement, [after, last, *params]):
            names = self._others({row[8]: row[2] for row in page if row[8]})
            for id, at, sender, username, kind, place, place_kind, name, pair, seq, login_session in page:
                where_to = (
                    names.get((pair, sender), "") if pair else name or (everyone if place_kind == "everyone" else "")
                )
                detail = {"seq": seq, "where": place_kind}
                if login_session is not None:
                    detail["session"] = login_session
                action = "file.sent" if kind == "file" else "message.sent"
                yield Entry(
                    aware(at),
                    "message",
                    id,
                    sender,
                    username or "",
                    action,
                    "conversation",
                    place,
                    where_to,
                    "",
                    detail,
                    "",
                )
            after = id
            position.reached["message"] = id
            if len(page) < PAGE:
                break
        position.reached["message"] = last

    def _others(self, pairs: dict[str, int]) -> dict[tuple[str, int], str]:
        """The other person's name in direct conversations, for each of the two."""
        ids = {int(id) for pair in pairs for id in pair.split(":")}
        names = dict(get_user_model()._default_manager.filter(pk__in=ids).values_list("pk", "username")) if ids else {}
        return {(pair, id): names.get(other_of(pair, id), "") for pair in pairs for id in map(int, pair.split(":"))}
