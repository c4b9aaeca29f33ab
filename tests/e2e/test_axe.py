"""What axe finds in every page and dialog, in light and dark, in three languages: nothing serious, nothing critical."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.house import LANGUAGES, House, ready

# No colour half-way between two themes.
CALM = "*, *::before, *::after { transition: none !important; animation: none !important; }"
# Of long lists the first dozen stands for all.
RUN = """() => axe.run({ exclude: [":is(.person, li, [role=listitem], [role=option]):nth-child(n+12)"] }, { resultTypes: ["violations"] })
  .then(({ violations }) => violations.filter((rule) => ["serious", "critical"].includes(rule.impact))
    .flatMap((rule) => rule.nodes.slice(0, 4).map((node) => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`)))"""


def look(page: Page, name: str, found: dict[str, list[str]]) -> None:
    """Runs axe in both themes."""
    if not page.evaluate("'axe' in window"):
        page.add_style_tag(content=CALM)
        page.evaluate(Axe().axe_script)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(f"matchMedia('(prefers-color-scheme: {theme})').matches")
        if problems := page.evaluate(RUN):
            found[f"{name}, {theme}"] = problems


def layers(page: Page) -> Iterator[str]:
    """Opens everything that lies over an open conversation, one after the other."""

    def dialog(name: str, open_it: Callable[[], None], content: str = "button") -> str:
        open_it()
        expect(page.locator(f":is(dialog:modal, [popover]:popover-open) {content}").last).to_be_visible()
        return name

    def press(key: str) -> Callable[[], None]:
        return lambda: page.keyboard.press(key)

    def click(selector: str) -> Callable[[], None]:
        return lambda: page.locator(f"{selector}:visible").first.click()

    def close() -> None:
        page.keyboard.press("Escape")
        expect(page.locator(":is(dialog:modal, [popover]:popover-open)")).to_have_count(0)

    yield dialog("own menu", click("#me"))
    close()
    yield dialog("people dialog", click("[data-open=people]"), ".person")
    page.locator("dialog:modal button.person").first.click()
    expect(page.locator("dialog:modal [name=name]")).to_be_visible()
    yield "new group"
    close()
    page.locator("#log article[data-seq]").last.focus()
    yield dialog("message menu", press("Enter"))
    close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chat(house: House, language: str) -> None:
    house.speak(language)
    found: dict[str, list[str]] = {}
    context = house.enter(bypass_csp=True)
    page = context.new_page()
    ready(page, "/")
    look(page, "list", found)
    ready(page, f"/c/{house.group}/")
    expect(page.locator("#log article").nth(8)).to_be_attached()
    look(page, "conversation", found)
    for layer in layers(page):
        look(page, layer, found)
    page.locator("#header [data-open]").last.click()
    expect(page.locator(":is(dialog:modal, aside) .person").nth(10)).to_be_attached()
    look(page, "group info", found)
    for path in ("/accounts/settings/", "/accounts/password/change/"):
        page.goto(path)
        look(page, path, found)
    context.close()
    assert not found, told(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_strangers(house: House, empty_site: tuple[str, str], language: str) -> None:
    address, link = empty_site
    found: dict[str, list[str]] = {}
    context = house.visit(language, bypass_csp=True)
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    page = context.new_page()
    for path in ("/accounts/login/", "/accounts/signup/", "/nowhere/", address + link):
        page.goto(path)
        look(page, path, found)
    context.close()
    assert not found, told(found)


def told(found: dict[str, list[str]]) -> str:
    """Each problem once, with where it was seen."""
    places: dict[str, list[str]] = {}
    for place, problems in found.items():
        for problem in problems:
            places.setdefault(problem, []).append(place)
    return "\n".join(f"{problem}\n    {'; '.join(at)}" for problem, at in places.items())
