"""The policy matrix (C2) for uploads: each method, for every role, against verdicts that were written by hand."""

from __future__ import annotations

import pytest

from files.models import StoredFile, Upload
from files.tests.phone import Phone
from files.tus import PATH
from tests.cast import Cast
from tests.policy_requests import Scene, block_again
from tests.test_policy_matrix import ROLES, UPLOADS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_thread")]


def test_every_method_has_a_row():
    assert set(UPLOADS) == {f"UPLOAD {method}" for method in ("POST", "HEAD", "PATCH", "DELETE")}


@pytest.mark.parametrize("name", UPLOADS)
def test_upload(cast: Cast, disk: None, name: str):
    block_again(scene := Scene(cast))
    method, found = name.partition(" ")[2], {}
    for role in ROLES:
        path = Phone(cast.member).announce(3).headers["location"]
        phone = Phone(None if role == "anonymous" else scene.person(role))
        before = (Upload.objects.count(), Upload.objects.get(token=path.removeprefix(PATH)).offset)
        if method == "POST":
            reply = phone.announce(3)
        else:
            reply = phone.send(path, 0, b"abc") if method == "PATCH" else phone.ask(method, path)
        found[role] = str(reply.status) if method == "HEAD" and reply.status >= 400 else reply.code
        if reply.status >= 400:
            assert (Upload.objects.count(), Upload.objects.get(token=path.removeprefix(PATH)).offset) == before
    assert found == UPLOADS[name]
    assert StoredFile.objects.count() == (1 if method == "PATCH" else 0)
