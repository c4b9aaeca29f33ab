"""Pictures of people: taken, made small, shown, forgotten; and what is no picture."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import actions
from accounts.actions import profile
from accounts.actions.avatars import BYTES_MAX
from accounts.avatars import path_of
from accounts.models import User
from accounts.tests.factories import PASSWORD, person
from audit.models import Event
from core.buckets import Buckets
from tests.cast import refusal_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def full_buckets(monkeypatch):
    monkeypatch.setattr(profile, "changes", buckets := Buckets(30, 1 / 5))
    monkeypatch.setattr("accounts.actions.avatars.changes", buckets)


def picture(kind: str = "JPEG", size: tuple[int, int] = (400, 300), **more) -> bytes:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def stored(name: str, size: int = 256) -> Image.Image:
    return Image.open(default_storage.open(path_of(name, size)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_becomes_a_small_square_in_two_sizes(kind):
    lan = person()
    name = actions.set_avatar(lan, picture(kind))
    assert User.objects.get().avatar == name and len(name) == 22
    for size in (256, 64):
        made = stored(name, size)
        assert (made.format, made.size) == ("WEBP", (size, size))
        red, _, blue = made.convert("RGB").getpixel((size // 8, size // 2))
        assert red > 200 > 60 > blue


def test_it_stands_upright_and_tells_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x8825] = {1: "N", 2: (21.0, 1.0, 42.0)}
    name = actions.set_avatar(person(), picture(exif=exif))
    made = stored(name)
    assert not made.getexif() and "exif" not in made.info
    top, bottom = (made.convert("RGB").getpixel((128, y)) for y in (20, 236))
    assert top[0] > 200 and bottom[2] > 200


def test_what_is_clear_becomes_white():
    file = io.BytesIO()
    Image.new("RGBA", (90, 90), (0, 0, 0, 0)).save(file, "PNG")
    made = stored(actions.set_avatar(person(), file.getvalue()))
    assert min(made.convert("RGB").getpixel((9, 9))) > 250


def bomb() -> bytes:
    """A PNG of 20,000 × 20,000 dots in some kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 20_000 * 2501, 9)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad_picture"),
        (b"GIF89a", "bad_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bad_picture"),
        (picture()[:300], "bad_picture"),
        (picture("TIFF"), "bad_picture"),
        (picture("BMP"), "bad_picture"),
        (bomb(), "bad_picture"),
        (b"x" * (BYTES_MAX + 1), "too_large"),
    ],
    ids=["empty", "head", "svg", "half", "tiff", "bmp", "bomb", "large"],
)
def test_what_is_no_picture_changes_nothing(data, code):
    lan = person()
    before = actions.set_avatar(lan, picture())
    assert refusal_of(actions.set_avatar, lan, data) == code
    assert User.objects.get().avatar == before and stored(before)


def test_an_old_picture_is_forgotten(django_capture_on_commit_callbacks):
    lan = person()
    first = actions.set_avatar(lan, picture())
    with django_capture_on_commit_callbacks(execute=True):
        second = actions.set_avatar(lan, picture("PNG"))
    assert not default_storage.exists(path_of(first, 256)) and stored(second, 64)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_avatar(lan)
        actions.remove_avatar(lan)  # there is none any more
    assert not default_storage.exists(path_of(second, 64)) and User.objects.get().avatar == ""
    assert list(Event.objects.order_by("pk").values_list("action", flat=True)[1:]) == ["avatar.changed"] * 2 + [
        "avatar.removed"
    ]
    third = actions.set_avatar(lan, picture())
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_account(None, lan)
    assert not default_storage.exists(path_of(third, 256)) and User.objects.get().avatar == ""


def test_pictures_are_sent_and_read_over_http(client):
    lan = person()
    client.login(username="lan", password=PASSWORD)
    answer = client.post(
        "/accounts/avatar/", {"picture": SimpleUploadedFile("a.jpg", picture())}, headers={"Accept": "application/json"}
    )
    name = answer.json()["avatar"]
    shown = client.get(f"/avatars/{name}/64.webp")
    assert shown.status_code == 200 and shown.content[8:12] == b"WEBP"
    assert shown.headers["Content-Type"] == "image/webp"
    assert set(shown.headers["Cache-Control"].split(", ")) == {"private", "max-age=31536000", "immutable"}
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    for wrong in (f"/avatars/{name}/65.webp", f"/avatars/{'x' * 22}/64.webp", "/avatars/..%2Fdb/64.webp"):
        assert client.get(wrong).status_code == 404
    bad = client.post(
        "/accounts/avatar/", {"picture": SimpleUploadedFile("a.jpg", b"no")}, headers={"Accept": "application/json"}
    )
    assert bad.status_code == 400 and bad.json()["error"]["code"] == "bad_picture"
    large = SimpleUploadedFile("a.jpg", b"x" * (BYTES_MAX + 1))
    assert (
        client.post("/accounts/avatar/", {"picture": large}, headers={"Accept": "application/json"}).status_code == 413
    )
    assert client.post("/accounts/avatar/remove/").status_code == 302
    assert client.get(f"/avatars/{name}/64.webp").status_code in (200, 404)  # its files go after the commit
    lan.refresh_from_db()
    assert lan.avatar == ""
