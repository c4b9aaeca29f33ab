"""The tus 1.0 server: what the protocol demands, who may, and what survives broken connections. On disk and on S3."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts import actions as accounts
from core import policies
from files import actions, receiving
from files.models import StoredFile, Upload
from files.storage import stored_name, walk
from files.tests.phone import Phone, metadata
from files.tus import BODY_TYPE, PATH
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_thread")]
DATA = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(3000))  # 96,000 bytes


@pytest.fixture
def phone(cast: Cast, store: str) -> Phone:
    return Phone(cast.member)


def stored(token: str) -> bytes:
    with default_storage.open(stored_name(token)) as file:
        return file.read()


def test_options_tell_what_the_server_can(cast: Cast, disk: None):
    reply = Phone(None).ask("OPTIONS")
    assert reply.status == 204 and reply.headers["tus-version"] == "1.0.0"
    assert set(reply.headers["tus-extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "expiration",
        "termination",
        "checksum",
    }
    assert reply.headers["tus-max-size"] == str(20 * 2**20)
    assert reply.headers["tus-checksum-algorithm"] == "sha1,sha256"


def test_a_file_in_pieces(phone: Phone, cast: Cast):
    made = phone.announce(len(DATA))
    path = made.headers["location"]
    assert (made.status, made.headers["upload-offset"]) == (201, "0") and path.startswith(PATH)
    assert phone.send(path, 0, DATA[:1000], DATA[1000:40_000]).headers["upload-offset"] == "40000"
    head = phone.ask("HEAD", path)
    assert (head.status, head.headers["upload-offset"], head.headers["upload-length"]) == (200, "40000", str(len(DATA)))
    assert head.headers["cache-control"] == "no-store" and "upload-file" not in head.headers
    last = phone.send(path, 40_000, DATA[40_000:])
    file = StoredFile.objects.get(token=last.headers["upload-file"])
    assert (file.owner_id, file.name, file.size) == (cast.member.id, "bài tập 作业.bin", len(DATA))
    assert stored(file.token) == DATA
    again = phone.ask("HEAD", path)
    assert again.headers["upload-file"] == file.token and again.headers["upload-offset"] == str(len(DATA))
    assert phone.send(path, len(DATA)).headers["upload-file"] == file.token
    assert StoredFile.objects.count() == 1


def test_the_first_bytes_may_come_with_the_announcement(phone: Phone):
    about = {"Upload_Length": len(DATA), "Upload_Metadata": metadata(filename="a.bin"), "Content_Type": BODY_TYPE}
    part = phone.ask("POST", PATH, [DATA[:500]], **about)
    assert (part.status, part.headers["upload-offset"]) == (201, "500")
    whole = phone.ask("POST", PATH, [DATA], **about)
    there = Upload.objects.count()
    wrong = phone.ask("POST", PATH, [DATA], Upload_Checksum="sha1 " + base64.b64encode(bytes(20)).decode(), **about)
    assert (
        wrong.code == "checksum_mismatch" and phone.ask("POST", PATH, [DATA[:9]], cut=True, **about).code == "conflict"
    )
    assert Upload.objects.count() == there  # nobody could go on with these
    assert stored(whole.headers["upload-file"]) == DATA


def test_an_empty_file_is_complete_at_once(phone: Phone):
    assert stored(phone.upload(b"")) == b""


def test_a_wrong_offset_hears_the_right_one_and_the_same_chunk_twice_is_harmless(phone: Phone):
    path = phone.announce(len(DATA)).headers["location"]
    assert phone.send(path, 0, DATA[:5000]).status == 204
    repeated, early = phone.send(path, 0, DATA[:5000]), phone.send(path, 20_000, DATA[20_000:])
    assert [(reply.status, reply.headers["upload-offset"]) for reply in (repeated, early)] == [(409, "5000")] * 2
    assert stored(phone.send(path, 5000, DATA[5000:]).headers["upload-file"]) == DATA


def test_a_connection_that_is_cut_keeps_what_has_come(phone: Phone):
    path = phone.announce(len(DATA)).headers["location"]
    phone.send(path, 0, DATA[:3000], DATA[3000:7000], cut=True)
    assert phone.ask("HEAD", path).headers["upload-offset"] == "7000"
    assert stored(phone.send(path, 7000, DATA[7000:]).headers["upload-file"]) == DATA


def test_bytes_behind_what_was_confirmed_are_written_over(phone: Phone, cast: Cast):
    """A process that was killed, or a second connection, leaves bytes nobody was told of."""
    token = phone.announce(len(DATA)).headers["location"].removeprefix(PATH)
    lost = receiving.open_parts(token, 0)
    lost.append(b"x" * 50_000)
    lost.sync()
    lost.close()
    assert phone.ask("HEAD", PATH + token).headers["upload-offset"] == "0"
    assert phone.send(PATH + token, 0, DATA[:20_000]).status == 204
    assert stored(phone.send(PATH + token, 20_000, DATA[20_000:]).headers["upload-file"]) == DATA


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_wrong_checksum_stores_nothing(phone: Phone, algorithm: str):
    path = phone.announce(len(DATA)).headers["location"]
    right = base64.b64encode(hashlib.new(algorithm, DATA[:9000]).digest()).decode()
    damaged = phone.send(path, 0, b"?" + DATA[1:9000], Upload_Checksum=f"{algorithm} {right}")
    assert damaged.status == 460 and damaged.code == "checksum_mismatch"
    phone.send(path, 0, DATA[:9000], cut=True, Upload_Checksum=f"{algorithm} {right}")
    assert phone.ask("HEAD", path).headers["upload-offset"] == "0"
    assert phone.send(path, 0, DATA[:9000], Upload_Checksum=f"{algorithm} {right}").status == 204
    assert phone.send(path, 9000, b"x", Upload_Checksum="md5 eA==").status == 400
    assert stored(phone.send(path, 9000, DATA[9000:]).headers["upload-file"]) == DATA


def test_giving_up_leaves_nothing(phone: Phone, django_capture_on_commit_callbacks):
    path = phone.announce(len(DATA)).headers["location"]
    phone.send(path, 0, DATA[:5000])
    assert list(walk("uploads"))
    with django_capture_on_commit_callbacks(execute=True):
        assert phone.ask("DELETE", path).status == 204
    assert phone.ask("HEAD", path).status == 404 and phone.send(path, 5000, DATA[5000:]).status == 404
    assert not list(walk("uploads")) and not Upload.objects.exists()


def test_a_complete_file_nobody_uses_goes_with_its_upload(phone: Phone, django_capture_on_commit_callbacks):
    token = phone.upload(DATA)
    with django_capture_on_commit_callbacks(execute=True):
        assert phone.ask("DELETE", PATH + token).status == 204
    assert not StoredFile.objects.exists() and not list(walk("stored"))


def test_more_bytes_than_announced_are_refused(phone: Phone):
    path = phone.announce(1000).headers["location"]
    assert phone.send(path, 0, DATA[:600], DATA[600:1200]).status == 400
    assert phone.send(path, 0, DATA[:1200], Content_Length=1200).status == 413
    assert phone.send(path, 0, DATA[:1000]).status == 204


def test_an_upload_expires(phone: Phone):
    made = phone.announce(len(DATA))
    assert "GMT" in made.headers["upload-expires"]
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert phone.ask("HEAD", made.headers["location"]).status == 404
    assert phone.send(made.headers["location"], 0, DATA).status == 404


def test_what_is_malformed_is_refused(cast: Cast, disk: None):
    phone = Phone(cast.member)
    path = phone.announce(10).headers["location"]
    assert phone.ask("POST", Upload_Length=5, Tus_Resumable="").status == 412
    assert phone.ask("POST", Upload_Length=5, Tus_Resumable="0.2.2").headers["tus-version"] == "1.0.0"
    assert phone.ask("POST", Upload_Metadata=metadata(filename="a")).status == 400
    for length in ("-1", "1.5", "x", "9" * 20, "٣"):
        assert phone.ask("POST", Upload_Length=length.encode().decode("latin-1")).status == 400, length
    assert phone.ask("POST", Upload_Length=5, Upload_Metadata="filename ?!").status in (400,)
    assert phone.announce(5, duration="x").status == 400 and phone.announce(5, peaks="1,2").status == 400
    assert phone.announce(5, voice=1, peaks=",".join(["101"] * 64)).status == 400
    assert phone.announce(5, name="").code == "bad_name"
    assert phone.ask("PATCH", path, [b"x"], Upload_Offset=0).status == 415
    assert phone.send(path, "x").status == 400
    assert phone.ask("GET", path).status == 405 and phone.ask("PATCH").status == 405
    assert phone.ask("HEAD", PATH + "../secret_key").status == 404
    assert phone.ask("OPTIONS", Host="evil.example").status == 400
    assert phone.send(path, 0, b"0123456789").status == 204


def test_facts_of_the_client_are_kept(phone: Phone):
    peaks = [number % 101 for number in range(64)]
    token = phone.upload(
        DATA, "ghi âm.weba", voice=1, duration=5300, peaks=",".join(map(str, peaks)), width=640, height=480
    )
    file = StoredFile.objects.get(token=token)
    assert (file.kind, file.duration, file.peaks, file.width, file.height) == ("audio", 5300, peaks, 640, 480)


def test_only_its_owner_knows_of_an_upload(phone: Phone, cast: Cast):
    path = phone.announce(len(DATA)).headers["location"]
    phone.send(path, 0, DATA[:100])
    for other in (cast.master, cast.stranger, cast.administrator):
        theirs = Phone(other)
        assert theirs.ask("HEAD", path).status == 404
        assert theirs.send(path, 100, DATA[100:]).status == 404
        assert theirs.ask("DELETE", path).status == 404
    token = path.removeprefix(PATH)
    assert cast.member.client.get(f"/files/{token}/x").status_code == 404  # nor is it a file before its last byte
    assert phone.send(path, 100, DATA[100:]).status == 204
    assert cast.member.client.get(f"/files/{token}/x").status_code in (200, 302)


def test_only_our_own_pages_and_programs_with_a_token_may_ask(cast: Cast, disk: None):
    member = Phone(cast.member)
    path = member.announce(100).headers["location"]
    for origin in ("http://evil.example", "https://testserver", "http://testserver:81", "null"):
        phone = Phone(cast.member, Origin=origin)
        for reply in (phone.announce(5), phone.send(path, 0, b"x"), phone.ask("DELETE", path)):
            assert (reply.status, reply.code) == (403, "csrf"), origin
    assert Phone(cast.member, Origin="").announce(5).code == "csrf"
    cast.member.client.get("/")
    token = cast.member.client.cookies["csrftoken"].value
    cookie = f"sessionid={cast.member.cookie}; csrftoken={token}"
    assert Phone(None, Origin="", Cookie=cookie, X_CSRFToken=token).announce(5).status == 201
    assert Phone(None, Origin="", Cookie=cookie, X_CSRFToken=token[::-1]).announce(5).code == "csrf"
    hidden = Phone(cast.member, Origin="", X_HTTP_Method_Override="DELETE")
    assert hidden.ask("POST", path).code == "csrf" and hidden.ask("GET", path).status == 405
    assert member.send(path, 0, b"x" * 100).status == 204
    assert member.ask("POST", path, X_HTTP_Method_Override="DELETE").status == 204


def test_an_upload_stops_with_its_session(phone: Phone, cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(receiving, "GATHER", 1)
    path = phone.announce(len(DATA)).headers["location"]

    session = cast.member.browser_session
    reply = phone.send(path, 0, DATA[:1000], lambda: accounts.end_session(cast.member.user, session), DATA[1000:])
    assert (reply.status, reply.code) == (401, "signed_out")
    assert Upload.objects.get().offset == 0 and not StoredFile.objects.exists()
    assert phone.send(path, 0, DATA).code == "session_ended"


def test_two_uploads_at_once_do_not_mix(phone: Phone, cast: Cast):
    path = phone.announce(len(DATA)).headers["location"]
    upload = Upload.objects.get()
    held = receiving.open_parts(upload.token, 0)
    held.append(DATA[:100])
    first, second = phone.send(path, 0, DATA[:50]), Upload.objects.get().offset
    held.close()
    on_disk = not hasattr(default_storage, "bucket_name")
    # on disk the file is held; on S3 the row's offset decides who was first
    assert (first.status, second) == ((423, 0) if on_disk else (204, 50))


def test_the_row_lets_one_of_two_writers_win(cast: Cast, disk: None):
    upload = actions.create_upload(cast.member.user, "a.bin", 100)
    other = Upload.objects.get(pk=upload.pk)
    actions.confirm_bytes(upload, 60)
    with pytest.raises(Exception, match="conflict"):
        actions.confirm_bytes(other, 40)
    assert Upload.objects.get(pk=upload.pk).offset == 60


def test_a_full_disk_is_said_and_nothing_is_lost(phone: Phone, monkeypatch: pytest.MonkeyPatch):
    path = phone.announce(len(DATA)).headers["location"]
    phone.send(path, 0, DATA[:500])
    with monkeypatch.context() as disk:
        disk.setattr("files.actions.uploads.free_space", lambda: (10, 10**12))
        assert (phone.announce(5).status, phone.announce(5).code) == (507, "disk_full")
        refused = phone.send(path, 500, DATA[500:])
        assert (refused.status, refused.code) == (507, "disk_full")
    assert stored(phone.send(path, 500, DATA[500:]).headers["upload-file"]) == DATA


def test_limits_of_a_person(cast: Cast, disk: None):
    policies.store("files.max_size", 1)
    phone = Phone(cast.member)
    assert phone.announce(2**20 + 1).code == "too_large" and phone.announce(2**20).status == 201
    policies.store("files.quota", 2)
    assert phone.announce(2**20).status == 201 and phone.announce(1).code == "quota"
    assert Phone(cast.master).announce(1).status == 201
    policies.store("files.kinds", "images")
    assert Phone(cast.master).announce(1, "a.exe").code == "kind_not_allowed"
    assert Phone(cast.master).announce(1, "a.PNG").status == 201


def test_every_answer_says_what_browsers_must_not_do(cast: Cast, disk: None):
    member, nobody = Phone(cast.member), Phone(None)
    made = member.announce(3)
    sent = member.send(made.headers["location"], 0, b"abc")
    for reply in (made, sent, member.ask("OPTIONS"), member.announce(2**40), nobody.announce(3), member.ask("GET")):
        headers = reply.headers
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("sandbox; default-src 'none'; base-uri 'none'")
        assert headers["cross-origin-resource-policy"] == headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY" and headers["tus-resumable"] == "1.0.0"


def test_refusals_are_in_the_language_of_who_reads_them(cast: Cast, disk: None):
    accounts.set_language(cast.member.user, "vi")
    english = json.loads(Phone(None, Accept_Language="en").announce(3).body)["error"]["message"]
    chinese = json.loads(Phone(None, Accept_Language="zh-hans").announce(3).body)["error"]["message"]
    vietnamese = json.loads(Phone(cast.member).announce(3, name="").body)["error"]
    assert english == "You are signed out." and english != chinese and chinese.strip()
    assert vietnamese["code"] == "bad_name"


def test_a_newer_request_ends_one_whose_connection_is_dead(phone: Phone, cast: Cast):
    """Its client sent something and was not heard of again; the newer one goes on behind what had come."""
    path = phone.announce(len(DATA)).headers["location"]
    work: Any = receiving._pool
    session = cast.member.browser_session.pk
    upload = Upload.objects.get()
    pieces = [{"type": "http.request", "body": DATA[:5000], "more_body": True}]

    async def receive() -> dict:
        if pieces:
            return pieces.pop()
        silent.set()
        await asyncio.Event().wait()
        raise AssertionError

    silent = asyncio.Event()

    async def scenario() -> None:
        dead = asyncio.create_task(receiving.Writer(upload, session, receive).run())
        await silent.wait()
        assert receiving.writing(cast.member.id) == 1
        await receiving.give_way(upload.token)
        assert await dead is False and receiving.writing(cast.member.id) == 0

    work.run(scenario())
    assert phone.ask("HEAD", path).headers["upload-offset"] == "5000"
    assert stored(phone.send(path, 5000, DATA[5000:]).headers["upload-file"]) == DATA
