"""How accounts appear to browsers, and this app's parts of the snapshot and of private facts."""

from __future__ import annotations

from typing import Any

from accounts.access import waiting
from accounts.announcement import announcement
from accounts.models import User
from accounts.policies import People, Site
from accounts.relations import relations_of
from core import policies, registry


def me(user: User) -> dict[str, Any]:
    """Oneself."""
    options = user.get_options()
    return {
        "id": user.pk,
        "username": user.username,
        "name": user.name,
        "avatar": user.avatar,
        "language": user.language,
        "theme": options.theme,
        "is_admin": user.is_admin,
        "waiting": waiting().count() if user.is_admin else 0,
        "options": options.as_dict(),
        "status": user.status,
        **{name: value for part in registry.me_parts for name, value in part(user).items()},
    }


def add_to_snapshot(user: User, snapshot: dict[str, Any], heads: dict[str, int], known: dict[str, int]) -> None:
    """Who I am, and whom I know."""
    snapshot["me"] = me(user)
    if not snapshot["partial"]:  # else they are what they were: they are told by number
        snapshot["relations"] = relations_of(user.pk)


def site_facts() -> dict[str, Any]:
    """How the site is called, whether only friends write to each other, and what it says to everybody."""
    return {
        "name": policies.get(Site).name,
        "friends_only": policies.get(People).direct == "friends",
        "announcement": announcement(),
    }


def private_state(user_id: int) -> dict[str, Any]:
    """The present state of what a person's other devices must know."""
    mine = me(User.objects.get(pk=user_id))
    return {"options": mine["options"], "me": mine, "relations": relations_of(user_id)}
