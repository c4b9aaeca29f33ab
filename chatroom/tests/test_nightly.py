"""A backup each night: when it is due, which ones stay, and what happens when there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts import actions as accounts
from audit.models import Event
from chatroom.backup import make, nightly
from chatroom.backup.archive import Reader
from files import actions as files
from files.models import StoredFile
from tests.cast import Cast

lasting = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(cast: Cast, disk: None, monkeypatch: Any) -> Callable[..., Path | None]:
    """The task at some hour of some day after the first."""
    first: Any = Event.objects.order_by("id").first()
    start = timezone.localtime(first.at).replace(hour=0, minute=0)
    Event.objects.filter(pk=first.pk).update(at=start + timedelta(hours=12))

    def at(day: int, hour: int) -> Path | None:
        now = start + timedelta(days=day, hours=hour)
        made = Event.objects.latest("id").pk
        place = nightly.make_if_due(now)
        Event.objects.filter(pk__gt=made).update(at=now)
        return place

    return at


@lasting
def test_one_each_night_and_a_missed_one_is_made_up(night: Callable[..., Path | None]) -> None:
    assert night(0, 23) is None  # a site of today
    assert night(1, 2) is None and night(1, 3) is not None and night(1, 4) is None and night(2, 2) is None
    assert night(2, 14) is not None  # the machine was off in the morning
    assert night(2, 15) is None and night(3, 3) is not None


@lasting
def test_seven_stay_and_only_once_a_new_one_is_there(
    night: Callable[..., Path | None], tmp_path: Path, monkeypatch: Any
) -> None:
    made = [night(day, 3) for day in range(1, 9)]
    folder = tmp_path / "backups"
    mine = folder / "chatroom-20200101-000000.tar.gz"
    mine.write_text("made by hand")
    assert all(made) and sorted(folder.glob("*nightly*")) == made[1:]
    monkeypatch.setattr(nightly, "make_backup", broken)
    assert night(9, 3) is None
    assert sorted(folder.glob("*nightly*")) == made[1:] and mine.exists()
    monkeypatch.undo()
    assert night(10, 3) is not None and len(list(folder.glob("*nightly*"))) == 7 and mine.exists()


def broken(*args: Any, **kwargs: Any) -> None:
    raise OSError("the disk is gone")


@lasting
def test_a_failure_is_told_and_tried_again_later(night: Callable[..., Path | None], monkeypatch: Any) -> None:
    monkeypatch.setattr(make, "take_snapshot", broken)
    assert night(1, 3) is None and night(1, 4) is None
    assert Event.objects.get(action="backup.failed").detail["why"] == "the disk is gone"
    monkeypatch.undo()
    assert night(1, 5) is None and night(1, 10) is not None


@lasting
def test_without_room_for_the_files_the_database_is_kept(
    night: Callable[..., Path | None], cast: Cast, monkeypatch: Any
) -> None:
    kept = files.store_bytes(cast.member.user, "a.bin", [b"abc"])
    StoredFile.objects.filter(pk=kept.pk).update(size=2**50)
    place = night(1, 3)
    assert place is not None
    with place.open("rb") as file:
        assert not any(member.name.startswith("files/") for member in Reader(file, 2**40))
    assert Event.objects.filter(action="backup.failed").count() == 1


@lasting
def test_the_newest_one_with_all_files_stays(night: Callable[..., Path | None], cast: Cast) -> None:
    accounts.set_policies(None, {"backups.keep": 2})
    whole = night(1, 3)
    kept = files.store_bytes(cast.member.user, "a.bin", [b"abc"])
    StoredFile.objects.filter(pk=kept.pk).update(size=2**50)  # from now on there is no room for the files
    made = [night(day, 3) for day in range(2, 6)]
    assert whole is not None and all(made) and sorted(whole.parent.glob("*nightly*")) == [whole, *made[-2:]]
    StoredFile.objects.filter(pk=kept.pk).update(size=3)
    made = [night(day, 3) for day in range(6, 8)]
    assert sorted(whole.parent.glob("*nightly*")) == made


@lasting
def test_policies_turn_it_off_and_sites_of_several_machines_have_none(
    night: Callable[..., Path | None], settings: Any
) -> None:
    accounts.set_policies(None, {"backups.nightly": False})
    assert night(1, 3) is None
    accounts.set_policies(None, {"backups.nightly": True, "backups.hour": 20})
    assert night(1, 20) is not None
    assert night(2, 19) is None
    settings.REDIS_URL = "redis://elsewhere"
    assert night(2, 20) is None
    settings.REDIS_URL = ""
    assert night(2, 20) is not None
