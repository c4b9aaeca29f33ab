"""Imports that run behind a page: asked for, worked off by a task, their one-time passwords handed out once.

The passwords never lie anywhere readable: the job seals them to a key whose private half is a cookie of the browser that started it,
in the transaction that makes the accounts.
"""

from __future__ import annotations

import dataclasses
import json
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation

from accounts.actions.imports import ImportRefused, check_import, hash_passwords, store_people
from accounts.actions.people import require_admin
from accounts.models import AccountImport, User
from accounts.passwords import one_time_password
from accounts.people_file import Line, decode, read
from accounts.sealing import public_of, seal, unseal
from audit.record import record
from core.refusal import Refusal
from core.text import clean_line

State = AccountImport.State
STALE = timedelta(seconds=60)  # a job silent for so long is taken up by another
KEPT = timedelta(hours=24)  # rows, and reports that nobody fetched
PROBLEMS_MAX = 200


def begin_import(
    actor: User, file_name: str, data: bytes, *, create_groups: bool = False, keep_existing: bool = False
) -> AccountImport:
    """Read and check a file; nothing is made yet. Raises Refusal."""
    require_admin(actor)
    sheet = read(decode(data))
    checked = check_import(sheet.lines, create_groups=create_groups, keep_existing=keep_existing)
    return AccountImport.objects.create(
        by=actor,
        file_name=clean_line(file_name[-100:], 100),
        lines=[dataclasses.asdict(line) for line in sheet.lines] if not checked.problems else [],
        problems=checked.problems[:PROBLEMS_MAX],
        unused=sheet.unused,
        new_groups=checked.new_groups,
        new=len(checked.new),
        there=len(checked.there),
        create_groups=create_groups,
        keep_existing=keep_existing,
        state=State.FAILED if checked.problems else State.CHECKED,
    )


def get_import(actor: User, id: int) -> AccountImport:
    """One of the actor's own imports. Raises Refusal."""
    require_admin(actor)
    found = AccountImport.objects.filter(pk=id, by=actor).first()
    if found is None:
        raise Refusal("not_found")
    return found


def start_import(actor: User, id: int, key: str) -> None:
    """Have the accounts made. `key` alone opens the report: whoever asks has it before there are passwords. Raises Refusal."""
    get_import(actor, id)
    try:
        public = public_of(key)
    except ValueError:
        raise Refusal("bad_request") from None
    asked = AccountImport.objects.filter(pk=id, by=actor, state=State.CHECKED)
    if asked.update(state=State.WAITING, seal=public, touched_at=timezone.now()) != 1:
        raise Refusal("conflict")


def run_import(id: int) -> None:
    """Work an import off. A second worker finds nothing to do, or takes over from one that has died."""
    now = timezone.now()
    mine = AccountImport.objects.filter(
        Q(state=State.WAITING) | Q(state=State.RUNNING, touched_at__lt=now - STALE), pk=id
    )
    if mine.update(state=State.RUNNING, attempt=F("attempt") + 1, done=0, touched_at=now) != 1:
        return
    job = AccountImport.objects.select_related("by").get(pk=id)
    current = AccountImport.objects.filter(pk=id, state=State.RUNNING, attempt=job.attempt)
    with translation.override(job.by.language or settings.LANGUAGE_CODE):
        try:
            make(job, current)
        except Refusal as refusal:
            problems = refusal.problems if isinstance(refusal, ImportRefused) else [(0, str(refusal.message))]
            current.update(state=State.FAILED, problems=problems[:PROBLEMS_MAX], lines=[], touched_at=timezone.now())


def make(job: AccountImport, current: Any) -> None:
    """The job itself: passwords and their hashes first, then one transaction."""
    lines = [Line(**line) for line in job.lines]
    options = {"create_groups": job.create_groups, "keep_existing": job.keep_existing}
    checked = check_import(lines, **options)
    if checked.problems:
        raise ImportRefused(checked.problems)
    passwords = {line.username: one_time_password() for line in checked.new}
    hashes: dict[str, str] = {}
    told = time.monotonic()
    for name, hashed in zip(passwords, hash_passwords(list(passwords.values())), strict=True):
        hashes[name] = hashed
        if time.monotonic() - told > 0.5:
            told = time.monotonic()
            current.update(done=len(hashes), touched_at=timezone.now())
    report = json.dumps([[line.username, line.display_name, passwords[line.username]] for line in checked.new])

    def finish() -> None:
        sealed = seal(report, job.seal)
        if current.update(state=State.DONE, done=len(hashes), sealed=sealed, lines=[], touched_at=timezone.now()) != 1:
            raise Refusal("conflict")  # another worker took over meanwhile

    store_people(job.by, lines, hashes, finish=finish, **options)


def fetch_report(actor: User, id: int, key: str, *, how: str) -> list[list[str]]:
    """The one-time passwords (user name, name, password), once to look at and once to keep: `how` is `shown` or `downloaded`. Raises Refusal."""
    with transaction.atomic():
        job = get_import(actor, id)
        report = unseal(job.sealed, key) if job.sealed else None
        if report is None or AccountImport.objects.filter(pk=id, **{how: False}).update(**{how: True}) != 1:
            raise Refusal("not_found")
        AccountImport.objects.filter(pk=id, shown=True, downloaded=True).update(sealed="")
        record(actor, "import_report.fetched", detail={"import": id, "how": how, "accounts": job.new})
    return json.loads(report)


def pending_imports() -> list[int]:
    """Imports that wait, or whose worker has died; those of yesterday are forgotten."""
    now = timezone.now()
    AccountImport.objects.filter(touched_at__lt=now - KEPT).exclude(state__in=[State.WAITING, State.RUNNING]).delete()
    stale = AccountImport.objects.filter(state__in=[State.WAITING, State.RUNNING], touched_at__lt=now - STALE)
    return list(stale.values_list("pk", flat=True))
