"""Edit, recall and react: each takes the next change and writes it on the message's row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.record import record
from core import policies
from core.refusal import Refusal
from core.text import clean_body, is_emoji
from messaging import rights, search_index, words
from messaging.access import get_membership, get_present
from messaging.actions.carried import drop_carried
from messaging.actions.marks import tell_mentions
from messaging.actions.mentions import NOBODY, Text, find_named, name_again
from messaging.actions.system import publish_change
from messaging.actions.voice import demand_voice
from messaging.actions.word_reports import report_by_site
from messaging.models import Conversation, Message, MessageOffer, Pin, Reaction, RemovedText
from messaging.policies import Messages
from messaging.render import VERSION, render
from messaging.sealing import mark_of

REACTIONS_MAX = 20  # different emoji under one message


def edit_message(actor: Any, conversation_id: int, seq: int, body: str) -> Message:
    """Replace the text of one's own message within the window. Raises Refusal."""
    text = clean_body(body, needed=False)
    html = render(text)
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        message = get_present(membership, seq)
        own = message.sender_id == actor.pk and message.forwarded_from_id is None
        captioned = message.kind == Message.Kind.FILE and not MessageOffer.objects.filter(message=message).exists()
        if not own or not (captioned or message.kind == Message.Kind.TEXT):
            raise Refusal("not_allowed")
        if not captioned:
            clean_body(body)  # a text without files is not empty
        rights.demand(membership, "edit_own")
        demand_voice(membership)
        if not _within(message.sent_at, policies.get(Messages).edit_minutes):
            raise Refusal("too_late", _("It is too late to edit this message."))
        if text == message.body:
            return message
        if (listed := words.unwanted(text)) == "refuse":
            raise Refusal("words", words.REFUSED)
        RemovedText.objects.create(message=message, body=message.body, removed_by=actor)
        search_index.remove([search_index.entry_of(message)])
        message.body, message.html, message.renderer, message.edited_at = (
            text,
            html,
            VERSION if html else 0,
            timezone.now(),
        )
        message.save(update_fields=["body", "html", "renderer", "edited_at"])
        search_index.add([search_index.entry_of(message)])
        named = Text(conversation_id, membership.conversation.kind, membership.role, actor.pk, text)
        concerned = name_again(message, find_named({0: named}).get(0, NOBODY))
        told = report_by_site([(message.pk, message.sender_id)]) if listed else set()
        publish_change(membership.conversation, message)
        tell_mentions(membership.conversation, seq, concerned, told)
        record(actor, "message.edited", message, detail={"seq": seq, "mark": mark_of(message)})
    return message


def recall_message(actor: Any, conversation_id: int, seq: int) -> Message:
    """Take a message back: a mark stays, the text is kept for moderators alone. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        message = get_present(membership, seq)
        if message.kind == Message.Kind.SYSTEM:
            raise Refusal("not_allowed")
        if not rights.may(membership.conversation.kind, membership.role, "recall_other"):
            if message.sender_id != actor.pk:
                raise Refusal("not_allowed")
            rights.demand(membership, "recall_own")
            if not _within(message.sent_at, policies.get(Messages).recall_minutes):
                raise Refusal("too_late", _("It is too late to recall this message."))
        take_back(actor, membership.conversation, message)
        record(actor, "message.recalled", message, detail={"seq": seq})
    return message


def take_back(
    actor: Any, conversation: Conversation, message: Message, also: Iterable[int] = (), unnamed: bool = False
) -> None:
    """The recall itself, under the conversation's lock; whoever may is asked before, the log is written after.

    `also`: who is told besides; `unnamed`: members do not learn who it was, as it is a moderator of the site.
    """
    entry = search_index.entry_of(message)
    RemovedText.objects.create(message=message, body=entry.body, removed_by=actor)
    search_index.remove([entry])
    if message.kind == Message.Kind.FILE:
        drop_carried([message.pk])
    by = None if unnamed else actor
    message.body, message.html, message.recalled_at, message.recalled_by = "", None, timezone.now(), by
    message.save(update_fields=["body", "html", "recalled_at", "recalled_by"])
    Reaction.objects.filter(message=message).delete()
    Pin.objects.filter(message=message).delete()
    concerned = name_again(message, NOBODY)
    publish_change(conversation, message)
    tell_mentions(conversation, message.seq, concerned, also)


def react(actor: Any, conversation_id: int, seq: int, emoji: str, on: bool) -> Message:
    """Put an emoji under a message or take one's own away. Raises Refusal."""
    if not is_emoji(emoji):
        raise Refusal("bad_request")
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "react")
        demand_voice(membership)
        message = get_present(membership, seq)
        if message.kind == Message.Kind.SYSTEM:
            raise Refusal("not_allowed")
        mine = Reaction.objects.filter(message=message, user=actor, emoji=emoji)
        if mine.exists() == on:
            return message
        if on:
            there = set(Reaction.objects.filter(message=message).values_list("emoji", flat=True))
            if emoji not in there and len(there) >= REACTIONS_MAX:
                raise Refusal("too_many", _("There are too many different reactions under this message."))
            Reaction.objects.create(message=message, user=actor, emoji=emoji)
        else:
            mine.delete()
        publish_change(membership.conversation, message)
    return message


def _within(at: datetime, minutes: int) -> bool:
    return minutes < 0 or timezone.now() - at <= timedelta(minutes=minutes)
