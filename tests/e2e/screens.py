"""The chat in each of its states, one after the other, for checks that look at all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect

from tests.e2e.house import House, ready

CALM = "*, *::before, *::after { transition: none !important; animation: none !important; scroll-behavior: auto !important; }"
Screens = Iterator[tuple[str, Callable[[], None]]]  # a name, and what to do again after a change of the width


def stay() -> None:
    """Nothing to do: the screen follows the width by itself."""


def calm(page: Page, path: str) -> None:
    """Opens a page of the chat without motion."""
    ready(page, path)
    page.add_style_tag(content=CALM)


def pages(page: Page, paths: dict[str, str]) -> Screens:
    """Opens one page after the other."""
    for name, path in paths.items():
        page.goto(path)
        page.add_style_tag(content=CALM)
        yield name, stay


def over_the_list(page: Page) -> Screens:
    """What opens beside no conversation."""
    calm(page, "/")
    yield "list", stay

    def own_menu() -> None:
        page.keyboard.press("Escape")
        page.locator("#me").click()
        expect(page.locator("#menu")).to_be_visible()

    yield "own menu", own_menu
    page.keyboard.press("Escape")

    def item_menu() -> None:
        page.keyboard.press("Escape")
        page.locator("#conversations a[href]").first.focus()
        page.keyboard.press("Shift+F10")
        expect(page.locator("[role=menu]:popover-open")).to_be_visible()

    yield "menu of a conversation", item_menu
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog:modal [role=option]").nth(8)).to_be_attached()
    yield "switcher", stay
    page.keyboard.press("Escape")
    page.keyboard.press("Control+/")
    expect(page.locator("dialog:modal kbd").first).to_be_visible()
    yield "keys", stay
    page.keyboard.press("Escape")
    page.locator("[data-open=people]:visible").first.click()
    expect(page.locator("dialog:modal .person").nth(10)).to_be_visible()
    yield "people dialog", stay
    page.locator('dialog:modal button.person:has(use[href$="#users"])').first.click()
    expect(page.locator("dialog:modal [type=checkbox]").nth(3)).to_be_attached()
    yield "new group", stay
    page.keyboard.press("Escape")


def over_a_conversation(page: Page, house: House, places: tuple[float, ...]) -> Screens:
    """Conversations, and what opens beside them; `places`: how far down through the messages."""
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

    yield "menu of a message", message_menu
    page.keyboard.press("Escape")

    def emoji() -> None:
        page.keyboard.press("Escape")
        page.locator("#composer-emoji").click()
        expect(page.locator(".emoji-picker .emoji").nth(20)).to_be_visible()

    yield "emoji", emoji
    page.keyboard.press("Escape")

    def info() -> None:
        if not page.locator("#info").is_visible():
            page.locator("#header [aria-controls=info]").click()
        expect(page.locator("#info .person").nth(10)).to_be_attached()

    yield "info", info
