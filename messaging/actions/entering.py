"""How people come into a group and go out of it, whatever brought them; the group's row is locked by the caller."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.avatars import forget_files
from core.refusal import Refusal
from messaging.actions.news import News
from messaging.actions.system import conversation_changed, people, post_system
from messaging.events import stamp
from messaging.models import (
    Conversation,
    Draft,
    Invitation,
    InviteLink,
    JoinRequest,
    Membership,
    Waiting,
    running_mutes,
)
from messaging.summary import conversation_objects

MEMBERS_MAX = 5000
NAMED = 50  # people in one system message
FULL = _("This group is full.")
NEWCOMER = {
    "role": "member",
    "unread": 0,
    "mentions": 0,
    "level": "all",
    "pinned": False,
    "draft": "",
    "cleared_seq": 0,
    "muted_until": None,
}


def enter(
    actor: Any, group: Conversation, users: list[Any], news: News, *, new: bool = False, greet: bool = True
) -> None:
    """Make people members, who are none yet; requests and invitations that waited for it are answered. Raises Refusal.

    They have read what is there, unless the group is `new`. Without `greet` the caller tells them.
    """
    if Membership.objects.filter(conversation=group).count() + len(users) > MEMBERS_MAX:
        raise Refusal("too_many", FULL)
    read_seq = 0 if new else group.last_seq
    Membership.objects.bulk_create([Membership(conversation=group, user=user, read_seq=read_seq) for user in users])
    for start in range(0, len(users), NAMED):
        post_system(group, actor, "joined", users=people(users[start : start + NAMED]))
    if greet:
        welcome(actor, group, users, read_seq, news)
    settle(actor, group, [user.pk for user in users], news)


def welcome(actor: Any, group: Conversation, users: list[Any], read_seq: int, news: News) -> None:
    """Newcomers hear of the conversation, and of a mute that was not over when they left; the hub lets their sockets follow it."""
    base = conversation_objects(actor.pk, [group.pk])[0]
    theirs = {**base, **NEWCOMER, "read_seq": read_seq, "can_post": group.who_may_post == Conversation.Posting.ALL}
    same = {"conversations": [theirs]}
    ids = [user.pk for user in users]
    mutes = dict(running_mutes().filter(conversation=group, user__in=ids).values_list("user_id", "until"))
    for id in ids:
        if id == actor.pk:
            news.add([id], {"conversations": [base]})
        elif id in mutes:
            news.add([id], {"conversations": [{**theirs, "muted_until": stamp(mutes[id])}]})
        else:
            news.add([id], same)
    news.access = True


def governors(group: Conversation) -> list[int]:
    """Those who answer requests."""
    return list(Membership.objects.filter(conversation=group).exclude(role="member").values_list("user_id", flat=True))


def settle(actor: Any, group: Conversation, ids: Collection[int], news: News) -> None:
    """What waited between these newcomers and their group is answered by their coming."""
    asked = JoinRequest.objects.filter(conversation=group, user__in=ids, status=Waiting.PENDING)
    offered = Invitation.objects.filter(conversation=group, user__in=ids, status=Waiting.PENDING)
    askers = set(asked.values_list("user_id", flat=True))
    couples = list(offered.values_list("user_id", "inviter_id"))
    now = timezone.now()
    if askers:
        asked.filter(user=actor).update(status=Waiting.CLOSED, answered_at=now)
        asked.update(status=Waiting.ACCEPTED, answered_by=actor, answered_at=now)
        news.joining([*askers, *governors(group)], about=[actor.pk])
    if couples:
        offered.filter(inviter=actor).update(status=Waiting.ACCEPTED, answered_at=now, dismissed=True)
        offered.update(status=Waiting.ACCEPTED, answered_at=now)
        news.joining([id for couple in couples for id in couple], about=[user for user, _ in couples])


def part(actor: Any, group: Conversation, membership: Membership, code: str, news: News) -> None:
    """End a membership: its user is told by the last message he gets, which also cuts his sockets off."""
    user = membership.user
    membership.delete()
    Draft.objects.filter(conversation=group, user=user).delete()
    close(Q(conversation=group, inviter=user), None, news)
    post_system(group, actor, code, detach=[user.pk], users=people([user]))
    conversation_changed(group)
    news.add([user.pk], {"gone": [group.pk]})
    told = {"conversation": group, "status__in": (Waiting.ACCEPTED, Waiting.REFUSED), "dismissed": False}
    Invitation.objects.filter(**told, inviter=user).update(dismissed=True)  # they would go on telling him its name
    JoinRequest.objects.filter(**told, user=user).update(dismissed=True)
    news.joining([user.pk])
    news.access = True


def end(group: Conversation, news: News) -> None:
    """The group has no members any more: its name is free, its picture gone, nothing waits for it, no link leads into it. Its rows stay."""
    if group.avatar:
        transaction.on_commit(partial(forget_files, group.avatar))
    group.name_key, group.avatar = None, ""
    group.save(update_fields=["name_key", "avatar"])
    here = Q(conversation=group)
    close(here, here, news)
    InviteLink.objects.filter(here, revoked_at=None).update(revoked_at=timezone.now())


def close(invitations: Q, requests: Q | None, news: News) -> None:
    """Invitations and requests that nobody will answer any more."""
    now = timezone.now()
    offered = Invitation.objects.filter(invitations, status=Waiting.PENDING)
    invited = set(offered.values_list("user_id", flat=True))
    if invited and offered.update(status=Waiting.CLOSED, answered_at=now):
        news.joining(invited)
    if requests is None:
        return
    asked = JoinRequest.objects.filter(requests, status=Waiting.PENDING)
    askers, groups = set(asked.values_list("user_id", flat=True)), set(asked.values_list("conversation_id", flat=True))
    if askers and asked.update(status=Waiting.CLOSED, answered_at=now):
        managing = Membership.objects.filter(conversation__in=groups).exclude(role="member")
        news.joining([*askers, *managing.values_list("user_id", flat=True)])


def close_of(user: Any, news: News, also: Collection[int] = ()) -> None:
    """Whatever waits for somebody whose account is closed, or for an answer to him; locks these conversations, and `also` those, in id order."""
    offers, asks = Q(user=user) | Q(inviter=user), Q(user=user)
    waiting = {"status": Waiting.PENDING}
    groups = {
        *also,
        *Invitation.objects.filter(offers, **waiting).values_list("conversation_id", flat=True),
        *JoinRequest.objects.filter(asks, **waiting).values_list("conversation_id", flat=True),
    }
    list(Conversation.objects.select_for_update(no_key=True).filter(pk__in=groups).order_by("pk").values("pk"))
    close(offers, asks, news)
