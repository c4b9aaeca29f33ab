"""Signing in at a gateway, through the same actions as everywhere; what it comes to is a row of the verdict table."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import actions, registration
from accounts.access import account_verdict, administrator_exists
from accounts.models import LoginSession, User
from core.buckets import Buckets
from core.refusal import Refusal
from gateways import access
from gateways.verdicts import Verdict, verdict_of
from realtime import executors
from realtime.presence import connected

LOST_AFTER = timedelta(minutes=2)
THREADS = 2  # a hash takes long: those who are in do not wait for those who come
CLOSED = _("Nobody can register here now. Ask an administrator, please.")
IN_BROWSER = _("Change this password in a browser, please.")
sign_ups = Buckets(200, 200 / 60)  # from each address, as on the page
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sign-in")


async def aside(work: Callable, *args: Any) -> Any:
    """Run a sign-in or the like off the event loop, in threads of its own."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool, functools.partial(executors.guarded, work, *args))


def idle() -> None:
    """Close the connections of the threads to the database (tests, shut-down)."""
    executors.idle(_pool, THREADS)


Proved = tuple[int, str]  # whose password was right, and which one that was


class Opened(NamedTuple):
    """A login session that has just begun."""

    user_id: int
    name: str
    login_session: int
    language: str
    state: str
    look_back: int
    last_sign_in: datetime | None
    last_seen: datetime | None  # before this sign-in
    older: bool  # by the password for older clients


class Outcome(NamedTuple):
    """What a sign-in came to; `proved`: who has given the right password and must change it first."""

    verdict: Verdict
    opened: Opened | None = None
    proved: Proved | None = None


def sign_in(name: str, password: str, protocol: str, ip: str) -> Outcome:
    """Name (or alias) and password; opens a session where the person may come in."""
    try:
        user = actions.sign_in(access.named_account(name), password, entrance="gateway", ip=ip)
    except Refusal as refusal:
        return Outcome(verdict_of(refusal))
    code = account_verdict(user)
    if code == "must_change_password":
        return Outcome(Verdict.MUST_CHANGE, proved=(user.pk, user.get_session_auth_hash()))
    if code is not None:
        return Outcome(Verdict.LOCKED)
    return _open(user, protocol, ip, older=bool(user.older_password) and check_password(password, user.older_password))


def _open(user: User, protocol: str, ip: str, older: bool = False) -> Outcome:
    before, seen = access.last_sign_in(user), user.last_seen
    try:
        session = actions.open_session(user, kind=LoginSession.Kind.GATEWAY, device=protocol, ip=ip)
    except Refusal as refusal:
        return Outcome(verdict_of(refusal))
    displaced = LoginSession.objects.filter(displaced_by=session).exists()
    options = user.get_options()
    opened = Opened(
        user.pk, user.username, session.pk, user.language, options.presence, options.look_back, before, seen, older
    )
    return Outcome(Verdict.DISPLACED if displaced else Verdict.SIGNED_IN, opened)


def close(login_session: int, ip: str) -> None:
    """The connection of this session is gone, or its person signed out."""
    session = LoginSession.objects.select_related("user").filter(pk=login_session).first()
    if session is not None:
        actions.close_session(session, ip=ip or None)


def lost_sessions() -> set[int]:
    """Sessions of gateways that no connection belongs to: their process has ended without a word."""
    since = timezone.now() - LOST_AFTER
    live = LoginSession.objects.filter(kind=LoginSession.Kind.GATEWAY, ended_at=None, last_seen__lt=since)
    ids = set(live.values_list("pk", flat=True))
    return ids - connected(ids) if ids else ids


def first_password(proved: Proved, old: str | None, new: str, protocol: str, ip: str) -> Outcome:
    """The password that somebody has to choose before he comes in; who he is was proved on this connection. Raises Refusal."""
    user = User.objects.get(pk=proved[0])
    if user.get_session_auth_hash() != proved[1]:  # another one was given to him since
        raise Refusal("signed_out")
    if (code := account_verdict(user)) != "must_change_password":
        return Outcome(Verdict.LOCKED) if code else _open(user, protocol, ip)
    if old is not None and not user.check_password(old):
        return Outcome(Verdict.WRONG_PASSWORD, proved=proved)
    actions.change_password(user, new, ip=ip)
    return _open(User.objects.get(pk=user.pk), protocol, ip)


def another_password(user_id: int, login_session: int, old: str | None, new: str, ip: str) -> Verdict:
    """Another password for who is signed in; the old one, where the protocol has it, counts as a try. Raises Refusal."""
    user = User.objects.get(pk=user_id)
    if old is not None:
        try:
            actions.sign_in(user.username, old, entrance="gateway", ip=ip)
        except Refusal as refusal:
            return verdict_of(refusal)
    _demand_own(user, old)
    actions.change_password(user, new, keep=LoginSession.objects.get(pk=login_session), ip=ip)
    return Verdict.SIGNED_IN


def replace_password(name: str, old: str, new: str, ip: str, login_session: int | None) -> Verdict | None:
    """A new password by name and old one, signed in or not: None where it is done. Raises Refusal where the new one is not taken."""
    try:
        user = actions.sign_in(access.named_account(name), old, entrance="gateway", ip=ip)
    except Refusal as refusal:
        return verdict_of(refusal)
    if account_verdict(user) not in (None, "must_change_password"):
        return Verdict.LOCKED
    _demand_own(user, old)
    keep = LoginSession.objects.filter(pk=login_session, user=user, ended_at=None).first() if login_session else None
    actions.change_password(user, new, keep=keep, ip=ip)
    return None


def _demand_own(user: User, old: str | None) -> None:
    """Whoever came by the password for older clients does not change the account's own. Raises Refusal."""
    if old is not None and not user.check_password(old):
        raise Refusal("not_allowed", IN_BROWSER)


def register(name: str, password: str, ip: str) -> None:
    """A new account, where the site's policy lets strangers make one. Raises Refusal."""
    if not (registration.open_to(None) and administrator_exists()):
        raise Refusal("closed", CLOSED)
    if not sign_ups.take(ip):
        raise Refusal("too_fast")
    try:
        validate_password(password, User(username=name[:64]))
    except ValidationError as error:
        raise Refusal("bad_password", " ".join(error.messages), 400) from None
    actions.make_account(None, name, password, approved=not registration.needs_approval(None), ip=ip)
