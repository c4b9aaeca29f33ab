"""The guard at the door: a try is counted as failed before the password is looked at, so that guesses made at the same moment count too."""

from __future__ import annotations

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from accounts.models import SignInGuard, User
from accounts.policies import SignIn
from audit.record import record
from core import policies
from core.refusal import Refusal
from core.text import name_key

ADDRESS_WINDOW = timedelta(minutes=10)
KEPT = timedelta(days=30)  # a counter that nobody touched for so long is forgotten
READABLE = 120  # letters of a name; a longer one is counted by its hash


@dataclass(frozen=True, slots=True)
class Count:
    """One try: whether it may go on, and what holds if it fails. `seconds` to wait; None: until an administrator unlocks."""

    admitted: bool
    left: int
    seconds: int | None


def key_of_name(name: str) -> str:
    """The counter of a name, whether an account has it or not."""
    key = name_key(name)
    if len(key) > READABLE or not key.isprintable():
        key = "~" + hashlib.sha256(key.encode(errors="replace")).hexdigest()
    return f"name:{key}"


def key_of_device(user: User, device: str) -> str:
    """The counter of a browser from which this person signed in before: strangers cannot raise it."""
    return f"device:{user.pk}:{device}"


def key_of_address(ip: str) -> str:
    """The counter of an address; of IPv6 the network that one customer gets."""
    address = ipaddress.ip_address(ip)
    plain = getattr(address, "ipv4_mapped", None) or address
    return f"address:{plain if plain.version == 4 else ipaddress.ip_network(f'{plain}/64', strict=False)}"


def count_try(key: str) -> Count:
    """Count this try, unless the door is shut. Tries at the same moment take the row in turn: of fifty, five get through."""
    policy, now = policies.get(SignIn), timezone.now()
    with transaction.atomic():
        SignInGuard.objects.bulk_create([SignInGuard(key=key)], ignore_conflicts=True)
        guard = SignInGuard.objects.select_for_update().get(pk=key)
        if guard.failures >= policy.failures_in_all:
            return Count(False, 0, None)
        if guard.locked_until is not None and guard.locked_until > now:
            return Count(False, 0, math.ceil((guard.locked_until - now).total_seconds()))
        failures = guard.failures + 1
        wait = wait_after(failures, policy)
        SignInGuard.objects.filter(pk=key).update(
            failures=failures, locked_until=now + timedelta(seconds=wait) if wait else None, last_failure=now
        )
    left = max(0, min(policy.failures, policy.failures_in_all) - failures)
    return Count(True, left, None if failures >= policy.failures_in_all else wait)


def wait_after(failures: int, policy: SignIn) -> int:
    """Seconds that the door stays shut after so many failures."""
    if failures < policy.failures:
        return 0
    return min(policy.first_seconds * 2 ** min(failures - policy.failures, 20), policy.longest_minutes * 60)


def forget_tries(key: str) -> None:
    """The password was right: begin to count anew. Not the count of others: the owner at home resets no stranger's guesses."""
    SignInGuard.objects.filter(pk=key, failures__gt=0).update(failures=0, locked_until=None)


def address_wait(ip: str | None) -> int:
    """Seconds until an address that failed too often may try again, 0 when it may."""
    guard = SignInGuard.objects.filter(pk=key_of_address(ip)).first() if ip else None
    if guard is None or guard.locked_until is None or guard.failures < policies.get(SignIn).failures_per_address:
        return 0
    return max(0, math.ceil((guard.locked_until - timezone.now()).total_seconds()))


def count_address(ip: str | None) -> None:
    """One more failure from an address. Part of a transaction; each count runs for ten minutes."""
    if ip is None:
        return
    now = timezone.now()
    ours = SignInGuard.objects.filter(pk=key_of_address(ip))
    SignInGuard.objects.bulk_create([SignInGuard(key=key_of_address(ip))], ignore_conflicts=True)
    if not ours.filter(locked_until__gt=now).update(failures=F("failures") + 1, last_failure=now):
        ours.update(failures=1, locked_until=now + ADDRESS_WINDOW, last_failure=now)


def counters_of(user: User) -> Q:
    """The counters of a person: of the name, and of all browsers."""
    return Q(key=key_of_name(user.username)) | Q(key__startswith=f"device:{user.pk}:")


def unlock_user(actor: User | None, user: User) -> bool:
    """Let a person try again at once; answers whether there was anything to forget."""
    if actor is not None and not (actor.is_admin and actor.is_active):
        raise Refusal("not_allowed")
    with transaction.atomic():
        unlocked = bool(SignInGuard.objects.filter(counters_of(user), failures__gt=0).delete()[0])
        if unlocked:
            record(actor, "signin.unlocked", user)
    return unlocked


def forget_old_tries() -> int:
    """Delete counters that rested for a month, but for accounts that an administrator has to unlock; answers how many."""
    locked = Q(failures__gte=policies.get(SignIn).failures_in_all)
    names = User.objects.filter(deleted_at=None).values_list(Concat(Value("name:"), "username_key"))
    kept = SignInGuard.objects.filter(locked & (Q(key__in=names) | Q(key__startswith="device:")))
    old = SignInGuard.objects.filter(last_failure__lt=timezone.now() - KEPT)
    return old.exclude(pk__in=kept.values("pk")).delete()[0]
