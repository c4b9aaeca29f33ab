"""What the site's policies keep for so many days only: older messages are deleted, older files taken out of their messages."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from audit.record import record
from core.sql import rows
from messaging import search_index
from messaging.actions.carried import drop_carried
from messaging.actions.marks import tell_mentions
from messaging.actions.system import publish_change
from messaging.models import Conversation, Mailing, Message, MessageFile, Report
from messaging.reports import staff
from messaging.sealing import expired_to

END = 2**63 - 1  # of all ids
BATCH = 200  # messages in one transaction: others wait for it


def expire_messages(before: datetime) -> int:
    """Delete all messages sent before a moment; answers how many. What a killed worker has left goes the next time.

    The log says first up to which id they go, so that `verify_log` knows that nobody else took them away.
    """
    last = _last_before(before)
    if last > expired_to():
        with transaction.atomic():
            count = Message.objects.filter(pk__lte=last).count()
            record(None, "messages.expired", detail={"last": last, "count": count, "before": before.isoformat()})
    count = 0
    for (conversation,) in rows("SELECT DISTINCT conversation_id FROM messaging_message WHERE id <= %s", [last]):
        some = BATCH
        while some == BATCH:
            some = _delete(conversation, last)
            count += some
    unused = ~Exists(Message.objects.filter(mailing=OuterRef("pk")))
    Mailing.objects.filter(unused, sent_at__lt=before).delete()
    return count


def _delete(conversation: int, last: int) -> int:
    """The oldest messages of a conversation, with all that hangs on them. Pages that hold them keep them until they are loaded anew."""
    with transaction.atomic():
        place = Conversation.objects.select_for_update(no_key=True).get(pk=conversation)
        messages = list(Message.objects.filter(conversation=place, pk__lte=last).order_by("seq")[:BATCH])
        ids = [message.pk for message in messages]
        found = [m for m in messages if m.kind != Message.Kind.SYSTEM and m.recalled_at is None]
        search_index.remove(search_index.entries_of(found))
        drop_carried(ids)
        reported = Report.objects.filter(message__in=ids, state=Report.State.OPEN).exists()
        Message.objects.filter(pk__in=ids).delete()
        if messages:
            tell_mentions(place, messages[-1].seq, None, staff() if reported else ())
    return len(messages)


def expire_files(before: datetime) -> int:
    """Take files out of messages sent before a moment; answers out of how many. The files go with the next sweep, unless a newer message has them."""
    last, count = _last_before(before), 0
    while ids := list(
        MessageFile.objects.filter(message__lte=last).order_by("message")[:BATCH].values_list("message", flat=True)
    ):
        count += _strip(set(ids), before)
    return count


def _strip(ids: set[int], before: datetime) -> int:
    """Those of these messages that are in one conversation."""
    with transaction.atomic():
        conversation = Message.objects.filter(pk__in=ids).values_list("conversation", flat=True).first()
        place = Conversation.objects.select_for_update(no_key=True).get(pk=conversation or 0)
        messages = list(Message.objects.filter(conversation=place, pk__in=ids).order_by("seq"))
        search_index.remove(search_index.entries_of(messages))
        drop_carried([message.pk for message in messages])
        search_index.add(search_index.entries_of(messages))
        for message in messages:
            publish_change(place, message)
        record(None, "files.expired", place, detail={"messages": len(messages), "before": before.isoformat()})
    return len(messages)


def _last_before(before: datetime) -> int:
    """The highest id there is up to which all messages were sent before a moment.

    Not `search.last_before`, which feels its way: after one message of a clock that was behind it would take all before that one for old.
    """
    at = connection.ops.adapt_datetimefield_value(before)
    newer = "SELECT id FROM messaging_message WHERE sent_at >= %s ORDER BY id LIMIT 1"
    return rows(f"SELECT COALESCE(MAX(id), 0) FROM messaging_message WHERE id < COALESCE(({newer}), {END})", [at])[0][0]  # noqa: S608
