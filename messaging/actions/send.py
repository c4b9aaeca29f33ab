"""The one send action: many requests, one transaction, an answer for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access import actors, is_blocked_between
from core.refusal import Refusal
from core.registry import Caller
from core.text import clean_body
from messaging import rights
from messaging.events import message_data, stamp
from messaging.models import Conversation, Membership, Message, Mute
from messaging.pairs import other_of
from messaging.render import VERSION, render
from realtime import hints
from realtime.frames import encode


@dataclass(slots=True)
class SendRequest:
    """One text for one conversation; `client_id` makes a repeat harmless."""

    caller: Caller
    conversation: int
    client_id: str
    body: str
    reply_to: int | None = None
    html: str | None = None


@dataclass(slots=True)
class Facts:
    """What the verdicts of a batch rest on, read set-based under the conversations' locks."""

    conversations: dict[int, Conversation]
    actors: dict[int, Any]  # by login session
    roles: dict[tuple[int, int], str]  # (conversation, user)
    mutes: dict[tuple[int, int], datetime]
    blocked: set[tuple[int, int]]
    replies: set[tuple[int, int]]  # (conversation, seq) that exist


def send_messages(requests: list[SendRequest]) -> list[dict | Refusal]:
    """Send; the answer to each is `{conversation, seq, change, id, sent_at}` or a Refusal, decided before anything is written."""
    results: list[dict | Refusal | None] = [None] * len(requests)
    for index, request in enumerate(requests):
        try:
            request.body = clean_body(request.body)
            request.html = render(request.body)
        except Refusal as refusal:
            results[index] = refusal
    open_requests = [(index, request) for index, request in enumerate(requests) if results[index] is None]
    if open_requests:
        with transaction.atomic():
            _send(open_requests, results)
    return results  # type: ignore[return-value]


def _send(requests: list[tuple[int, SendRequest]], results: list) -> None:
    ids = {request.conversation for _, request in requests}
    conversations = {c.pk: c for c in Conversation.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    known = _known(requests)
    facts = _read_facts(requests, conversations)
    now = timezone.now()
    messages: list[tuple[int, SendRequest, Message, Any]] = []
    for index, request in requests:
        key = (request.caller.user_id, request.client_id)
        try:
            if key in known:  # the original answer, also after a mute or a removal
                results[index] = _original(known[key], request)
                continue
            actor = _verdict(request, facts, now)
        except Refusal as refusal:
            results[index] = refusal
            continue
        conversation = conversations[request.conversation]
        conversation.last_seq += 1
        conversation.last_change += 1
        message = Message(
            conversation_id=conversation.pk, seq=conversation.last_seq, change=conversation.last_change, sender_id=actor.pk,
            login_session=request.caller.login_session, client_id=request.client_id, body=request.body, html=request.html,
            renderer=VERSION if request.html else 0, reply_to=request.reply_to, sent_at=now,
        )  # fmt: skip
        known[key] = message
        messages.append((index, request, message, actor))
    if not messages:
        return
    Message.objects.bulk_create([message for _, _, message, _ in messages])
    store_numbers(
        {message.conversation_id: conversations[message.conversation_id] for _, _, message, _ in messages}.values()
    )
    for index, _, message, _ in messages:
        results[index] = _answer(message)
    for index, _ in requests:  # a repeat within the batch is answered like its first
        if isinstance(results[index], Message):
            results[index] = _answer(results[index])
    hints.publish_all(
        [hints.Hint(f"c:{m.conversation_id}", m.change, "message", _encoded(m, actor)) for _, _, m, actor in messages]
    )


def _known(requests: list[tuple[int, SendRequest]]) -> dict[tuple[int | None, str | None], Message]:
    senders = {request.caller.user_id for _, request in requests}
    client_ids = {request.client_id for _, request in requests}
    found = Message.objects.filter(sender__in=senders, client_id__in=client_ids)
    return {(message.sender_id, message.client_id): message for message in found}


def _original(message: Message, request: SendRequest) -> dict | Message:
    same = message.body == request.body or message.edited_at or message.recalled_at
    if not same or message.conversation_id != request.conversation:
        raise Refusal("client_id_reused", rights.REUSED, 409)
    return message if message.pk is None else _answer(message)


def _answer(message: Message) -> dict:
    return {
        "conversation": message.conversation_id,
        "seq": message.seq,
        "change": message.change,
        "id": message.pk,
        "sent_at": stamp(message.sent_at),
    }


def _encoded(message: Message, actor: Any) -> str:
    row = (
        message.pk, message.conversation_id, message.seq, message.change, message.sender_id, message.client_id, "text", message.body, message.html,
        message.reply_to, message.sent_at, None, None, None, actor.display_name, actor.username,
    )  # fmt: skip
    return encode(message_data(row, []))


def _read_facts(requests: list[tuple[int, SendRequest]], conversations: dict[int, Conversation]) -> Facts:
    users = {request.caller.user_id for _, request in requests}
    where = Q(conversation__in=conversations, user__in=users)
    roles = {
        (c, u): role
        for c, u, role in Membership.objects.filter(where).values_list("conversation_id", "user_id", "role")
    }
    mutes = {
        (c, u): until for c, u, until in Mute.objects.filter(where).values_list("conversation_id", "user_id", "until")
    }
    pairs = set()
    for _, request in requests:
        conversation = conversations.get(request.conversation)
        if conversation is not None and conversation.kind == "direct":
            pairs.add((request.caller.user_id, other_of(conversation.pair_key or "", request.caller.user_id)))
    replies: set[tuple[int, int]] = set()
    wanted = {(request.conversation, request.reply_to) for _, request in requests if request.reply_to}
    if wanted:
        found = Message.objects.filter(conversation__in={c for c, _ in wanted}, seq__in={seq for _, seq in wanted})
        replies = set(found.values_list("conversation_id", "seq"))
    found_actors = actors([request.caller.login_session for _, request in requests])
    return Facts(conversations, found_actors, roles, mutes, is_blocked_between(pairs) if pairs else set(), replies)


def _verdict(request: SendRequest, facts: Facts, now: datetime) -> Any:
    """The sender, if he may send this here. Raises Refusal."""
    caller, where = request.caller, (request.conversation, request.caller.user_id)
    actor = facts.actors.get(caller.login_session)
    if actor is None or actor.pk != caller.user_id:
        raise Refusal("signed_out")
    conversation, role = facts.conversations.get(request.conversation), facts.roles.get(where)
    if conversation is None or role is None:
        raise Refusal("not_found")
    closed = conversation.who_may_post == Conversation.Posting.MANAGERS
    if not rights.may(conversation.kind, role, "send") or (
        closed and not rights.may(conversation.kind, role, "post_when_closed")
    ):
        raise Refusal("closed", rights.CLOSED)
    if (until := facts.mutes.get(where)) is not None and until > now:
        raise Refusal("muted", rights.MUTED % {"until": timezone.localtime(until).strftime("%Y-%m-%d %H:%M")})
    if conversation.kind == "direct":
        other = other_of(conversation.pair_key or "", caller.user_id)
        if (caller.user_id, other) in facts.blocked or (other, caller.user_id) in facts.blocked:
            raise Refusal("blocked", rights.BLOCKED)
    if conversation.slow_mode and role == "member":
        _slow_down(conversation, caller.user_id, now)
    if request.reply_to and (request.conversation, request.reply_to) not in facts.replies:
        raise Refusal("not_found")
    return actor


def _slow_down(conversation: Conversation, user_id: int, now: datetime) -> None:
    since = now - timedelta(seconds=conversation.slow_mode)
    last = (
        Message.objects.filter(conversation=conversation, sender=user_id, sent_at__gt=since)
        .order_by("-seq")
        .values_list("sent_at", flat=True)
        .first()
    )
    if last is not None:
        raise Refusal("slow_mode", rights.SLOW % {"seconds": int((last - since).total_seconds()) + 1}, 429)


def store_numbers(conversations: Iterable[Conversation]) -> None:
    """Write the numbers that were given under the rows' locks."""
    rows = [(conversation.last_seq, conversation.last_change, conversation.pk) for conversation in conversations]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE messaging_conversation SET last_seq = %s, last_change = %s WHERE id = %s", rows)
