"""How accounts appear to browsers, and this app's parts of the snapshot and of private facts."""

from __future__ import annotations

from typing import Any

from accounts.access import waiting_count
from accounts.announcement import announcement
from accounts.models import User
from accounts.policies import People, Site
from accounts.relations import relations_of
from core import policies, registry
from core.sql import evaluated


def me(user: User) -> dict[str, Any]:
    """Oneself."""
    options = user.get_options()
    counts = {"waiting": waiting_count() if user.is_admin else 0}
    for part in registry.me_parts:
        counts |= part(user)
    return {
        "id": user.pk,
        "username": user.username,
        "name": user.name,
        "avatar": user.avatar,
        "language": user.language,
        "theme": options.theme,
        "is_admin": user.is_admin,
        "options": options.as_dict(),
        "status": user.status,
        **evaluated(counts),
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
