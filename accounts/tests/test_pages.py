import re

import pytest
from django.test import Client

from accounts import actions
from accounts.models import LoginSession, User
from accounts.tests.factories import PASSWORD, many_sessions, person
from audit.models import Event

pytestmark = pytest.mark.django_db
LOGIN, SIGNUP, CHANGE, SETTINGS, LOGOUT = (
    f"/accounts/{page}/" for page in ("login", "signup", "password/change", "settings", "logout")
)


@pytest.fixture
def admin():
    return person("admin", is_admin=True)


def sign_in(client, username, password=PASSWORD, **kwargs):
    return client.post(LOGIN, {"login": username, "password": password}, **kwargs)


def errors(response):
    return re.findall(r'<p class="error[^>]*>([^<]*)</p>', response.content.decode())


def test_signing_in_opens_a_session_and_leads_to_the_chat(client, admin):
    response = sign_in(client, "ADMIN", headers={"user-agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile"})
    assert (response.status_code, response["Location"]) == (302, "/")
    session = LoginSession.objects.get()
    assert (session.user, session.kind, session.device, session.ip) == (admin, "phone", "Chrome · Android", "127.0.0.1")
    assert client.get("/").status_code == 200
    assert Event.objects.filter(action="session.opened", actor_id=admin.pk, ip="127.0.0.1").count() == 1


def test_a_wrong_password_and_an_unknown_name_look_the_same(client, admin):
    wrong, unknown = sign_in(client, "admin", "wrong"), sign_in(client, "nobody", "wrong")
    assert errors(wrong) == errors(unknown) == ["Wrong user name or password. 4 tries left."]
    normal = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in (wrong, unknown)]
    assert normal[0] == normal[1]
    assert not LoginSession.objects.exists()
    assert [event.detail for event in Event.objects.filter(action="signin.failed").order_by("id")] == [
        {"username": "admin", "entrance": "page"},
        {"username": "nobody", "entrance": "page"},
    ]


def test_an_unknown_name_costs_one_hash_too(client, admin, monkeypatch):
    from accounts.passwords import Argon2

    hashed: list[str] = []

    def counted(name, plain):
        def run(self, *args):
            hashed.append(name)
            return plain(self, *args)

        return run

    for name in ("encode", "verify"):
        monkeypatch.setattr(Argon2, name, counted(name, getattr(Argon2, name)))
    sign_in(client, "admin", "wrong")
    known = len(hashed)
    sign_in(client, "nobody", "wrong")
    assert known == len(hashed) - known == 1


def test_signing_out_ends_the_session_by_post_only(client, admin):
    sign_in(client, "admin")
    assert client.get(LOGOUT).status_code == 200
    assert LoginSession.objects.get().ended_at is None
    assert client.post(LOGOUT).status_code == 302
    assert LoginSession.objects.get().ended_reason == "signed_out"
    assert client.get("/").status_code == 302
    assert Event.objects.filter(action="session.closed").count() == 1


def test_signing_in_again_in_the_same_browser_ends_the_older_session(client, admin):
    sign_in(client, "admin")
    client.post(LOGOUT)
    sign_in(client, "admin")
    assert LoginSession.objects.filter(ended_at=None).count() == 1


def test_a_session_ended_elsewhere_is_out_at_once(client, admin):
    sign_in(client, "admin")
    assert client.get("/").status_code == 200
    actions.end_all_sessions(admin)
    response = client.get("/", follow=True)
    assert response.redirect_chain[0][0] == LOGIN
    assert "This session has ended" in response.content.decode()
    assert client.get("/").status_code == 302


def test_the_api_of_an_ended_session_answers_with_json(client, admin):
    sign_in(client, "admin")
    actions.end_all_sessions(admin)
    response = client.get("/api/snapshot")
    assert (response.status_code, response.json()["error"]["code"]) == (401, "session_ended")


@pytest.mark.parametrize(
    ("state", "text"),
    [("blocked", "This account is blocked"), ("waiting", "Almost there"), ("expired", "The password has expired")],
)
def test_an_account_that_may_not_come_in_is_told_why_after_the_right_password(client, admin, state, text):
    from django.utils import timezone

    user = person("user", approved=state != "waiting", password_expires=timezone.now() if state == "expired" else None)
    if state == "blocked":
        actions.block_user(admin, user, "Spam")
    assert errors(sign_in(client, "user", "wrong")) == ["Wrong user name or password. 4 tries left."]
    response = sign_in(client, "user")
    assert response.status_code == 403 and text in response.content.decode()
    assert not LoginSession.objects.filter(user=user).exists()
    assert client.get("/").status_code == 302


def test_a_one_time_password_opens_nothing_but_its_own_change(client, admin):
    user = person("user")
    password = actions.reset_password(admin, user)
    sign_in(client, "user", password)
    for page in ("/", SETTINGS, "/admin/", SIGNUP):
        response = client.get(page)
        assert (response.status_code, response["Location"]) == (302, CHANGE), page
    answer = client.get("/api/snapshot")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "must_change_password")
    assert client.get(CHANGE).status_code == 200
    assert errors(client.post(CHANGE, {"oldpassword": password, "password1": password}))
    assert '<input type="hidden" name="next" value="/">' in client.get(CHANGE).content.decode()
    response = client.post(CHANGE, {"oldpassword": password, "password1": "another-Tea-4711", "next": "/"})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert client.get("/api/snapshot").status_code == 200


def test_changing_the_password_keeps_this_browser_and_ends_the_others(client, admin):
    many_sessions()
    other = Client()
    sign_in(client, "admin")
    sign_in(other, "admin")
    key = client.session.session_key
    assert errors(client.post(CHANGE, {"oldpassword": "wrong", "password1": "another-Tea-4711"})) == [
        "That is not your current password."
    ]
    assert errors(client.post(CHANGE, {"oldpassword": PASSWORD, "password1": "12345678901"}))
    assert other.get("/").status_code == 200
    response = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": "another-Tea-4711"}, follow=True)
    assert response.redirect_chain == [(SETTINGS, 302)]
    assert "Password changed." in response.content.decode()
    assert client.get("/").status_code == 200
    assert client.session.session_key != key
    assert other.get("/").status_code == 302
    assert sorted(LoginSession.objects.values_list("ended_reason", flat=True)) == ["", "password"]


def test_registration_makes_an_account_and_signs_in(client, admin):
    response = client.post(SIGNUP, {"username": "小明", "display_name": "Minh", "password1": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    user = User.objects.get(username="小明")
    assert (user.name, user.is_active, user.is_admin) == ("Minh", True, False)
    assert client.get("/api/snapshot").json()["me"]["name"] == "Minh"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"username": "ADMIN"}, "taken"),
        ({"username": "a b"}, "letters"),
        ({"username": "system"}, "reserved"),
        ({"password1": "short"}, "too short"),
        ({"password1": "password123"}, "common"),
    ],
)
def test_registration_with_a_fault_makes_nothing(client, admin, data, field):
    response = client.post(SIGNUP, {"username": "new", "display_name": "", "password1": PASSWORD, **data})
    assert response.status_code == 200 and any(field in error for error in errors(response)), errors(response)
    assert User.objects.count() == 1


def test_registration_follows_the_policy(client, admin):
    data = {"username": "new", "display_name": "", "password1": PASSWORD}
    actions.set_policies(admin, {"registration.mode": "closed"})
    assert "Sign-up is closed" in client.post(SIGNUP, data).content.decode()
    assert User.objects.count() == 1
    actions.set_policies(admin, {"registration.mode": "approval"})
    response = client.post(SIGNUP, data)
    assert response.status_code == 403 and "Almost there" in response.content.decode()
    assert client.get("/").status_code == 302
    actions.approve_user(admin, User.objects.get(username="new"))
    assert sign_in(client, "new")["Location"] == "/"


def test_settings_are_saved(client, admin):
    sign_in(client, "admin")
    data = {"display_name": "Sếp", "status": "bận", "language": "vi", "time_zone": "Asia/Shanghai", "theme": "dark"}
    assert client.post(SETTINGS, data).status_code == 302
    user = User.objects.get()
    assert (user.name, user.status, user.language, user.time_zone, user.options) == (
        "Sếp",
        "bận",
        "vi",
        "Asia/Shanghai",
        {"theme": "dark"},
    )
    page = client.get(SETTINGS).content.decode()
    assert 'lang="vi"' in page and 'data-theme="dark"' in page


def test_ones_sessions_are_listed_and_ended_and_those_of_others_are_not_there(client, admin):
    other, stranger = Client(), Client()
    person("stranger")
    many_sessions()
    sign_in(client, "admin")
    sign_in(other, "admin", headers={"user-agent": "Firefox iPhone"})
    sign_in(stranger, "stranger")
    theirs = LoginSession.objects.get(kind="phone")
    assert "Firefox · iPhone" in client.get(SETTINGS).content.decode()
    assert "Firefox · iPhone" not in stranger.get(SETTINGS).content.decode()
    assert stranger.post(f"/accounts/sessions/{theirs.pk}/end/").status_code == 404
    assert other.get("/").status_code == 200
    assert client.get(f"/accounts/sessions/{theirs.pk}/end/").status_code == 405
    assert client.post(f"/accounts/sessions/{theirs.pk}/end/").status_code == 302
    assert other.get("/").status_code == 302
    sign_in(other, "admin")
    client.post("/accounts/sessions/end-others/")
    assert other.get("/").status_code == 302 and client.get("/").status_code == 200


def test_the_language_switch_works_signed_out_and_is_kept_signed_in(client, admin):
    client.post("/accounts/language/", {"language": "zh-hans", "next": LOGIN})
    assert 'lang="zh-hans"' in client.get(LOGIN).content.decode()
    sign_in(client, "admin")
    client.post("/accounts/language/", {"language": "vi", "next": "/"})
    assert User.objects.get().language == "vi"


def test_no_page_has_inline_scripts_or_styles(client, admin):
    pages = [client.get(LOGIN), client.get(SIGNUP)]
    sign_in(client, "admin")
    pages += [client.get(SETTINGS), client.get(CHANGE), client.get(LOGOUT)]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text)


def test_nothing_leads_away_from_the_site(client, admin):
    assert (
        client.post(f"{LOGIN}?next=https://evil.example/", {"login": "admin", "password": PASSWORD})["Location"] == "/"
    )


@pytest.mark.parametrize(
    ("language", "title", "wrong"),
    [
        ("en", "Sign in", "Wrong user name or password."),
        ("vi", "Đăng nhập", "Tên đăng nhập hoặc mật khẩu không đúng."),
        ("zh-hans", "登录", "用户名或密码不正确。"),
    ],
)
def test_pages_and_their_errors_speak_the_language_of_the_visitor(client, admin, language, title, wrong):
    client.post("/accounts/language/", {"language": language, "next": LOGIN})
    response = sign_in(client, "admin", "wrong")
    assert f"<h1>{title}</h1>" in response.content.decode()
    assert errors(response)[0].startswith(wrong)


def test_a_form_from_another_site_is_refused_in_the_language_of_the_visitor(admin):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["language"] = "vi"
    response = sign_in(strict, "admin")
    assert response.status_code == 403 and "Không được phép" in response.content.decode()
    assert not LoginSession.objects.exists()
    strict.get(LOGIN)
    assert sign_in(strict, "admin", headers={"x-csrftoken": strict.cookies["csrftoken"].value}).status_code == 302


def test_a_single_value_of_the_settings_leaves_the_others_alone(client, admin):
    sign_in(client, "admin")
    actions.set_options(admin, {"receipts": False, "accent": "pink"})
    headers = {"accept": "application/json"}
    answer = client.post(SETTINGS, {"density": "compact"}, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"saved": True})
    assert User.objects.get().options == {"receipts": False, "accent": "pink", "density": "compact"}
    answer = client.post(SETTINGS, {"accent": "mud"}, headers=headers)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["accent"]
    assert User.objects.get().options["accent"] == "pink"


def test_the_whole_form_turns_off_what_it_does_not_name(client, admin):
    sign_in(client, "admin")
    client.post(SETTINGS, {"whole": "1", "enter_sends": "on"})
    options = User.objects.get().options
    assert (
        not any(options.values()) and {"receipts", "show_last_seen"} <= options.keys() and "enter_sends" not in options
    )


def test_the_look_is_in_the_first_answer(client, admin):
    actions.set_options(admin, {"theme": "dark", "accent": "teal", "density": "compact", "text_size": "large"})
    sign_in(client, "admin")
    page = client.get("/").content.decode()
    assert 'data-theme="dark" data-accent="teal" data-density="compact" data-text-size="large"' in page
    assert page.count('name="theme-color"') == 1
