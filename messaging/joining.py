"""What waits between people and groups, as browsers see it; and the groups that may be found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Count, Q

from accounts.access import is_blocked_between
from accounts.relations import people_objects
from core import names
from core.sql import marks, padded, rows
from messaging import rights
from messaging.access import get_membership
from messaging.events import stamp
from messaging.models import Conversation, Invitation, JoinRequest, Membership, Waiting

SHOWN_MAX = 200  # of each list of one person
FOUND_MAX = 100  # groups

# kind, whose list, id, conversation, its name, members, person, words, accepted, at
PARTS = """
SELECT 'requests', m.user_id, r.id, r.conversation_id, '', 0, r.user_id, r.words, 0, r.asked_at
 FROM messaging_membership m JOIN messaging_joinrequest r ON r.conversation_id = m.conversation_id AND r.status = 'pending'
 WHERE m.user_id IN {ids} AND m.role IN ('master', 'manager')
UNION ALL
SELECT 'invitations', i.user_id, i.id, c.id, c.name, (SELECT COUNT(*) FROM messaging_membership s WHERE s.conversation_id = c.id),
 i.inviter_id, '', 0, i.invited_at
 FROM messaging_invitation i JOIN messaging_conversation c ON c.id = i.conversation_id
 WHERE i.user_id IN {ids} AND i.status = 'pending'
UNION ALL
SELECT 'asked', r.user_id, r.id, c.id, c.name, 0, 0, r.words, 0, r.asked_at
 FROM messaging_joinrequest r JOIN messaging_conversation c ON c.id = r.conversation_id
 WHERE r.user_id IN {ids} AND r.status = 'pending'
UNION ALL
SELECT 'request', r.user_id, r.id, c.id, c.name, 0, r.answered_by_id, r.reason, CASE r.status WHEN 'accepted' THEN 1 ELSE 0 END, r.answered_at
 FROM messaging_joinrequest r JOIN messaging_conversation c ON c.id = r.conversation_id
 WHERE r.user_id IN {ids} AND r.status IN ('accepted', 'refused') AND NOT r.dismissed
UNION ALL
SELECT 'invitation', i.inviter_id, i.id, c.id, c.name, 0, i.user_id, '', CASE i.status WHEN 'accepted' THEN 1 ELSE 0 END, i.answered_at
 FROM messaging_invitation i JOIN messaging_conversation c ON c.id = i.conversation_id
 WHERE i.inviter_id IN {ids} AND i.status IN ('accepted', 'refused') AND NOT i.dismissed
ORDER BY 10, 3
"""


def joining_of(user_ids: Iterable[int]) -> dict[int, dict[str, list[dict]]]:
    """The `joining` part of each of these people: the oldest that waits first, the newest answers. One query."""
    ids = list(user_ids)
    found: dict[int, dict[str, list[dict]]] = {
        id: {"requests": [], "invitations": [], "asked": [], "told": []} for id in ids
    }
    if not ids:
        return found
    query = PARTS.format(ids=marks(ids))
    for part, viewer, id, conversation, name, members, person, words, accepted, at in rows(query, padded(ids) * 5):
        row: dict[str, Any] = {"id": id, "conversation": conversation, "at": stamp(at)}
        if part == "requests":
            row |= {"user": person, "words": words}
        elif part == "invitations":
            row |= {"name": name, "members": members, "inviter": person}
        elif part == "asked":
            row |= {"name": name, "words": words}
        else:
            row |= {"kind": part, "name": name, "user": person, "accepted": bool(accepted), "reason": words}
            part = "told"
        found[viewer][part].append(row)
    return {
        viewer: {name: part[-SHOWN_MAX:] if name == "told" else part[:SHOWN_MAX] for name, part in parts.items()}
        for viewer, parts in found.items()
    }


def named_in(joining: Mapping[str, list[dict]] | None) -> set[int]:
    """The people whom a `joining` part names."""
    rows = [row for part in (joining or {}).values() for row in part]
    return {id for row in rows for id in (row.get("user"), row.get("inviter")) if id}


def people_seen_by(named: Mapping[int, Collection[int]]) -> dict[int, list[dict]]:
    """Viewer -> the people named to him, as he sees them. Three queries."""
    shown = {person["id"]: person for person in people_objects(0, {id for ids in named.values() for id in ids})}
    apart = is_blocked_between((viewer, id) for viewer, ids in named.items() for id in ids)
    hidden = {"presence": "offline", "status": "", "last_seen": None}
    return {
        viewer: [{**shown[id], **hidden} if (viewer, id) in apart else shown[id] for id in sorted(ids)]
        for viewer, ids in named.items()
    }


def find_groups(user: Any, query: str = "", mine: bool = False) -> list[dict]:
    """The groups that everybody may find, with `mine` also one's own; those whose names begin with what is looked for first. Four queries."""
    typed = names.terms(query)
    seen = Q(discoverable=True)
    if mine:
        seen |= Q(pk__in=Membership.objects.filter(user=user).values("conversation"))
    found = Conversation.objects.filter(seen, kind=Conversation.Kind.GROUP, name_key__isnull=False)
    for term in typed:
        found = found.filter(search_key__contains=term)
    sized = found.annotate(size=Count("membership")).order_by("name_key")
    named = [
        group
        for group in (sized if typed else sized[:FOUND_MAX])
        if all(names.fits(group.search_key, term) for term in typed) and names.has_marks(query, [group.name])
    ]
    named.sort(key=lambda group: not group.search_key.startswith(f" {' '.join(typed)}"))
    groups = named[:FOUND_MAX]
    here: dict[str, Any] = {"conversation__in": [group.pk for group in groups], "user": user}
    states = {
        "member": Membership.objects.filter(**here),
        "invited": Invitation.objects.filter(**here, status=Waiting.PENDING),
        "asked": JoinRequest.objects.filter(**here, status=Waiting.PENDING),
    }
    state: defaultdict[int, str] = defaultdict(str)
    for name, rows_ in states.items():
        state |= dict.fromkeys(rows_.values_list("conversation_id", flat=True), name)
    return [
        {
            "id": group.pk,
            "name": group.name,
            "avatar": group.avatar,
            "notice": group.notice,
            "members": group.size,
            "join_policy": group.join_policy,
            "state": state[group.pk],
        }
        for group in groups
    ]


def open_invitations(user: Any, conversation_id: int) -> list[dict]:
    """The invitations into a group that wait: all for those who manage it, else one's own. Raises Refusal."""
    membership = get_membership(user, conversation_id)
    kind = membership.conversation.kind
    rights.demand(membership, "invite_people")
    found = Invitation.objects.filter(conversation=conversation_id, status=Waiting.PENDING).select_related("user")
    if not rights.may(kind, membership.role, "answer_request"):
        found = found.filter(inviter=user)
    return [
        {
            "id": invitation.pk,
            "user": invitation.user_id,
            "name": invitation.user.name,
            "inviter": invitation.inviter_id,
            "at": stamp(invitation.invited_at),
        }
        for invitation in found.order_by("invited_at", "pk")[:SHOWN_MAX]
    ]
