"""Accounts: made, let in, blocked, deleted."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.sessions import end_sessions
from accounts.models import Block, Friendship, LoginSession, Token, User
from audit.record import record
from core import registry
from core.refusal import Refusal
from core.text import clean_line, clean_username
from realtime.heads import bump_user

DISPLAY_NAME_MAX, REASON_MAX = 64, 200


def name_taken() -> Refusal:
    """Somebody else has this name already."""
    return Refusal("name_taken", _("This user name is taken. Choose another one, please."), 409)


def require_admin(actor: User | None) -> None:
    """None stands for the site itself: a command, or the set-up."""
    if actor is not None and not (actor.is_admin and actor.is_active):
        raise Refusal("not_allowed")


def make_account(
    actor: User | None,
    username: str,
    password: str,
    *,
    display_name: str = "",
    language: str = "",
    is_admin: bool = False,
    must_change: bool = False,
    password_expires: datetime | None = None,
    approved: bool = True,
    is_bot: bool = False,
    ip: str | None = None,
) -> User:
    """A new account. `actor` None: the person registers himself, or the site makes it. The caller has checked the password's strength."""
    require_admin(actor)
    username, display_name = clean_username(username), clean_line(display_name, DISPLAY_NAME_MAX)
    hashed = make_password(password)  # outside the transaction: a hash takes long
    user = User(
        username=username,
        password=hashed,
        display_name=display_name,
        language=language,
        is_staff=is_admin,
        is_superuser=is_admin,
        must_change_password=must_change,
        password_expires=password_expires,
        approved_at=timezone.now() if approved else None,
        is_bot=is_bot,
    )
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            for hook in registry.account_made:
                hook(user)
            record(actor or user, "account_made", user, ip=ip, detail={"admin": is_admin, "approved": approved})
    except IntegrityError:
        if User.objects.filter(username_key=user.username_key).exists():
            raise name_taken() from None
        raise
    return user


def approve_user(actor: User | None, user: User) -> None:
    """Let a registered person in."""
    require_admin(actor)
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, approved_at=None, deleted_at=None).update(approved_at=timezone.now()) != 1:
            raise Refusal("conflict")
        user.refresh_from_db()
        record(actor, "account_approved", user)


def block_user(actor: User | None, user: User, reason: str = "") -> None:
    """Close an account to its owner until it is unblocked; all its sessions end."""
    require_admin(actor)
    reason = clean_line(reason, REASON_MAX)
    with transaction.atomic():
        keep_an_administrator(user)
        if (
            User.objects.filter(pk=user.pk, blocked_at=None, deleted_at=None).update(
                blocked_at=timezone.now(), blocked_reason=reason
            )
            != 1
        ):
            raise Refusal("conflict")
        end_sessions(user.login_sessions.all(), LoginSession.Reason.BLOCKED)
        user.refresh_from_db()
        bump_user(user.pk, None, access=True)
        record(actor, "account_blocked", user, detail={"reason": reason})


def unblock_user(actor: User | None, user: User) -> None:
    """Open a blocked account again."""
    require_admin(actor)
    with transaction.atomic():
        if (
            User.objects.filter(pk=user.pk, blocked_at__isnull=False, deleted_at=None).update(
                blocked_at=None, blocked_reason=""
            )
            != 1
        ):
            raise Refusal("conflict")
        user.refresh_from_db()
        record(actor, "account_unblocked", user)


def delete_account(actor: User | None, user: User, *, ip: str | None = None) -> None:
    """Free the name, end everything personal. The row stays, without a name, because messages point to it."""
    if actor is not None and actor.pk != user.pk:
        require_admin(actor)
    with transaction.atomic():
        keep_an_administrator(user)
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if locked.deleted_at is not None:
            raise Refusal("conflict")
        for hook in registry.account_deleted:
            hook(locked)
        end_sessions(locked.login_sessions.all(), LoginSession.Reason.DELETED)
        Token.objects.filter(user=locked).delete()
        Friendship.objects.filter(low=locked).delete()
        Friendship.objects.filter(high=locked).delete()
        Block.objects.filter(blocker=locked).delete()
        Block.objects.filter(blocked=locked).delete()
        name = locked.username
        locked.username = f"~{locked.pk}"  # not a name that anybody could choose
        locked.password = UNUSABLE_PASSWORD_PREFIX
        locked.display_name = locked.status = locked.blocked_reason = locked.time_zone = locked.language = ""
        locked.options, locked.blocked_at, locked.last_seen = {}, None, None
        locked.is_staff = locked.is_superuser = locked.must_change_password = False
        locked.deleted_at = timezone.now()
        locked.save()
        user.refresh_from_db()
        bump_user(user.pk, None, access=True)
        record(actor, "account_deleted", user, ip=ip, detail={"username": name})


def keep_an_administrator(user: User) -> None:
    """Refuse to take away the last administrator who can come in. Locks the administrators in id order."""
    admins = (
        User.objects.select_for_update(no_key=True)
        .filter(is_superuser=True, deleted_at=None, blocked_at=None)
        .order_by("pk")
    )
    if {admin.pk for admin in admins} == {user.pk}:
        raise Refusal("last_administrator", _("This is the only administrator. Appoint another one first."), 409)
