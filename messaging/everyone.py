"""The conversation of all accounts, and what happens in conversations when an account is made or deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import policies
from messaging.actions.entering import close_of, end
from messaging.actions.news import News
from messaging.actions.offers import end_offers_of, places_with_offers_of
from messaging.actions.system import people, post_system
from messaging.models import Conversation, Draft, Membership
from messaging.policies import Groups
from messaging.summary import conversation_objects
from realtime.heads import bump_users


def accounts_made(users: Sequence[Any]) -> None:
    """Every account is a member of Everyone; the first one finds it made, with a welcome."""
    everyone = Conversation.objects.select_for_update(no_key=True).filter(kind=Conversation.Kind.EVERYONE).first()
    if everyone is None:
        posting = policies.get(Groups).everyone_posting
        everyone = Conversation.objects.create(kind=Conversation.Kind.EVERYONE, who_may_post=posting)
        post_system(everyone, None, "welcome")
    Membership.objects.bulk_create(
        [Membership(conversation=everyone, user=u, role=role_of(u), read_seq=everyone.last_seq) for u in users]
    )
    bump_users({user.pk: None for user in users}, access=True)


def role_of(user: Any) -> str:
    """Site staff manages Everyone."""
    return Membership.Role.MANAGER if user.is_staff else Membership.Role.MEMBER


def site_role_changed(user: Any) -> None:
    """The role in Everyone follows; the clients get the present state by the account's own bump."""
    Membership.objects.filter(user=user, conversation__kind=Conversation.Kind.EVERYONE).update(role=role_of(user))


def account_deleted(user: Any) -> set[int]:
    """Memberships end, in groups with a fact; a group whose master goes is handed to the oldest manager, else the oldest member."""
    mine = Membership.objects.filter(user=user, conversation__kind=Conversation.Kind.GROUP)
    news = News()
    close_of(user, news, {*mine.values_list("conversation_id", flat=True), *places_with_offers_of(user)})
    end_offers_of(user)
    roles = dict(mine.values_list("conversation_id", "role"))
    groups = list(Conversation.objects.filter(pk__in=roles).order_by("pk"))
    direct = Conversation.objects.filter(kind=Conversation.Kind.DIRECT, membership__user=user)
    partners = set(Membership.objects.filter(conversation__in=direct).values_list("user_id", flat=True)) - {user.pk}
    Membership.objects.filter(user=user).delete()
    Draft.objects.filter(user=user).delete()
    for group in groups:
        post_system(group, None, "left", detach=[user.pk], users=[{"id": user.pk, "name": ""}])
        left = list(Membership.objects.select_related("user").filter(conversation=group).order_by("joined_at", "pk"))
        if not left:
            end(group, news)
        elif roles[group.pk] == Membership.Role.MASTER:
            heir = next((m for m in left if m.role == Membership.Role.MANAGER), left[0])
            Membership.objects.filter(pk=heir.pk).update(role=Membership.Role.MASTER)
            post_system(group, None, "role", user=people([heir.user])[0], role="master")
            news.add([heir.user_id], {"conversations": conversation_objects(heir.user_id, [group.pk])})
            news.joining([heir.user_id], about=None)
    return news.told() | partners


def account_blocked(user: Any) -> set[int]:
    """Nobody waits for a closed account, nor it for anybody; its memberships stay."""
    news = News()
    close_of(user, news, places_with_offers_of(user))
    end_offers_of(user)
    return news.told()
