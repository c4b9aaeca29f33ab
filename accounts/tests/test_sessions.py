"""How many sessions a person has at a time, by the site's policy (C17)."""

import threading
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import access, actions
from accounts.models import LoginSession
from accounts.tests.factories import PASSWORD, person, signed_in
from audit.models import Event
from realtime.models import Connection, ServerProcess, UserHead

pytestmark = pytest.mark.django_db
LOGIN, HERE = "/accounts/login/", "/accounts/login/here/"
COMPUTER, PHONE = "Mozilla/5.0 (X11; Linux) Firefox/140", "Mozilla/5.0 (Linux; Android 14) Chrome/140 Mobile"


@pytest.fixture(autouse=True)
def cheap(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def mode(value):
    actions.set_policies(None, {"signin.sessions": value})


def live():
    return list(LoginSession.objects.filter(ended_at=None).order_by("pk").values_list("kind", flat=True))


def sign_in(client, name="lan", agent=COMPUTER, **more):
    return client.post(LOGIN, {"login": name, "password": PASSWORD}, headers={"user-agent": agent}, **more)


def refusal(user, **more):
    with pytest.raises(actions.SignInRefusal) as refused:
        actions.open_session(user, kind="computer", **more)
    return refused.value.code


def let_rest(session, seconds=61):
    LoginSession.objects.filter(pk=session.pk).update(last_seen=timezone.now() - timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("per_kind", ["phone", "gateway", "computer"]),
        ("kick", ["computer"]),
        ("allow", ["computer", "phone", "gateway", "computer"]),
    ],
)
def test_a_newer_sign_in_ends_what_the_policy_says(value, left):
    user, other = person("lan"), person("other")
    mode("allow")
    sessions = [signed_in(user, kind) for kind in ("computer", "phone", "gateway")]
    signed_in(other)
    mode(value)
    before = UserHead.objects.filter(user=user).values_list("number", flat=True).first() or 0
    new = signed_in(user)
    mine = LoginSession.objects.filter(user=user)
    assert list(mine.filter(ended_at=None).order_by("pk").values_list("kind", flat=True)) == left
    ended = list(mine.exclude(ended_at=None).order_by("pk"))
    assert ended == [one for one in sessions if one.kind not in left or one.kind == "computer"][: len(ended)]
    assert all((one.ended_reason, one.displaced_by) == ("displaced", new) for one in ended)
    assert access.gate([one.pk for one in ended]) == {one.pk: (4001, "displaced") for one in ended}
    assert access.actors([new.pk])
    told = [event.detail for event in Event.objects.filter(action="session.displaced").order_by("pk")]
    assert told == [{"session": one.pk, "device": one.device, "by": new.pk} for one in ended]
    number = UserHead.objects.filter(user=user).values_list("number", flat=True).first() or 0
    assert (number > before) == bool(ended)
    assert LoginSession.objects.filter(user=other, ended_at=None).count() == 1


def test_refusing_is_judged_by_who_is_really_there():
    user = person("lan")
    mode("refuse")
    first = signed_in(user, "phone")
    assert refusal(user) == "signed_in_elsewhere"
    assert Event.objects.filter(action="session.refused", actor_id=user.pk).count() == 1
    let_rest(first)
    process = ServerProcess.objects.create(key="here", expires_at=timezone.now() + timedelta(seconds=40))
    Connection.objects.create(process=process, number=1, user=user, login_session=first.pk)
    assert refusal(user) == "signed_in_elsewhere"
    ServerProcess.objects.update(expires_at=timezone.now())
    second = signed_in(user)
    assert live() == ["computer"] and access.gate([first.pk]) == {first.pk: (4001, "displaced")}
    third = actions.open_session(user, kind="computer", displace=True)
    assert access.actors([second.pk, third.pk]).keys() == {third.pk}


@pytest.mark.parametrize("value", ["kick", "refuse"])
@pytest.mark.django_db(transaction=True)
def test_of_two_sign_ins_at_once_one_session_lives(value, full):
    """C17."""
    user = person("lan")
    mode(value)
    for _ in range(100 if full else 15):
        start, refused = threading.Barrier(2), []

        def run(start=start, refused=refused):
            start.wait()
            try:
                signed_in(user)
            except actions.SignInRefusal as refusal:
                refused.append(refusal.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert live() == ["computer"]
        assert refused == (["signed_in_elsewhere"] if value == "refuse" else [])
        actions.end_all_sessions(user)


def test_who_is_blocked_between_password_and_session_gets_none():
    user = person("lan")
    actions.block_user(None, user)
    assert refusal(user) == "blocked"
    assert not LoginSession.objects.exists()


def test_a_displaced_page_tells_when_and_from_where_and_offers_to_come_back(client):
    person("admin", is_admin=True)
    person("lan", language="vi")
    other = Client()
    sign_in(client)
    assert client.get("/").status_code == 200
    sign_in(other, agent="Mozilla/5.0 (Windows NT 10.0) Edg/140", REMOTE_ADDR="10.0.0.9")
    for _ in range(2):
        page = client.get("/c/1/")
        text = page.content.decode()
        assert page.status_code == 403 and "Edge · Windows, 10.0.0.9" in text and "/accounts/login/?next=/c/1/" in text
    answer = client.get("/api/snapshot")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (401, "displaced") and "Edge · Windows, 10.0.0.9" in error["message"]
    assert client.get(LOGIN).status_code == 200
    assert client.get("/").status_code == 302
    sign_in(client)
    assert client.get("/").status_code == 200 and other.get("/").status_code == 403


def test_in_refuse_mode_the_page_offers_to_sign_in_here_instead_without_the_password(client):
    person("admin", is_admin=True)
    user = person("lan")
    mode("refuse")
    other, third = Client(), Client()
    sign_in(other)
    page = sign_in(client, query_params={"next": "/accounts/settings/"})
    text = page.content.decode()
    assert page.status_code == 403 and "Firefox · Linux" in text and client.get("/").status_code == 302
    proof = text.split('name="proof" value="')[1].split('"')[0]
    assert 'name="next" value="/accounts/settings/"' in text
    assert third.post(HERE, {"proof": proof[:-1]})["Location"] == LOGIN
    assert third.get("/").status_code == 302
    assert client.get(HERE).status_code == 405
    answer = client.post(HERE, {"proof": proof, "next": "/accounts/settings/"}, headers={"user-agent": COMPUTER})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/settings/")
    assert client.get("/").status_code == 200 and other.get("/").status_code == 403
    actions.change_password(user, "another-Tea-4711")
    assert third.post(HERE, {"proof": proof})["Location"] == LOGIN


def test_in_refuse_mode_the_second_factor_comes_first(client):
    """Nothing is proved, and nobody displaced, before the code was right."""
    person("admin", is_admin=True)
    user = person("lan")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    signed_in(user)
    mode("refuse")
    assert sign_in(client)["Location"].startswith("/accounts/2fa/authenticate/")
    assert live() == ["computer"] and "login_session" not in client.session
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    page = client.post("/accounts/2fa/authenticate/", {"code": code})
    text = page.content.decode()
    assert page.status_code == 403 and 'data-code="signed_in_elsewhere"' in text and 'name="remember"' not in text
    proof = text.split('name="proof" value="')[1].split('"')[0]
    assert client.post(HERE, {"proof": proof}, headers={"user-agent": PHONE}).status_code == 302
    assert client.get("/").status_code == 200 and live() == ["phone"]
    assert client.session.get_expire_at_browser_close()


def test_signing_in_again_in_the_same_browser_displaces_nobody(client):
    person("admin", is_admin=True)
    mode("refuse")
    sign_in(client, "admin")
    client.force_login(LoginSession.objects.get().user)
    assert sorted(LoginSession.objects.values_list("ended_reason", flat=True)) == ["", "signed_out"]


def test_administrators_go_the_same_way_into_the_admin(client):
    person("admin", is_admin=True)
    mode("kick")
    first = Client()
    sign_in(first, "admin")
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(LOGIN)
    assert sign_in(client, "admin", query_params={"next": "/admin/"})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert first.get("/admin/").status_code == 403 and "Firefox · Linux" in first.get("/admin/").content.decode()


def test_who_was_blocked_while_signed_in_is_told_why(client):
    admin = person("admin", is_admin=True)
    user = person("lan")
    sign_in(client)
    actions.block_user(admin, user, "Spam")
    text = client.get("/", follow=True).content.decode()
    assert "This account is blocked. Reason: Spam" in text
