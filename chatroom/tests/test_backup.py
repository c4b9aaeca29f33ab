"""Backups: what is in one, what is refused, when one is made, and which ones stay. On disk and on S3."""

from __future__ import annotations

import errno
import json
import os
import tarfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from accounts.avatars import path_of
from accounts.models import LoginSession, User
from audit.models import Event
from chatroom import backup
from chatroom.backup import load, make, restore
from chatroom.backup.archive import Reader
from chatroom.backup.make import make_backup
from chatroom.backup.places import reading
from chatroom.backup.restore import restore_backup
from chatroom.tests.archives import ROOM, archive_of, refused
from core.hold import files_held, hold_files
from files import actions as files
from files.models import StoredFile, Upload
from files.storage import stored_name
from messaging.events import read_messages
from tests.cast import Cast

lasting = pytest.mark.django_db(transaction=True)


def contents(place: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    """What is in an archive, and its manifest."""
    with reading(place) as file:
        archive = Reader(file, ROOM)
        return {member.name: member.read() for member in archive}, archive.manifest


@lasting
def test_a_backup_has_rows_files_and_keys(cast: Cast, store: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("CHATROOM_SECRET_KEY", site_settings.SECRET_KEY)
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "ca.key").write_text("private")
    kept = files.store_bytes(cast.member.user, "a.bin", [b"abc"])
    User.objects.filter(pk=cast.member.id).update(avatar="x" * 22)
    for size in (256, 64):
        default_storage.save(path_of("x" * 22, size), ContentFile(b"picture"))
    seen: list[float] = []
    made = make_backup(str(tmp_path), step=lambda share, done: seen.append(share))
    found, manifest = contents(made.place)
    assert found["files/" + stored_name(kept.token)] == b"abc"
    assert found[f"files/{path_of('x' * 22, 64)}"] == b"picture"
    assert found["keys/secret_key"].decode().strip() == site_settings.SECRET_KEY
    assert found["keys/tls/ca.key"] == b"private"
    assert manifest["tables"]["accounts_user"] == User.objects.count() and manifest["missing"] == []
    assert Path(made.place).stat().st_mode & 0o777 == 0o600
    assert seen and seen == sorted(seen)
    [event] = Event.objects.filter(action="backup.made")
    assert event.detail["place"] == made.place and event.at == backup.latest()
    with tarfile.open(made.place) as tar:  # anybody's tools read it
        assert tar.getnames() == [*found, "manifest.json"]
        last: Any = tar.extractfile("manifest.json")
        assert json.load(last) == manifest


@lasting
def test_files_can_be_left_out(cast: Cast, store: str, tmp_path: Path) -> None:
    files.store_bytes(cast.member.user, "a.bin", [b"abc"])
    found, manifest = contents(make_backup(str(tmp_path), files=False).place)
    assert not any(name.startswith("files/") for name in found) and manifest["files"] is False
    assert backup.latest() is None  # half of a site is no backup of it


@lasting
def test_a_bucket_takes_it_whole_or_not_at_all(
    cast: Cast,
    disk: None,
    settings: Any,
    s3_server: str,
    monkeypatch: Any,
) -> None:
    import boto3

    settings.S3_CLIENT = s3_server, "us-east-1", "test", "test"
    bucket = boto3.resource(
        "s3", endpoint_url=s3_server, aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
    ).Bucket("copies")
    bucket.create()
    bucket.objects.delete()
    files.store_bytes(cast.member.user, "a.bin", [b"abc" * 10_000])
    made = make_backup("s3://copies/nightly/")
    assert [item.key for item in bucket.objects.all()] == [made.place.removeprefix("s3://copies/")]
    assert len(contents(made.place)[0]) >= 2
    monkeypatch.setattr(make, "keys", lambda: [][1])  # something breaks in the middle
    with pytest.raises(IndexError):
        make_backup("s3://copies/broken.tar.gz")
    assert len(list(bucket.objects.all())) == 1 and not list(bucket.multipart_uploads.all())
    assert Event.objects.get(action="backup.failed").detail["place"] == "s3://copies/broken.tar.gz"
    assert refused(restore_backup, "s3://copies/none.tar.gz").code == "not_found"
    for command, place in (("backup", "--out=s3://nowhere/a"), ("restore", made.place + "/")):
        settings.S3_CLIENT = s3_server if command == "backup" else "http://127.0.0.1:1", "us-east-1", "test", "test"
        with pytest.raises(CommandError, match="NoSuchBucket" if command == "backup" else "Could not connect"):
            call_command(command, place)


@lasting
def test_what_goes_while_a_backup_is_made_is_in_it(cast: Cast, disk: None, tmp_path: Path, monkeypatch: Any) -> None:
    gone = files.store_bytes(cast.member.user, "a.bin", [b"abc"])
    picture = files.store_bytes(cast.member.user, "b.bin", [b"lost"])
    old = timezone.now() - timedelta(days=2)

    def meanwhile(*args: Any) -> list[str]:
        StoredFile.objects.update(created_at=old)
        Upload.objects.update(expires_at=old)
        default_storage.delete(stored_name(picture.token))  # as pictures of people go: at once
        assert files.delete_unused()["files"] == 2
        return add(*args)

    add = make._add_files
    monkeypatch.setattr(make, "_add_files", meanwhile)
    found, manifest = contents(make_backup(str(tmp_path)).place)
    assert found["files/" + stored_name(gone.token)] == b"abc"
    assert manifest["missing"] == [stored_name(picture.token)]
    assert default_storage.exists(stored_name(gone.token))  # the sweep comes back for it
    os.utime(default_storage.path(stored_name(gone.token)), (old.timestamp(), old.timestamp()))
    assert files.delete_unused()["objects"] == 1 and not default_storage.exists(stored_name(gone.token))


@lasting
def test_one_at_a_time(cast: Cast, disk: None, tmp_path: Path) -> None:
    assert not files_held()
    with hold_files():
        assert files_held()
        assert refused(make_backup, str(tmp_path)).code == "conflict"
    assert not files_held()


@lasting
@pytest.mark.usefixtures("disk")
def test_no_room_is_told_before_anything_is_written(cast: Cast, tmp_path: Path, monkeypatch: Any) -> None:
    usage = SimpleNamespace(total=100 * 2**30, free=5 * 2**30, used=0)
    monkeypatch.setattr("core.room.shutil.disk_usage", lambda where: usage)
    assert refused(make_backup, str(tmp_path)).code == "disk_full"
    assert list(tmp_path.glob("*.tar.gz")) == []
    assert "no room" in Event.objects.get(action="backup.failed").detail["why"]


@lasting
@pytest.mark.usefixtures("disk")
def test_what_killed_backups_have_left_elsewhere_goes_a_day_later(cast: Cast, tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    old, young, other = (usb / f".{name}.part" for name in ("chatroom-1.tar.gz.a", "chatroom-2.tar.gz.b", "thesis"))
    for path in (old, young, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (0, 0))
    made = Path(make_backup(str(usb)).place)
    assert set(usb.iterdir()) == {young, other, made}


@lasting
@pytest.mark.usefixtures("disk")
def test_a_disk_that_is_full_is_told_in_one_line(cast: Cast, tmp_path: Path, monkeypatch: Any) -> None:
    def full(error: Exception) -> list:
        raise error

    for error in (OSError(errno.ENOSPC, "disk is full"), DatabaseError("database or disk is full")):
        monkeypatch.setattr(make, "keys", partial(full, error))
        with pytest.raises(CommandError, match=r"No backup was made: .*disk is full"):
            call_command("backup", f"--out={tmp_path}")
        assert list(tmp_path.glob("*.tar.gz")) == [] and list(tmp_path.glob(".*")) == []
        assert "disk is full" in Event.objects.filter(action="backup.failed").latest("id").detail["why"]


# What comes of it


def test_files_come_back_into_the_storage(store: str, tmp_path: Path) -> None:
    name = "stored/ab/abcdefghijklmnop"
    place = archive_of(tmp_path / "a.tar.gz", (f"files/{name}", b"abc" * 10_000))
    with reading(place) as file:
        for member in Reader(file, ROOM):
            restore._store_file(member)
    with default_storage.open(name) as stored:
        assert stored.read() == b"abc" * 10_000


@pytest.mark.django_db
def test_sessions_and_half_uploads_do_not_come_back(cast: Cast, disk: None) -> None:
    files.create_upload(cast.member.user, "half.bin", 100)
    lost, kept = (files.store_bytes(cast.member.user, f"{name}.bin", [b"abc"]) for name in ("lost", "kept"))
    seq = cast.say(cast.member, "hai tệp", files=[lost.token, kept.token])
    User.objects.filter(pk=cast.master.id).update(avatar="x" * 22)
    load.settle({"missing": [stored_name(lost.token), path_of("x" * 22, 64)]})
    assert not LoginSession.objects.filter(ended_at=None).exists() and LoginSession.objects.exists()
    assert not Upload.objects.filter(file=None).exists()
    assert User.objects.get(pk=cast.master.id).avatar == ""
    [message] = read_messages("m.conversation_id = %s AND m.seq = %s", [cast.group, seq])
    assert [file["name"] for file in message["files"]] == ["kept.bin"]
