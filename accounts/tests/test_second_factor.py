import base64
import hashlib
import hmac
import struct
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.utils import timezone

from accounts import access, actions
from accounts.models import LoginSession, User
from accounts.second_factor import Adapter
from accounts.tests.factories import PASSWORD, person, signed_in
from audit.models import Event
from core.refusal import Refusal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fast_passwords")]
NOW = 1_800_000_015  # in the middle of a time step


@pytest.fixture(autouse=True)
def still(monkeypatch):
    """The clock of the codes stands; answers a way to move it."""
    moment = [NOW]
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: moment[0])
    return lambda seconds: moment.__setitem__(0, moment[0] + seconds)


def code_at(secret, moment):
    """RFC 6238, written anew."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", moment // 30), hashlib.sha1).digest()
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def with_app(user):
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def names():
    return list(Event.objects.order_by("id").values_list("action", flat=True))


def sign_in(client, user, password=PASSWORD):
    return client.post("/accounts/login/", {"login": user.username, "password": password})


def policy(value):
    actions.set_policies(None, {"secondfactor.policy": value})


def test_a_code_is_taken_once_and_only_around_its_time(still):
    user = person()
    secret = with_app(user)
    code = code_at(secret, NOW)
    assert actions.use_code(user, "000000" if code != "000000" else "111111") is None
    assert actions.use_code(user, code) is not None
    assert actions.use_code(user, code) is None
    assert actions.use_code(user, code_at(secret, NOW - 30)) is None  # an older one than the one that was taken
    assert actions.use_code(user, code_at(secret, NOW + 60)) is None
    still(30)
    assert actions.use_code(user, f" {code_at(secret, NOW + 30)[:3]} {code_at(secret, NOW + 30)[3:]}") is not None
    assert actions.use_code(user, code) is None
    assert names().count("second_factor.failed") == 5


def test_a_code_of_somebody_else_is_wrong():
    user, other = person("one"), person("other")
    with_app(user)
    assert actions.use_code(user, code_at(with_app(other), NOW)) is None


def test_a_recovery_code_works_once_and_the_log_knows():
    user = person()
    with_app(user)
    first, second, *_ = RecoveryCodes.activate(user).get_unused_codes()
    assert actions.use_code(user, f"{first[:4]} {first[4:]}") is not None
    assert actions.use_code(user, first) is None
    assert actions.use_code(user, second) is not None
    used = Event.objects.filter(action="recovery_code.used").order_by("id")
    assert [event.detail for event in used] == [{"left": 9}, {"left": 8}]


def test_secrets_are_not_in_the_database_and_are_lost_without_the_key(settings):
    user = person()
    secret = with_app(user)
    stored = str(Authenticator.objects.get().data)
    assert secret not in stored
    assert Adapter().decrypt(Authenticator.objects.get().data["secret"]) == secret
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert Adapter().decrypt(Authenticator.objects.get().data["secret"]) == secret
    settings.SECRET_KEY_FALLBACKS = []
    assert actions.use_code(user, code_at(secret, NOW)) is None


def test_the_link_for_the_app_names_site_and_person():
    actions.set_policies(None, {"site.name": "Trường Hoa Sen"})
    url = urlsplit(Adapter().build_totp_url(person("lan"), "ABC"))
    assert (url.scheme, url.netloc) == ("otpauth", "totp")
    assert parse_qs(url.query) == {"secret": ["ABC"], "issuer": ["Trường Hoa Sen"]}


def test_there_is_no_session_before_the_code(client):
    person("boss", is_admin=True)
    user = person()
    secret = with_app(user)
    answer = sign_in(client, user)
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert not LoginSession.objects.exists()
    assert client.get("/")["Location"].startswith("/accounts/login/")
    assert client.get("/api/snapshot").status_code == 401
    sign_in(client, user)
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "abc"})
    assert wrong.status_code == 200 and not LoginSession.objects.exists()
    right = client.post("/accounts/2fa/authenticate/", {"code": code_at(secret, NOW)})
    assert right["Location"] == "/" and client.get("/").status_code == 200
    assert LoginSession.objects.get().user == user


def test_codes_cannot_be_guessed_for_long(client):
    person("boss", is_admin=True)
    user = person()
    secret = with_app(user)
    sign_in(client, user)
    for _ in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": "abc"})
    client.post("/accounts/2fa/authenticate/", {"code": code_at(secret, NOW)})
    assert not LoginSession.objects.exists()
    assert names().count("second_factor.failed") == 5


@pytest.mark.parametrize("remember", [True, False])
def test_whoever_does_not_stay_signed_in_leaves_no_lasting_cookie(client, remember):
    person("boss", is_admin=True)
    user = person()
    secret = with_app(user)
    form = {"login": user.username, "password": PASSWORD} | ({"remember": "on"} if remember else {})
    client.post("/accounts/login/", form)
    client.post("/accounts/2fa/authenticate/", {"code": code_at(secret, NOW)})
    assert bool(client.cookies["sessionid"]["max-age"]) == remember
    assert LoginSession.objects.count() == 1


def test_setting_it_up_through_the_pages_leaves_its_events(client, monkeypatch):
    person("boss", is_admin=True)
    user = person()
    sign_in(client, user)
    page = client.get("/accounts/2fa/app/add/").content.decode()
    secret = page.partition('class="secret">')[2].partition("<")[0]
    assert len(secret) == 32 and "data:image/svg+xml;base64," in page
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr("accounts.actions.factors.record_many", lambda *_: 1 / 0)
        client.post("/accounts/2fa/app/add/", {"code": code_at(secret, NOW)})
    assert not Authenticator.objects.exists()  # what the log cannot tell is not done
    done = client.post("/accounts/2fa/app/add/", {"code": code_at(secret, NOW)})
    assert done["Location"] == "/accounts/2fa/codes/"
    assert client.get("/accounts/2fa/codes/").content.decode().count("<li><code>") == 10
    assert actions.use_code(user, code_at(secret, NOW)) is None  # it was used to set the app up
    codes = Authenticator.objects.get(type="recovery_codes").pk
    assert client.post("/accounts/2fa/codes/new/")["Location"] == "/accounts/2fa/codes/"
    assert Authenticator.objects.get(type="recovery_codes").pk != codes
    assert client.post("/accounts/2fa/app/remove/")["Location"] == "/accounts/2fa/"
    assert not Authenticator.objects.exists()
    found = [name for name in names() if "factor" in name or "recovery" in name]
    assert found == [
        "second_factor.added",
        "recovery_codes.made",
        "second_factor.failed",
        "recovery_codes.made",
        "second_factor.removed",
    ]


def test_what_protects_an_account_is_changed_only_after_the_password(client):
    person("boss", is_admin=True)
    user = person()
    sign_in(client, user)
    assert client.get("/accounts/2fa/app/add/").status_code == 200  # the sign-in was a moment ago
    LoginSession.objects.update(started_at=timezone.now() - timedelta(minutes=6))
    for path in ("/accounts/2fa/app/add/", "/accounts/2fa/passkeys/add/", "/accounts/older-password/"):
        assert client.get(path)["Location"].startswith("/accounts/reauthenticate/?next="), path
    assert client.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code == 200
    assert client.get("/accounts/2fa/app/add/").status_code == 302


@pytest.mark.parametrize(
    ("value", "staff", "bot", "code"),
    [
        ("off", True, False, None),
        ("optional", True, False, None),
        ("administrators", True, False, "second_factor_required"),
        ("administrators", False, False, None),
        ("all", False, False, "second_factor_required"),
        ("all", False, True, None),
    ],
)
def test_every_entrance_asks_for_it_where_the_policy_does(client, value, staff, bot, code):
    user = person(is_admin=staff, is_bot=bot)
    session = signed_in(user)
    policy(value)

    def verdicts():
        at = connection.ops.adapt_datetimefield_value(timezone.now())
        return (
            access.verdict(User.objects.get(pk=user.pk), session),
            session.pk in access.actors([session.pk]),
            session.pk in access.senders([session.pk], at),
            access.gate([session.pk]),
        )

    assert verdicts() == (code, code is None, code is None, {session.pk: (4003, code)} if code else {})
    RecoveryCodes.activate(user)  # these alone are none
    assert verdicts()[0] == code
    with_app(user)
    assert verdicts() == (None, True, True, {})


def test_whoever_must_have_one_is_led_to_it_and_keeps_the_last_one(client):
    user = person(is_admin=True)
    policy("administrators")
    sign_in(client, user)
    assert client.get("/")["Location"] == "/accounts/2fa/"
    refused = client.get("/api/snapshot")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "second_factor_required")
    assert b"/accounts/2fa/app/add/" in client.get("/accounts/2fa/").content
    secret = client.get("/accounts/2fa/app/add/").content.decode().partition('class="secret">')[2].partition("<")[0]
    client.post("/accounts/2fa/app/add/", {"code": code_at(secret, NOW)})
    assert client.get("/").status_code == 200
    assert client.post("/accounts/2fa/app/remove/").status_code == 200 and Authenticator.objects.count() == 2
    policy("optional")
    assert client.post("/accounts/2fa/app/remove/").status_code == 302 and not Authenticator.objects.exists()


def test_where_it_is_off_nobody_adds_one(client):
    person("boss", is_admin=True)
    user = person()
    sign_in(client, user)
    secret = client.get("/accounts/2fa/app/add/").content.decode().partition('class="secret">')[2].partition("<")[0]
    policy("off")
    assert client.post("/accounts/2fa/app/add/", {"code": code_at(secret, NOW)}).status_code == 200
    assert not Authenticator.objects.exists()
    policy("optional")
    assert client.post("/accounts/2fa/app/add/", {"code": code_at(secret, NOW)}).status_code == 302


def test_an_administrator_takes_a_lost_one_away():
    user, other, boss = person("lan"), person("other"), person("boss", is_admin=True)
    with_app(user)
    with pytest.raises(Refusal, match="not_allowed"):
        actions.reset_second_factor(other, user)
    assert access.has_second_factor(user)
    assert actions.reset_second_factor(boss, user) == 1
    assert not access.has_second_factor(user)
    with pytest.raises(Refusal, match="no_second_factor"):
        actions.reset_second_factor(boss, user)


def test_the_password_for_older_clients_opens_gateways_alone(client):
    person("boss", is_admin=True)
    user = person()
    assert access.check_older_password(user, PASSWORD) and not access.check_older_password(user, "")
    made = actions.make_older_password(user)
    assert len(made) == 12 and made.isalnum() and made not in user.older_password
    assert access.check_older_password(user, made) and access.check_older_password(user, PASSWORD)
    assert sign_in(client, user, made).status_code == 200 and not LoginSession.objects.exists()
    with_app(user)
    assert access.check_older_password(user, made) and not access.check_older_password(user, PASSWORD)
    again = actions.make_older_password(user)
    assert access.check_older_password(user, again) and not access.check_older_password(user, made)
    actions.revoke_older_password(user)
    assert not access.check_older_password(user, again)
    with pytest.raises(Refusal, match="not_found"):
        actions.revoke_older_password(user)
    told = [name for name in names() if name.startswith("older")]
    assert told == ["older_password.made", "older_password.made", "older_password.revoked"]


def test_a_reset_password_takes_the_one_for_older_clients_with_it():
    user = person()
    made = actions.make_older_password(user)
    actions.reset_password(None, user)
    assert not access.check_older_password(User.objects.get(pk=user.pk), made)


def test_it_is_shown_once(client):
    person("boss", is_admin=True)
    user = person()
    sign_in(client, user)
    page = client.post("/accounts/older-password/", {"make": ""}).content.decode()
    made = page.partition('id="made">')[2].partition("<")[0]
    assert access.check_older_password(User.objects.get(pk=user.pk), made)
    assert made not in client.get("/accounts/older-password/").content.decode()
    client.post("/accounts/older-password/", {"revoke": ""})
    assert not access.check_older_password(User.objects.get(pk=user.pk), made)


ODD = [
    "", "null", "1", "[]", '"x"', "{}", '{"response": []}', '{"response": {"userHandle": 5}}', '{"a":' * 3000, "x" * 5000,
    '{"id": 1, "rawId": 2, "response": {}}', '{"id": "AA", "rawId": "AB", "type": "public-key", "response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", "authenticatorData": "AA",'
    ' "attestationObject": "AA", "signature": "AA", "userHandle": "//8"}, "clientExtensionResults": {}}',
]  # fmt: skip


def test_what_no_browser_would_send_as_a_passkey_is_refused(client):
    person("boss", is_admin=True)
    user = person()
    for odd in ODD:
        client.get("/accounts/2fa/passkeys/login/", headers={"accept": "application/json"})
        assert client.post("/accounts/2fa/passkeys/login/", {"credential": odd}).status_code == 302, odd
    assert not LoginSession.objects.exists()
    sign_in(client, user)
    for odd in ODD:
        assert client.get("/accounts/2fa/passkeys/add/").status_code == 200
        assert client.post("/accounts/2fa/passkeys/add/", {"credential": odd, "name": "x"}).status_code == 200, odd
    assert not Authenticator.objects.exists()
