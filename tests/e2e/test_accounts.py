"""Set-up, sign-up, sign-in, sign-out, sessions, language and theme."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bench.server import Server
from tests.e2e.conftest import setup_link
from tests.e2e.person import PASSWORD, Person

Visitor = Callable[..., Person]
NOT_FOUND = r"status of 404"


def test_the_setup_link_works_once(server: Server, base: str, visitor: Visitor) -> None:
    stranger = visitor("Stranger", base)
    stranger.allow(NOT_FOUND)
    answer = stranger.page.goto(setup_link(server))
    assert answer and answer.status == 404
    expect(stranger.page.locator("[name=password]")).to_have_count(0)


def test_the_first_person_is_administrator_and_named_the_site(base: str, visitor: Visitor) -> None:
    head = visitor("Head Teacher", base, "head").sign_in()
    expect(head.page).to_have_title("Lighthouse School")
    head.page.locator("#me").click()
    expect(head.page.get_by_role("link", name="Administration")).to_be_visible()
    head.page.keyboard.press("Escape")
    head.open("Everyone")
    expect(head.log).to_contain_text("Welcome!")


def test_people_sign_up_sign_out_and_in_again(base: str, visitor: Visitor) -> None:
    an = visitor("An", base).sign_up()
    an.page.locator("#me").click()
    an.page.get_by_role("button", name="Sign out").click()
    expect(an.page.get_by_role("heading", name="Sign in")).to_be_visible()
    an.page.goto("/")
    expect(an.page.get_by_role("heading", name="Sign in")).to_be_visible()
    an.fill(login=an.username.upper(), password=PASSWORD)
    an.submit()
    an.wait_live()
    expect(an.page.locator("#me")).to_contain_text(an.name)


def test_a_wrong_password_and_an_unknown_name_get_the_same_clear_message(
    person: Visitor, base: str, visitor: Visitor
) -> None:
    an, stranger = person("An"), visitor("Stranger", base)
    texts = []
    for name in (an.username, "nobody-of-this-name"):
        stranger.page.goto("/accounts/login/")
        stranger.fill(login=name, password="Wrong-Lanterns-27")
        stranger.submit()
        expect(stranger.page.get_by_role("alert")).to_be_visible()
        texts.append(stranger.page.get_by_role("alert").inner_text())
        expect(stranger.page.locator("[name=password]")).to_have_value("")
    assert texts[0] == texts[1] and "password" in texts[0]


@pytest.mark.slow
def test_a_taken_name_and_a_weak_password_are_told_at_the_form(person: Visitor, base: str, visitor: Visitor) -> None:
    an, other = person("An"), visitor("Other", base)
    other.page.goto("/accounts/signup/")
    other.fill(username=an.username.title(), display_name="Other", password1="12345678901")
    other.submit()
    expect(other.page.locator(".field.has-error [name=password1]")).to_be_visible()
    other.fill(password1=PASSWORD)
    other.submit()
    expect(other.page.locator(".field.has-error [name=username]")).to_be_visible()
    other.fill(username=other.username, password1=PASSWORD)
    other.submit()
    other.wait_live()


def test_a_session_ended_elsewhere_goes_to_the_sign_in_page(person: Visitor, device: Visitor) -> None:
    an = person("An")
    other = device(an)
    other.page.goto("/accounts/settings/")
    other.page.get_by_role("button", name="End all other sessions").click()
    expect(other.page.get_by_text("All other sessions have ended.")).to_be_visible()
    expect(an.page.get_by_role("heading", name="Sign in")).to_be_visible()
    other.go()
    expect(other.page.locator("#me")).to_contain_text("Online")


def test_the_language_changes_at_once_and_is_remembered(person: Visitor, device: Visitor) -> None:
    an = person("An")
    words = {"vi": ("Tìm kiếm", "Mọi người"), "zh-hans": ("搜索", "所有人")}
    for code in words:
        an.page.locator("#me").click()
        an.page.locator(f"#menu button[name=language][value={code}]").click()
        expect(an.page.locator("html")).to_have_attribute("lang", code)
        an.wait_live()
        filter_words, everyone = (
            an.page.locator("#filter").get_attribute("placeholder"),
            an.page.locator(".item-title").inner_text(),
        )
        assert (filter_words, everyone) == words[code]
    other = device(an)
    expect(other.page.locator("html")).to_have_attribute("lang", "zh-hans")


@pytest.mark.slow
def test_the_sign_in_page_switches_its_language_without_javascript(base: str, visitor: Visitor) -> None:
    stranger = visitor("Stranger", base, java_script_enabled=False)
    stranger.page.goto("/accounts/login/")
    stranger.page.locator("button[name=language][value=vi]").click()
    expect(stranger.page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    stranger.page.reload()
    expect(stranger.page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


@pytest.mark.slow
def test_the_theme_changes_at_once_and_is_remembered(person: Visitor, device: Visitor) -> None:
    an = person("An")
    background = "getComputedStyle(document.querySelector('.sidebar')).backgroundColor"
    light = an.page.evaluate(background)
    an.page.locator("#me").click()
    an.page.locator("#menu").get_by_role("button", name="Dark").click()
    expect(an.page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = an.page.evaluate(background)
    assert dark != light
    an.page.reload()
    an.wait_live()
    assert an.page.evaluate(background) == dark
    other = device(an)
    assert other.page.evaluate(background) == dark
    other.page.goto("/accounts/settings/")
    expect(other.page.locator("html")).to_have_attribute("data-theme", "dark")
