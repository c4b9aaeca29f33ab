"""A file is another than before: every message that has it is told again."""

from __future__ import annotations

from typing import Any

from messaging.actions.system import publish_change
from messaging.models import Conversation, Message, MessageFile


def file_changed(file: Any) -> None:
    """Give the messages with this file their next change. In the caller's transaction, which has written the file's row already:
    who puts the file into a message meanwhile waits before he locks a conversation (carried.hold_files)."""
    having = MessageFile.objects.filter(file=file)
    ids = set(having.values_list("message__conversation_id", flat=True))
    places = {p.pk: p for p in Conversation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    there = Message.objects.filter(
        pk__in=having.values("message"), conversation__in=places
    )  # recalled ones no longer are
    for message in there.order_by("conversation_id", "seq"):
        publish_change(places[message.conversation_id], message)
