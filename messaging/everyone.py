"""The conversation of all accounts, and what happens in conversations when an account is made or deleted."""

from __future__ import annotations

from typing import Any

from messaging.actions.system import post_system
from messaging.models import Conversation, Membership
from realtime.heads import bump_user


def account_made(user: Any) -> None:
    """Every account is a member of Everyone; the first one finds it made, with a welcome."""
    everyone = Conversation.objects.select_for_update().filter(kind=Conversation.Kind.EVERYONE).first()
    if everyone is None:
        everyone = Conversation.objects.create(kind=Conversation.Kind.EVERYONE)
        post_system(everyone, None, "welcome")
    role = Membership.Role.MANAGER if user.is_staff else Membership.Role.MEMBER
    Membership.objects.create(conversation=everyone, user=user, role=role, read_seq=everyone.last_seq)
    bump_user(user.pk, None, access=True)


def account_deleted(user: Any) -> None:
    """Memberships end; a group whose master goes is handed to the oldest manager, else the oldest member."""
    mastered = Membership.objects.filter(user=user, role=Membership.Role.MASTER).values("conversation")
    groups = list(Conversation.objects.select_for_update().filter(pk__in=mastered).order_by("pk"))
    Membership.objects.filter(user=user).delete()
    for group in groups:
        left = list(Membership.objects.filter(conversation=group).order_by("joined_at", "pk"))
        heir = next((m for m in left if m.role == Membership.Role.MANAGER), left[0] if left else None)
        if heir is not None:
            Membership.objects.filter(pk=heir.pk).update(role=Membership.Role.MASTER)
            post_system(
                group,
                None,
                "role",
                user={"id": heir.user_id, "name": heir.user.display_name or heir.user.username},
                role="master",
            )
