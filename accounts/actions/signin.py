"""Signing in: the one function that decides, for the pages, the admin, programs and older clients alike."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import account_verdict, check_older_password, needs_older_password
from accounts.actions.guard import (
    Count,
    address_wait,
    count_address,
    count_try,
    forget_tries,
    key_of_device,
    key_of_name,
)
from accounts.device import known_address, known_to
from accounts.models import User
from accounts.passwords import LONGEST, too_long
from accounts.policies import SignIn
from audit.record import record
from core import metrics, policies
from core.refusal import Refusal
from core.text import UNSTORABLE, name_key

GATEWAY = "gateway"  # where the password for older clients is worth something
PROOF, PROOF_SECONDS = "accounts.signin.here", 120
MAY_SIGN_IN = {None, "must_change_password", "second_factor_required"}
TEXTS = {
    "wrong_credentials": _("Wrong user name or password."),
    "wrong_password": _("Wrong password."),
    "no_such_account": _("There is no account of this name."),
    "locked": _("Too many failed tries. Wait a little, then try again."),
    "locked_for_good": _("Too many failed tries. An administrator has to unlock this account."),
    "address_locked": _("Too many failed tries from your network. Wait a little, then try again."),
    "signed_in_elsewhere": _("You are signed in on another device."),
    "blocked": _("This account is blocked."),
    "not_approved": _("An administrator has to approve your account first."),
    "password_expired": _("Your one-time password has expired. Ask an administrator for a new one."),
    "session_ended": _("This session has ended. Sign in again, please."),
    "second_factor_required": _("Set up a second factor first."),
}


class SignInRefusal(Refusal):
    """Not signed in. `left`: tries before a lock; `seconds`: how long the lock lasts; `person`: who has proved to be himself."""

    def __init__(
        self, code: str, *, left: int | None = None, seconds: int | None = None, person: User | None = None
    ) -> None:
        status = 429 if code in {"locked", "locked_for_good", "address_locked"} else 403
        super().__init__(code, TEXTS[code], status)
        self.left, self.seconds, self.person = left, seconds, person


def sign_in(
    name: str, password: str, *, entrance: str = "page", ip: str | None = None, device_cookie: str = ""
) -> User:
    """The person of this name and password, if he may come in now (or only change his password). Raises Refusal.

    `device_cookie` is what `device.remember` gave this browser. The caller opens the session: `open_session`. A gateway's names are exact.
    """
    if len(password) > LONGEST:
        raise Refusal("bad_password", too_long(), 400)
    name = UNSTORABLE.sub("", name)  # one counter however it is spelled
    user = User.objects.filter(username_key=name_key(name), deleted_at=None).first()
    if entrance == GATEWAY and user is not None and user.username != unicodedata.normalize("NFC", name):
        user = None
    device = (known_address(ip, user) if entrance == GATEWAY else known_to(device_cookie, user)) if user else None
    told: dict[str, Any] = {"username": name[:64], "entrance": entrance}
    if device is not None:
        told["known_browser"] = True
    if device is None and (seconds := address_wait(ip)):
        _refuse(SignInRefusal("address_locked", seconds=seconds), user, ip, told)
    key = key_of_device(user, device) if user and device else key_of_name(name)
    count = count_try(key)
    if not count.admitted:
        _refuse(locked(count), user, ip, told)
    if user is None:
        make_password(password)  # takes as long as the comparison with a real one
    elif check_older_password(user, password) if entrance == GATEWAY else user.check_password(password):
        forget_tries(key)
        if (code := account_verdict(user)) not in MAY_SIGN_IN:
            _refuse(SignInRefusal(str(code), person=user), user, ip, told)
        return user
    elif entrance == GATEWAY and needs_older_password(user) and user.check_password(password):
        forget_tries(key)
        _refuse(SignInRefusal("second_factor_required", person=user), user, ip, told)
    metrics.signin_failures.labels("wrong_credentials").inc()
    with transaction.atomic():
        count_address(ip)
        record(None, "signin.failed", user, ip=ip, detail=told)
        if count.seconds != 0:
            record(None, "signin.locked", user, ip=ip, detail={**told, "seconds": count.seconds})
    raise locked(count) if count.seconds != 0 else SignInRefusal(_reason(user), left=count.left)


def locked(count: Count) -> SignInRefusal:
    """The refusal while tries of a name are locked."""
    return SignInRefusal("locked" if count.seconds is not None else "locked_for_good", seconds=count.seconds)


def _reason(user: User | None) -> str:
    """What was wrong, as far as the policy lets strangers know."""
    if policies.get(SignIn).errors == "uniform":
        return "wrong_credentials"
    if user is None:
        return "no_such_account"
    return "blocked" if user.blocked_at is not None else "wrong_password"


def _refuse(refusal: SignInRefusal, user: User | None, ip: str | None, told: dict[str, Any]) -> None:
    metrics.signin_failures.labels(refusal.code).inc()
    with transaction.atomic():
        record(None, "signin.refused", user, ip=ip, detail={**told, "reason": refusal.code})
    raise refusal


def prove(user: User) -> str:
    """A proof for two minutes that this person gave his password (and second factor), for `signed in elsewhere`."""
    return signing.dumps([user.pk, user.get_session_auth_hash()], salt=PROOF)


def proved(proof: str) -> User | None:
    """Whom a proof is of; None when it is made up, too old, or the password has changed since."""
    try:
        pk, hashed = signing.loads(proof, salt=PROOF, max_age=PROOF_SECONDS)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, deleted_at=None).first()
    return user if user is not None and user.get_session_auth_hash() == hashed else None
