"""Conversations as a person sees them in the list: set-based, a fixed number of queries however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Greatest

from accounts.access import people_by_id
from core import policies
from core.moment import one_moment
from core.refusal import Refusal
from messaging import rights
from messaging.events import stamp
from messaging.models import Draft, Membership, Message
from messaging.pairs import other_of
from messaging.policies import Messages
from realtime.presence import presence_of

PREVIEW = 100  # letters
UNREAD_MAX = 1000  # counted at most

MINE = (
    "conversation_id", "role", "read_seq", "cleared_seq", "level", "pinned", "conversation__kind", "conversation__name", "conversation__notice",
    "conversation__pair_key", "conversation__who_may_post", "conversation__last_seq", "conversation__last_change",
)  # fmt: skip


def mine(user_id: int, ids: Iterable[int] | None = None) -> list[tuple]:
    """The user's memberships as rows of MINE."""
    rows = Membership.objects.filter(user=user_id)
    return list((rows if ids is None else rows.filter(conversation__in=ids)).values_list(*MINE))


def conversation_objects(user_id: int, ids: Iterable[int] | None = None, rows: list[tuple] | None = None) -> list[dict]:
    """The conversation objects of the protocol for one user, all or some."""
    rows = mine(user_id, ids) if rows is None else rows
    found = [row[0] for row in rows]
    if not found:
        return []
    previews = get_previews(found)
    unread = unread_counts(user_id, [row[0] for row in rows if row[11] > row[2]])
    others = Membership.objects.filter(conversation__in=found).values_list("conversation")
    sizes = {
        c: (n, read) for c, n, read in others.annotate(n=Count("id"), read=Max("read_seq", filter=~Q(user=user_id)))
    }
    drafts = dict(Draft.objects.filter(user=user_id, conversation__in=found).values_list("conversation_id", "body"))
    objects = []
    for (
        id,
        role,
        read_seq,
        cleared_seq,
        level,
        pinned,
        kind,
        name,
        notice,
        pair_key,
        who_may_post,
        last_seq,
        last_change,
    ) in rows:
        preview = previews.get(id)
        members, others_read = sizes.get(id, (0, 0))
        open_to_all = who_may_post == "all" or rights.may(kind, role, "post_when_closed")
        objects.append({
            "id": id, "kind": kind, "name": name, "peer": other_of(pair_key, user_id) if pair_key else None, "role": role, "notice": notice,
            "last_seq": last_seq, "last_change": last_change, "read_seq": read_seq, "cleared_seq": cleared_seq, "unread": unread.get(id, 0), "mention": False,
            "level": level, "pinned": pinned, "can_post": open_to_all and rights.may(kind, role, "send"), "members": members,
            "peer_read_seq": (others_read or 0) if kind == "direct" else 0, "draft": drafts.get(id, ""),
            "preview": preview if preview and preview["seq"] > cleared_seq else None,
        })  # fmt: skip
    return objects


def get_object(user: Any, conversation_id: int) -> dict:
    """One conversation object. Raises Refusal."""
    with one_moment():
        objects = conversation_objects(user.pk, [conversation_id])
    if not objects:
        raise Refusal("not_found")
    return objects[0]


def get_previews(ids: list[int]) -> dict[int, dict]:
    """The last message of each conversation, a hundred letters of it."""
    last = Message.objects.filter(conversation__in=ids, seq=F("conversation__last_seq"))
    rows = last.values_list("conversation_id", "seq", "sender_id", "kind", "body", "sent_at", "recalled_at")
    return {
        conversation: {
            "seq": seq,
            "sender": sender,
            "kind": kind,
            "text": body if kind == "system" else body[:PREVIEW],
            "sent_at": stamp(sent),
            "recalled": recalled is not None,
        }
        for conversation, seq, sender, kind, body, sent, recalled in rows
    }


def unread_counts(user_id: int, ids: list[int]) -> dict[int, int]:
    """How many messages of others came after the read mark, at most about a thousand each."""
    if not ids:
        return {}
    own = Membership.objects.filter(user=user_id, conversation__in=ids)
    floor = Greatest(F("read_seq"), F("conversation__last_seq") - UNREAD_MAX)
    others = Q(conversation__message__seq__gt=floor) & ~Q(conversation__message__kind="system")
    others &= Q(conversation__message__sender__isnull=True) | ~Q(conversation__message__sender=user_id)
    return dict(own.filter(others).values_list("conversation").annotate(n=Count("conversation__message__id")))


def count_unread(user_id: int, conversation_id: int, after: int, until: int) -> int:
    """The same for one conversation, up to a message."""
    if after >= until:
        return 0
    rows = Message.objects.filter(conversation=conversation_id, seq__gt=max(after, until - UNREAD_MAX), seq__lte=until)
    return rows.exclude(kind=Message.Kind.SYSTEM).exclude(sender=user_id).count()


def snapshot_part(user: Any, snapshot: dict, heads: dict[str, int], known: dict[str, int]) -> None:
    """The conversations, those unchanged left out of a partial snapshot, and the people in them."""
    rows = mine(user.pk)
    heads.update({f"c:{row[0]}": row[12] for row in rows})
    wanted = [row for row in rows if known.get(f"c:{row[0]}") != row[12]] if snapshot["partial"] else rows
    snapshot["conversations"] = objects = conversation_objects(user.pk, rows=wanted)
    snapshot["gone"] = (
        [int(key[2:]) for key in known if key.startswith("c:") and key not in heads] if snapshot["partial"] else []
    )
    policy = policies.get(Messages)
    snapshot.setdefault("site", {}).update(recall_minutes=policy.recall_minutes, edit_minutes=policy.edit_minutes)
    ids = (
        {c["peer"] for c in objects if c["peer"]}
        | {c["preview"]["sender"] for c in objects if c["preview"] and c["preview"]["sender"]}
        | {user.pk}
    )
    snapshot["people"] = people_objects(ids) if objects or not snapshot["partial"] else []


def people_objects(ids: Iterable[int]) -> list[dict]:
    """People of the protocol with their presence, as every viewer sees them."""
    ids = list(ids)
    shown = presence_of(ids)
    return [
        {
            "id": id,
            "username": username,
            "name": name,
            "presence": shown.get(id, "offline"),
            "status": status,
            "last_seen": None if id in shown else stamp(last_seen),
        }
        for id, username, name, status, last_seen in people_by_id(ids)
    ]


def private_part(user_id: int) -> dict:
    """The present state of a user's conversations."""
    return {"all": True, "conversations": conversation_objects(user_id)}
