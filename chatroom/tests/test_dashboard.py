"""The dashboard: who sees it, and that its days are counted once, however often and by how many they are counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import AccountImport, User
from chatroom import dashboard, dashboard_counts, dashboard_views
from chatroom.actions import note_backup, note_failed_backup
from core.models import DayCount, Incident, Mark
from messaging.models import Message
from realtime.models import Connection, ServerProcess
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("fresh_board")


def today(name: str) -> int:
    """What the dashboard says of today."""
    return dashboard_counts.series(name, 30)[-1][1]


def stored(name: str) -> int:
    """What is in the rows, of all days."""
    return sum(DayCount.objects.filter(name=name).values_list("count", flat=True))


def test_looks_of_one_moment_cost_as_much_as_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard_views, "_boards", {})
    first = cast.administrator.client.get("/admin/dashboard/").json()["html"]
    monkeypatch.setattr(dashboard_views, "FRESH_FOR", 60.0)
    cast.say(cast.member)
    assert cast.administrator.client.get("/admin/dashboard/").json()["html"] == first
    monkeypatch.setattr(dashboard_views, "FRESH_FOR", 0.0)
    assert cast.administrator.client.get("/admin/dashboard/").json()["html"] != first


def test_administrators_see_it_and_nobody_else(cast: Cast) -> None:
    assert b'id="board"' in cast.administrator.client.get("/admin/").content
    answer = cast.administrator.client.get("/admin/dashboard/")
    assert answer.status_code == 200 and 'id="board-online"' in answer.json()["html"]
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    start = cast.moderator.client.get("/admin/")
    assert start.status_code == 200 and b'id="board"' not in start.content
    assert cast.moderator.client.get("/admin/dashboard/").status_code == 403
    assert cast.member.client.get("/admin/dashboard/").status_code == 302
    assert Client().get("/admin/dashboard/").status_code == 302


def test_a_message_counts_at_once_and_once(cast: Cast) -> None:
    before = today("messages")
    for number in range(3):
        cast.say(cast.member, f"tin {number}")
    assert today("messages") == before + 3
    for _run in range(3):  # the second run counts what the first one saw
        dashboard_counts.count_messages()
        assert today("messages") == before + 3
    assert stored("messages") == before + 3 and today("messages") == before + 3
    cast.say(cast.member, "once more")
    dashboard_counts.count_messages()
    assert today("messages") == before + 4
    written = Message.objects.exclude(kind="system").count()
    assert today("messages") == written < Message.objects.count()  # what the site itself says is no message


def test_days_are_those_of_the_site(cast: Cast, settings: Any) -> None:
    seq = cast.say(cast.member, "nửa đêm")
    midnight = dashboard_counts.start_of(dashboard_counts.today())
    Message.objects.filter(conversation=cast.group, seq=seq).update(sent_at=midnight - timedelta(seconds=1))
    for _run in range(2):
        dashboard_counts.count_messages()
    days = dict(dashboard_counts.series("messages", 30))
    assert days[dashboard_counts.today() - timedelta(days=1)] == 1


def test_many_are_counted_in_chunks(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard_counts, "CHUNK", 2)
    for number in range(7):
        cast.say(cast.member, f"tin {number}")
    total = Message.objects.exclude(kind="system").count()
    for _run in range(2):
        dashboard_counts.count_messages()
    assert stored("messages") == total


def test_of_two_that_count_at_once_one_does(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.say(cast.member)
    dashboard_counts.count_messages()
    localtime = timezone.localtime
    others: list[int] = []

    def meanwhile(*args: Any) -> Any:
        if not others:
            others.append(1)
            dashboard_counts.count_messages()
        return localtime(*args)

    with monkeypatch.context() as patch:
        patch.setattr(dashboard_counts.timezone, "localtime", meanwhile)
        dashboard_counts.count_messages()
    assert others and stored("messages") == Message.objects.exclude(kind="system").count()


def test_failed_sign_ins_count(cast: Cast) -> None:
    before = today("signins")
    for _try in range(2):
        with pytest.raises(accounts.SignInRefusal):
            accounts.sign_in("member", "wrong", ip="127.0.0.1")
    assert today("signins") == before + 2
    dashboard_counts.count_signins()
    dashboard_counts.count_signins()
    assert today("signins") == stored("signins") == before + 2


def test_people_of_a_day_do_not_become_fewer(cast: Cast) -> None:
    User.objects.update(last_seen=None)
    User.objects.filter(pk__in=[cast.member.id, cast.master.id]).update(last_seen=timezone.now())
    process = ServerProcess.objects.create(key="x", expires_at=timezone.now() + timedelta(minutes=1))
    Connection.objects.create(process=process, number=1, user=cast.manager.user, login_session=1)
    dashboard_counts.count_active()
    assert today("active") == 3
    Connection.objects.all().delete()
    dashboard_counts.count_active()
    assert today("active") == 3


def test_people_are_online_while_the_lease_of_their_process_runs(cast: Cast) -> None:
    process = ServerProcess.objects.create(key="x", expires_at=timezone.now() + timedelta(minutes=1))
    for number in (1, 2):
        Connection.objects.create(process=process, number=number, user=cast.member.user, login_session=1)
    assert dashboard.look()["online"] == {"people": 1, "tabs": 2}
    ServerProcess.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert dashboard.look()["online"] == {"people": 0, "tabs": 0}


def test_a_worker_that_is_away_is_told(cast: Cast) -> None:
    process = ServerProcess.objects.create(key="x", expires_at=timezone.now() + timedelta(minutes=1))
    assert not dashboard.worker_state()["late"]  # the site has just begun
    ServerProcess.objects.filter(pk=process.pk).update(started_at=timezone.now() - timedelta(hours=1))
    assert dashboard.worker_state()["late"]
    dashboard_counts.look()
    assert not dashboard.worker_state()["late"]
    Mark.objects.filter(key="tick").update(value=(timezone.now() - timedelta(minutes=5)).isoformat())
    assert dashboard.worker_state()["late"]


def test_charts_are_told_in_words_and_the_table_has_every_day(cast: Cast) -> None:
    cast.say(cast.member)
    page = cast.administrator.client.get("/admin/").content.decode()
    assert page.count('<rect class="bar"') == 90 and page.count('role="img" aria-label="') == 3
    assert page.count('<th scope="row">') == 30
    assert "style=" not in page.partition('id="board"')[2].partition('id="content-main"')[0]  # the policy would drop it


def test_the_highest_bar_fills_the_drawing_and_none_is_negative(cast: Cast) -> None:
    day = dashboard_counts.today()
    chart = dashboard.Chart("x", "X", "X", "x", [(day, 0), (day, 1), (day, 100_000)], ["0", "1", "100,000"], 100_000)
    heights = [float(bar.height) for bar in chart.bars]
    assert heights == [0.0, 1.5, 100.0]
    assert [float(bar.y) + float(bar.height) for bar in chart.bars] == [100.0] * 3


def test_what_went_wrong_is_listed_as_text(cast: Cast) -> None:
    Incident.objects.create(at=timezone.now(), kind="error", place="/c/<id:conversation>/", what="KeyError")
    Incident.objects.create(at=timezone.now(), kind="slow", place='SELECT "<script>"', milliseconds=1234)
    page = cast.administrator.client.get("/admin/").content.decode()
    assert "/c/&lt;id:conversation&gt;/" in page and "KeyError" in page
    assert "SELECT &quot;&lt;script&gt;&quot;" in page


def test_a_worker_that_is_far_behind_makes_nobody_wait(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest are counted by a look; the runs come to the others."""
    monkeypatch.setattr(dashboard_counts, "TAIL", 3)
    for number in range(5):
        cast.say(cast.member, f"tin {number}")
    assert today("messages") == 3
    for _run in range(2):
        dashboard_counts.count_messages()
    assert today("messages") == Message.objects.exclude(kind="system").count() > 3


def test_a_backup_that_failed_is_told_until_one_was_made(cast: Cast) -> None:
    client = cast.administrator.client

    def page() -> str:
        return client.get("/admin/").content.decode()

    assert "none yet" in page() and "board-backup" not in page()
    note_failed_backup({"place": "/mnt/usb", "why": "No space left on device", "nightly": True})
    assert "board-backup" in page()
    note_backup({"place": "/mnt/usb", "files": True, "nightly": True})
    assert "board-backup" not in page() and "none yet" not in page()


def test_a_file_with_wrong_lines_is_no_work_that_failed(cast: Cast) -> None:
    accounts.begin_import(cast.administrator.user, "a.csv", b"username\n!!!\n")
    assert AccountImport.objects.get().state == "failed" and dashboard.queue()["failed"] == 0
    AccountImport.objects.update(attempt=1)
    assert dashboard.queue()["imports"]["failed"] == 1
