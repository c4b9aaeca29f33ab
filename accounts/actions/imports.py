"""People from a file: checked line by line, then made all together or not at all."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.people import DISPLAY_NAME_MAX, require_admin
from accounts.models import User
from accounts.people_file import SPOKEN, Line
from accounts.policies import Passwords
from audit.record import record_many
from core import policies, registry
from core.names import search_key
from core.refusal import Refusal
from core.text import clean_line, clean_username, name_key

HASHERS = 2  # of the four hashes a process makes at once: two are left for people who sign in
ONE_AT_A_TIME = threading.Lock()


@dataclass
class Checked:
    """What an import would do. With problems it does nothing."""

    new: list[Line] = field(default_factory=list)
    there: list[Line] = field(default_factory=list)
    new_groups: list[str] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)  # line, reason


class ImportRefused(Refusal):
    """Some lines cannot be; nothing was changed."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__(
            "bad_lines", gettext_lazy("Some lines of the file cannot be imported. Nothing was changed."), 400
        )
        self.problems = problems


def check_import(lines: list[Line], *, create_groups: bool = False, keep_existing: bool = False) -> Checked:
    """Look at every line, and bring it into the form that is stored. A fixed number of queries."""
    checked = Checked()
    wanted = {name for line in lines for name in line.groups}
    known, wrong = registry.known_groups(wanted) if wanted else (set(), {})
    taken = keys_taken(name_key(line.username) for line in lines)
    first: dict[str, int] = {}
    for line in lines:
        try:
            line.username = clean_username(line.username)
            line.display_name = clean_line(line.display_name, DISPLAY_NAME_MAX)
            line.language = language_of(line.language)
            key = name_key(line.username)
            if (before := first.setdefault(key, line.number)) != line.number:
                raise Refusal(
                    "twice", _("“%(name)s” is on line %(line)d already.") % {"name": line.username, "line": before}
                )
            if key in taken and not keep_existing:
                raise Refusal(
                    "name_taken", _("There is an account named “%(name)s” already.") % {"name": line.username}
                )
            for name in line.groups:
                if name not in known and (not create_groups or name in wrong):
                    text = wrong[name] if create_groups else _("There is no group named “%(name)s”.") % {"name": name}
                    raise Refusal("bad_group", text)
        except Refusal as refusal:
            checked.problems.append((line.number, str(refusal.message)))
        else:
            (checked.there if key in taken else checked.new).append(line)
    checked.new_groups = sorted({name for line in (*checked.new, *checked.there) for name in line.groups} - known)
    return checked


def keys_taken(keys: Iterable[str]) -> set[str]:
    """Those keys of names that belong to somebody."""
    return set(User.objects.filter(username_key__in=list(keys)).values_list("username_key", flat=True))


def language_of(text: str) -> str:
    """The code of a language from its code or its name in any of the three; empty for none. Raises Refusal."""
    if text and text.lower() not in SPOKEN:
        raise Refusal(
            "bad_language", _("“%(name)s” is not a language of this site: en, vi or zh-hans.") % {"name": text[:40]}
        )
    return SPOKEN[text.lower()] if text else ""


def hash_passwords(passwords: list[str]) -> Iterator[str]:
    """Hash many in order, slower than anything that somebody waits for; one import after the other."""
    with ONE_AT_A_TIME, ThreadPoolExecutor(HASHERS, "import", stand_back) as pool:
        yield from pool.map(make_password, passwords)


def stand_back() -> None:
    """Give this thread the rest of the processor (Linux has a priority for each thread)."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)


def store_people(
    actor: User | None,
    lines: list[Line],
    hashes: dict[str, str],
    *,
    create_groups: bool = False,
    keep_existing: bool = False,
    finish: Callable[[], None] = lambda: None,
) -> list[User]:
    """Make the accounts of a file and put people into groups, in one transaction; `hashes` by username. Raises Refusal.

    `finish` is the caller's own last write in it.
    """
    require_admin(actor)
    options = {"create_groups": create_groups, "keep_existing": keep_existing}
    try:
        with transaction.atomic():
            checked = check_import(lines, **options)
            if checked.problems:
                raise ImportRefused(checked.problems)
            if any(line.username not in hashes for line in checked.new):  # deleted since the passwords were made
                raise Refusal("conflict")
            users = User.objects.bulk_create([account_of(line, hashes[line.username]) for line in checked.new])
            for hook in registry.accounts_made:
                hook(users)
            groups = place_people(actor, lines, users)
            finish()
            counts = {
                "new": len(users),
                "there": len(checked.there),
                "groups": groups,
                "new_groups": checked.new_groups,
            }
            made = [("account.made", user, {"admin": False, "approved": True, "imported": True}) for user in users]
            record_many(actor, [*made, ("accounts.imported", None, counts)])
    except IntegrityError:  # somebody took a name between the check and the write
        raise ImportRefused(check_import(lines, **options).problems) from None
    return users


def account_of(line: Line, hashed: str) -> User:
    """A row as `make_account` would write it."""
    now = timezone.now()
    return User(
        username=line.username,
        username_key=name_key(line.username),
        search_key=search_key(line.username, line.display_name),
        display_name=line.display_name,
        language=line.language,
        password=hashed,
        must_change_password=True,
        password_expires=now + timedelta(hours=policies.get(Passwords).one_time_hours),
        approved_at=now,
    )


def place_people(actor: User | None, lines: list[Line], made: list[User]) -> dict[str, int]:
    """Everybody of the file into his groups, those `made` just now and the others; answers how many in each."""
    keys = {name_key(line.username): line for line in lines if line.groups}
    places: defaultdict[str, list[User]] = defaultdict(list)
    for user in User.objects.filter(username_key__in=list(keys), deleted_at=None).order_by("pk"):
        for name in keys[user.username_key].groups:
            places[name].append(user)
    if places:
        registry.fill_groups(actor, dict(places), made)
    return {name: len(users) for name, users in places.items()}
