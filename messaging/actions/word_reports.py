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
    fields = {"reason": Report.Reason.WORDS, "made_at": timezone.now(), **OPEN}
    again = Report.objects.filter(message__in=[id for id, _ in messages], reporter=None)  # of messages that were edited
    known = set(again.values_list("message_id", flat=True)) if again.update(**fields) else set()
    new = [Report(message_id=id, sender_id=sender, **fields) for id, sender in messages if id not in known]
    Report.objects.bulk_create(new)  # the conversation is locked: nobody else writes them
    transaction.on_commit(lambda: _note([id for id, _ in messages]), robust=True)
    return staff()


def _note(ids: list[int]) -> None:
    """In a transaction of its own: that of a message does not wait for the log."""
    with transaction.atomic():
        reported = Message.objects.filter(pk__in=ids).order_by("pk")
        record_many(None, [("message.reported", m, {"seq": m.seq, "reason": "words"}) for m in reported])
