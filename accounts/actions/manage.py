"""What only administrators do: accounts for others, and site roles."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import keep_an_administrator, make_account, not_oneself, require_admin
from accounts.models import User
from accounts.passwords import one_time_password
from accounts.policies import Passwords
from audit.record import record
from core import policies, registry
from core.refusal import Refusal
from realtime.heads import bump_user

ROLES = ("member", "moderator", "administrator")


def create_account(
    actor: User | None, username: str, *, display_name: str = "", language: str = "", role: str = "member"
) -> tuple[User, str]:
    """An account for somebody else, and its one-time password. Raises Refusal."""
    if role not in ROLES:
        raise Refusal("bad_request")
    password = one_time_password()
    user = make_account(
        actor,
        username,
        password,
        display_name=display_name,
        language=language,
        is_admin=role == "administrator",
        is_moderator=role == "moderator",
        must_change=True,
        password_expires=timezone.now() + timedelta(hours=policies.get(Passwords).one_time_hours),
    )
    return user, password


def set_role(actor: User | None, user: User, role: str) -> None:
    """Make somebody administrator, moderator or an ordinary member of the site. Raises Refusal."""
    require_admin(actor)
    if role not in ROLES:
        raise Refusal("bad_request")
    with transaction.atomic():
        if role != "administrator":
            keep_an_administrator(user)
        not_oneself(actor, user)
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        before = locked.site_role
        if locked.deleted_at is not None or locked.is_bot:
            raise Refusal("not_found")
        if before == role:
            raise Refusal("conflict", _("The account has this role already."), 409)
        locked.is_superuser, locked.is_staff = role == "administrator", role != "member"
        locked.save(update_fields=["is_superuser", "is_staff"])
        for hook in registry.site_role_changed:
            hook(locked)
        user.refresh_from_db()
        bump_user(user.pk, None, access=True)
        record(actor, "site_role.changed", user, detail={"from": before, "to": role})
