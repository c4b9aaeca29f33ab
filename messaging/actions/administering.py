"""What administrators of the site do to groups that they need not be members of, and what they look at there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import hold
from accounts.actions.people import require_admin
from audit.record import record
from core.refusal import Refusal
from core.text import clean_name
from messaging.actions.governing import dissolve, settle
from messaging.actions.groups import TAKEN, give_role, rename
from messaging.models import Conversation, Membership, Message

NO_MEMBER = _("This person is not a member of the group.")


def dissolve_for_all(actor: Any, conversation_id: int) -> None:
    """End a group. Raises Refusal."""
    with transaction.atomic():
        dissolve(actor, _group(actor, conversation_id))


def rename_for_all(actor: Any, conversation_id: int, name: str) -> None:
    """Give a group another name. Raises Refusal."""
    require_admin(actor)
    name = clean_name(name)
    try:
        with transaction.atomic():
            rename(actor, _group(actor, conversation_id), name)
    except IntegrityError:
        raise Refusal("name_taken", TAKEN, 409) from None


def close_posting(actor: Any, conversation_id: int, closed: bool) -> None:
    """Let only managers write in a group, or everybody again. Raises Refusal."""
    posting = Conversation.Posting.MANAGERS if closed else Conversation.Posting.ALL
    with transaction.atomic():
        settle(actor, _group(actor, conversation_id), {"posting": posting})


def appoint_master(actor: Any, conversation_id: int, user_id: int) -> None:
    """Put a group into the hands of one of its members: its master has left the school, or does not answer. Raises Refusal."""
    require_admin(actor)
    with transaction.atomic():
        usable = hold([user_id])
        group = _group(actor, conversation_id)
        target = Membership.objects.select_related("user").filter(conversation=group, user=user_id).first()
        if target is None or not usable:
            raise Refusal("not_found", NO_MEMBER)
        if target.role == Membership.Role.MASTER:
            raise Refusal("conflict")
        give_role(actor, group, target, Membership.Role.MASTER)


def view_message(actor: Any, message_id: int) -> Message:
    """One message; looking at one of a conversation that one is not in stands in the log. Raises Refusal."""
    require_admin(actor)
    with transaction.atomic():
        message = Message.objects.select_related("conversation", "sender").filter(pk=message_id).first()
        if message is None:
            raise Refusal("not_found")
        if _foreign(actor, {message.conversation_id}):
            record(actor, "message.viewed", message.conversation, detail={"seq": message.seq})
    return message


def view_messages(actor: Any, messages: Collection[Message], wanted: dict[str, Any]) -> None:
    """A page of messages was shown; where one of them is of a conversation that one is not in, that stands in the log. Raises Refusal."""
    require_admin(actor)
    foreign = _foreign(actor, {message.conversation_id for message in messages})
    if not foreign:
        return
    seen = [message.pk for message in messages if message.conversation_id in foreign]
    place = Conversation.objects.filter(pk__in=foreign).first() if len(foreign) == 1 else None
    with transaction.atomic():
        record(
            actor, "messages.viewed", place, detail={**wanted, "from": min(seen), "to": max(seen), "count": len(seen)}
        )


def _foreign(actor: Any, ids: set[int]) -> set[int]:
    mine = Membership.objects.filter(user=actor, conversation__in=ids)
    return ids - set(mine.values_list("conversation_id", flat=True))


def _group(actor: Any, id: int) -> Conversation:
    """A group that has not ended, with its row locked. Raises Refusal."""
    require_admin(actor)
    found = Conversation.objects.select_for_update(no_key=True).filter(pk=id, kind=Conversation.Kind.GROUP).first()
    if found is None or found.name_key is None:
        raise Refusal("not_found")
    return found
