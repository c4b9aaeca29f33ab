"""One verdict everywhere (C29): every state of an account at every entrance, against a table that was written by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import LoginSession, User
from tests.cast import PASSWORD, Cast, Person
from tests.tabs import Site, Tab

COLUMNS = ("state", "sign_in", "admin_sign_in", "page", "API", "socket", "admin")
PLACES = {
    "/": "ok", "/admin/": "ok", "/accounts/login/": "login",
    "/admin/login/": "login", "/accounts/password/change/": "change",
    "/accounts/2fa/": "factor", "/accounts/2fa/authenticate/": "second",
}  # fmt: skip
CODES = (
    "locked",
    "locked_for_good",
    "address_locked",
    "blocked",
    "not_approved",
    "password_expired",
    "displaced",
    "signed_in_elsewhere",
)
NAME = "quản-trị"


def read_table() -> Iterator[dict[str, str]]:
    for line in (Path(__file__).parent / "signin_verdicts.txt").read_text().splitlines():
        row = line.replace("|", " ").split()
        if row and not row[0].startswith("#") and row[0] != "state":
            yield dict(zip(COLUMNS, row, strict=True))


TABLE = list(read_table())


def fail(times: int, name: str = NAME) -> None:
    for _ in range(times):
        with pytest.raises(actions.SignInRefusal):
            actions.sign_in(name, "wrong", ip="127.0.0.1")


def locked_for_good(user: User) -> None:
    actions.set_policies(None, {"signin.failures_in_all": 2, "signin.failures": 2})
    fail(2)


def address_locked(user: User) -> None:
    actions.set_policies(None, {"signin.failures_per_address": 5})
    for number in range(5):
        fail(1, f"nobody{number}")


def expired(user: User) -> None:
    now = timezone.now()
    User.objects.filter(pk=user.pk).update(must_change_password=True, password_expires=now - timedelta(hours=1))


def second_factor(user: User) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(user, generate_totp_secret())


def used_elsewhere(user: User) -> None:
    actions.set_policies(None, {"signin.sessions": "refuse"})
    actions.open_session(user, kind="phone", displace=True)


def displaced(user: User) -> None:
    actions.set_policies(None, {"signin.sessions": "kick"})
    actions.open_session(user, kind="phone", device="Zalo · Android", ip="10.0.0.9")


STATES: dict[str, Callable[[User], object]] = {
    "active": lambda user: None,
    "locked": lambda user: fail(5),
    "locked_for_good": locked_for_good,
    "address_locked": address_locked,
    "wrong_password": lambda user: None,
    "blocked": lambda user: actions.block_user(None, user, "Spam"),
    "must_change": lambda user: actions.reset_password(None, user),
    "password_expired": expired,
    "not_approved": lambda user: User.objects.filter(pk=user.pk).update(approved_at=None),
    "second_factor_due": second_factor,
    "second_factor_missing": lambda user: actions.set_policies(None, {"secondfactor.policy": "administrators"}),
    "used_elsewhere": used_elsewhere,
    "displaced": displaced,
    "deleted": lambda user: actions.delete_account(None, user),
}


@pytest.fixture
def user(transactional_db: None, cast: Cast) -> User:
    """An administrator, who is not the only one."""
    actions.make_account(None, "second", PASSWORD, is_admin=True)
    return cast.administrator.user


def where(response: HttpResponse) -> str:
    """What a page says, by its address or its heading."""
    if response.status_code == 302:
        return PLACES[response["Location"].partition("?")[0]]
    found = re.search(r'data-code="(\w+)"', response.content.decode())
    return found[1] if found else "ok" if response.status_code == 200 else str(response.status_code)


def try_in(browser: Client, password: str, path: str) -> str:
    response = browser.post(f"/accounts/login/?next={path}", {"login": NAME, "password": password})
    if response.status_code == 200:
        return response.context["form"].refusal.code
    found = where(response)
    return where(browser.get(path)) if found == "ok" else found  # what stands behind the door


def entrances(browser: Client, site: Site) -> dict[str, str]:
    """What this browser may do now."""
    tab = knock(browser, site)
    api = browser.get("/api/snapshot")
    found = {
        "API": "ok" if api.status_code == 200 else api.json()["error"]["code"],
        "socket": f"{tab.close['code']}/{tab.close['reason']}" if tab.close else "ok",
    }
    cookies = browser.cookies.output()
    for column, path in (("page", "/"), ("admin", "/admin/")):
        copy = Client()
        copy.cookies.load(re.sub(r"Set-Cookie: ", "", cookies))
        found[column] = where(copy.get(path))
    return found


def knock(browser: Client, site: Site) -> Tab:
    """A socket with this browser's cookie."""
    person = Person(User(pk=0), LoginSession())
    person.browsers.append(browser)
    cookie = browser.cookies.get(settings.SESSION_COOKIE_NAME)
    return site.connect(person if cookie and cookie.value else None)


@pytest.mark.parametrize("row", [row for row in TABLE if row["sign_in"] != "-"], ids=lambda row: row["state"])
def test_signing_in(row: dict[str, str], user: User, site: Site) -> None:
    given = STATES[row["state"]](user)
    password = given if isinstance(given, str) else "wrong" if row["state"] == "wrong_password" else PASSWORD
    sessions = LoginSession.objects.count()
    found = {"state": row["state"]}
    for column, path in (("admin_sign_in", "/admin/"), ("sign_in", "/")):
        browser = Client()
        found[column] = try_in(browser, password, path)
    came_in = LoginSession.objects.count() - sessions
    assert came_in == (2 if row["sign_in"] in {"ok", "change", "factor"} else 0)
    assert {**found, **entrances(browser, site)} == row


@pytest.mark.parametrize("row", [row for row in TABLE if row["sign_in"] == "-"], ids=lambda row: row["state"])
def test_signed_in_before(row: dict[str, str], user: User, site: Site) -> None:
    browser = Client()
    assert try_in(browser, PASSWORD, "/") == "ok"
    STATES[row["state"]](user)
    assert {**row, **entrances(browser, site)} == row


def test_every_state_is_in_the_table() -> None:
    assert {row["state"] for row in TABLE} == STATES.keys()
