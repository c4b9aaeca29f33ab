"""The door: locked after failed tries, signed in elsewhere."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.e2e.house import TOUCH
from tests.e2e.person import PASSWORD, Person

Visitor = Callable[..., Person]
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
REFUSED = r"status of (401|403|429)"


@pytest.fixture
def boss(visitor: Visitor, base: str) -> Person:
    """The administrator, at the page of policies."""
    boss = visitor("Head Teacher", base, "head")
    boss.page.goto("/accounts/login/?next=/admin/core/policy/")
    boss.fill(login="head", password=PASSWORD)
    boss.submit()
    return boss


@contextmanager
def policy(boss: Person, values: dict[str, str]) -> Iterator[None]:
    """Policies as long as it lasts."""
    before = {name: boss.page.locator(f"[name='{name}']").input_value() for name in values}
    choose(boss, values)
    yield
    choose(boss, before)


def choose(boss: Person, values: dict[str, str]) -> None:
    """Fills in and saves the page of policies."""
    boss.page.goto("/admin/core/policy/")
    for name, value in values.items():
        field = boss.page.locator(f"[name='{name}']")
        if field.evaluate("field => field.localName") == "select":
            field.select_option(value)
        else:
            field.fill(value)
    boss.page.locator("#content form [type=submit]").first.click()
    expect(boss.page.locator(".messagelist .success")).to_be_visible()


def enter(person: Person, word: str = PASSWORD, path: str = "/") -> None:
    """Name and password, whatever comes of it."""
    person.page.goto(f"/accounts/login/?next={path}")
    person.fill(login=person.username, password=word)
    person.submit()


def test_failed_tries_are_counted_down_and_the_lock_ends_by_itself(
    boss: Person, person: Visitor, visitor: Visitor, base: str
) -> None:
    an = person("An")
    stranger = visitor("Stranger", base, an.username)
    stranger.allow(REFUSED)
    with policy(boss, {"signin.failures": "3", "signin.first_seconds": "4"}):
        for left in ("2 tries left.", "1 try left."):
            enter(stranger, "wrong")
            expect(stranger.page.get_by_role("alert")).to_contain_text(left)
        enter(stranger, "wrong")
        expect(stranger.page.get_by_role("heading", name="Too many failed tries")).to_be_visible()
        expect(stranger.page.get_by_role("timer")).to_have_text(re.compile(r"^0:0[1-4]$"))
        an.page.locator("#me").click()
        an.page.get_by_role("button", name="Sign out").click()
        enter(an)  # his own browser is not locked by strangers
        an.wait_live()
        expect(stranger.page.get_by_text("You can try again now.")).to_be_visible()
        expect(stranger.page.get_by_role("timer")).to_be_hidden()
        stranger.page.get_by_role("link", name="Back to sign-in").click()
        stranger.fill(login=an.username, password=PASSWORD)
        stranger.submit()
        stranger.wait_live()


def test_a_newer_sign_in_displaces_the_older_which_is_told_and_stays_away(
    boss: Person, person: Visitor, device: Visitor, visitor: Visitor, base: str
) -> None:
    an = person("An")
    an.allow(REFUSED)
    phone = device(an, **TOUCH)
    phone.allow(REFUSED)
    with policy(boss, {"signin.sessions": "per_kind"}):
        other = device(an, user_agent=EDGE)
        other.allow(REFUSED)
        dialog = an.page.get_by_role("dialog", name="Signed in elsewhere")
        expect(dialog).to_contain_text("Edge · Windows", timeout=2000)
        for event in ("offline", "online", "focus"):  # it does not come back by itself
            an.page.evaluate("(name) => dispatchEvent(new Event(name))", event)
        expect(an.page.locator("#me")).to_contain_text("Signed in elsewhere")
        expect(dialog).to_be_visible()
        expect(phone.page.get_by_role("dialog", name="Signed in elsewhere")).to_have_count(0)
        an.page.reload()
        expect(an.page.get_by_role("heading", name="Signed in elsewhere")).to_be_visible()
        expect(an.page.locator(".facts")).to_contain_text("Edge · Windows")
        an.page.get_by_role("link", name="Sign in here").click()
        an.fill(login=an.username, password=PASSWORD)
        an.submit()
        an.wait_live()
        expect(other.page.get_by_role("dialog", name="Signed in elsewhere")).to_be_visible()
    with policy(boss, {"signin.sessions": "refuse"}):
        enter(other)
        expect(other.page.get_by_role("heading", name="Signed in elsewhere")).to_be_visible()
        expect(an.page.locator("#me")).to_contain_text("Online")
        other.page.get_by_role("button", name="Sign in here instead").click()
        other.wait_live()
        for gone in (an, phone):
            expect(gone.page.get_by_role("dialog", name="Signed in elsewhere")).to_be_visible(timeout=2000)
    with policy(boss, {"signin.sessions": "kick"}):
        enter(phone)
        phone.wait_live()
        expect(other.page.get_by_role("dialog", name="Signed in elsewhere")).to_be_visible(timeout=2000)


@pytest.mark.slow
def test_administrators_are_told_who_waits_until_one_of_them_lets_him_in(
    boss: Person, device: Visitor, visitor: Visitor, base: str
) -> None:
    desk, phone = device(boss), device(boss, **TOUCH)
    an = visitor("An", base)
    an.allow(REFUSED)
    with policy(boss, {"registration.mode": "approval"}):
        an.page.goto("/accounts/signup/")
        an.fill(username=an.username, display_name=an.name, password1=PASSWORD)
        an.submit()
        expect(an.page.locator("[data-code=not_approved]")).to_be_visible()
        for head in (desk, phone):
            expect(head.page.locator("#me .badge")).to_have_text("1", timeout=2000)
        desk.page.locator("#me").click()
        desk.page.get_by_role("link", name="1 person waits for approval").click()
        expect(desk.page.locator("#result_list tbody tr")).to_have_count(1)
        desk.page.locator("#result_list .action-select").check()
        desk.page.locator("[name=action]").select_option("approve")
        desk.page.get_by_role("button", name="Run").or_(desk.page.get_by_role("button", name="Go")).click()
        expect(phone.page.locator("#me .badge")).to_have_count(0)
    enter(an)
    an.wait_live()
