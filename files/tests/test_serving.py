"""What is served: to whom, which bytes, under which headers. On disk and on S3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest
from django.core.files.storage import default_storage

from accounts import actions as accounts
from core import registry
from files.models import StoredFile
from files.storage import stored_name
from files.tests.made import DATA, make_file, make_picture
from files.tests.signatures import admitted
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def body(response: Any) -> bytes:
    """The bytes, wherever they come from."""
    if response.status_code != 302:
        return response.getvalue()
    with urlopen(response["Location"]) as answer:
        return answer.read()


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """People whom some message lets read everything."""
    found: set[int] = set()
    monkeypatch.setattr(registry, "file_readers", [lambda user, file: user.pk in found])
    return found


def test_who_may_read(cast: Cast, store: str, readers: set[int]):
    file = make_picture(cast.member)
    addresses = [f"/files/{file.token}/{name}" for name in ("mèo.gif", "preview", "still", "x?download")]
    readers.add(cast.master.id)
    for address in addresses:
        assert cast.member.client.get(address).status_code in (200, 302)
        assert body(cast.master.client.get(address)) in (DATA, b"preview", b"still")
        for outsider in (cast.stranger, cast.former, cast.moderator, cast.administrator):
            assert outsider.client.get(address).status_code == 404
            assert outsider.client.head(address).status_code == 404
    missing = cast.stranger.client.get("/files/" + "x" * 32 + "/x")
    forbidden = cast.stranger.client.get(addresses[0])
    assert (missing.status_code, missing.content) == (forbidden.status_code, forbidden.content)
    readers.clear()  # left, removed, or the message was recalled
    assert {cast.master.client.get(address).status_code for address in addresses} == {404}


def test_a_stolen_link_is_worth_nothing_without_its_session(cast: Cast, store: str):
    file = make_file(cast.member)
    address, client = f"/files/{file.token}/x", cast.member.client
    assert body(client.get(address)) == DATA
    accounts.end_session(cast.member.user, cast.member.browser_session)
    response = client.get(address)
    assert response.status_code == 302 and response["Location"].startswith("/accounts/login/")
    assert type(client)().get(address).status_code == 302


def test_a_link_to_the_s3_server_dies_within_a_minute(cast: Cast, store: str):
    response = cast.member.client.get(f"/files/{make_file(cast.member).token}/x")
    if store == "disk":
        assert response.status_code == 200 and "Location" not in response
        return
    query = parse_qs(urlsplit(response["Location"]).query)
    assert 0 < int(query["X-Amz-Expires"][0]) <= 60
    assert query["response-content-type"] == ["application/octet-stream"]
    assert query["response-content-disposition"][0].startswith("attachment;")
    assert response["Cache-Control"] == "private, no-store"
    address, now = response["Location"], datetime.now(UTC)
    assert admitted(address, now) and not admitted(address, now + timedelta(seconds=60))
    for name, value in {  # whoever has stolen it makes nothing else of it
        "X-Amz-Expires": "604800",
        "X-Amz-Date": f"{now + timedelta(seconds=60):%Y%m%dT%H%M%SZ}",
        "response-content-type": "text/html",
        "response-content-disposition": "inline",
    }.items():
        other = urlsplit(address)._replace(
            query=urlencode({**{key: found[0] for key, found in query.items()}, name: value})
        )
        assert not admitted(other.geturl(), now) and not admitted(other.geturl(), now + timedelta(seconds=61))
    assert not admitted(address.replace(urlsplit(address).path, f"{urlsplit(address).path}x"), now)


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"kind": "image", "content_type": "image/png"}, True),
        ({"kind": "image", "content_type": "image/gif"}, True),
        ({"kind": "video", "content_type": "video/mp4"}, True),
        ({"kind": "audio", "content_type": "audio/ogg"}, True),
        ({"kind": "image", "content_type": "image/svg+xml"}, False),
        ({"kind": "file", "content_type": "text/html"}, False),
        ({"kind": "file", "content_type": "image/png"}, False),
        ({"kind": "image", "content_type": "image/png", "status": "failed"}, False),
        ({"kind": "image", "content_type": "image/png", "status": "processing"}, False),
        ({"kind": "image", "content_type": "application/pdf"}, False),
    ],
)
def test_only_what_was_decoded_is_shown_in_place(cast: Cast, disk: None, facts: dict, shown: bool):
    file = make_file(cast.member, "ảnh <script>.html", **facts)
    response = cast.member.client.get(f"/files/{file.token}/x.html")
    wanted = (facts["content_type"], "inline") if shown else ("application/octet-stream", "attachment")
    assert (response["Content-Type"], response["Content-Disposition"].partition(";")[0]) == wanted
    assert "filename*=utf-8''%E1%BA%A3nh%20%3Cscript%3E.html" in response["Content-Disposition"]
    forced = cast.member.client.get(f"/files/{file.token}/x.html?download")
    assert forced["Content-Disposition"].startswith("attachment")
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'") and "script" not in policy
    assert response["X-Content-Type-Options"] == "nosniff" and response["X-Frame-Options"] == "DENY"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "private, no-cache"


def test_nobody_but_the_owner_sees_what_was_not_looked_at(cast: Cast, store: str, readers: set[int]):
    readers.add(cast.master.id)
    file = make_file(cast.member, "a.jpg", status="processing", sha256="")
    assert cast.master.client.get(f"/files/{file.token}/a.jpg").status_code == 404
    assert body(cast.member.client.get(f"/files/{file.token}/a.jpg")) == DATA
    StoredFile.objects.update(status="failed")
    assert body(cast.master.client.get(f"/files/{file.token}/a.jpg")) == DATA


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=10000-", 10000, len(DATA)),
        ("bytes=-7", len(DATA) - 7, len(DATA)),
        ("bytes=-99999999", 0, len(DATA)),
        ("bytes=10000-99999999", 10000, len(DATA)),
    ],
)
def test_ranges(cast: Cast, disk: None, wanted: str, begin: int, end: int):
    file = make_file(cast.member)
    response = cast.member.client.get(f"/files/{file.token}/x", headers={"Range": wanted})
    assert (response.status_code, response.getvalue()) == (206, DATA[begin:end])
    assert response["Content-Range"] == f"bytes {begin}-{end - 1}/{len(DATA)}"
    assert response["Content-Length"] == str(end - begin)


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "bytes=x-", "lines=1-2", "bytes=-", "bytes", ""])
def test_what_is_no_single_range_gets_the_whole(cast: Cast, disk: None, wanted: str):
    response = cast.member.client.get(f"/files/{make_file(cast.member).token}/x", headers={"Range": wanted})
    assert (response.status_code, response.getvalue()) == (200, DATA)
    assert response["Accept-Ranges"] == "bytes"


def test_a_range_behind_the_end_and_one_of_another_version(cast: Cast, disk: None):
    address, client = f"/files/{make_file(cast.member).token}/x", cast.member.client
    for wanted in (f"bytes={len(DATA)}-", "bytes=9-5", "bytes=-0"):
        refused = client.get(address, headers={"Range": wanted})
        assert (refused.status_code, refused["Content-Range"]) == (416, f"bytes */{len(DATA)}"), wanted
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"Range": "bytes=1-2", "If-Range": etag}).status_code == 206
    assert client.get(address, headers={"Range": "bytes=1-2", "If-Range": '"other"'}).status_code == 200


def test_what_the_browser_has_is_not_sent_again_but_the_right_is_asked_for(cast: Cast, disk: None, readers: set[int]):
    readers.add(cast.master.id)
    file = make_picture(cast.member)
    for name in ("x.gif", "preview", "still"):
        address = f"/files/{file.token}/{name}"
        etag = cast.master.client.get(address)["ETag"]
        again = cast.master.client.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert cast.stranger.client.get(address, headers={"If-None-Match": etag}).status_code == 404
        assert cast.stranger.client.get(address, headers={"If-None-Match": "*"}).status_code == 404
    readers.clear()
    assert cast.master.client.get(address, headers={"If-None-Match": etag}).status_code == 404


def test_heads(cast: Cast, disk: None):
    response = cast.member.client.head(f"/files/{make_file(cast.member).token}/x")
    assert (response.status_code, response["Content-Length"], response.content) == (200, str(len(DATA)), b"")


def test_a_file_may_be_called_preview(cast: Cast, disk: None):
    plain = make_file(cast.member, "preview")
    assert body(cast.member.client.get(f"/files/{plain.token}/preview")) == DATA
    assert cast.member.client.get(f"/files/{plain.token}/still").status_code == 404
    picture = make_picture(cast.member, "preview")
    assert body(cast.member.client.get(f"/files/{picture.token}/preview")) == b"preview"
    assert body(cast.member.client.get(f"/files/{picture.token}/preview?download")) == DATA


def test_bytes_that_are_gone_are_not_found(cast: Cast, disk: None):
    file = make_file(cast.member)
    default_storage.delete(stored_name(file.token))
    assert cast.member.client.get(f"/files/{file.token}/x").status_code == 404


def test_what_was_found_to_be_of_another_kind_is_served_to_nobody(cast: Cast, store: str):
    file = make_picture(cast.member)
    address = f"/files/{file.token}/a.gif"
    browser = cast.member.client
    assert browser.get(address).status_code in (200, 302)
    StoredFile.objects.update(status="refused")
    assert browser.get(address).status_code == browser.get(f"{address}?download").status_code == 404
