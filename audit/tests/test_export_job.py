"""Exports from the admin: made by a worker, taken up after a restart, fetched by administrators alone, forgotten after a week."""

import os
import re
import stat
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from audit import actions, admin_export, tasks
from audit.models import Event, ExportJob
from core.refusal import Refusal
from tests.answers import text_of
from tests.cast import refusal_of

pytestmark = pytest.mark.django_db
START = "/admin/audit/event/export/"


@pytest.fixture(autouse=True)
def data(settings, tmp_path, monkeypatch):
    """A data folder of its own, and no worker but the test."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    monkeypatch.setattr(admin_export, "soon", lambda task, id: None)
    monkeypatch.setattr(admin_export.actions, "TELL", timedelta(0))


def start(cast, **form):
    response = cast.administrator.client.post(START, {"format": "text", **form})
    assert response.status_code == 302, response.content.decode()
    return int(response["Location"].rstrip("/").rpartition("/")[2])


def test_from_the_form_to_the_file(cast):
    id = start(cast, format="csv", user="member")
    browser = cast.administrator.client
    assert browser.get(f"{START}{id}/progress/").json() == {"busy": True, "done": 0, "percent": 0}
    assert "data-progress" in browser.get(f"{START}{id}/").content.decode()
    assert browser.get(f"{START}{id}/download/").status_code == 404
    tasks.run_export(id)
    job = ExportJob.objects.get()
    assert (job.state, job.percent) == ("done", 100) and job.done >= 3
    path = actions.path_of(job)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert f"{START}{id}/download/" in browser.get(f"{START}{id}/").content.decode()
    response = browser.get(f"{START}{id}/download/")
    assert response["Content-Disposition"] == f'attachment; filename="{job.name}"'
    assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]
    assert text_of(response).encode() == path.read_bytes() and path.read_bytes().startswith(b"\xef\xbb\xbftime,")
    newest = list(Event.objects.order_by("-id")[:2])
    assert [event.action for event in newest] == ["log.fetched", "log.exported"]
    assert {event.actor_id for event in newest} == {cast.administrator.id} and newest[1].detail["user"] == "member"


def test_only_administrators(cast):
    id = start(cast)
    tasks.run_export(id)
    for someone in (cast.moderator, cast.member):
        for run in (
            lambda who: actions.begin_export(who, "text"),
            lambda who: actions.get_export(who, id),
            lambda who: actions.fetch_export(who, id),
            actions.list_exports,
        ):
            assert refusal_of(run, someone.user) == "not_allowed"
        assert someone.client.get(f"{START}{id}/download/").status_code in (302, 403)
    assert actions.fetch_export(cast.administrator.user, id)[0].pk == id
    assert Event.objects.filter(action="log.fetched").count() == 1


def test_a_job_that_a_restart_interrupted_is_taken_up_and_comes_out_the_same(cast, monkeypatch):
    id = start(cast)
    job = ExportJob.objects.get()

    class Killed(BaseException):
        pass

    def killed(*args, **how):
        raise Killed

    with monkeypatch.context() as during, pytest.raises(Killed):
        during.setattr(actions, "write_file", killed)
        tasks.run_export(id)
    assert ExportJob.objects.get().state == "running"
    assert actions.look_after_exports() == []  # its worker may still live
    tasks.run_export(id)
    assert not actions.path_of(job).exists()
    ExportJob.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    cast.say(cast.member)  # what comes later is not in it
    assert actions.look_after_exports() == [id]
    tasks.run_export(id)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("done", 2)
    text = actions.path_of(job).read_text()
    assert text.count("\n") == job.done + 1 and "\tsent\t" not in text


def test_a_job_that_ends_its_worker_again_and_again_is_given_up(cast):
    id = start(cast)
    long_ago = timezone.now() - timedelta(minutes=2)
    ExportJob.objects.update(state="running", attempt=actions.TRIES - 1, touched_at=long_ago)
    assert actions.look_after_exports() == [id]
    ExportJob.objects.update(attempt=actions.TRIES)
    assert actions.look_after_exports() == [] and ExportJob.objects.get().state == "failed"
    start(cast)  # others go on


def test_a_worker_that_comes_back_late_writes_nothing_over(cast):
    id = start(cast)
    ExportJob.objects.filter(pk=id).update(state="running", attempt=7, touched_at=timezone.now() - timedelta(minutes=2))
    real = actions.write_file

    def overtaken(*args, **how):
        ExportJob.objects.filter(pk=id).update(attempt=9)
        return real(*args, **how)

    with pytest.MonkeyPatch.context() as during:
        during.setattr(actions, "write_file", overtaken)
        tasks.run_export(id)
    job = ExportJob.objects.get()
    assert (job.state, job.attempt) == ("running", 9) and not actions.path_of(job).exists()


def test_a_full_disk_is_told(cast, monkeypatch):
    id = start(cast)

    def full(*args, **how):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(actions, "write_file", full)
    tasks.run_export(id)
    job = ExportJob.objects.get()
    assert job.state == "failed" and "No space" in job.problem
    assert "No space" in cast.administrator.client.get(f"{START}{id}/").content.decode()


def test_after_a_week_files_are_gone(cast):
    id = start(cast)
    tasks.run_export(id)
    path = actions.path_of(ExportJob.objects.get())
    left = path.with_name(".log.part")
    left.touch()
    os.utime(left, (0, 0))
    assert actions.look_after_exports() == [] and path.exists() and not left.exists()
    ExportJob.objects.update(made_at=timezone.now() - timedelta(days=8))
    actions.look_after_exports()
    assert not path.exists() and not ExportJob.objects.exists()


def test_wrong_wishes_are_said_on_the_form(cast):
    for form in (
        {"format": "pdf"},
        {"since": "soon"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"action": "no.such"},
    ):
        response = cast.administrator.client.post(START, {"format": "text", **form})
        assert response.status_code == 200 and re.search("errorlist|errornote", response.content.decode())
    assert not ExportJob.objects.exists()
    with pytest.raises(Refusal):
        actions.begin_export(cast.administrator.user, "text", since="gestern")


def test_not_many_at_once(cast):
    for _ in range(actions.OPEN_MAX):
        start(cast)
    response = cast.administrator.client.post(START, {"format": "text"})
    assert response.status_code == 200 and "errornote" in response.content.decode()


def test_a_disk_that_is_nearly_full_keeps_its_room_for_messages(cast, monkeypatch):
    id = start(cast)
    with monkeypatch.context() as patch:
        patch.setattr("core.room.shutil.disk_usage", lambda where: SimpleNamespace(total=2**40, used=2**40, free=2**30))
        tasks.run_export(id)
    job = ExportJob.objects.get()
    assert job.state == "failed" and list(actions.folder().iterdir()) == []
    page = cast.administrator.client.get(f"{START}{id}/").content.decode()
    assert "The disk is nearly full" in page and "disk_full" not in page
    again = start(cast)
    tasks.run_export(again)
    assert ExportJob.objects.get(pk=again).state == "done"
