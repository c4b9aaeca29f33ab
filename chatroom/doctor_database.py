"""The database: there, current, in order; and what its rows say about the site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import administrator_exists
from audit.chain import head
from audit.models import Event
from chatroom import backup
from chatroom.dashboard import LATE
from chatroom.doctor import Check, Finding, error, ok, warning
from core.marks import remembered
from core.sql import rows
from messaging.models import Report

POSTGRES = 14  # the oldest that Django works with
SKEW = 2.0  # seconds between clocks
OLD = timedelta(days=2)  # of the newest backup
DAMAGED = ("not a database", "malformed")  # in what SQLite says
LINKS = 200  # of the chain of the log that are looked at; verify_log looks at all


def do_without_pool() -> None:
    """A pool would try for half a minute what is told after five seconds here. For a process that does nothing else."""
    if connection.vendor == "postgresql":
        own = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"}
        connection.settings_dict["OPTIONS"] = {**own, "connect_timeout": 5}


def reachable() -> Iterator[Finding]:
    """It answers."""
    try:
        connection.ensure_connection()
        rows("SELECT 1")
    except (DatabaseError, ImproperlyConfigured) as problem:
        why = " ".join(str(problem).split())
        if settings.DATABASE_URL:
            yield error(
                _("The database does not answer: %(error)s") % {"error": why},
                _("Start PostgreSQL, and compare DATABASE_URL: name, password, host and port."),
            )
        elif any(sign in why for sign in DAMAGED):
            yield error(
                _("The database is damaged: %(error)s") % {"error": why},
                _("Stop the site, and restore its newest backup: manage.py restore FILE --replace"),
            )
        else:
            yield error(
                _("The database cannot be opened: %(error)s") % {"error": why},
                _("Set CHATROOM_DATA to the folder of the site, and run this as the user that the site runs as."),
            )
        return
    yield ok(_("The database answers."))


def version() -> Iterator[Finding]:
    """PostgreSQL: new enough, in UTF-8."""
    if connection.vendor != "postgresql":
        return
    major = connection.pg_version // 10_000  # type: ignore[attr-defined]
    if major < POSTGRES:
        yield error(
            _("PostgreSQL %(version)s is too old.") % {"version": major},
            _("Install PostgreSQL %(least)s or newer.") % {"least": POSTGRES},
        )
    else:
        yield ok(f"PostgreSQL {major}")
    [(encoding, collation)] = rows(
        "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()"
    )
    if encoding != "UTF8":
        yield error(
            _("The database stores letters as %(encoding)s: Vietnamese and Chinese get lost.") % {"encoding": encoding},
            _("Make it anew: CREATE DATABASE chat ENCODING 'UTF8' TEMPLATE template0"),
        )
    else:
        yield ok(
            _("The database stores letters as %(encoding)s (%(collation)s).")
            % {"encoding": encoding, "collation": collation}
        )


def journal() -> Iterator[Finding]:
    """SQLite: readers do not wait for writers."""
    if connection.vendor == "sqlite" and (mode := rows("PRAGMA journal_mode")[0][0]) != "wal":
        yield warning(
            _("The database writes its journal as %(mode)s, not as WAL.") % {"mode": mode},
            _("The disk may not allow it: keep the data folder on a local disk."),
        )


def migrations() -> Iterator[Finding]:
    """All are applied."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        text = ngettext(
            "%(count)d migration of the database is missing.",
            "%(count)d migrations of the database are missing.",
            missing,
        )
        yield error(text % {"count": missing}, _("Restart the site, or run manage.py migrate."))
    else:
        yield ok(_("The database is up to date."))


def clock() -> Iterator[Finding]:
    """That of the database goes like ours."""
    if connection.vendor != "postgresql":
        return
    skew = abs((rows("SELECT clock_timestamp()")[0][0] - datetime.now(UTC)).total_seconds())
    if skew > SKEW:
        yield error(
            _("The clocks of this machine and of the database differ by %(seconds).0f seconds.") % {"seconds": skew},
            _("Let both follow a time server (timedatectl set-ntp true)."),
        )
    else:
        yield ok(_("The clocks of this machine and of the database agree."))


def worker() -> Iterator[Finding]:
    """Beat and a worker were at work within the last minutes."""
    told = remembered("tick")
    if told and timezone.now() - datetime.fromisoformat(told) < LATE:
        yield ok(_("The background worker is at work."))
    elif settings.REDIS_URL:
        yield error(
            _("No background worker is at work: files, exports and imports wait."),
            _("Start both: celery -A chatroom.celery worker -P threads, and one celery -A chatroom.celery beat."),
        )
    else:
        yield error(
            _("No background worker is at work: files, exports and imports wait."),
            _("It is part of the site: start bin/run without --no-worker."),
        )


def chain() -> Iterator[Finding]:
    """The end of the log is as it was written."""
    end, newest = head()
    some = list(Event.objects.order_by("-id")[:LINKS])[::-1]
    whole = (some[-1].id, some[-1].hash) == (end, newest) if some else end == 0
    for before, event in pairwise(some):
        whole = whole and event.id == before.id + 1 and event.previous_hash == before.hash
    for event in some:
        event.at = event.at.astimezone(UTC)
        whole = whole and event.digest() == event.hash
    if whole:
        yield ok(_("The end of the log is whole (%(count)s events).") % {"count": end})
    else:
        yield error(
            _("The log was changed behind the site's back."),
            _("manage.py verify_log names the events; compare with a backup."),
        )


def backups() -> Iterator[Finding]:
    """Not too old."""
    made = backup.latest()
    if made is None:
        yield warning(
            _("There is no backup yet."), _("manage.py backup makes one; policies say whether one is made each night.")
        )
    elif timezone.now() - made > OLD:
        yield warning(
            _("The newest backup is of %(time)s.")
            % {"time": date_format(timezone.localtime(made), "SHORT_DATETIME_FORMAT")},
            _("manage.py backup makes one; policies say whether one is made each night."),
        )
    else:
        yield ok(
            _("The newest backup is of %(time)s.")
            % {"time": date_format(timezone.localtime(made), "SHORT_DATETIME_FORMAT")}
        )


def people() -> Iterator[Finding]:
    """Somebody looks after the site."""
    if administrator_exists():
        yield ok(_("There is an administrator."))
    else:
        yield error(
            _("There is no administrator."),
            _("Open the link that manage.py setup_link prints, or run manage.py create_user NAME --admin."),
        )


def reports() -> Iterator[Finding]:
    """Somebody reads what people report."""
    waiting = Report.objects.filter(state=Report.State.OPEN).values("message").distinct().count()
    if waiting:
        text = ngettext("%(count)d reported message waits.", "%(count)d reported messages wait.", waiting)
        yield warning(text % {"count": waiting}, _("Look at them in the administration, under Reports."))


CHECKS: list[Check] = [version, journal, clock, migrations]
OF_ROWS: list[Check] = [worker, chain, backups, people, reports]
NEEDED: tuple[Check, ...] = (reachable, migrations)
