"""The only place that finds conversations and messages for a user. Missing and forbidden look the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.relations import faces
from core.refusal import Refusal
from core.sql import marks, padded, rows
from messaging import rights
from messaging.events import read_messages, stamp
from messaging.models import Conversation, Membership, Message, running_mutes

PAGE_MAX = 200


def get_membership(user: Any, conversation_id: int, lock: bool = False) -> Membership:
    """The user's membership with its conversation; `lock` takes the conversation's row first. Raises Refusal."""
    if lock:
        conversation = Conversation.objects.select_for_update(no_key=True).filter(pk=conversation_id).first()
        membership = Membership.objects.filter(conversation_id=conversation_id, user=user).first()
        if membership is not None and conversation is not None:
            membership.conversation = conversation
            return membership
    else:
        membership = (
            Membership.objects.select_related("conversation").filter(conversation_id=conversation_id, user=user).first()
        )
        if membership is not None:
            return membership
    raise Refusal("not_found")


def get_message(membership: Membership, seq: int) -> Message:
    """A message of a conversation that the member may read. Raises Refusal."""
    message = Message.objects.filter(conversation_id=membership.conversation_id, seq=seq).first()
    if message is None:
        raise Refusal("not_found")
    return message


def get_present(membership: Membership, seq: int) -> Message:
    """The same, unless it was recalled. Raises Refusal."""
    message = get_message(membership, seq)
    if message.recalled_at is not None:
        raise Refusal("recalled", _("This message was recalled."), 409)
    return message


def get_page(
    user: Any,
    conversation_id: int,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    at: datetime | None = None,
    limit: int = 50,
) -> dict:
    """A page of history, oldest first, with the head it was read at and the messages it quotes. Raises Refusal."""
    membership = get_membership(user, conversation_id)
    conversation, hidden = membership.conversation, membership.cleared_seq
    if at is not None:
        around = _seq_at(conversation, at)
    limit = max(1, min(limit, PAGE_MAX))
    here, params = "m.conversation_id = %s AND m.seq > %s", [conversation_id, hidden]
    older = f"{here} AND m.seq < %s ORDER BY m.seq DESC LIMIT %s"
    if after is not None:
        messages = read_messages(f"{here} ORDER BY m.seq LIMIT %s", [conversation_id, max(after, hidden), limit])
    elif around is not None:
        newer = f"{here} AND m.seq >= %s ORDER BY m.seq LIMIT %s"
        messages = read_messages(older, [*params, around, limit // 2])[::-1]
        messages += read_messages(newer, [*params, around, limit - limit // 2])
    else:
        messages = read_messages(older, [*params, before if before is not None else 2**53, limit])[::-1]
    head = conversation.last_seq
    if messages:
        more_before, more_after = messages[0]["seq"] > hidden + 1, messages[-1]["seq"] < head
    else:
        more_before, more_after = after is not None and head > hidden, before is not None and head > hidden
    return {
        "conversation": conversation_id,
        "messages": messages,
        "quoted": get_quoted(conversation_id, messages),
        "people": faces({message["sender"] for message in messages} - {None}),
        "head": conversation.last_change,
        "more_before": more_before,
        "more_after": more_after,
    }


def _seq_at(conversation: Conversation, at: datetime) -> int:
    """The first message not sent before a moment, else the last one; numbers and times rise together."""
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    low, high = 1, max(1, conversation.last_seq)
    while low < high:
        middle = (low + high) // 2
        later = Message.objects.filter(conversation=conversation, seq__gte=middle).order_by("seq")
        sent = later.values_list("sent_at", flat=True).first()
        if sent is None or sent >= at:
            high = middle
        else:
            low = middle + 1
    return low


def get_quoted(conversation_id: int, messages: list[dict]) -> list[dict]:
    """The messages that these reply to and that are not among them."""
    held = {message["seq"] for message in messages}
    wanted = {message["reply_to"] for message in messages if message["reply_to"]} - held
    if not wanted:
        return []
    return read_messages(f"m.conversation_id = %s AND m.seq IN {marks(wanted)}", [conversation_id, *padded(wanted)])


def get_members(user: Any, conversation_id: int) -> list[dict]:
    """The members of a conversation with their roles, and until when they are muted for those who may mute. Raises Refusal."""
    own = get_membership(user, conversation_id)
    mutes: dict[int, datetime] = {}
    if rights.may(own.conversation.kind, own.role, "mute_member"):
        mutes = dict(running_mutes().filter(conversation=conversation_id).values_list("user_id", "until"))
    usable = Membership.objects.filter(
        conversation_id=conversation_id, user__deleted_at=None, user__blocked_at=None, user__approved_at__isnull=False
    )
    return [
        {
            "id": member.user_id,
            "username": member.user.username,
            "name": member.user.name,
            "role": member.role,
            **({"muted_until": stamp(mutes[member.user_id])} if member.user_id in mutes else {}),
        }
        for member in usable.select_related("user").order_by("user__username_key")
    ]


def may_read_file(user: Any, file: Any) -> bool:
    """Whether a message of a conversation that he is in has this file; a recalled one has none."""
    found = rows(
        "SELECT 1 FROM messaging_messagefile a JOIN messaging_message m ON m.id = a.message_id"
        " JOIN messaging_membership s ON s.conversation_id = m.conversation_id AND s.user_id = %s"
        " WHERE a.file_id = %s AND m.recalled_at IS NULL LIMIT 1",
        [user.pk, file.pk],
    )
    return bool(found)
