"""The second factor, passkeys, invite links and approval, as people meet them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench.server import Server
from tests.e2e.measure import told
from tests.e2e.person import PASSWORD, Person
from tests.e2e.screens import CALM, Screens, pages, stay
from tests.e2e.test_axe import look

Visitor = Callable[..., Person]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def code_of(secret: str, steps: int = 0) -> str:
    """What the authenticator app would show now, or some half minutes later."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1).digest()
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def half_way_in(person: Person) -> Person:
    """Name and password are right; the second step is asked for."""
    person.page.goto("/accounts/login/")
    person.fill(login=person.username, password=PASSWORD)
    person.submit()
    expect(person.page.locator("[name=code]")).to_be_visible()
    return person


def give(person: Person, code: str) -> None:
    person.fill(code=code)
    person.page.get_by_role("button", name="Sign in", exact=True).click()


@contextmanager
def policy(head: Person, name: str, value: str) -> Iterator[None]:
    """A site policy for a while, set where administrators set it."""

    def choose(wanted: str) -> str:
        head.page.goto("/admin/core/policy/")
        field = head.page.locator(f"[name='{name}']")
        before = field.input_value()
        field.select_option(wanted)
        head.page.get_by_role("button", name="Save").click()
        expect(head.page.locator(".messagelist .success")).to_be_visible()
        return before

    before = choose(value)
    yield
    choose(before)


def test_an_authenticator_app_and_recovery_codes(person: Visitor, visitor: Visitor, base: str) -> None:
    an = person("An")
    an.page.goto("/accounts/settings/")
    an.page.locator("#security ~ .setting", has_text="Second factor").get_by_role("link", name="Set up").click()
    an.page.get_by_role("link", name="Set up").click()
    expect(an.page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    an.page.get_by_text("It cannot be scanned").click()
    secret = an.page.locator("#secret").inner_text()
    an.fill(code="12345x")
    an.submit()
    expect(an.page.get_by_role("alert")).to_be_visible()
    an.fill(code=code_of(secret))
    an.submit()
    codes = an.page.locator("#codes li").all_inner_texts()
    assert len(codes) == 10
    with an.page.expect_download() as download:
        an.page.get_by_role("link", name="Download").click()
    assert codes[9] in download.value.path().read_text()
    an.page.get_by_role("link", name="I have kept them").click()
    expect(an.page.get_by_text("10 codes left")).to_be_visible()

    phone = half_way_in(visitor(an.name, base, an.username))
    give(phone, code_of(secret, -9))
    expect(phone.page.get_by_role("alert")).to_be_visible()
    next_one = code_of(secret, 1)
    give(phone, next_one)
    phone.wait_live()

    lost = half_way_in(visitor(an.name, base, an.username))
    give(lost, next_one)
    expect(lost.page.get_by_role("alert")).to_contain_text("used already")
    give(lost, codes[0])
    lost.wait_live()


def test_a_passkey_signs_in_by_itself_and_as_the_second_step(visitor: Visitor, server: Server, base: str) -> None:
    an = visitor("An", f"http://localhost:{server.port}").sign_up()
    device = an.context.new_cdp_session(an.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    an.page.goto("/accounts/2fa/passkeys/add/")
    an.fill(name="Phone of An")
    an.page.get_by_role("button", name="Add a passkey").click()
    expect(an.page.locator("#codes li")).to_have_count(10)
    an.page.goto("/accounts/2fa/")
    expect(an.page.locator(".keys")).to_contain_text("Phone of An")

    def sign_out() -> None:
        an.page.goto("/accounts/logout/")
        an.submit()
        expect(an.page.get_by_role("heading", name="Sign in")).to_be_visible()

    sign_out()
    an.page.get_by_role("button", name="Sign in with a passkey").click()
    an.wait_live()
    assert any(c["name"] == "sessionid" and c["expires"] > 0 for c in an.context.cookies())
    sign_out()
    an.page.get_by_label("Stay signed in").uncheck()
    an.page.get_by_role("button", name="Sign in with a passkey").click()
    an.wait_live()
    assert any(c["name"] == "sessionid" and c["expires"] == -1 for c in an.context.cookies())
    sign_out()
    half_way_in(an)
    an.page.get_by_role("button", name="Use a passkey").click()
    an.wait_live()

    by_number = visitor(
        "Bình", base
    ).sign_up()  # an address that is a number can have no passkeys, and the page says so
    by_number.page.goto("/accounts/2fa/")
    expect(by_number.page.get_by_text("Passkeys need the name of the site.")).to_be_visible()
    expect(by_number.page.get_by_role("link", name="Add", exact=True)).to_be_hidden()
    plain = visitor("Chi", f"http://chat.lan:{server.port}").sign_up()
    plain.page.goto("/accounts/2fa/")
    expect(plain.page.get_by_text("Passkeys need an encrypted connection")).to_be_visible()
    plain.page.goto("/accounts/logout/")
    plain.submit()
    expect(plain.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(plain.page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


@pytest.mark.whole_browser
def test_an_invite_link_from_the_panel_to_the_first_message(person: Visitor, visitor: Visitor, base: str) -> None:
    host, friend = person("Host"), visitor("Friend", base)
    host.new_group("Hội sách 读书会")
    host.members().get_by_role("button", name="Invite link").click()
    dialog = host.page.get_by_role("dialog", name="Invite link")
    dialog.get_by_label("For how many").select_option("1")
    dialog.get_by_role("button", name="Make a link").click()
    picture = dialog.get_by_role("img", name="QR code of the invite link")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth > 0)")
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    link = dialog.get_by_role("textbox", name="Invite link").input_value()
    assert re.fullmatch(re.escape(base) + r"/join/[\w-]{22}/", link)

    friend.page.goto(link)
    expect(friend.page.locator(".card-head")).to_contain_text(f"{host.name} invites you to the group Hội sách 读书会.")
    friend.fill(username=friend.username, display_name=friend.name, password1=PASSWORD)
    friend.submit()
    friend.wait_live()
    expect(friend.title).to_have_text("Hội sách 读书会")
    friend.write("Chào cả nhà 大家好")
    expect(host.bubble("Chào cả nhà 大家好")).to_be_visible()
    expect(host.log).to_contain_text(f"{friend.name} joined")

    late = person("Late")
    late.allow("status of 404")
    late.page.goto(link)
    expect(late.page.get_by_role("heading", name="This link has expired")).to_be_visible()


@pytest.mark.slow
def test_an_administrator_lets_a_newcomer_in(visitor: Visitor, base: str) -> None:
    head, newcomer = visitor("Head Teacher", base, "head").sign_in(), visitor("Newcomer", base)
    newcomer.allow("status of 403")
    with policy(head, "registration.mode", "approval"):
        newcomer.page.goto("/accounts/signup/")
        expect(newcomer.page.get_by_text("An administrator looks at new accounts")).to_be_visible()
        newcomer.fill(username=newcomer.username, display_name=newcomer.name, password1=PASSWORD)
        newcomer.submit()
        expect(newcomer.page.get_by_role("heading", name="Almost there")).to_be_visible()
        newcomer.page.goto("/accounts/login/")
        newcomer.fill(login=newcomer.username, password=PASSWORD)
        newcomer.submit()
        expect(newcomer.page.get_by_role("heading", name="Almost there")).to_be_visible()
        head.page.goto("/admin/accounts/user/?state=waiting")
        head.page.locator("tr", has_text=newcomer.username).locator("[name=_selected_action]").check()
        head.page.locator("[name=action]").select_option("approve")
        head.page.get_by_role("button", name="Go", exact=True).click()
        expect(head.page.locator(".messagelist .success")).to_be_visible()
        newcomer.sign_in()
    with policy(head, "registration.mode", "invite"):
        newcomer.page.goto("/accounts/logout/")
        newcomer.submit()
        expect(newcomer.page.get_by_text("Open the invite link")).to_be_visible()
        newcomer.page.goto("/accounts/signup/")
        expect(newcomer.page.get_by_role("heading", name="By invitation only")).to_be_visible()


@pytest.mark.slow
def test_axe_finds_nothing_in_the_invite_dialog(visitor: Visitor, base: str) -> None:
    found: dict[str, list[str]] = {}
    an = visitor("An", base, bypass_csp=True).sign_up()
    an.new_group("Hội sách 2")
    an.members().get_by_role("button", name="Invite link").click()
    dialog = an.page.get_by_role("dialog", name="Invite link")
    expect(dialog.get_by_label("For how many")).to_be_visible()
    an.page.add_style_tag(content=CALM)
    look(an.page, iter([("invite dialog", lambda: None)]), found)
    assert not found, told(found)


def pages_of_accounts(visitor: Visitor, base: str, **options: Any) -> Iterator[tuple[Page, Screens]]:
    """All that an account has: before it is there, in its settings, with a second factor, in the middle of signing in."""
    stranger = visitor("Stranger", base, bypass_csp=True, **options)
    stranger.allow("status of 404")
    an = visitor("An", base, bypass_csp=True, **options).join()
    group = an.post("group.create", name=f"Hội sách {an.username}", users=[])["id"]
    link = f"/join/{an.post('invite.make', conversation=group)['token']}/"
    paths = ("/accounts/login/", "/accounts/signup/", link, "/join/x/")
    yield stranger.page, pages(stranger.page, {path: path for path in paths})
    names = (
        "settings",
        "password/change",
        "2fa",
        "2fa/app/add",
        "2fa/passkeys/add",
        "older-password",
        "reauthenticate",
        "delete",
        "logout",
    )
    yield an.page, pages(an.page, {"in already": link} | {name: f"/accounts/{name}/" for name in names})
    an.page.goto("/accounts/2fa/app/add/")
    an.fill(code=code_of(an.page.locator("#secret").text_content() or ""))
    an.submit()
    expect(an.page.locator("#codes li")).to_have_count(10)
    names = ("2fa", "2fa/codes", "2fa/codes/new", "2fa/app/remove")
    yield an.page, pages(an.page, {f"{name}, on": f"/accounts/{name}/" for name in names})
    half = half_way_in(visitor(an.name, base, an.username, bypass_csp=True, **options))
    half.page.add_style_tag(content=CALM)
    yield half.page, iter([("second step", stay)])


@pytest.mark.slow
@pytest.mark.parametrize(
    "locale", ["vi-VN", *(pytest.param(code, marks=pytest.mark.full) for code in ("en-GB", "zh-CN"))]
)
def test_axe_finds_nothing_on_the_pages_of_accounts(visitor: Visitor, base: str, locale: str) -> None:
    found: dict[str, list[str]] = {}
    for page, screens in pages_of_accounts(visitor, base, locale=locale):
        look(page, screens, found)
    assert not found, told(found)


@pytest.mark.full
@pytest.mark.parametrize("locale", ["en-GB", "vi-VN", "zh-CN"])
def test_axe_finds_nothing_in_the_administration_of_accounts(
    visitor: Visitor, server: Server, base: str, locale: str
) -> None:
    found: dict[str, list[str]] = {}
    head = visitor("Deputy", base, bypass_csp=True, locale=locale).join()
    server.manage("set_role", head.username, "administrator")
    paths = (
        "accounts/user/",
        "accounts/user/add/",
        "accounts/user/import/",
        "accounts/loginsession/",
        "core/policy/",
        "messaging/invitelink/",
        "audit/event/",
    )
    look(head.page, pages(head.page, {path: f"/admin/{path}" for path in ("", *paths)}), found)
    assert not found, told(found)
