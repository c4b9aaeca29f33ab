"""The dashboard in a browser: it moves while people chat, rests while nobody looks, and can be read by everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.e2e.test_access import NO_TRANSITIONS, OVERFLOW
from tests.e2e.test_axe import RUN


@pytest.mark.slow
@pytest.mark.timeout(240)  # four browsers, and axe in two themes
def test_it_moves_while_people_chat(base: str, visitor: Callable[..., Person], alone: Person) -> None:
    head = visitor("Head Teacher", base, "head", bypass_csp=True).enter()
    page = head.page
    page.goto("/admin/")
    messages, online = page.locator("#board-messages"), page.locator("#board-online")
    expect(messages).to_be_visible()
    before, people = int(messages.inner_text().replace(",", "")), int(online.inner_text())
    page.get_by_text("The charts as a table").click()
    talk = alone.page.url.rstrip("/").rpartition("/")[2]
    for number in range(3):
        alone.post("message.send", conversation=int(talk), client_id=f"dashboard-{number}", body=f"Tin {number}")
    visitor("Chi", base).join().go()
    expect(messages).to_have_text(f"{before + 3:,}")
    page.wait_for_function("people => Number(document.querySelector('#board-online').textContent) > people", arg=people)
    expect(page.locator("[data-live=table] tbody tr").first).to_contain_text(
        f"{before + 3:,}"
    )  # what was opened is open
    page.add_style_tag(content=NO_TRANSITIONS)
    page.evaluate(Axe().axe_script)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(f"() => matchMedia('(prefers-color-scheme: {theme})').matches")
        assert page.evaluate(RUN) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert not page.evaluate(OVERFLOW)
