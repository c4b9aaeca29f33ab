"""Accounts: made, let in, blocked, deleted."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.avatars import forget_avatar
from accounts.actions.friends import end_relations
from accounts.actions.sessions import end_sessions
from accounts.models import LoginSession, Token, User
from accounts.policies import Accounts
from audit.record import record
from core import policies, registry
from core.refusal import Refusal
from core.text import clean_line, clean_username
from realtime.heads import bump_users

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
    is_moderator: bool = False,
    must_change: bool = False,
    password_expires: datetime | None = None,
    approved: bool = True,
    is_bot: bool = False,
    invite: str = "",
    ip: str | None = None,
) -> User:
    """A new account. `actor` None: the person registers himself, or the site makes it. The caller has checked the password's strength.

    `invite`: the token of the invite link he comes by. Raises Refusal.
    """
    require_admin(actor)
    username, display_name = clean_username(username), clean_line(display_name, DISPLAY_NAME_MAX)
    hashed = make_password(password)  # outside the transaction: a hash takes long
    user = User(
        username=username,
        password=hashed,
        display_name=display_name,
        language=language,
        is_staff=is_admin or is_moderator,
        is_superuser=is_admin,
        must_change_password=must_change,
        password_expires=password_expires,
        approved_at=timezone.now() if approved else None,
        is_bot=is_bot,
    )
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            for hook in registry.accounts_made:
                hook([user])
            detail = {"admin": is_admin, "approved": approved} | (registry.use_invite(invite, user) if invite else {})
            if not approved:  # after the group's row
                tell_administrators()
            record(actor or user, "account.made", user, ip=ip, detail=detail)
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
        tell_administrators()
        record(actor, "account.approved", user)


def tell_administrators() -> None:
    """One person more or fewer waits to be let in; part of the transaction that makes it so."""
    bump_users(dict.fromkeys(administrators()))


def administrators() -> set[int]:
    """Who is told of those who wait."""
    return set(User.objects.filter(is_superuser=True, deleted_at=None).values_list("pk", flat=True))


def demand_over(actor: User | None, user: User) -> None:
    """Administrators may do it to anybody, moderators to members alone. Raises Refusal."""
    if actor is None or actor.is_admin or not actor.is_staff:
        require_admin(actor)
    elif user.is_staff or not actor.is_active:
        raise Refusal("not_allowed", _("Only administrators may do that to somebody who looks after the site."))


def block_user(actor: User | None, user: User, reason: str = "") -> None:
    """Close an account to its owner until it is unblocked; all its sessions end."""
    with transaction.atomic():
        told, detail = shut_out(actor, user, reason)
        bump_users(dict.fromkeys(told), access=True)
        record(actor, "account.blocked", user, detail=detail)


def shut_out(actor: User | None, user: User, reason: str) -> tuple[set[int], dict[str, str]]:
    """The block itself: whom the caller tells, and the detail of its event. Locks people, then conversations, as all do. Raises Refusal."""
    demand_over(actor, user)
    reason = clean_line(reason, REASON_MAX)
    keep_an_administrator(user)
    not_oneself(actor, user)
    whom = User.objects.filter(pk=user.pk, blocked_at=None, deleted_at=None)
    if actor is not None and not actor.is_admin:
        whom = whom.filter(is_staff=False)  # made so in this moment
    if whom.update(blocked_at=timezone.now(), blocked_reason=reason) != 1:
        raise Refusal("conflict")
    told = {id for hook in registry.account_blocked for id in hook(user)} | {user.pk}
    end_sessions(user.login_sessions.all(), LoginSession.Reason.BLOCKED)
    user.refresh_from_db()
    if user.approved_at is None:
        told |= administrators()
    return told, {"reason": reason}


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
        if user.approved_at is None:
            tell_administrators()
        record(actor, "account.unblocked", user)


def delete_account(actor: User | None, user: User, *, ip: str | None = None) -> None:
    """Free the name, end everything personal. The row stays, without a name, because messages point to it."""
    if actor is not None and actor.pk != user.pk:
        require_admin(actor)
    with transaction.atomic():
        keep_an_administrator(user)
        if user.is_admin:
            not_oneself(actor, user)
        if actor is not None and actor.pk == user.pk and not policies.get(Accounts).own_deletion:
            raise Refusal("not_allowed", _("On this site only administrators delete accounts."))
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if locked.deleted_at is not None:
            raise Refusal("conflict")
        told = {id for hook in registry.account_deleted for id in hook(locked)} | {locked.pk, *end_relations(locked)}
        end_sessions(locked.login_sessions.all(), LoginSession.Reason.DELETED)
        Token.objects.filter(user=locked).delete()
        forget_avatar(locked)
        Authenticator.objects.filter(user=locked).delete()
        name = locked.username
        locked.username = f"~{locked.pk}"  # not a name that anybody could choose
        locked.password = UNUSABLE_PASSWORD_PREFIX
        locked.display_name = locked.status = locked.blocked_reason = locked.time_zone = locked.language = ""
        locked.older_password, locked.older_password_at = "", None
        locked.options, locked.blocked_at, locked.last_seen = {}, None, None
        locked.is_staff = locked.is_superuser = locked.must_change_password = False
        locked.deleted_at = timezone.now()
        locked.erase_messages = policies.get(Accounts).deleted_messages == "recall"
        if locked.approved_at is None:
            told |= administrators()
        bump_users(dict.fromkeys(told), access=True)
        record(actor, "account.deleted", locked, ip=ip, detail={"username": name, "messages_go": locked.erase_messages})
        locked.save()  # its keys change: that waits for whoever refers to the row, who may hold or want anything above
    user.refresh_from_db()


def erase_messages(user_id: int, some: int = 200) -> int:
    """Take the messages of a deleted account back, some in each transaction; answers how many. Doing it twice does nothing."""
    user = User.objects.filter(pk=user_id, erase_messages=True, deleted_at__isnull=False).first()
    if user is None:
        return 0
    gone = 0
    for eraser in registry.erasers:
        while count := eraser(user, some):
            gone += count
    with transaction.atomic():
        if User.objects.filter(pk=user_id, erase_messages=True).update(erase_messages=False):
            record(None, "messages.erased", user, detail={"count": gone})
    return gone


def to_erase() -> list[int]:
    """Deleted accounts whose messages are still on their way out."""
    return list(User.objects.filter(erase_messages=True).values_list("pk", flat=True))


def not_oneself(actor: User | None, user: User) -> None:
    """Refuse what an administrator must not do to himself. Raises Refusal."""
    if actor is not None and actor.pk == user.pk:
        raise Refusal(
            "not_oneself", _("An administrator cannot do that to himself. Ask another administrator, please.")
        )


def keep_an_administrator(user: User) -> None:
    """Refuse to take away the last administrator who can come in. Locks the administrators in id order."""
    admins = (
        User.objects.select_for_update(no_key=True)
        .filter(Q(pk=user.pk) | Q(is_superuser=True, deleted_at=None, blocked_at=None))
        .order_by("pk")
    )
    usable = {one.pk for one in admins if one.is_superuser and one.deleted_at is None and one.blocked_at is None}
    if usable == {user.pk}:
        raise Refusal("last_administrator", _("This is the only administrator. Appoint another one first."), 409)
