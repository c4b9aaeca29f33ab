"""Bad input at each entrance gets a clear error in the person's language, and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts import actions as accounts
from chatroom import api
from core import policies
from messaging.models import Conversation, Draft, Membership, Message, Reaction
from realtime.heads import UserFeed
from realtime.limits import Limits
from tests.bad_input import BODIES, CORE, FRAMES, ID, REFUSED
from tests.cast import Cast, Person
from tests.tabs import Site, Tab

LANGUAGES = ("en", "vi", "zh-hans")


def rows(cast: Cast) -> tuple:
    """What must be as before."""
    counts = [model.objects.count() for model in (Conversation, Membership, Message, Reaction, Draft)]
    heads = UserFeed().heads([person.id for person in cast])
    return (
        *counts,
        sorted(Conversation.objects.values_list("pk", "name", "last_seq", "last_change")),
        sorted(heads.items()),
    )


def filled(data: Any, cast: Cast, seq: int) -> Any:
    """The letters in a case's data replaced by this cast's ids."""
    if not isinstance(data, dict):
        return data
    values = {"G": cast.group, "E": cast.everyone, "M": seq, "N": 999_999}
    return {
        key: values.get(value, value) if isinstance(value, str) and key in ("conversation", "seq") else value
        for key, value in data.items()
    }


def unlimited() -> None:
    """So many commands at once are no flood here."""
    accounts.set_policies(None, {"limits.commands_burst": 10_000})
    policies.get(Limits)


def speak(person: Person, language: str) -> None:
    accounts.set_language(person.user, language)


@pytest.mark.django_db(transaction=True)
def test_over_http(cast: Cast, prompt_batches: None):
    speak(cast.member, "vi")
    unlimited()
    seq = cast.say(cast.member)
    before = rows(cast)
    for number, (name, data, code) in enumerate(REFUSED):
        response = cast.member.client.post(
            f"/api/{name}", json.dumps(filled(data, cast, seq)), content_type="application/json"
        )
        error = response.json().get("error")
        assert error and error["code"] == code, (number, name, str(data)[:80], response.content[:200])
        assert 400 <= response.status_code < 500 and error["message"].strip()
    assert rows(cast) == before


@pytest.mark.django_db(transaction=True)
def test_over_the_socket(cast: Cast, site: Site, prompt_batches: None):
    unlimited()
    seq = cast.say(cast.member)
    tab = site.enter(cast.member)
    before = rows(cast)
    for number, (name, data, code) in enumerate(REFUSED):
        reply = tab.ask(name, filled(data, cast, seq))
        assert reply["ok"] is False and reply["error"]["code"] == code, (number, name, str(data)[:80], reply)
        assert reply["error"]["message"].strip()
    assert rows(cast) == before
    assert tab.code("message.send", {"conversation": cast.group, "client_id": ID, "body": "vẫn sống 还活着"}) == "ok"


@pytest.mark.django_db(transaction=True)
def test_a_frame_that_is_none_is_answered_without_a_ref_and_the_socket_lives(cast: Cast, site: Site):
    tab = site.enter(cast.member)
    before = rows(cast)
    for text in FRAMES:
        count = len(tab.of("reply"))
        tab.put(text)
        reply = tab.wait(lambda count=count: tab.of("reply")[count:])[0]
        assert (reply["ok"], reply["error"]["code"]) in ((False, "bad_request"), (False, "not_found")), text[:60]
        assert reply["error"]["message"]
    assert rows(cast) == before
    assert tab.code("ping", {}) == "ok"


@pytest.mark.django_db(transaction=True)
def test_a_ref_that_is_no_number_is_not_given_back(cast: Cast, site: Site):
    tab = site.enter(cast.member)
    for number, ref in enumerate(('"7"', "1.5", "true", "null", "[1]", "1e300", "12345678901234567890", '{"a":1}')):
        tab.put(f'{{"type": "ping", "ref": {ref}, "data": {{}}}}')
        assert tab.wait(lambda number=number: tab.of("reply")[number:])[0]["ref"] is None


@pytest.mark.django_db(transaction=True)
def test_before_hello_nothing_but_ping_is_done(cast: Cast, site: Site):
    tab = site.connect(cast.member)
    assert tab.code("ping", {}) == "ok"
    assert tab.code("message.send", {"conversation": cast.group, "client_id": ID, "body": "x"}) == "bad_request"
    assert tab.code("feed.resume", {"feed": f"c:{cast.group}", "after": 0}) == "bad_request"
    tab.hello()
    assert tab.code("message.send", {"conversation": cast.group, "client_id": ID, "body": "x"}) == "ok"
    assert tab.code("hello", {}) == "bad_request"


@pytest.mark.django_db
@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:12]))
def test_an_http_body_that_is_none(cast: Cast, body: bytes):
    before = rows(cast)
    for name in ("message.send", "group.create", "options.save"):
        response = cast.member.client.post(f"/api/{name}", body, content_type="application/json")
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "bad_request"
        assert response.json()["error"]["message"]
    assert rows(cast) == before


@pytest.mark.django_db(transaction=True)
def test_a_megabyte_of_text_is_told_to_be_too_long_and_more_is_not_read(cast: Cast):
    before = rows(cast)
    data = {"conversation": cast.group, "client_id": ID, "body": "好" * (2**20 // 3)}
    response = cast.member.client.post(
        "/api/message.send", json.dumps(data, ensure_ascii=False).encode(), content_type="application/json"
    )
    assert (response.status_code, response.json()["error"]["code"]) == (400, "too_long")
    response = cast.member.client.post("/api/message.send", b" " * (5 * 2**20), content_type="application/json")
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
    assert rows(cast) == before


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_takes_too_long_is_told_as_such_and_may_be_asked_for_again(
    cast: Cast, prompt_batches: None, monkeypatch: pytest.MonkeyPatch
):
    data = {"conversation": cast.group, "client_id": ID, "body": "一次"}
    monkeypatch.setattr(api, "ANSWER_SECONDS", 0)
    response = cast.member.client.post("/api/message.send", data, content_type="application/json")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "too_slow")
    monkeypatch.undo()
    again = cast.member.client.post("/api/message.send", data, content_type="application/json")
    assert again.status_code == 200
    assert Message.objects.filter(sender=cast.member.user).values_list("seq", flat=True).get() == again.json()["seq"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_only_json_is_taken(cast: Cast, kind: str):
    """A form of another site cannot be made to look like a command."""
    response = cast.member.client.post("/api/group.create", b'{"name": "x"}', content_type=kind)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "before=-1",
        "after=99999999999999999999",
        "limit=-1",
        "limit=1e3",
        "around=1.5",
        "around=%00",
        f"after={2**53}",
    ],
)
def test_a_page_asked_for_in_a_wrong_way(cast: Cast, query: str):
    assert cast.member.client.get(f"/api/conversations/{cast.group}/messages?limit=5").status_code == 200
    response = cast.member.client.get(f"/api/conversations/{cast.group}/messages?{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/api/conversations/999999/messages",
        "/api/conversations/999999999999999999999999/members",
        "/api/conversations/9007199254740993/messages",
        "/c/999999999999999/",
        "/c/99999999999999999999/",
    ],
)
def test_a_place_that_is_not_there(cast: Cast, path: str):
    response = cast.member.client.get(path)
    assert response.status_code in (400, 404)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ED%A0%80", "q=" + "x" * 5000, "ids=x,1", "ids=" + "9" * 400, "ids=,,,", "ids=-1"]
)
def test_people_asked_for_in_a_wrong_way(cast: Cast, query: str):
    response = cast.member.client.get(f"/api/people?{query}")
    assert response.status_code in (200, 400)
    assert "people" in response.json() or response.json()["error"]["message"]


@pytest.mark.django_db
def test_without_the_csrf_token_or_from_another_site_nothing_is_done(cast: Cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.member.user, backend="accounts.auth.Backend")
    browser.get("/")
    token = browser.cookies["csrftoken"].value
    before = rows(cast)

    def post(headers: dict) -> tuple[int, str]:
        response = browser.post(
            "/api/group.create", json.dumps({"name": "nhóm"}), content_type="application/json", headers=headers
        )
        return response.status_code, response.json()["error"]["code"] if response.status_code != 200 else "ok"

    for headers in (
        {},
        {"x-csrftoken": "x" * 32},
        {"x-csrftoken": "x" * 64},
        {"x-csrftoken": ""},
        {"x-csrftoken": token, "origin": "http://evil.example"},
        {"x-csrftoken": token, "origin": "null"},
    ):
        assert post(headers) == (403, "csrf"), headers
    assert browser.post("/accounts/settings/", {"theme": "dark"}).status_code == 403
    assert rows(cast) == before
    assert post({"x-csrftoken": token, "origin": "http://testserver"}) == (200, "ok")


ORIGINS = [
    "http://evil.example",
    "null",
    "",
    "https://localhost",
    "http://localhost:81",
    "http://localhost.evil.example",
    "http://x@localhost",
    "http://localhost/",
    "file://",
]


@pytest.mark.django_db(transaction=True)
def test_the_socket_is_closed_to_other_sites(cast: Cast, site: Site):
    for headers in [
        *({"origin": origin} for origin in ORIGINS),
        {"origin": "http://evil.example", "host": "evil.example"},
        {"host": ""},
    ]:
        tab = site.connect(cast.member, headers)
        assert tab.close is not None and not tab.accepted, headers
    assert site.connect(cast.member, {"origin": "http://localhost"}).accepted


@pytest.mark.django_db(transaction=True)
def test_a_cookie_that_is_none_is_nobody(cast: Cast, site: Site):
    for cookie in (
        "sessionid=x",
        "sessionid=" + "x" * 4000,
        'sessionid="\x01',
        "a=b; sessionid=",
        "sessionid=đ",
        ";;;",
    ):
        tab = Tab(site, 0, [(b"host", b"localhost"), (b"origin", b"http://localhost"), (b"cookie", cookie.encode())])
        site.tabs.append(tab)
        assert tab.wait(lambda tab=tab: tab.close)["code"] == 4003
    assert site.enter(cast.member).code("ping", {}) == "ok"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("name", "data", "code"), CORE, ids=[code for _, _, code in CORE])
def test_errors_are_in_the_persons_language(
    cast: Cast, site: Site, prompt_batches: None, name: str, data: Any, code: str
):
    texts = {}
    for language in LANGUAGES:
        speak(cast.member, language)
        response = cast.member.client.post(
            f"/api/{name}", json.dumps(filled(data, cast, 1)), content_type="application/json"
        )
        reply = site.enter(cast.member).ask(name, filled(data, cast, 1))
        assert response.json()["error"] == reply["error"]
        assert reply["error"]["code"] == code
        texts[language] = reply["error"]["message"]
    assert len(set(texts.values())) == 3, texts
    assert any("\u4e00" <= letter <= "\u9fff" for letter in texts["zh-hans"])
