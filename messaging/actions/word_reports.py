"""Reports that the site itself makes, of messages with words of its list."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.record import record_many
from messaging.models import Message, Report
from messaging.reports import staff

OPEN: dict[str, Any] = {"state": Report.State.OPEN, "outcome": "", "handled_by": None, "handled_at": None}


def report_by_site(messages: Collection[tuple[int, int | None]]) -> set[int]:
    """Report (message, sender), in the transaction that writes them; answers whom the caller tells."""
    if not messages:
        return set()
    now = timezone.now()
    for id, sender in messages:
        fields = {"sender_id": sender, "reason": Report.Reason.WORDS, "made_at": now, **OPEN}
        Report.objects.update_or_create(message_id=id, reporter=None, defaults=fields)
    transaction.on_commit(lambda: _note([id for id, _ in messages]), robust=True)
    return staff()


def _note(ids: list[int]) -> None:
    """In a transaction of its own: that of a message does not wait for the log."""
    with transaction.atomic():
        reported = Message.objects.filter(pk__in=ids).order_by("pk")
        record_many(None, [("message.reported", m, {"seq": m.seq, "reason": "words"}) for m in reported])
