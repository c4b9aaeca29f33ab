"""One's options as a file: what goes out comes in again, and what is wrong is named without losing the rest."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import actions, options_file
from accounts.models import User
from accounts.options import FIELDS
from accounts.tests.factories import PASSWORD, person
from tests.cast import refusal_of

pytestmark = pytest.mark.django_db


def file(options: dict, version: object = 1) -> bytes:
    return json.dumps({"version": version, "options": options}).encode()


def test_what_goes_out_comes_in_again():
    lan, minh = person("lan"), person("minh")
    actions.set_options(lan, {"theme": "dark", "look_back": 20, "who_may_write": "friends", "four_colour_cards": True})
    actions.set_profile(lan, {"language": "vi", "time_zone": "Asia/Shanghai"})
    document = options_file.export_options(lan)
    assert document["version"] == 1 and set(document["options"]) == {*FIELDS, "language", "time_zone"}
    assert options_file.import_options(minh, json.dumps(document).encode()) == []
    minh = User.objects.get(pk=minh.pk)
    assert (minh.options, minh.language, minh.time_zone) == (lan.options, "vi", "Asia/Shanghai")
    assert options_file.export_options(minh) == document


def test_each_wrong_option_is_named_with_its_reason_and_the_others_hold():
    lan = person()
    given = {
        "theme": "dark",
        "look_back": 9,
        "sounds": "yes",
        "colour": 1,
        "language": "xx",
        "time_zone": 7,
        "density": "compact",
    }
    refused = dict(options_file.import_options(lan, file(given)))
    assert set(refused) == {"look_back", "sounds", "colour", "language", "time_zone"}
    assert str(refused["colour"]) != str(refused["look_back"])
    assert User.objects.get().options == {"theme": "dark", "density": "compact"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 50_000,
        file({}, 0),
        file({}, 2),
        file({}, True),
        b'{"version": 1, "options": []}',
        b" " * 70_000,
    ],
)
def test_what_is_no_file_of_options_is_refused(content):
    assert refusal_of(options_file.import_options, person(), content) == "bad_options"


def test_the_page_gives_and_takes_the_file(client):
    person()
    client.login(username="lan", password=PASSWORD)
    given = client.get("/accounts/options/")
    assert given.headers["Content-Disposition"] == 'attachment; filename="chatroom-options.json"'
    assert given.json()["options"]["theme"] == "system"
    upload = SimpleUploadedFile("o.json", file({"theme": "dark", "<b>": 1}))
    page = client.post("/accounts/options/import/", {"file": upload}, follow=True).content.decode()
    assert "&lt;b&gt;" in page and "<b>" not in page
    assert User.objects.get().options == {"theme": "dark"}
    page = client.post(
        "/accounts/options/import/", {"file": SimpleUploadedFile("o.json", b"no")}, follow=True
    ).content.decode()
    assert "This is no file of options." in page
