"""Finding invite links. What is not there, expired, used up, withdrawn or no longer its maker's to give looks the same: nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from messaging import rights
from messaging.access import get_membership
from messaging.events import stamp
from messaging.models import Conversation, InviteLink, Membership


@dataclass(frozen=True, slots=True)
class Offer:
    """What a good link offers. `trusted`: an administrator made it. Without a conversation it leads to the site alone."""

    id: int
    inviter: str
    trusted: bool
    conversation: int | None
    group: str
    members: int


def digest_of(token: str) -> str:
    """What is stored of a link: the token has 128 bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def good_links() -> QuerySet[InviteLink]:
    """Links that have neither expired nor been used up nor been withdrawn."""
    unused = Q(max_uses=None) | Q(uses__lt=F("max_uses"))
    return InviteLink.objects.filter(unused, revoked_at=None, expires_at__gt=timezone.now())


def find_invite(token: str) -> Offer | None:
    """What this link offers now, or None."""
    found = good_links().select_related("maker", "conversation").filter(digest=digest_of(token)).first()
    if found is None or not found.maker.is_active:
        return None
    group, members = found.conversation, 0
    if group is not None:
        here = Membership.objects.filter(conversation=group)
        members = here.count()
        role = here.filter(user=found.maker_id).values_list("role", flat=True).first() or ""
        if not members or not (found.maker.is_admin or rights.may(group.kind, role, "invite")):
            return None
    elif not found.maker.is_admin:
        return None
    return Offer(
        found.pk,
        found.maker.name,
        found.maker.is_admin,
        group.pk if group else None,
        group.name if group else "",
        members,
    )


def links_of(actor: Any, conversation_id: int) -> list[dict]:
    """The good links into a group, newest first, for those who may make them. Raises Refusal."""
    rights.demand(get_membership(actor, conversation_id), "invite")
    found = good_links().select_related("maker").filter(conversation=conversation_id).order_by("-made_at", "-pk")
    return [link_object(link) for link in found]


def link_object(link: InviteLink) -> dict:
    """A link as browsers see it; the token is not among what is kept."""
    expires: datetime = link.expires_at
    return {
        "id": link.pk,
        "maker": link.maker.name,
        "expires_at": stamp(expires),
        "uses": link.uses,
        "max_uses": link.max_uses,
    }


def is_member(actor: Any, conversation_id: int) -> bool:
    """Whether he is in already."""
    return Membership.objects.filter(conversation=conversation_id, user=actor).exists()


def groups() -> QuerySet[Conversation]:
    """All groups that somebody is in, by name: for administrators."""
    return Conversation.objects.filter(kind=Conversation.Kind.GROUP, name_key__isnull=False).order_by("name_key")
