"""Pins: messages kept in sight for everybody in the conversation."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.record import record
from core.refusal import Refusal
from messaging import rights
from messaging.access import get_membership, get_present
from messaging.actions.system import post_system, publish_change
from messaging.actions.voice import demand_voice
from messaging.models import Message, Pin

PINS_MAX = 50
TOO_MANY = _("There are too many pinned messages. Unpin one first.")


def pin_message(actor: Any, conversation_id: int, seq: int, on: bool) -> Message:
    """Pin a message, or take the pin out; pinning is told as a fact of the conversation. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "pin")
        demand_voice(membership)
        conversation = membership.conversation
        message = get_present(membership, seq)
        if message.kind == Message.Kind.SYSTEM:
            raise Refusal("not_allowed")
        pin = Pin.objects.filter(message=message)
        if pin.exists() == on:
            return message
        if not on:
            pin.delete()
        elif Pin.objects.filter(conversation=conversation).count() >= PINS_MAX:
            raise Refusal("too_many", TOO_MANY)
        else:
            Pin.objects.create(message=message, conversation=conversation, user=actor)
        publish_change(conversation, message)
        if on:
            post_system(conversation, actor, "pinned", seq=seq)
        record(actor, "message.pinned" if on else "message.unpinned", message, detail={"seq": seq})
    return message
