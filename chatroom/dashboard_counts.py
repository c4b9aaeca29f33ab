"""What the dashboard must not count anew at each look: a row for each day, moved on by a minute's new rows, and what lies on the disk."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from core.marks import remember, remembered
from core.models import DayCount, Mark
from core.sql import rows
from files.models import StoredFile
from messaging.models import Message
from realtime.models import Connection

CHUNK = 20_000  # rows counted together
TAIL = 5_000  # of the newest rows, among which a look at the dashboard counts those of today itself
PATIENCE = 20.0  # seconds that one run takes at most; a site of a million messages is counted in a few runs
FAILED = ("signin.failed", "signin.refused")
MESSAGES, ACTIVE, SIGNINS = "messages", "active", "signins"


def look() -> None:
    """What runs once a minute."""
    count_messages()
    count_signins()
    count_active()
    measure()
    remember("tick", timezone.now().isoformat())


def today() -> date:
    """The day in the time zone of the site."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def start_of(day: date) -> datetime:
    """Its first moment."""
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def written() -> QuerySet[Message]:
    """Messages of people."""
    return Message.objects.exclude(kind=Message.Kind.SYSTEM)


def failed() -> QuerySet[Event]:
    """Sign-ins that did not succeed."""
    return Event.objects.filter(action__in=FAILED)


def count_messages() -> None:
    """Counts up to the newest message of the run before: a number given then belongs to a transaction that has ended."""
    until = remembered("messages.seen", 0)
    advance(MESSAGES, written(), "sent_at", until)
    remember("messages.seen", Message.objects.aggregate(newest=Max("pk"))["newest"] or 0)


def count_signins() -> None:
    """The log is written in the order of its numbers."""
    until = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
    advance(SIGNINS, failed(), "at", until)


def advance(name: str, found: QuerySet, field: str, until: int) -> None:
    """Add the rows after the last one counted, up to `until`, to their days. Of two that do so at once one does it."""
    zone, key, began = timezone.get_default_timezone(), f"{name}.counted", monotonic()
    done = Mark.objects.get_or_create(key=key, defaults={"value": 0})[0].value
    while done < until and monotonic() - began < PATIENCE:
        chunk = found.filter(pk__gt=done, pk__lte=until).order_by("pk").values_list("pk", field)[:CHUNK]
        new = list(chunk)
        upto = new[-1][0] if len(new) == CHUNK else until
        days = Counter(timezone.localtime(at, zone).date() for _, at in new)
        with transaction.atomic():
            if Mark.objects.filter(key=key, value=done).update(value=upto) != 1:
                return
            for day, count in sorted(days.items()):
                add(name, day, count)
        done = upto


def add(name: str, day: date, count: int) -> None:
    """So many more on this day."""
    DayCount.objects.get_or_create(name=name, day=day)
    DayCount.objects.filter(name=name, day=day).update(count=F("count") + count)


def count_active() -> None:
    """People who were here today: who came back tomorrow no longer counts, so the most of the day stays."""
    day, number = today(), active_people()
    DayCount.objects.get_or_create(name=ACTIVE, day=day)
    DayCount.objects.filter(name=ACTIVE, day=day, count__lt=number).update(count=number)


def active_people() -> int:
    """How many people have been here since midnight."""
    seen = Q(last_seen__gte=start_of(today())) | Q(pk__in=Connection.objects.values("user"))
    return User.objects.filter(seen, deleted_at=None).count()


def uncounted(name: str, found: QuerySet, field: str) -> int:
    """Today's rows that the next run will count; where the runs are far behind, the newest alone, so that nobody waits for a look."""
    newest = found.model._default_manager.aggregate(newest=Max("pk"))["newest"] or 0
    done = max(remembered(f"{name}.counted", 0), newest - TAIL)
    return found.filter(**{"pk__gt": done, f"{field}__gte": start_of(today())}).count()


def series(name: str, days: int) -> list[tuple[date, int]]:
    """The counts of the last days, today last; what is not counted yet is added to today."""
    last = today()
    known = dict(DayCount.objects.filter(name=name, day__gt=last - timedelta(days=days)).values_list("day", "count"))
    if name == MESSAGES:
        known[last] = known.get(last, 0) + uncounted(name, written(), "sent_at")
    elif name == SIGNINS:
        known[last] = known.get(last, 0) + uncounted(name, failed(), "at")
    else:
        known[last] = max(known.get(last, 0), active_people())
    return [(day, known.get(day, 0)) for day in (last - timedelta(days=ago) for ago in reversed(range(days)))]


def measure() -> None:
    """How much the files and the database take, and files that could not be read."""
    held = StoredFile.objects.aggregate(size=Sum("size"))["size"] or 0
    broken = StoredFile.objects.filter(status=StoredFile.Status.FAILED).count()
    remember("storage", {"files": held, "database": database_size(), "unreadable": broken})


def database_size() -> int:
    """Bytes of the database."""
    if connection.vendor == "postgresql":
        return int(rows("SELECT pg_database_size(current_database())")[0][0])
    name = Path(settings.DATABASES["default"]["NAME"])
    return sum(part.stat().st_size for part in (name, Path(f"{name}-wal")) if part.exists())
