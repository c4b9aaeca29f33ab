"""Little room is told once, and once more when there is room again; what lies between changes nothing."""

from __future__ import annotations

import pytest

from accounts.events import me
from audit.models import Event
from files.actions import look_at_disk
from realtime.models import UserHead
from tests.cast import Cast

TOTAL = 100 * 2**30
LEAST = TOTAL // 20


class Disk:
    """A disk whose free bytes the test says."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch

    def has(self, free: float) -> list[str]:
        """Look at it with so many bytes free; the events that there are then."""
        for module in ("disk", "uploads"):
            self.patch.setattr(f"files.actions.{module}.free_space", lambda: (int(free), TOTAL))
        look_at_disk()
        return list(Event.objects.filter(action__startswith="disk.").order_by("id").values_list("action", flat=True))


@pytest.fixture
def a_disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk of the data folder."""
    return Disk(monkeypatch)


def number(user_id: int) -> int:
    """Of the last private fact that a person was told."""
    return UserHead.objects.filter(user=user_id).values_list("number", flat=True).first() or 0


def test_it_is_told_when_it_changes(cast: Cast, a_disk: Disk) -> None:
    assert a_disk.has(LEAST + 1) == []
    told = number(cast.administrator.id), number(cast.moderator.id), number(cast.member.id)
    assert a_disk.has(LEAST - 1) == ["disk.filled"]
    assert (number(cast.administrator.id), number(cast.moderator.id), number(cast.member.id)) == (
        told[0] + 1,
        *told[1:],
    )
    assert a_disk.has(0) == ["disk.filled"]
    assert a_disk.has(LEAST * 1.19) == ["disk.filled"]  # a little more: one file would turn it again
    assert number(cast.administrator.id) == told[0] + 1
    assert a_disk.has(LEAST * 1.21) == ["disk.filled", "disk.freed"]
    assert a_disk.has(LEAST + 1) == ["disk.filled", "disk.freed"]
    assert number(cast.administrator.id) == told[0] + 2


@pytest.mark.usefixtures("fresh_board")
def test_pages_of_administrators_know_it(cast: Cast, a_disk: Disk) -> None:
    assert not me(cast.administrator.user)["disk_low"]
    assert b"board-disk" not in cast.administrator.client.get("/admin/").content
    a_disk.has(LEAST - 1)
    assert me(cast.administrator.user)["disk_low"]
    assert not me(cast.member.user)["disk_low"] and not me(cast.moderator.user)["disk_low"]
    assert b"board-disk" in cast.administrator.client.get("/admin/").content


def test_the_chat_goes_on(cast: Cast, a_disk: Disk) -> None:
    a_disk.has(LEAST - 1)
    assert cast.say(cast.member, "vẫn trò chuyện được")


def test_the_disk_of_the_database_counts_too(cast: Cast, a_disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    both = lambda free: iter([("files", TOTAL, TOTAL), ("database", free, TOTAL)])  # noqa: E731
    monkeypatch.setattr("files.actions.disk.disks", lambda: both(TOTAL))
    assert a_disk.has(TOTAL) == []
    monkeypatch.setattr("files.actions.disk.disks", lambda: both(LEAST - 1))
    assert a_disk.has(TOTAL) == ["disk.filled"]
    event = Event.objects.get(action="disk.filled")
    assert event.detail["database"]["free"] == LEAST - 1
