"""Invite links: made, withdrawn, used. Uses are counted by one conditional update, so that they are never more than allowed."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import require_admin
from audit.record import record
from core.refusal import Refusal
from messaging import rights
from messaging.access import get_membership
from messaging.actions.entering import enter
from messaging.actions.joining import hold_one
from messaging.actions.news import News
from messaging.invites import digest_of, find_invite, good_links, groups
from messaging.models import Conversation, InviteLink, Membership

DAYS = 7
LINKS_MAX = 50  # good ones of a group
GONE = _("This link has expired or was withdrawn. Ask for a new one.")


def make_link(
    actor: Any, conversation_id: int, *, days: int = DAYS, max_uses: int | None = None
) -> tuple[InviteLink, str]:
    """A link into a group, and the token, which is not kept. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "invite")
        return _make(actor, membership.conversation, days, max_uses)


def make_site_link(
    actor: Any, conversation_id: int | None = None, *, days: int = DAYS, max_uses: int | None = None
) -> tuple[InviteLink, str]:
    """An administrator's link to the site, or into any group. Raises Refusal."""
    require_admin(actor)
    with transaction.atomic():
        group = groups().filter(pk=conversation_id).first() if conversation_id is not None else None
        if conversation_id is not None and group is None:
            raise Refusal("not_found")
        return _make(actor, group, days, max_uses)


def _make(actor: Any, group: Conversation | None, days: int, max_uses: int | None) -> tuple[InviteLink, str]:
    if good_links().filter(conversation=group).count() >= LINKS_MAX:
        raise Refusal("too_many", _("There are too many invite links. Withdraw some first."))
    token = secrets.token_urlsafe(16)
    link = InviteLink.objects.create(
        digest=digest_of(token),
        maker=actor,
        conversation=group,
        expires_at=timezone.now() + timedelta(days=days),
        max_uses=max_uses,
    )
    detail = {"invite": link.pk, "days": days, "max_uses": max_uses}
    record(actor, "invite.made", group, detail=detail)
    return link, token


def revoke_link(actor: Any, conversation_id: int, link_id: int) -> None:
    """Withdraw a link into a group, whoever of it made it. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "invite")
        _revoke(actor, link_id, conversation=membership.conversation)


def revoke_site_link(actor: Any, link_id: int) -> None:
    """Withdraw any link, as an administrator. Raises Refusal."""
    require_admin(actor)
    with transaction.atomic():
        _revoke(actor, link_id)


def _revoke(actor: Any, link_id: int, **where: Any) -> None:
    if InviteLink.objects.filter(pk=link_id, revoked_at=None, **where).update(revoked_at=timezone.now()) != 1:
        raise Refusal("not_found")
    group = Conversation.objects.filter(invitelink=link_id).first()
    record(actor, "invite.revoked", group, detail={"invite": link_id})


def join_by_link(actor: Any, token: str) -> int | None:
    """Enter the group of a link; answers its id, None where the link leads to the site alone. Raises Refusal."""
    with transaction.atomic():
        hold_one(actor)
        group, link_id = _open(token)
        if group is None or Membership.objects.filter(conversation=group, user=actor).exists():
            return group.pk if group else None
        _count(link_id)
        _enter(actor, group)
        record(actor, "member.joined", group, detail={"invite": link_id})
        return group.pk


def use_invite(token: str, user: Any) -> dict[str, Any]:
    """Use a link for a new account, in the transaction that makes it; answers what the log is to know. Raises Refusal."""
    group, link_id = _open(token)
    _count(link_id)
    if group is not None:
        _enter(user, group)
    return {"invite": link_id, "conversation": group.pk if group else None}


def _open(token: str) -> tuple[Conversation | None, int]:
    """The group of a good link, locked, and the link's id. Raises Refusal."""
    offer = find_invite(token)
    if offer is None:
        raise Refusal("invite_gone", GONE, 410)
    if offer.conversation is None:
        return None, offer.id
    return Conversation.objects.select_for_update(no_key=True).get(pk=offer.conversation), offer.id


def _count(link_id: int) -> None:
    if good_links().filter(pk=link_id).update(uses=F("uses") + 1) != 1:
        raise Refusal("invite_gone", GONE, 410)


def _enter(user: Any, group: Conversation) -> None:
    news = News()
    enter(user, group, [user], news)
    news.tell()
