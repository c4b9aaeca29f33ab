"""The chat in each of its states, one after the other, for checks that look at all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect

from tests.e2e.house import House, ready

CALM = "*, *::before, *::after { transition: none !important; animation: none !important; scroll-behavior: auto !important; }"
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
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


def searching(page: Page) -> Screens:
    """A search with rows, people and messages, and what narrows it."""
    field = page.locator("#filter")
    field.fill("w")
    expect(page.locator("#conversations a.hit").nth(2)).to_be_attached()
    yield "search", stay
    page.locator(".search-chip").nth(1).click()
    expect(page.locator("dialog:modal .person").nth(3)).to_be_attached()
    yield "sender of a search", stay
    page.locator("dialog:modal .person").first.click()
    expect(page.locator(".search-chip.chosen")).to_be_visible()
    field.fill("nothing like this")
    expect(page.locator(".found .notice")).to_be_visible()
    yield "search without hits", stay
    field.press("Escape")
    expect(page.locator(".search-chip")).to_have_count(0)


def over_the_list(page: Page) -> Screens:
    """What opens beside no conversation."""
    calm(page, "/")
    yield "list", stay
    yield from searching(page)

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
    yield from to_several(page)
    page.locator("[data-open=people]:visible").first.click()
    page.locator('dialog:modal button.person:has(use[href$="#compass"])').click()
    expect(page.locator("dialog:modal .wait").first).to_be_visible()
    yield "find groups", stay
    page.keyboard.press("Escape")
    page.locator(".waiting").click()
    page.locator("dialog:modal .wait:has(q) .wait-acts button").first.click()
    expect(page.locator("dialog:modal .wait-form")).to_be_visible()
    yield "what waits", stay
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


def to_several(page: Page) -> Screens:
    """The steps of a message to several people."""
    page.locator("[data-open=people]:visible").first.click()
    page.locator('dialog:modal button.person:has(use[href$="#mails"])').first.click()
    expect(page.locator("dialog.mailing [type=checkbox]").nth(3)).to_be_attached()
    for number in range(3):
        page.locator("dialog.mailing label.person").nth(number).click()
    yield "message to several: people", stay
    page.locator("dialog.mailing .button-primary").click()
    page.locator("dialog.mailing textarea").fill("W" * 9_500)
    yield "message to several: text", stay
    page.keyboard.press("Escape")


def over_a_message(page: Page) -> Screens:
    """What opens for one message, and over all that are pinned."""
    row = page.locator("#log article.own[data-seq]").last
    for key, name in (("f", "forward"), ("p", "")):
        row.focus()
        page.keyboard.press(key)
        if name:
            expect(page.locator("dialog.forward label.person").nth(3)).to_be_attached()
            page.locator("dialog.forward label.person").nth(1).click()
            yield name, stay
            page.keyboard.press("Escape")
    page.locator(".pin-bar .icon-button").click()
    expect(page.locator("dialog.pins .person").first).to_be_visible()
    yield "pins", stay
    page.keyboard.press("Escape")
    row.focus()
    page.keyboard.press("p")
    expect(page.locator(".pin-bar")).to_be_hidden()
    page.locator("#composer-text").press_sequentially("@")
    expect(page.locator("#composer-list [role=option]").nth(3)).to_be_attached()
    yield "people to call", stay
    page.locator("#composer-text").fill("")


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
    yield from over_a_message(page)

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
    calm(page, f"/c/{house.governed}/")
    expect(page.locator(".notice-bar")).to_be_visible()

    def govern() -> None:
        page.evaluate(DRAWN)  # a new width may have closed the panel
        if not page.locator("#info").is_visible():
            page.locator("#header [aria-controls=info]").click()
        if not page.locator(".govern").is_visible():
            page.locator(".govern-tile").click()
        expect(page.locator(".govern .wait").nth(3)).to_be_attached()

    yield "group page", govern
    page.locator(".govern .menu-item.danger").last.click()
    expect(page.locator("#dissolve-name")).to_be_visible()
    yield "dissolve", stay
    page.keyboard.press("Escape")
