"""Exports of the log: asked for, written by a worker, fetched, forgotten after a week. Each step but the last is itself in the log."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from audit.chain import pruned_to
from audit.entries import Wanted, ends, want
from audit.exporting import moment_of, write_file
from audit.formats import FORMATS
from audit.models import Event, ExportJob
from audit.record import record
from core.atomic import PART
from core.refusal import Refusal
from core.room import spare

State = ExportJob.State
STALE = timedelta(seconds=60)  # a job silent for so long is taken up by another worker
KEPT = timedelta(days=7)  # files, and rows
TRIES = 3  # a job that ends its worker so often is given up
TELL = timedelta(seconds=0.5)  # between two signs of life
BATCH = 500  # events deleted in one transaction
OPEN_MAX = 5  # jobs of one person that wait or run
NO_ROOM = _("The disk is nearly full: an export would take the room that messages need.")
TOO_MANY = _("Several exports are still being made. Wait for them first.")


def require_admin(actor: Any) -> None:
    """None stands for the site itself: a command. Raises Refusal."""
    if actor is not None and not (actor.is_admin and actor.is_active):
        raise Refusal("not_allowed")


def note_export(actor: Any, form: str, wanted: Wanted) -> dict[str, int]:
    """Write down that the log is exported; answers where the export ends, so that it does not tell of itself."""
    require_admin(actor)
    with transaction.atomic():
        last = ends()
        record(actor, "log.exported", detail=_detail(form, wanted))
    return last


def begin_export(
    actor: Any, form: str, *, since: str = "", until: str = "", user: str = "", action: str = ""
) -> ExportJob:
    """Have an export made in the background. Raises Refusal."""
    require_admin(actor)
    if form not in FORMATS:
        raise Refusal("bad_request")
    wanted = want(moment_of(since), moment_of(until, end=True), user.strip(), action.split())
    with transaction.atomic():
        if ExportJob.objects.filter(by=actor, state__in=(State.WAITING, State.RUNNING)).count() >= OPEN_MAX:
            raise Refusal("too_many", TOO_MANY)
        job = ExportJob.objects.create(
            by=actor,
            format=form,
            since=wanted.since,
            until=wanted.until,
            user=user.strip(),
            action=action.strip(),
            ends=ends(),
            name=f"log-{timezone.localtime():%Y%m%d-%H%M%S}.{FORMATS[form].suffix}",
            token=secrets.token_urlsafe(16),
        )
        record(actor, "log.exported", detail={**_detail(form, wanted), "export": job.pk})
    return job


def get_export(actor: Any, id: int) -> ExportJob:
    """One of the exports. Raises Refusal."""
    require_admin(actor)
    found = ExportJob.objects.select_related("by").filter(pk=id).first()
    if found is None:
        raise Refusal("not_found")
    return found


def list_exports(actor: Any) -> list[ExportJob]:
    """The exports of the last days, the newest first. Raises Refusal."""
    require_admin(actor)
    return list(ExportJob.objects.select_related("by").order_by("-pk")[:50])


def run_export(id: int) -> None:
    """Work an export off. A second worker finds nothing to do, or takes over from one that has died."""
    now = timezone.now()
    mine = ExportJob.objects.filter(Q(state=State.WAITING) | Q(state=State.RUNNING, touched_at__lt=now - STALE), pk=id)
    if mine.update(state=State.RUNNING, attempt=F("attempt") + 1, done=0, percent=0, touched_at=now) != 1:
        return
    job = ExportJob.objects.get(pk=id)
    current = ExportJob.objects.filter(pk=id, state=State.RUNNING, attempt=job.attempt)
    told = now

    def step(share: float, done: int) -> None:
        nonlocal told
        now = timezone.now()
        if now - told >= TELL:
            told = now
            if spare(folder()) < 0:
                raise Refusal("disk_full", NO_ROOM, 507)
            if current.update(done=done, percent=min(99, int(share * 100)), touched_at=now) != 1:
                raise Refusal("conflict")  # another worker took over meanwhile

    try:
        folder().mkdir(mode=0o700, exist_ok=True)
        with translation.override(settings.LANGUAGE_CODE):
            wanted = want(job.since, job.until, job.user, job.action.split())
            count = write_file(path_of(job), job.format, wanted, job.ends, step, gently=True)
    except (Refusal, OSError) as error:
        why = str(error.message if isinstance(error, Refusal) else error)
        current.update(state=State.FAILED, problem=why[:200], touched_at=timezone.now())
        return
    size = path_of(job).stat().st_size
    current.update(state=State.DONE, done=count, percent=100, size=size, touched_at=timezone.now())


def fetch_export(actor: Any, id: int) -> tuple[ExportJob, Path]:
    """The file of an export that is done; that it was fetched is written down. Raises Refusal."""
    with transaction.atomic():
        job = get_export(actor, id)
        path = path_of(job)
        if job.state != State.DONE or not path.is_file():
            raise Refusal("not_found")
        record(actor, "log.fetched", detail={"export": job.pk, "format": job.format, "entries": job.done})
    return job, path


def look_after_exports() -> list[int]:
    """Forget the exports of last week; answers those that wait, or whose worker has died."""
    now = timezone.now()
    old = ExportJob.objects.filter(made_at__lt=now - KEPT)
    for job in old:
        path_of(job).unlink(missing_ok=True)
    old.delete()
    if folder().is_dir():
        for left in folder().glob(f".*{PART}"):  # of a worker that was killed
            if left.stat().st_mtime < (now - timedelta(days=1)).timestamp():
                left.unlink(missing_ok=True)
    ExportJob.objects.filter(state=State.RUNNING, touched_at__lt=now - STALE, attempt__gte=TRIES).update(
        state=State.FAILED, touched_at=now
    )
    waiting = Q(state=State.WAITING, touched_at__lt=now - timedelta(seconds=20))
    stale = Q(state=State.RUNNING, touched_at__lt=now - STALE)
    return list(ExportJob.objects.filter(waiting | stale).values_list("pk", flat=True))


def prune_log(last: int, facts: dict[str, int]) -> int:
    """Delete the log up to an event; answers how many events. The hash of that event is kept, so that the chain is proved from there on.

    `facts` are what upper apps must know of the part that goes. A killed worker's rest goes the next time.
    """
    event = Event.objects.filter(pk=last).first()
    pruned = pruned_to()
    if event is not None and last > (pruned.detail["last"] if pruned else 0):
        with transaction.atomic():
            count = Event.objects.filter(pk__lte=last).count()
            record(None, "log.pruned", detail={**facts, "last": last, "hash": event.hash, "count": count})
    deleted = 0
    while ids := list(Event.objects.filter(pk__lte=last).order_by("pk")[:BATCH].values_list("pk", flat=True)):
        deleted += Event.objects.filter(pk__in=ids).delete()[0]
    return deleted


def folder() -> Path:
    """Where the files lie."""
    return Path(settings.DATA_DIR) / "exports"


def path_of(job: ExportJob) -> Path:
    """The file of a job; its name cannot be guessed."""
    return folder() / f"{job.pk}-{job.token}.{FORMATS[job.format].suffix}"


def _detail(form: str, wanted: Wanted) -> dict[str, Any]:
    values = {"since": wanted.since, "until": wanted.until, "user": wanted.user, "actions": " ".join(wanted.actions)}
    return {"format": form} | {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items() if value
    }
