"""Asking people into a group, and their answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import hold, people_for
from audit.record import record
from core.refusal import Refusal
from messaging import rights
from messaging.access import get_membership
from messaging.actions.entering import FULL, MEMBERS_MAX, enter
from messaging.actions.joining import ASK_AGAIN, demand_pending, hold_one, leave_pending, lock_group
from messaging.actions.news import News
from messaging.models import Conversation, Invitation, JoinRequest, Membership, Waiting

DECLINED = _("They have declined. You may invite them again after a day.")


def visible(actor: Any, user_ids: Iterable[int]) -> list[Any]:
    """These people but for oneself, all of whom one may see. Raises Refusal."""
    wanted = set(user_ids) - {actor.pk}
    users = list(people_for(actor, ids=wanted, limit=len(wanted))) if wanted else []
    if len(users) != len(wanted):
        raise Refusal("not_found")
    return users


def invite_people(actor: Any, conversation_id: int, user_ids: Iterable[int]) -> dict[str, list[int]]:
    """Ask people into a group; those who have asked themselves are in at once. Raises Refusal."""
    with transaction.atomic():
        hold(user_ids)
        membership = get_membership(actor, conversation_id, lock=True)
        group = membership.conversation
        rights.demand(membership, "invite_people" if group.members_invite else "invite_when_closed")
        there = set(Membership.objects.filter(conversation=group).values_list("user_id", flat=True))
        users = [user for user in visible(actor, user_ids) if user.pk not in there]
        if len(there) + len(users) > MEMBERS_MAX:
            raise Refusal("too_many", FULL)
        if not users:
            return {"joined": [], "invited": []}
        news = News()
        taken = offer(actor, group, users, news)
        if not taken["joined"] and not taken["invited"]:
            raise Refusal("ask_later", DECLINED)
        news.tell()
        record(actor, "invitation.made", group, detail=dict(taken))
    return taken


def offer(actor: Any, group: Conversation, users: list[Any], news: News) -> dict[str, list[int]]:
    """Part of an action: invite people who are no members. Left out: who has declined in the last day."""
    here: dict[str, Any] = {"conversation": group, "user__in": [user.pk for user in users]}
    ids = {"flat": True}
    asked = set(JoinRequest.objects.filter(**here, status=Waiting.PENDING).values_list("user_id", **ids))
    invited = set(Invitation.objects.filter(**here, status=Waiting.PENDING).values_list("user_id", **ids))
    lately = timezone.now() - ASK_AGAIN
    declined = Invitation.objects.filter(**here, status=Waiting.REFUSED, answered_at__gt=lately)
    unwilling = set(declined.values_list("user_id", **ids))
    if joining := [user for user in users if user.pk in asked]:
        enter(actor, group, joining, news)
    now = timezone.now()
    new = [user.pk for user in users if user.pk not in asked | invited | unwilling]
    Invitation.objects.bulk_create(
        [Invitation(conversation=group, user_id=id, inviter=actor, invited_at=now) for id in new]
    )
    news.joining(new, about=[actor.pk])
    return {"joined": sorted(asked), "invited": sorted({*new, *(invited - asked)})}


def answer_invitation(actor: Any, invitation_id: int, accept: bool) -> None:
    """Enter the group that one is invited to, or decline. Raises Refusal."""
    with transaction.atomic():
        invitation = Invitation.objects.filter(pk=invitation_id, user=actor).first()
        if invitation is None:
            raise Refusal("not_found")
        hold_one(actor)
        group, news = lock_group(invitation.conversation_id, living=False), News()
        if accept:
            demand_pending(invitation)
            enter(actor, group, [actor], news)  # which answers the invitation
        else:
            leave_pending(invitation, status=Waiting.REFUSED)
            news.joining([actor.pk, invitation.inviter_id], about=[actor.pk])
        news.tell()
        action = "invitation.accepted" if accept else "invitation.declined"
        record(actor, action, group, detail={"inviter": invitation.inviter_id})


def withdraw_invitation(actor: Any, invitation_id: int) -> None:
    """Take an invitation back: one's own, or as master or manager anybody's. Raises Refusal."""
    with transaction.atomic():
        invitation = Invitation.objects.select_related("user").filter(pk=invitation_id).first()
        if invitation is None:
            raise Refusal("not_found")
        membership = get_membership(actor, invitation.conversation_id, lock=True)
        if invitation.inviter_id != actor.pk:
            rights.demand(membership, "withdraw_invitation")
        leave_pending(invitation, status=Waiting.WITHDRAWN)
        news = News()
        news.joining([invitation.user_id])
        news.tell()
        record(actor, "invitation.withdrawn", invitation.user, detail={"conversation": invitation.conversation_id})


def dismiss(actor: Any, kind: str, id: int) -> None:
    """An answer was seen: it is not told again. Raises Refusal."""
    answered = {"pk": id, "status__in": (Waiting.ACCEPTED, Waiting.REFUSED)}
    with transaction.atomic():
        if kind == "request":
            mine: Any = JoinRequest.objects.filter(**answered, user=actor)
        else:
            mine = Invitation.objects.filter(**answered, inviter=actor)
        if not mine.exists():
            raise Refusal("not_found")
        if mine.filter(dismissed=False).update(dismissed=True):
            news = News()
            news.joining([actor.pk])
            news.tell()
