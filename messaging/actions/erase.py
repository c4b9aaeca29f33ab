"""The messages of a deleted account, where the site's policy is that they go too."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging import search_index
from messaging.actions.carried import drop_carried
from messaging.actions.marks import tell_mentions
from messaging.actions.mentions import NOBODY, name_again
from messaging.actions.system import publish_change
from messaging.models import Conversation, Message, Pin, Reaction, RemovedText


def erase_messages(user: Any, limit: int) -> int:
    """Recall some messages of one conversation; answers how many. Called until nothing is left."""
    left = Message.objects.filter(sender=user, recalled_at=None).exclude(kind=Message.Kind.SYSTEM)
    conversation = left.values_list("conversation_id", flat=True).first()
    if conversation is None:
        return 0
    with transaction.atomic():
        place = Conversation.objects.select_for_update(no_key=True).get(pk=conversation)
        messages = list(left.filter(conversation=place).order_by("seq")[:limit])
        entries = search_index.entries_of(messages)
        RemovedText.objects.bulk_create(
            [
                RemovedText(message=m, body=entry.body, removed_by=user)
                for m, entry in zip(messages, entries, strict=True)
            ]
        )
        Reaction.objects.filter(message__in=messages).delete()
        Pin.objects.filter(message__in=messages).delete()
        search_index.remove(entries)
        drop_carried([message.pk for message in messages])
        now = timezone.now()
        Message.objects.filter(pk__in=[message.pk for message in messages]).update(
            body="", html=None, recalled_at=now, recalled_by=user
        )
        named: set[int] | None = set()
        for message in messages:
            concerned = name_again(message, NOBODY)
            named = None if named is None or concerned is None else named | concerned
            publish_change(place, message)
        if messages:
            tell_mentions(place, messages[0].seq, named)
    return len(messages)
