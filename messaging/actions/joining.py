"""Coming into a group by oneself, and asking to be let in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import hold
from audit.record import record
from core.buckets import Buckets
from core.refusal import Refusal
from core.text import clean_line
from messaging import rights
from messaging.access import get_membership
from messaging.actions.entering import FULL, MEMBERS_MAX, enter, governors
from messaging.actions.news import News
from messaging.models import Conversation, Invitation, JoinRequest, Membership, Waiting

WORDS_MAX = 200
OPEN_MAX = 30  # requests of one person
WAITING_MAX = 1000  # requests to one group
ASK_AGAIN = timedelta(days=1)  # after a refusal
asking = Buckets(10, 1 / 30)
ANSWERED = _("This was answered or withdrawn already.")
INVITED_ONLY = _("Nobody joins this group without an invitation.")


def join_group(actor: Any, conversation_id: int, words: str = "") -> bool:
    """Enter a group that is open or that one is invited to (True), or ask to be let in (False). Raises Refusal."""
    words = clean_line(words, WORDS_MAX)
    with transaction.atomic():
        hold_one(actor)
        group = lock_group(conversation_id)
        if Membership.objects.filter(conversation=group, user=actor).exists():
            return True
        pending = {"conversation": group, "user": actor, "status": Waiting.PENDING}
        invited = Invitation.objects.filter(**pending).exists()
        if not (invited or group.discoverable):
            raise Refusal("not_found")
        if invited or group.join_policy == Conversation.JoinPolicy.OPEN:
            news = News()
            enter(actor, group, [actor], news)
            news.tell()
            record(actor, "member.joined", group)
            return True
        if group.join_policy == Conversation.JoinPolicy.INVITATION:
            raise Refusal("invitation_only", INVITED_ONLY)
        if not JoinRequest.objects.filter(**pending).exists():
            _ask(actor, group, words)
    return False


def _ask(actor: Any, group: Conversation, words: str) -> None:
    mine = JoinRequest.objects.filter(user=actor)
    refused = mine.filter(conversation=group, status=Waiting.REFUSED, answered_at__gt=timezone.now() - ASK_AGAIN)
    if refused.exists():
        raise Refusal("ask_later", _("Your last request was refused. You may ask again after a day."))
    if mine.filter(status=Waiting.PENDING).count() >= OPEN_MAX:
        raise Refusal("too_many", _("You have too many open requests. Withdraw some of them first."))
    if JoinRequest.objects.filter(conversation=group, status=Waiting.PENDING).count() >= WAITING_MAX:
        raise Refusal("too_many", _("Too many people wait to be let in. Try again later."))
    if Membership.objects.filter(conversation=group).count() >= MEMBERS_MAX:
        raise Refusal("too_many", FULL)
    if not asking.take(actor.pk):
        raise Refusal("too_fast")
    JoinRequest.objects.create(conversation=group, user=actor, words=words, asked_at=timezone.now())
    news = News()
    news.joining([actor.pk, *governors(group)], about=[actor.pk])
    news.tell()
    record(actor, "request.made", group)


def withdraw_request(actor: Any, request_id: int) -> None:
    """Take one's own request back. Raises Refusal."""
    with transaction.atomic():
        request = JoinRequest.objects.filter(pk=request_id, user=actor).first()
        if request is None:
            raise Refusal("not_found")
        group = lock_group(request.conversation_id, living=False)
        leave_pending(request, status=Waiting.WITHDRAWN)
        news = News()
        news.joining([actor.pk, *governors(group)])
        news.tell()
        record(actor, "request.withdrawn", group)


def answer_request(actor: Any, request_id: int, accept: bool, reason: str = "") -> None:
    """Let somebody in who has asked, or not, with a reason. Raises Refusal."""
    reason = clean_line(reason, WORDS_MAX)
    with transaction.atomic():
        request = JoinRequest.objects.select_related("user").filter(pk=request_id).first()
        if request is None:
            raise Refusal("not_found")
        usable = hold([request.user_id])
        membership = get_membership(actor, request.conversation_id, lock=True)
        rights.demand(membership, "answer_request")
        group, asker, news = membership.conversation, request.user, News()
        if accept:
            demand_pending(request)
            if not usable:
                raise Refusal("answered", ANSWERED, 409)  # the account is being closed
            enter(actor, group, [asker], news)  # which answers the request
        else:
            leave_pending(request, status=Waiting.REFUSED, reason=reason, answered_by=actor)
            news.joining([asker.pk, *governors(group)], about=[actor.pk])
        news.tell()
        detail = {"conversation": group.pk} | ({"reason": reason} if reason and not accept else {})
        record(actor, "request.accepted" if accept else "request.refused", asker, detail=detail)


def hold_one(user: Any) -> None:
    """Raise Refusal for an account that was closed since it was read; from here on that waits."""
    if not hold([user.pk]):
        raise Refusal("signed_out")


def lock_group(conversation_id: int, living: bool = True) -> Conversation:
    """A group's row, locked. Raises Refusal."""
    found = Conversation.objects.select_for_update(no_key=True).filter(pk=conversation_id, kind=Conversation.Kind.GROUP)
    group = (found.filter(name_key__isnull=False) if living else found).first()
    if group is None:
        raise Refusal("not_found")
    return group


def demand_pending(row: JoinRequest | Invitation) -> None:
    """Raise Refusal where it has its answer; the group's row is locked."""
    if not type(row)._default_manager.filter(pk=row.pk, status=Waiting.PENDING).exists():
        raise Refusal("answered", ANSWERED, 409)


def leave_pending(row: JoinRequest | Invitation, **fields: Any) -> None:
    """The one change that a request or an invitation goes through. Raises Refusal where somebody was faster."""
    pending = type(row)._default_manager.filter(pk=row.pk, status=Waiting.PENDING)
    if pending.update(answered_at=timezone.now(), **fields) != 1:
        raise Refusal("answered", ANSWERED, 409)
