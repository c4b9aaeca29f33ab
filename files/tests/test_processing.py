"""From uploaded bytes to what is shown: what is stored, what is told, and what happens when a worker dies."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from accounts.tests.factories import person
from audit.models import Event
from core import policies, registry
from core.media import run
from core.tests import pictures, sounds
from files import processing, tasks
from files.models import StoredFile
from files.storage import PREVIEW, STILL, new_token, stored_name

pytestmark = pytest.mark.django_db


def arrived(data: bytes, name: str = "a.jpg", kind: str = "image", **more) -> StoredFile:
    """A file whose bytes are all there and were not looked at."""
    token = new_token()
    default_storage.save(stored_name(token), ContentFile(data))
    owner = StoredFile.objects.count() + 1
    return StoredFile.objects.create(
        token=token, owner=person(f"owner-{owner}"), name=name, size=len(data), kind=kind, **more
    )


def content(file: StoredFile, part: str = "") -> bytes:
    with default_storage.open(stored_name(file.token, part)) as opened:
        return opened.read()


def wait(file: StoredFile) -> None:
    """Two minutes and a bit pass without a sign of life."""
    StoredFile.objects.filter(pk=file.pk).update(touched_at=timezone.now() - timedelta(seconds=121))


@pytest.fixture
def told(monkeypatch) -> list:
    heard: list = []
    monkeypatch.setattr(registry, "file_changed", [lambda file: heard.append((file.pk, file.status))])
    return heard


def test_a_picture_gets_a_clean_copy_a_preview_and_facts(store, told):
    file = arrived(pictures.telling()["JPEG"])
    processing.process(file.pk)
    file.refresh_from_db()
    assert (file.status, file.kind, file.content_type) == ("ready", "image", "image/jpeg")
    assert (file.width, file.height, file.animated, file.preview) == (400, 300, False, True)
    served = content(file)
    assert pictures.SECRET not in served
    assert file.size == len(served) and file.sha256 == hashlib.sha256(served).hexdigest()
    preview = Image.open(io.BytesIO(content(file, PREVIEW)))
    assert (preview.format, preview.size) == ("WEBP", (400, 300))
    assert len(file.color) == 7 and not default_storage.exists(stored_name(file.token, STILL))
    assert told == [(file.pk, "ready")]
    processing.process(file.pk)  # a second order for the same file is none
    assert told == [(file.pk, "ready")] and content(file) == served


def test_a_moving_picture_gets_a_still(store):
    file = arrived(pictures.telling()["GIF"], "b.gif")
    processing.process(file.pk)
    file.refresh_from_db()
    assert (file.status, file.animated, file.preview) == ("ready", True, True)
    assert pictures.SECRET not in content(file) and pictures.times_of(content(file))[0] == 4
    assert pictures.times_of(content(file, PREVIEW))[0] == 4
    assert Image.open(io.BytesIO(content(file, STILL))).n_frames == 1


@pytest.mark.parametrize(
    ("name", "kind", "data", "status"),
    [
        ("truncated.jpg", "image", pictures.photo()[:-300], "failed"),
        ("frames.gif", "image", pictures.gif_of((1, 1), [(0, 0, 1, 1)] * 10_000), "failed"),
        ("html.png", "image", b"<!doctype html>" + pictures.SCRIPT, "failed"),
        ("page.html", "file", b"<!doctype html>" + pictures.SCRIPT, "ready"),
        ("drawing.svg", "file", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ready"),
        ("book.pdf", "file", b"%PDF-1.7", "ready"),
        ("song.mp3", "audio", b"no song at all", "ready"),
        ("empty.txt", "file", b"", "ready"),
    ],
)
def test_what_is_no_picture_is_downloaded_as_it_came(told, name, kind, data, status):
    file = arrived(data, name, kind, width=5, height=5, duration=700)
    processing.process(file.pk)
    file.refresh_from_db()
    assert (file.status, file.kind, file.content_type) == (status, "file", "application/octet-stream")
    assert (file.width, file.height, file.duration, file.preview, file.animated) == (0, 0, 0, False, False)
    assert content(file) == data and file.size == len(data) and file.sha256 == hashlib.sha256(data).hexdigest()
    assert not default_storage.exists(stored_name(file.token, PREVIEW)) and told == [(file.pk, status)]


@pytest.mark.parametrize(
    ("kinds", "name", "kind", "data", "status"),
    [
        ("images", "ok.png", "image", pictures.photo(kind="PNG"), "ready"),
        ("images", "zip.png", "image", b"PK\x03\x04 no picture", "refused"),
        ("images", "half.jpg", "image", pictures.photo()[:-300], "refused"),
        ("media", "program.mp4", "video", b"MZ no film", "refused"),
        ("media", "picture.mp3", "audio", pictures.photo(), "ready"),
        ("all", "zip.png", "image", b"PK\x03\x04 no picture", "failed"),
    ],
)
def test_a_file_whose_bytes_are_of_a_kind_that_is_not_allowed_is_emptied(store, told, kinds, name, kind, data, status):
    policies.store("files.kinds", kinds)
    file = arrived(data, name, kind)
    processing.process(file.pk)
    file.refresh_from_db()
    assert file.status == status and told == [(file.pk, status)]
    if status == "refused":
        assert (file.kind, file.size, content(file)) == ("file", 0, b"")
    assert Event.objects.filter(action="file.refused").exists() == (status == "refused")


def test_what_our_decoder_reads_is_a_picture_whatever_its_name():
    file = arrived(pictures.photo(kind="PNG"), "notes.txt", "file")
    processing.process(file.pk)
    file.refresh_from_db()
    assert (file.status, file.kind, file.content_type, file.name) == ("ready", "image", "image/png", "notes.txt")


def test_a_voice_message_keeps_its_heights_and_its_length(store):
    peaks = [number % 101 for number in range(64)]
    file = arrived(sounds.ogg(), "voice.ogg", "audio", duration=3000, peaks=peaks)
    processing.process(file.pk)
    file.refresh_from_db()
    assert (file.status, file.kind, file.content_type) == ("ready", "audio", "audio/ogg")
    assert (file.duration, file.peaks) == (2500, peaks)  # of the container, which knows better
    other = arrived(
        b"\x1a\x45\xdf\xa3\x42\x82\x84webm" + b"A_OPUS" * 9, "voice.webm", "audio", duration=3000, peaks=peaks
    )
    processing.process(other.pk)
    other.refresh_from_db()
    assert (other.content_type, other.duration, other.peaks) == ("audio/webm", 3000, peaks)


def test_a_film_tells_no_longer_where_it_was_taken(store):
    file = arrived(sounds.mp4(told=pictures.SECRET), "c.mp4", "video", width=640, height=360)
    processing.process(file.pk)
    file.refresh_from_db()
    assert (file.status, file.kind, file.content_type, file.duration) == ("ready", "video", "video/mp4", 12_340)
    assert (file.width, file.height, file.preview) == (640, 360, False)  # as the page saw it
    served = content(file)
    assert pictures.SECRET not in served and file.size == len(served)
    assert file.sha256 == hashlib.sha256(served).hexdigest()


def test_a_killed_worker_is_taken_up_again(monkeypatch, told):
    """The child is killed with its worker (BaseException: nothing after it runs), once before and once after bytes were stored."""
    file = arrived(pictures.telling()["JPEG"])
    monkeypatch.setattr(run, "examine", dies)
    with pytest.raises(Killed):
        processing.process(file.pk)
    monkeypatch.undo()
    monkeypatch.setattr(registry, "file_changed", [lambda file: told.append((file.pk, file.status))])
    processing.process(file.pk)  # ordered twice: the first one may be at it still
    assert told == [] and processing.look_after() == []
    wait(file)
    assert processing.look_after() == [file.pk]
    monkeypatch.setattr(processing, "_settle", dies)
    with pytest.raises(Killed):
        processing.process(file.pk)
    monkeypatch.undo()
    monkeypatch.setattr(registry, "file_changed", [lambda file: told.append((file.pk, file.status))])
    file.refresh_from_db()
    assert file.status == "processing" and pictures.SECRET not in content(file)
    wait(file)
    processing.process(file.pk)
    file.refresh_from_db()
    assert told == [(file.pk, "ready")]
    assert (file.tries, file.size, file.sha256) == (3, len(content(file)), hashlib.sha256(content(file)).hexdigest())
    assert (file.width, file.height) == (400, 300) and default_storage.exists(stored_name(file.token, PREVIEW))


class Killed(BaseException):
    """kill -9, as far as a test can have it."""


def dies(*_: object) -> None:
    raise Killed


def test_three_tries_and_no_more(monkeypatch, told):
    file = arrived(pictures.photo())
    monkeypatch.setattr(run, "examine", busy)
    for tries in (1, 2, 3):
        processing.process(file.pk)
        file.refresh_from_db()
        assert (file.status, file.tries) == ("processing", tries) and told == []
        wait(file)
    assert processing.look_after() == []
    file.refresh_from_db()
    assert (file.status, file.kind, file.content_type) == ("failed", "file", "application/octet-stream")
    assert told == [(file.pk, "failed")]
    processing.process(file.pk)
    assert told == [(file.pk, "failed")]


def busy(*_: object) -> None:
    raise run.BusyError


def test_a_worker_that_needs_two_tries_is_not_taken_for_dead(monkeypatch, told):
    """Each may last a minute and a half; together they are longer than a worker may be silent."""
    file = arrived(pictures.photo())
    real = run._run

    def slow(task: str, source: Path, out: Path, seconds: float, nice: int) -> bytes:
        if nice == run.GENTLE:
            wait(file)
            raise run.BusyError
        assert processing.look_after() == []
        return real(task, source, out, seconds, nice)

    monkeypatch.setattr(run, "_run", slow)
    processing.process(file.pk)
    assert told == [(file.pk, "ready")]


@pytest.mark.usefixtures("fresh_policies")
def test_where_only_some_kinds_may_be_sent_what_nobody_could_read_is_emptied_and_says_so(store, told, monkeypatch):
    policies.store("files.kinds", "images")
    file = arrived(pictures.photo())
    monkeypatch.setattr(run, "examine", busy)
    for _ in range(3):
        processing.process(file.pk)
        wait(file)
    assert processing.look_after() == []
    file.refresh_from_db()
    assert (file.status, file.content_type, file.size, content(file)) == ("refused", "", 0, b"")
    assert told == [(file.pk, "refused")] and Event.objects.get(action="file.refused").detail == {"unread": True}


def test_a_late_worker_does_not_overwrite_what_another_found(monkeypatch, told):
    """The row is settled once, by whoever claimed it last."""
    file = arrived(pictures.photo())
    real = run.examine

    def slow(source: Path, out: Path, alive: Any) -> run.Facts:
        monkeypatch.setattr(run, "examine", real)
        wait(file)
        processing.process(file.pk)
        return real(source, out)

    monkeypatch.setattr(run, "examine", slow)
    processing.process(file.pk)
    file.refresh_from_db()
    assert told == [(file.pk, "ready")] and file.tries == 2
    assert file.sha256 == hashlib.sha256(content(file)).hexdigest()


def test_the_task_of_each_minute_queues_what_was_left(monkeypatch):
    ordered: list = []
    monkeypatch.setattr(tasks, "process_soon", ordered.append)
    done, left, fresh = (arrived(b"x", "a.bin", "file") for _ in range(3))
    processing.process(done.pk)
    for file in (done, left):
        wait(file)
    tasks.look_after()
    assert ordered == [left.pk]
    tasks.process(left.pk)
    tasks.process(fresh.pk)
    assert set(StoredFile.objects.values_list("status", flat=True)) == {"ready"}


def test_folders_of_killed_workers_go(settings, tmp_path):
    import os

    settings.DATA_DIR = tmp_path
    old, new = (tmp_path / processing.FOLDER / name for name in ("old", "new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "clean").write_bytes(b"x")
    os.utime(old, (0, 0))
    processing.forget_left_over()
    assert new.exists() and not old.exists()
