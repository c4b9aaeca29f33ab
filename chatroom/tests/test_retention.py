"""A clock that is wrong makes nothing old: the site waits, and tells who looks after it. What goes and what stays: messaging/tests/test_expire.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from chatroom import incidents
from chatroom.retention import CLOCK, keep_if_due, waits
from core.models import Incident, Mark
from messaging.models import RemovedText
from messaging.tests.test_expire import days, old, texts
from tests.cast import Cast

__all__ = ["old"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_hand", "fresh_board")]


@pytest.fixture(autouse=True)
def night(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Nothing was done yet."""
    settings.DATA_DIR = tmp_path
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize("leap", [timedelta(days=3650), timedelta(days=-60), timedelta(days=4)])
def test_a_clock_that_leaps_deletes_nothing_until_somebody_may_have_seen_it(
    cast: Cast, old: list[int], leap: timedelta
) -> None:
    client, now = cast.administrator.client, timezone.now()
    keep_if_due(now)  # nothing is to be deleted yet
    cast.say(cast.master, "mới")
    days(messages_days=30)
    before = texts(cast, cast.group)
    keep_if_due(now + leap)
    for hours in range(1, 7 * 24, 12):
        keep_if_due(now + leap + timedelta(hours=hours))
    assert texts(cast, cast.group) == before and waits(now + leap)
    incidents.write()
    assert Incident.objects.get().what == f"the clock leapt by {abs(leap).days} days"
    Mark.objects.filter(key=CLOCK).update(value={"leapt": now.isoformat(), "days": 60, "seen": now.isoformat()})
    assert 'id="board-clock"' in client.get("/admin/").content.decode()
    keep_if_due(now + timedelta(days=2))
    keep_if_due(now + timedelta(days=4.5))
    assert texts(cast, cast.group) == before
    keep_if_due(now + timedelta(days=7))
    assert texts(cast, cast.group) == ["mới"]


def test_a_clock_that_is_set_right_again_has_deleted_nothing(cast: Cast, old: list[int]) -> None:
    cast.say(cast.master, "mới")
    days(messages_days=30)
    now = timezone.now()
    keep_if_due(now - timedelta(hours=1))
    assert texts(cast, cast.group) == ["mới"]  # what is old goes
    keep_if_due(now + timedelta(days=3650))
    keep_if_due(now)
    assert texts(cast, cast.group) == ["mới"] and waits(now)


@pytest.mark.parametrize("leap", [timedelta(days=3650), timedelta(days=20)])
def test_removed_texts_wait_too_whatever_the_policies_say(old: list[int], leap: timedelta) -> None:
    now = timezone.now()
    RemovedText.objects.update(removed_at=now - timedelta(days=20))
    keep_if_due(now)
    for hours in range(0, 7 * 24, 12):
        keep_if_due(now + leap + timedelta(hours=hours))
    assert RemovedText.objects.count() == 2 and waits(now + leap) is None  # nothing to tell: no policy deletes anything
    keep_if_due(now + leap + timedelta(days=7))
    assert RemovedText.objects.count() == 0


def test_a_site_that_runs_once_a_week_waits_after_the_first_leap_alone(cast: Cast, old: list[int]) -> None:
    now = timezone.now()
    days(messages_days=60)
    for week in range(2):
        keep_if_due(now + timedelta(days=7 * week))
    assert texts(cast, cast.group) and waits(now + timedelta(days=8))
    for week in range(2, 5):
        keep_if_due(now + timedelta(days=7 * week + 1))
    assert not texts(cast, cast.group)
    cast.say(cast.master, "mới")
    keep_if_due(now + timedelta(days=3650))  # that is no week
    assert texts(cast, cast.group) == ["mới"]
