"""The messages of a deleted account, where the site's policy is that they go too."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging.actions.system import publish_change
from messaging.models import Conversation, Message, Reaction, RemovedText


def erase_messages(user: Any, limit: int) -> int:
    """Recall some messages of one conversation; answers how many. Called until nothing is left."""
    left = Message.objects.filter(sender=user, recalled_at=None).exclude(kind=Message.Kind.SYSTEM)
    conversation = left.values_list("conversation_id", flat=True).first()
    if conversation is None:
        return 0
    with transaction.atomic():
        place = Conversation.objects.select_for_update(no_key=True).get(pk=conversation)
        messages = list(left.filter(conversation=place).order_by("seq")[:limit])
        RemovedText.objects.bulk_create([RemovedText(message=m, body=m.body, removed_by=user) for m in messages])
        Reaction.objects.filter(message__in=messages).delete()
        now = timezone.now()
        Message.objects.filter(pk__in=[message.pk for message in messages]).update(
            body="", html=None, recalled_at=now, recalled_by=user
        )
        for message in messages:
            publish_change(place, message)
    return len(messages)
