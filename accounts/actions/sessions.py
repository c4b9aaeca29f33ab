"""Sign-ins, their end, and passwords."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import account_verdict
from accounts.actions.guard import counters_of
from accounts.actions.signin import MAY_SIGN_IN, SignInRefusal
from accounts.models import LoginSession, SignInGuard, User
from accounts.options import Options
from accounts.passwords import one_time_password
from accounts.policies import Passwords, SignIn
from audit.record import record, record_many
from core import policies
from core.refusal import Refusal
from core.text import clean_line
from realtime.heads import bump_user
from realtime.presence import connected

SEEN_EVERY = LIVE_FOR = timedelta(minutes=1)


def open_session(
    user: User, *, kind: str, device: str = "", ip: str | None = None, displace: bool = False
) -> LoginSession:
    """One more sign-in of this person, who has proved who he is; by the site's policy older ones end, or this one is refused.

    `displace`: he knows that he is signed in elsewhere and wants it here instead. Raises SignInRefusal.
    """
    mode = policies.get(SignIn).sessions
    told: dict[str, Any] = {"kind": kind, "device": clean_line(device[:100], 100)}
    with transaction.atomic():
        now = User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once: one after the other
        rivals = LoginSession.objects.filter(user=user, ended_at=None).order_by("pk")
        rivals = rivals.none() if mode == "allow" else rivals.filter(kind=kind) if mode == "per_kind" else rivals
        code = account_verdict(now)
        if code in MAY_SIGN_IN and mode == "refuse" and not displace and in_use(rivals):
            code = "signed_in_elsewhere"
        if code not in MAY_SIGN_IN:
            record(user, "session.refused", user, ip=ip, detail={**told, "reason": code})
        else:
            older = list(rivals)
            login_session = LoginSession.objects.create(user=user, kind=kind, device=told["device"], ip=ip)
            User.objects.filter(pk=user.pk).update(last_seen=login_session.started_at)
            if older:
                end_sessions(rivals.exclude(pk=login_session.pk), LoginSession.Reason.DISPLACED, login_session)
                bump_user(user.pk, None, access=True)
            told["session"] = login_session.pk
            displaced = [
                ("session.displaced", user, {"session": one.pk, "device": one.device, "by": login_session.pk})
                for one in older
            ]
            record_many(user, [("session.opened", user, told), *displaced], ip=ip)
    if code not in MAY_SIGN_IN:
        raise SignInRefusal(str(code), person=user)
    return login_session


def in_use(login_sessions: QuerySet[LoginSession]) -> bool:
    """Whether one of them has a connection or was heard of within a minute: a crash locks nobody out for longer."""
    seen = dict(login_sessions.values_list("pk", "last_seen"))
    return any(at > timezone.now() - LIVE_FOR for at in seen.values()) or bool(connected(seen))


def close_session(login_session: LoginSession, *, ip: str | None = None) -> None:
    """Sign out, everywhere this session is in use. Doing it twice does nothing."""
    with transaction.atomic():
        if end_sessions(LoginSession.objects.filter(pk=login_session.pk), LoginSession.Reason.SIGNED_OUT):
            bump_user(login_session.user_id, None, access=True)
            record(
                login_session.user, "session.closed", login_session.user, ip=ip, detail={"session": login_session.pk}
            )


def end_session(actor: User | None, login_session: LoginSession) -> None:
    """End one session of oneself, or as an administrator of somebody."""
    if actor is not None and actor.pk != login_session.user_id and not (actor.is_admin and actor.is_active):
        raise Refusal("not_found")
    with transaction.atomic():
        if not end_sessions(LoginSession.objects.filter(pk=login_session.pk), LoginSession.Reason.ENDED):
            raise Refusal("not_found")
        bump_user(login_session.user_id, None, access=True)
        record(
            actor,
            "session.ended",
            login_session.user,
            detail={"session": login_session.pk, "device": login_session.device},
        )


def end_other_sessions(actor: User, keep: LoginSession) -> int:
    """End all sessions of this person but the one he asks from; answers how many."""
    with transaction.atomic():
        ended = end_sessions(LoginSession.objects.filter(user=actor).exclude(pk=keep.pk), LoginSession.Reason.ENDED)
        if ended:
            bump_user(actor.pk, None, access=True)
            record(actor, "sessions.ended", actor, detail={"count": ended})
    return ended


def end_all_sessions(user: User, reason: str = LoginSession.Reason.ENDED, *, actor: User | None = None) -> int:
    """End every session of this person; answers how many. `actor` None: the site itself."""
    if actor is not None and actor.pk != user.pk and not (actor.is_admin and actor.is_active):
        raise Refusal("not_allowed")
    with transaction.atomic():
        ended = end_sessions(LoginSession.objects.filter(user=user), reason)
        if ended:
            bump_user(user.pk, None, access=True)
            record(actor, "sessions.ended", user, detail={"count": ended, "reason": reason})
    return ended


def end_sessions(login_sessions: QuerySet[LoginSession], reason: str, displaced_by: LoginSession | None = None) -> int:
    """Mark those that have not ended. Part of an action; the caller bumps the feed and records."""
    return (
        login_sessions.filter(ended_at=None)
        .order_by()
        .update(ended_at=timezone.now(), ended_reason=reason, displaced_by=displaced_by)
    )


def change_password(user: User, new: str, *, keep: LoginSession | None = None, ip: str | None = None) -> None:
    """Replace the password of a person who has proved the old one; all sessions but `keep` end. Raises Refusal."""
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Refusal("bad_password", " ".join(error.messages), 400) from None
    if user.check_password(new):
        raise Refusal("bad_password", _("The new password must differ from the old one."), 400)
    _store_password(
        user, new, must_change=False, expires_at=None, keep=keep, actor=user, action="password.changed", ip=ip
    )


def reset_password(actor: User | None, user: User) -> str:
    """Give a person a one-time password, to be changed at the next sign-in; every session ends."""
    if actor is not None and not (actor.is_admin and actor.is_active):
        raise Refusal("not_allowed")
    if user.deleted_at is not None:
        raise Refusal("not_found")
    password = one_time_password()
    expires_at = timezone.now() + timedelta(hours=policies.get(Passwords).one_time_hours)
    user.older_password, user.older_password_at = "", None  # whoever knew the password may have made one
    _store_password(
        user,
        password,
        must_change=True,
        expires_at=expires_at,
        keep=None,
        actor=actor,
        action="password.reset",
        ip=None,
    )
    return password


def _store_password(
    user: User,
    password: str,
    *,
    must_change: bool,
    expires_at,
    keep: LoginSession | None,
    actor: User | None,
    action: str,
    ip,
) -> None:
    user.password, user.must_change_password, user.password_expires = make_password(password), must_change, expires_at
    with transaction.atomic():
        user.save(
            update_fields=[
                "password",
                "must_change_password",
                "password_expires",
                "older_password",
                "older_password_at",
            ]
        )
        others = LoginSession.objects.filter(user=user)
        end_sessions(others.exclude(pk=keep.pk) if keep else others, LoginSession.Reason.PASSWORD)
        SignInGuard.objects.filter(counters_of(user)).delete()  # guesses at the old one
        bump_user(user.pk, None, access=True)
        record(actor, action, user, ip=ip)


def seen(login_session_ids: Iterable[int]) -> None:
    """Move `last_seen` of sessions in use and of their people on, at most once a minute each."""
    now = timezone.now()
    with transaction.atomic():
        stale = LoginSession.objects.filter(
            pk__in=set(login_session_ids), ended_at=None, last_seen__lt=now - SEEN_EVERY
        )
        people = set(stale.values_list("user_id", flat=True))
        if people:
            stale.update(last_seen=now)
            User.objects.filter(pk__in=people).update(last_seen=now)


def went_offline(user_ids: Iterable[int]) -> list[int]:
    """Note when people were last here; returns those who let others see it."""
    users = User.objects.filter(pk__in=list(user_ids))
    users.update(last_seen=timezone.now())
    options = {id: Options.of(stored) for id, stored in users.values_list("pk", "options")}
    return [id for id, own in options.items() if own.show_last_seen and not own.invisible]
