"""The second factor, and the password for older clients."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import require_admin
from accounts.models import User
from accounts.passwords import one_time_password
from audit.record import record, record_many
from core.refusal import Refusal
from realtime.heads import bump_user

TOTP, RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
LAST_USED = "last_counter"  # where a TOTP authenticator keeps the time step of the last code that was taken


def use_code(user: User, code: str, *, ip: str | None = None) -> Authenticator | None:
    """Take a code of the authenticator app or a recovery code, each at most once; None when it is not right."""
    with transaction.atomic():
        kinds = Authenticator.objects.select_for_update(no_key=True).filter(user=user, type__in=(TOTP, RECOVERY))
        for authenticator in kinds.order_by("pk"):
            if authenticator.type == TOTP and _use_totp(authenticator, code):
                return authenticator
            if authenticator.type == RECOVERY and (wrapped := authenticator.wrap()).validate_code(code):
                left = len(wrapped.get_unused_codes())
                record(user, "recovery_code.used", user, ip=ip, detail={"left": left})
                return authenticator
        record(None, "second_factor.failed", user, ip=ip)
    return None


def _use_totp(authenticator: Authenticator, code: str) -> bool:
    secret = totp.decrypt(authenticator.data["secret"])
    for counter in totp.yield_hotp_counters_from_time() if secret else ():
        expected = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if totp.compare_user_code(actual=code, expected=expected):
            if counter <= authenticator.data.get(LAST_USED, 0):
                return False
            authenticator.data[LAST_USED] = counter
            authenticator.save(update_fields=["data"])
            return True
    return False


def hold_factors(user: User) -> dict[int, Authenticator]:
    """All that protects an account besides its password, recovery codes too; nobody else changes it before the transaction ends."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return {found.pk: found for found in Authenticator.objects.filter(user=user).order_by("pk")}


def factors_changed(user: User, before: dict[int, Authenticator]) -> None:
    """What follows, in the same transaction, when the library has stored or removed some."""
    now = hold_factors(user)
    added, removed = [now[pk] for pk in now.keys() - before], [before[pk] for pk in before.keys() - now]
    facts: list[tuple[str, User, dict]] = []
    for authenticator in sorted(added, key=lambda found: found.pk):
        if authenticator.type == TOTP:  # the code just typed is used up
            authenticator.data[LAST_USED] = sorted(totp.yield_hotp_counters_from_time())[-2]  # this very moment
            authenticator.save(update_fields=["data"])
        name = "recovery_codes.made" if authenticator.type == RECOVERY else "second_factor.added"
        facts.append((name, user, _what(authenticator)))
    # Recovery codes go with the last second factor, or give way to new ones
    facts += [("second_factor.removed", user, _what(gone)) for gone in removed if gone.type != RECOVERY]
    if facts:
        bump_user(user.pk, None, access=True)
        record_many(user, facts)


def reset_second_factor(actor: User | None, user: User, *, ip: str | None = None) -> int:
    """Take every second factor off an account whose owner has lost it; answers how many. Raises Refusal."""
    require_admin(actor)
    with transaction.atomic():
        found = Authenticator.objects.filter(user=user)
        removed = found.exclude(type=RECOVERY).count()
        if not found.delete()[0]:
            raise Refusal("no_second_factor", _("This account has no second factor."), 409)
        bump_user(user.pk, None, access=True)
        record(actor, "second_factor.reset", user, ip=ip, detail={"count": removed})
    return removed


def make_older_password(actor: User, *, ip: str | None = None) -> str:
    """A password that only gateways take: shown once, stored hashed, in place of the one before."""
    password = one_time_password()
    hashed = make_password(password)  # outside the transaction: a hash takes long
    with transaction.atomic():
        actor.older_password, actor.older_password_at = hashed, timezone.now()
        actor.save(update_fields=["older_password", "older_password_at"])
        record(actor, "older_password.made", actor, ip=ip)
    return password


def revoke_older_password(actor: User, *, ip: str | None = None) -> None:
    """Older clients of this person cannot sign in with it any more. Raises Refusal."""
    with transaction.atomic():
        actor.older_password, actor.older_password_at = "", None
        if (
            not User.objects.filter(pk=actor.pk)
            .exclude(older_password="")
            .update(older_password="", older_password_at=None)
        ):
            raise Refusal("not_found")
        record(actor, "older_password.revoked", actor, ip=ip)


def _what(authenticator: Authenticator) -> dict[str, str]:
    name = authenticator.data.get("name", "")
    return {"type": str(authenticator.type)} | ({"name": name} if name else {})
