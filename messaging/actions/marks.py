"""Read marks, drafts, pins and notification levels: private facts of a member, told to his other devices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Count

from accounts.access import actors
from core.refusal import Refusal
from core.registry import Caller
from core.text import BODY_MAX, UNSTORABLE
from messaging.access import get_membership
from messaging.models import Draft, Membership
from messaging.summary import RECEIPTS_MAX, count_unread
from realtime import hints
from realtime.frames import encode
from realtime.heads import bump_user, bump_users

CHUNK = 100  # marks in one transaction: others wait for it


Mark = tuple[Caller, int, int] | tuple[Caller, int, int, bool]  # who, conversation, seq; also backwards?


def mark_read(requests: Sequence[Mark]) -> list[dict | Refusal]:
    """Move read marks forward, or back to leave later messages unread; a hundred in a transaction, one event a user in each."""
    chunks = [requests[start : start + CHUNK] for start in range(0, len(requests), CHUNK)]
    return [result for chunk in chunks for result in _mark_read(chunk)]


def _mark_read(requests: Sequence[Mark]) -> list[dict | Refusal]:
    wanted: defaultdict[tuple[int, int], list[tuple[int, bool]]] = defaultdict(list)
    with transaction.atomic():
        live = actors([caller.login_session for caller, *_ in requests])
        for caller, conversation_id, seq, *back_too in requests:
            if caller.login_session in live:
                wanted[conversation_id, caller.user_id].append((seq, any(back_too)))
        found = Membership.objects.select_related("conversation").filter(
            conversation__in={c for c, _ in wanted}, user__in={u for _, u in wanted}
        )
        members = {(m.conversation_id, m.user_id): m for m in found if (m.conversation_id, m.user_id) in wanted}
        moved: list[Membership] = []
        returned: list[Membership] = []
        for key, member in members.items():
            before = member.read_seq
            for seq, backwards in wanted[key]:  # in the order in which they were asked for
                last = min(seq, member.conversation.last_seq)
                member.read_seq = (min if backwards else max)(last, member.read_seq)
            if member.read_seq != before:
                (moved if member.read_seq > before else returned).append(member)
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE messaging_membership SET read_seq = %s WHERE id = %s AND (read_seq < %s OR %s)",
                [(m.read_seq, m.pk, m.read_seq, m in returned) for m in sorted(moved + returned, key=lambda m: m.pk)],
            )
        reads: defaultdict[int, list[dict]] = defaultdict(list)
        spans = {(m.conversation_id, m.user_id): (m.read_seq, m.conversation.last_seq) for m in moved + returned}
        unread = count_unread(spans)
        back = {(m.conversation_id, m.user_id) for m in returned}
        for (conversation_id, user_id), (read_seq, last) in spans.items():
            # `last_seq`: what was counted; messages after it may reach the client before this does
            mark: dict = {"conversation": conversation_id, "read_seq": read_seq, "last_seq": last}
            if (conversation_id, user_id) in back:
                mark["back"] = True
            reads[user_id].append({**mark, "unread": unread.get((conversation_id, user_id), 0)})
        bump_users({user_id: {"reads": marks} for user_id, marks in reads.items()})
        options = {user.pk: user.get_options() for user in live.values()}
        for some, backwards in ((moved, False), (returned, True)):
            shown = [m for m in some if options[m.user_id].receipts and not options[m.user_id].invisible]
            _tell_receipts(shown, backwards)
    results: list[dict | Refusal] = []
    for caller, conversation_id, *_ in requests:
        found_member = members.get((conversation_id, caller.user_id))
        if caller.login_session not in live:
            results.append(Refusal("signed_out"))
        else:
            results.append(Refusal("not_found") if found_member is None else {"read_seq": found_member.read_seq})
    return results


def _tell_receipts(moved: list[Membership], back: bool) -> None:
    if not moved:
        return
    by_conversation: defaultdict[int, list[list[int]]] = defaultdict(list)
    for member in moved:
        by_conversation[member.conversation_id].append([member.user_id, member.read_seq])
    sizes = (
        Membership.objects.filter(conversation__in=by_conversation).values_list("conversation").annotate(Count("id"))
    )
    for conversation_id, size in sizes:
        if size <= RECEIPTS_MAX:
            data: dict = {"conversation": conversation_id, "reads": by_conversation[conversation_id]}
            if back:
                data["back"] = True
            text = encode({"type": "receipts", "data": data})
            # Two people hear of it wherever they are; in groups those who look at the conversation
            kind = "followers" if size <= 2 else "opened"
            transaction.on_commit(partial(hints.signal, kind, [conversation_id, text, None]))


def pin_conversation(actor: Any, conversation_id: int, on: bool) -> None:
    """Keep a conversation at the top of one's own list, or no longer. Raises Refusal."""
    _set_own(actor, conversation_id, pinned=on)


def set_level(actor: Any, conversation_id: int, level: str) -> None:
    """Choose what of a conversation one is notified of: `all`, `mentions` or `none`. Raises Refusal."""
    if level not in Membership.Level.values:
        raise Refusal("bad_request")
    _set_own(actor, conversation_id, level=level)


def _set_own(actor: Any, conversation_id: int, **fields: Any) -> None:
    with transaction.atomic():
        membership = get_membership(actor, conversation_id)
        if not Membership.objects.filter(pk=membership.pk).exclude(**fields).update(**fields):
            return
        membership.refresh_from_db(fields=["pinned", "level"])
        own = {"conversation": conversation_id, "pinned": membership.pinned, "level": membership.level}
        bump_user(actor.pk, {"memberships": [own]})


def save_draft(actor: Any, conversation_id: int, body: str) -> None:
    """Keep what somebody has begun to write; blank forgets it. Raises Refusal."""
    if len(body) > BODY_MAX or UNSTORABLE.search(body):
        raise Refusal("bad_request")
    with transaction.atomic():
        get_membership(actor, conversation_id)
        if body.strip():
            Draft.objects.update_or_create(conversation_id=conversation_id, user=actor, defaults={"body": body})
        else:
            Draft.objects.filter(conversation_id=conversation_id, user=actor).delete()
        bump_user(actor.pk, {"drafts": [{"conversation": conversation_id, "body": body if body.strip() else ""}]})
