"""C12 to the end: what hostile files are served as, by the address that a page would put into an image."""

from __future__ import annotations

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from accounts.tests.factories import PASSWORD, person
from core.media import run
from core.tests import pictures
from files import processing
from files.models import StoredFile
from files.storage import new_token, stored_name
from tests.answers import bytes_of

pytestmark = pytest.mark.django_db

HOSTILE = pictures.hostile()
SHORT = ("iCCP bomb", "html", "png with html behind it", "gif and script in one", "half a JPEG")
LONG = tuple(what for what in HOSTILE if what not in SHORT)


def check(client: Client, what: str) -> None:
    name, data = HOSTILE[what]
    token, owner = new_token(), StoredFile.objects.first().owner if StoredFile.objects.exists() else person()
    default_storage.save(stored_name(token), ContentFile(data))
    file = StoredFile.objects.create(token=token, owner=owner, name=name, size=len(data), kind="image")
    client.login(username=owner.username, password=PASSWORD)
    for moment in ("as it came", "processed"):
        if moment == "processed":
            processing.process(file.pk)
        served = client.get(f"/files/{token}/{name}")
        assert served.headers["X-Content-Type-Options"] == "nosniff", what
        assert "sandbox" in served.headers["Content-Security-Policy"], what
        content = bytes_of(served)
        if served.headers["Content-Disposition"].startswith("attachment"):
            assert served.headers["Content-Type"] == "application/octet-stream" and content == data, what
            assert client.get(f"/files/{token}/preview").status_code == 404, what
        else:
            assert moment == "processed" and served.headers["Content-Type"] in run.TYPES["image"], what
            assert b"alert" not in content and b"alert" not in bytes_of(client.get(f"/files/{token}/preview")), what
            Image.open(io.BytesIO(content), formats=run.FORMATS).load()
    file.refresh_from_db()
    assert file.status in ("ready", "failed") and client.get("/healthz").status_code == 200


@pytest.mark.parametrize("what", SHORT)
def test_hostile_files_are_downloaded_or_clean(client, disk, what):
    check(client, what)


@pytest.mark.full
@pytest.mark.parametrize("what", LONG)
def test_all_hostile_files_are_downloaded_or_clean(client, disk, what):
    check(client, what)
