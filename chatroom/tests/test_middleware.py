import warnings

import pytest
from django.urls import reverse

from accounts.actions import make_account
from chatroom.styles import BUNDLES, without_blanks, without_comments
from chatroom.templatetags import assets

PASSWORD = "green-Tea-4711"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plain_files(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def admin(client):
    make_account(None, "admin", PASSWORD, is_admin=True)
    client.login(username="admin", password=PASSWORD)


def directives(response):
    return dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))


def test_pages_and_answers_for_signed_in_people_stay_out_of_caches(client, admin):
    for path in (reverse("account_settings"), "/api/snapshot", "/admin/"):
        said = client.get(path)["Cache-Control"]
        assert "private" in said and "no-store" in said, path
    client.logout()
    assert "private, no-store" not in client.get("/healthz").get("Cache-Control", "")


def test_every_answer_keeps_other_sites_and_frames_out(client, admin):
    for path in ("/accounts/settings/", "/api/snapshot", "/healthz", "/nothing/", "/admin/"):
        response = client.get(path)
        assert response["Cross-Origin-Resource-Policy"] == "same-origin", path
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        assert directives(response)["frame-ancestors"] == "'none'"
        assert directives(response)["default-src"] == "'none'"


def test_scripts_are_our_files_and_the_import_map_alone(client, admin, monkeypatch):
    assert directives(client.get("/accounts/settings/"))["script-src"] == "'self'"
    monkeypatch.setattr(assets, "importmap", lambda: '{"imports":{}}')
    allowed = directives(client.get("/accounts/settings/"))["script-src"].split()
    assert allowed[0] == "'self'" and allowed[1].startswith("'sha256-") and len(allowed) == 2


def test_the_admin_has_the_same_policy_without_trusted_types(client, admin):
    site, back = directives(client.get("/accounts/settings/")), directives(client.get("/admin/"))
    assert site.pop("require-trusted-types-for") == "'script'"
    assert site.pop("trusted-types") == "lit-html"
    assert back == site


def test_pages_and_answers_are_compressed_for_those_who_can_read_it(client, admin):
    for path in ("/", "/api/snapshot"):
        assert "Content-Encoding" not in client.get(path)
        assert client.get(path, headers={"accept-encoding": "gzip, br"})["Content-Encoding"] == "gzip"


def test_style_sheets_are_linked_one_by_one_where_names_are_not_hashed(client, admin):
    page = client.get("/").content.decode()
    assert [page.count(f"/static/{part}") for part in BUNDLES["css/chat-page.css"]] == [1] * 6
    assert "css/chat-page.css" not in page


def test_modules_travel_without_their_comments_each_line_with_its_number():
    source = b"/** What it is.\n * @param {string} a */\nexport const x = (/** @type {any} */ a) => `${a} /**`;\n\n  /** Short. */\n  y(); // goes\n"
    stripped = without_comments(source)
    assert stripped == b"\n\nexport const x = (a) => `${a} /**`;\n\n\n  y();\n"
    texts = b"const at = 'https://a.example; // stays';\nhtml`<b>; // stays</b>`;\n"
    assert without_comments(texts) == texts


def test_style_sheets_travel_without_needless_blanks():
    source = b'/* A comment. */\n@media (width < 25rem) {\n  .a :is(b, .c) > i::after { content: ""; inset: calc(1px + 2px) auto 0; }\n}\n'
    assert (
        without_blanks(source)
        == b'@media (width < 25rem){.a :is(b,.c) > i::after{content: "";inset: calc(1px + 2px) auto 0}}'
    )


async def test_static_files_are_no_stream(async_client, tmp_path, settings):
    """A stream that Django reads whole under ASGI is a warning in the terminal and a hop to another thread for each file."""
    (tmp_path / "a.css").write_bytes(b"0123456789")
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS, settings.WHITENOISE_AUTOREFRESH = tmp_path, False, False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = await async_client.get("/static/a.css")
        part = await async_client.get("/static/a.css", headers={"Range": "bytes=2-4"})
        head = await async_client.head("/static/a.css")
        same = await async_client.get("/static/a.css", headers={"If-None-Match": whole["ETag"]})
    assert (whole.status_code, whole.content, whole["Content-Type"]) == (
        200,
        b"0123456789",
        'text/css; charset="utf-8"',
    )
    assert (part.status_code, part.content, part["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", "10")
    assert (same.status_code, same.content) == (304, b"")
    assert not any(answer.streaming for answer in (whole, part, head, same))
