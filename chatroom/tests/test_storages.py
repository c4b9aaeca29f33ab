"""What other apps store works on a folder and on a server that speaks S3 alike: pictures of people, offers, transcripts with files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from accounts import actions as accounts
from accounts.avatars import path_of
from chatroom import doctor_services
from chatroom.doctor import ERROR, OK
from core.tests import pictures
from files import processing
from files.models import StoredFile
from files.storage import PREVIEW, stored_name
from files.tests.made import make_file
from files.tests.phone import Phone
from messaging import actions
from messaging.access import get_page
from tests.cast import Cast
from tests.stored import offer

pytestmark = pytest.mark.django_db


def fetched(who: Any, address: str) -> bytes:
    """The bytes that a browser gets, wherever they come from."""
    response = who.client.get(address)
    if response.status_code == 302:
        with urlopen(response["Location"]) as answer:
            return answer.read()
    assert response.status_code == 200, address
    return response.getvalue()


def test_pictures_of_people(cast: Cast, store: str, django_capture_on_commit_callbacks: Any) -> None:
    first = accounts.set_avatar(cast.member.user, pictures.photo())
    assert fetched(cast.master, f"/avatars/{first}/64.webp").startswith(b"RIFF")
    with django_capture_on_commit_callbacks(execute=True):
        accounts.remove_avatar(cast.member.user)
    assert not default_storage.exists(path_of(first, 64))
    assert cast.master.client.get(f"/avatars/{first}/64.webp").status_code == 404


@pytest.mark.usefixtures("one_thread")
def test_an_offer_that_is_accepted_sent_in_pieces_and_fetched(cast: Cast, store: str) -> None:
    data = pictures.photo()
    seq = offer(cast, name="ảnh 图.jpg", size=len(data))
    actions.answer_offer(cast.member.user, cast.direct, seq, True)
    [number] = [m["offer"]["id"] for m in get_page(cast.member.user, cast.direct)["messages"] if m["seq"] == seq]
    phone = Phone(cast.master)
    path = phone.announce(len(data), "ảnh 图.jpg", offer=number).headers["location"]
    phone.send(path, 0, data[:1000], cut=True)
    reached = int(phone.ask("HEAD", path).headers["upload-offset"])
    assert reached == 1000
    token = phone.send(path, reached, data[reached:]).headers["upload-file"]
    assert cast.member.client.get(f"/files/{token}/x").status_code == 404  # nobody has looked into it yet
    processing.process(StoredFile.objects.get(token=token).pk)
    assert fetched(cast.member, f"/files/{token}/preview").startswith(b"RIFF")
    assert fetched(cast.member, f"/files/{token}/x").startswith(b"\xff\xd8")
    assert default_storage.exists(stored_name(token, PREVIEW))
    assert cast.stranger.client.get(f"/files/{token}/x").status_code == 404


def test_a_transcript_with_files(cast: Cast, store: str, tmp_path: Path) -> None:
    file = make_file(cast.member, "bài 作业.txt", b"homework" * 100)
    cast.say(cast.member, "xem này", cast.direct, files=[file.token])
    call_command(
        "export_conversation",
        "master-member",
        "--format",
        "html",
        "--zip",
        "--out",
        str(tmp_path / "out"),
        stderr=io.StringIO(),
    )
    with zipfile.ZipFile(tmp_path / "out" / "master-member.zip") as archive:
        [copy] = [name for name in archive.namelist() if name.startswith("files/")]
        assert archive.read(copy) == b"homework" * 100


def test_the_doctor_tries_the_storage_and_leaves_nothing_in_it(store: str, settings: Any) -> None:
    found = list(doctor_services.s3())
    if store == "disk":
        assert found == []  # the folder is looked at with the machine
        return
    assert [finding.level for finding in found] == [OK]
    bucket: Any = default_storage.bucket
    assert list(bucket.objects.all()) == []
    for wrong in ({"bucket_name": "nobody-made-it"}, {"endpoint_url": "http://127.0.0.1:1"}):
        options = {**settings.STORAGES["default"]["OPTIONS"], **wrong}
        settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}
        [finding] = doctor_services.s3()
        assert finding.level == ERROR and "S3_ENDPOINT" in finding.remedy and "\n" not in finding.text
