"""What administrators see on the first page of the admin: numbers of now, and what the last days were like."""

from __future__ import annotations

import logging
import platform
import sqlite3
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from accounts.models import AccountImport
from audit.models import ExportJob
from chatroom import backup, retention
from chatroom import dashboard_counts as counts
from chatroom.celery import app
from chatroom.redis_client import impatient
from core.marks import remembered
from core.models import Incident
from core.sql import rows
from files.actions.disk import disks, is_low
from files.models import StoredFile
from realtime.models import Connection, ServerProcess

DAYS = 30
SHOWN = 8  # incidents of each kind
QUEUES = ("celery", *(f"celery\x06\x16{priority}" for priority in (3, 6, 9)))  # as kombu names them in Redis
LATE = timedelta(minutes=3)  # without a sign of life the background worker is taken for dead
HEIGHT, STEP, GAP = 100, 10, 2  # of a chart, in its own units
log = logging.getLogger("chatroom.dashboard")


def figure(number: int) -> str:
    """With the thousands apart, as people write them."""
    return number_format(number, force_grouping=True)


def named(day: date) -> str:
    """A day as people write it."""
    return date_format(day, "SHORT_DATE_FORMAT")


@dataclass(frozen=True)
class Bar:
    """One day of a chart: its place and height in the drawing."""

    x: int
    y: str
    height: str
    title: str


@dataclass(frozen=True)
class Chart:
    """A number for each of the last days."""

    name: str
    title: str
    now: str
    summary: str
    days: Sequence[tuple[date, int]]
    figures: Sequence[str]
    most: int

    @property
    def bars(self) -> list[Bar]:
        """As they are drawn; a day with something in it is never invisible."""
        scale = HEIGHT / max(self.most, 1)
        heights = [max(round(count * scale, 1), 1.5) if count else 0.0 for _day, count in self.days]
        return [
            Bar(place * STEP, f"{HEIGHT - height:.1f}", f"{height:.1f}", f"{named(day)}: {self.figures[place]}")
            for place, (height, (day, _count)) in enumerate(zip(heights, self.days, strict=True))
        ]

    @property
    def drawing(self) -> str:
        """The bars as SVG; a template of this page's length costs ten times as much."""
        return format_html_join(
            "",
            '<g><title>{}</title><rect class="reach" x="{}" y="0" width="{}" height="{}"/>'
            '<rect class="bar" x="{}" y="{}" width="{}" height="{}"/></g>',
            ((bar.title, bar.x, STEP, HEIGHT, bar.x, bar.y, STEP - GAP, bar.height) for bar in self.bars),
        )

    @property
    def width(self) -> int:
        """Of the drawing."""
        return len(self.days) * STEP - GAP

    @property
    def today(self) -> int:
        """The last number."""
        return self.days[-1][1]


def chart(name: str, title: str, now: str) -> Chart:
    """The last days, today last."""
    days = counts.series(name, DAYS)
    figures = [figure(count) for _day, count in days]
    top, most = max(days, key=lambda pair: pair[1])
    words = _("%(title)s: today %(today)s, at most %(most)s on %(day)s. The table below has every day.")
    told = {
        "title": title,
        "today": figures[-1],
        "most": figure(most),
        "day": named(top),
    }
    return Chart(name, title, now, words % told, days, figures, most)


def table(charts: Sequence[Chart]) -> str:
    """The rows of the table beneath, today first."""
    days = [(named(day), *(some.figures[at] for some in charts)) for at, (day, _count) in enumerate(charts[0].days)]
    cells = "<td>{}</td>" * len(charts)
    return format_html_join("", '<tr><th scope="row">{}</th>' + cells + "</tr>", reversed(days))


def look() -> dict[str, Any]:
    """All that the page shows."""
    charts = [
        chart(counts.MESSAGES, _("Messages per day"), _("Messages today")),
        chart(counts.ACTIVE, _("People per day"), _("People today")),
        chart(counts.SIGNINS, _("Failed sign-ins per day"), _("Failed sign-ins today")),
    ]
    living = ServerProcess.objects.filter(expires_at__gt=timezone.now())
    online = Connection.objects.filter(process__in=living).aggregate(
        people=Count("user", distinct=True), tabs=Count("pk")
    )
    return {
        "online": online,
        "charts": charts,
        "table": table(charts),
        "storage": storage(),
        "queue": queue(),
        "errors": Incident.objects.filter(kind=Incident.Kind.ERROR).order_by("-pk")[:SHOWN],
        "slow": Incident.objects.filter(kind=Incident.Kind.SLOW).order_by("-pk")[:SHOWN],
        "processes": living.annotate(connections=Count("connection")).order_by("started_at"),
        "version": versions(),
        "disk_low": is_low(),
        "worker": worker_state(),
        "clock": retention.waits(timezone.now()),
        "backup": backup.latest(),
        "backup_failed": backup.failed(),
    }  # fmt: skip


def storage() -> dict[str, Any]:
    """Bytes of files and database, as measured within the last minute, and what is free now, as parts of a bar."""
    told = remembered("storage", {"files": 0, "database": 0, "unreadable": 0})
    found = list(disks())
    spaces = [{"name": name, "free": free, "total": total} for name, free, total in found]
    _name, free, total = found[0]
    own = told["files"] * (not settings.S3_BUCKET) + told["database"] * (connection.vendor == "sqlite")
    other = max(total - free - own, 0)
    share = {name: f"{100 * size / max(total, 1):.2f}" for name, size in (("own", own), ("other", other))}
    return {
        **told,
        "spaces": spaces,
        "free": free,
        "total": total,
        "own": own,
        "other": other,
        "share": share,
        "s3": settings.S3_BUCKET,
    }


def queue() -> dict[str, Any]:
    """What waits for a worker, and what has failed."""
    states = ("waiting", "running", "failed")
    found: dict[str, dict[str, int]] = {}
    imports = AccountImport.objects.exclude(state="failed", attempt=0)  # a file with wrong lines is no work that failed
    for name, jobs in (("imports", imports), ("exports", ExportJob.objects.all())):
        there = dict(jobs.filter(state__in=states).values_list("state").annotate(Count("pk")))
        found[name] = {state: there.get(state, 0) for state in states}
    files = StoredFile.objects.filter(status=StoredFile.Status.PROCESSING).count()
    return {
        "tasks": waiting_tasks(),
        "files": files,
        **found,
        "failed": sum(states["failed"] for states in found.values()),
        "open": files + sum(states["waiting"] + states["running"] for states in found.values()),
    }


def waiting_tasks() -> int | None:
    """Tasks that no worker has taken yet; None when the broker does not answer."""
    if not settings.REDIS_URL:
        with app.connection_for_read() as broker:
            channel: Any = broker.default_channel  # in memory
            return int(channel._size("celery"))
    from redis import RedisError

    try:
        with impatient() as server:
            return sum(server.llen(name) for name in QUEUES)
    except (RedisError, ValueError) as error:
        log.warning("The broker does not answer: %r", error)
        return None


def worker_state() -> dict[str, Any]:
    """When a background worker was last at work; a site that has just begun is given the time to start one."""
    told = remembered("tick")
    at, limit = datetime.fromisoformat(told) if told else None, timezone.now() - LATE
    begun = ServerProcess.objects.filter(started_at__lt=limit, expires_at__gt=timezone.now()).exists()
    return {"at": at, "late": begun and (at is None or at < limit)}


@cache
def versions() -> dict[str, str]:
    """Of the site, and of what it stands on."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        own = tomllib.load(file)["project"]["version"]
    if connection.vendor == "postgresql":
        database = f"PostgreSQL {rows('SHOW server_version')[0][0].split()[0]}"
    else:
        database = f"SQLite {sqlite3.sqlite_version}"
    return {"own": own, "python": platform.python_version(), "django": django.get_version(), "database": database}
