"""How accounts appear to browsers, and this app's parts of the snapshot and of private facts."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.policies import Site
from core import policies


def me(user: User) -> dict[str, Any]:
    """Oneself."""
    options = user.get_options()
    return {
        "id": user.pk,
        "username": user.username,
        "name": user.name,
        "language": user.language,
        "theme": options.theme,
        "is_admin": user.is_admin,
        "options": options.as_dict(),
        "status": user.status,
    }


def add_to_snapshot(user: User, snapshot: dict[str, Any], heads: dict[str, int], known: dict[str, int]) -> None:
    """Who I am."""
    snapshot["me"] = me(user)


def site_facts() -> dict[str, Any]:
    """How the site is called."""
    return {"name": policies.get(Site).name}


def private_state(user_id: int) -> dict[str, Any]:
    """The present state of what a person's other devices must know."""
    mine = me(User.objects.get(pk=user_id))
    return {"options": mine["options"], "me": mine}
