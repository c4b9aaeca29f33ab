"""Every page and dialog at five widths in three languages, full of hostile names and texts: no overflow, nothing cut, targets large enough."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.house import LANGUAGES, TOUCH, House
from tests.e2e.measure import layout_faults, told
from tests.e2e.screens import Screens, over_a_conversation, over_the_list, pages
from tests.e2e.screens_asked import asked
from tests.e2e.test_axe import seldom_seen
from tests.e2e.test_security import Visitor, pages_of_accounts

pytestmark = pytest.mark.timeout(600)  # whichever comes first builds the full house, and some look at thirty screens
SIZES = {True: ((360, 640), (390, 844), (768, 1024)), False: ((768, 640), (1280, 800), (1920, 1080))}
Sizes = tuple[tuple[int, int], ...]
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))"
LOCALES = {"en": "en-GB", "vi": "vi-VN", "zh-hans": "zh-CN"}
MEMBERS = {"settings": "/accounts/settings/", "new password": "/accounts/password/change/"}
STRANGERS = {"sign-in": "/accounts/login/", "registration": "/accounts/signup/", "no such page": "/nowhere/"}


def shapes(*short: tuple[str, bool]) -> pytest.MarkDecorator:
    """Languages with mouse and touch; the others run with --full."""
    return pytest.mark.parametrize(
        ("language", "touch"),
        [
            pytest.param(
                language,
                touch,
                id=f"{language}-{'touch' if touch else 'mouse'}",
                marks=[] if (language, touch) in short else [pytest.mark.full],
            )
            for language in LANGUAGES
            for touch in (False, True)
        ],
    )


def look(page: Page, screens: Screens, touch: bool, found: dict[str, list[str]], sizes: Sizes = ()) -> None:
    """Measures each screen at each width."""
    for name, again in screens:
        for width, height in sizes or SIZES[touch]:
            page.set_viewport_size({"width": width, "height": height})
            again()
            page.evaluate(SETTLED)
            if faults := layout_faults(page, width, touch):
                found[f"{name}, {width}{', touch' if touch else ''}"] = faults


@pytest.mark.slow
@shapes(("en", True), ("vi", False))
def test_the_chat_holds_whatever_is_put_into_it(house: House, language: str, touch: bool) -> None:
    house.speak(language)
    found: dict[str, list[str]] = {}
    context = house.enter(bypass_csp=True, **(TOUCH if touch else {}))
    page = context.new_page()
    places = (0.0, 0.3, 0.6, 1.0) if language == "en" else (1.0,)  # the texts are the same in every language
    look(page, chain(over_the_list(page), over_a_conversation(page, house, places)), touch, found)
    look(page, pages(page, MEMBERS), touch, found)
    context.close()
    assert not found, told(found)


@pytest.mark.slow
def test_letters_of_130_percent_hold_on_the_smallest_phone(house: House) -> None:
    house.speak("vi")
    house.choose(text_size="huge")
    found: dict[str, list[str]] = {}
    context = house.enter(bypass_csp=True, **TOUCH)
    page = context.new_page()
    look(page, chain(over_the_list(page), over_a_conversation(page, house, (1.0,))), True, found, ((360, 640),))
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20.8px"
    house.choose(text_size="medium")
    context.close()
    assert not found, told(found)


@pytest.mark.slow
@shapes(("zh-hans", True))
def test_what_is_asked_for_in_the_chat_holds_too(house: House, language: str, touch: bool) -> None:
    house.speak(language)
    found: dict[str, list[str]] = {}
    context = house.enter(bypass_csp=True, **(TOUCH if touch else {}))
    page = context.new_page()
    look(page, asked(page, house), touch, found)
    context.close()
    assert not found, told(found)


@pytest.mark.slow
@shapes(("en", True), ("vi", False), ("zh-hans", True))
def test_the_pages_of_strangers_hold_too(house: House, empty_site: tuple[str, str], language: str, touch: bool) -> None:
    address, link = empty_site
    found: dict[str, list[str]] = {}
    context = house.visit(language, bypass_csp=True, **(TOUCH if touch else {}))
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    page = context.new_page()
    look(page, pages(page, {**STRANGERS, "set-up": address + link}), touch, found)
    context.close()
    assert not found, told(found)


@pytest.mark.slow
@shapes(("vi", True))
def test_the_pages_of_accounts_hold_too(visitor: Visitor, base: str, language: str, touch: bool) -> None:
    found: dict[str, list[str]] = {}
    options: dict[str, Any] = {"locale": LOCALES[language], **(TOUCH if touch else {})}
    for page, screens in pages_of_accounts(visitor, base, **options):
        look(page, screens, touch, found)
    assert not found, told(found)


@pytest.mark.slow
@shapes(("zh-hans", True))
def test_the_pages_that_are_seldom_seen_hold_too(house: House, language: str, touch: bool) -> None:
    found: dict[str, list[str]] = {}
    context = house.visit(bypass_csp=True, **(TOUCH if touch else {}))
    page = context.new_page()
    look(page, seldom_seen(house, page, (language,)), touch, found)
    context.close()
    assert not found, told(found)
