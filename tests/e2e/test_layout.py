"""Every page and dialog at five widths in three languages, full of hostile names and texts: no overflow, nothing cut, targets large enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.house import LANGUAGES, TOUCH, House, ready
from tests.e2e.measure import layout_faults

SIZES = {True: ((360, 640), (390, 844), (768, 1024)), False: ((768, 640), (1280, 800), (1920, 1080))}
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))"
CALM = "*, *::before, *::after { transition: none !important; animation: none !important; scroll-behavior: auto !important; }"
Screens = Iterator[tuple[str, Callable[[], None]]]  # a name, and what to do again after a change of the width


def stay() -> None:
    """Nothing to do: the screen follows the width by itself."""


def calm(page: Page, path: str) -> None:
    """Opens a page of the chat without motion."""
    ready(page, path)
    page.add_style_tag(content=CALM)


def chat_screens(page: Page, house: House, places: tuple[float, ...] = (1.0,)) -> Screens:
    """Brings the chat into one state after the other; `places`: how far down through the messages."""
    calm(page, "/")
    yield "list", stay

    def own_menu() -> None:
        page.keyboard.press("Escape")
        page.locator("#me").click()
        expect(page.locator("#menu")).to_be_visible()

    yield "own menu", own_menu
    page.keyboard.press("Escape")
    page.locator("[data-open=people]:visible").first.click()
    expect(page.locator("dialog:modal .person").nth(10)).to_be_visible()
    yield "people dialog", stay
    for name, conversation in (("direct", house.direct), ("group", house.group)):
        calm(page, f"/c/{conversation}/")
        expect(page.locator("#log article").nth(8)).to_be_attached()
        for place in places:
            page.evaluate("(at) => { scroller.scrollTop = scroller.scrollHeight * at; }", place)
            yield f"{name}, {place:.0%} down", stay

    def message_menu() -> None:
        page.keyboard.press("Escape")
        page.locator("#log article[data-seq]").last.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#message-menu")).to_be_visible()

    yield "message menu", message_menu
    calm(page, f"/c/{house.group}/")
    page.locator("#header [data-open]").last.click()
    expect(page.locator(":is(dialog:modal, aside) .person").nth(20)).to_be_attached()
    yield "group info", stay


def pages(page: Page, paths: dict[str, str]) -> Screens:
    """Opens one page after the other."""
    for name, path in paths.items():
        page.goto(path)
        page.add_style_tag(content=CALM)
        yield name, stay


def look(page: Page, screens: Screens, touch: bool, found: dict[str, list[str]]) -> None:
    """Measures each screen at each width."""
    for name, again in screens:
        for width, height in SIZES[touch]:
            page.set_viewport_size({"width": width, "height": height})
            again()
            page.evaluate(SETTLED)
            if faults := layout_faults(page, width, touch):
                found[f"{name}, {width}{', touch' if touch else ''}"] = faults


def told(found: dict[str, list[str]]) -> str:
    """Each fault once, with the screens where it was seen."""
    places: dict[str, list[str]] = {}
    for place, faults in found.items():
        for fault in faults:
            places.setdefault(fault, []).append(place)
    return "\n".join(f"{fault}\n    {'; '.join(at)}" for fault, at in places.items())


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chat_holds_whatever_is_put_into_it(house: House, language: str, touch: bool) -> None:
    house.speak(language)
    found: dict[str, list[str]] = {}
    context = house.enter(bypass_csp=True, **(TOUCH if touch else {}))
    page = context.new_page()
    places = (0.0, 0.3, 0.6, 1.0) if language == "en" else (1.0,)  # the texts are the same in every language
    look(page, chat_screens(page, house, places), touch, found)
    look(
        page,
        pages(page, {"settings": "/accounts/settings/", "new password": "/accounts/password/change/"}),
        touch,
        found,
    )
    context.close()
    assert not found, told(found)


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_strangers_hold_too(house: House, empty_site: tuple[str, str], language: str, touch: bool) -> None:
    address, link = empty_site
    paths = {
        "sign-in": "/accounts/login/",
        "registration": "/accounts/signup/",
        "no such page": "/nowhere/",
        "set-up": address + link,
    }
    found: dict[str, list[str]] = {}
    context = house.visit(language, bypass_csp=True, **(TOUCH if touch else {}))
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    page = context.new_page()
    look(page, pages(page, paths), touch, found)
    context.close()
    assert not found, told(found)
