"""What axe finds in the chat and everything that opens in it, in light and dark, in three languages: nothing serious, nothing critical."""

from __future__ import annotations

import json
from itertools import chain

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.house import LANGUAGES, House
from tests.e2e.measure import told
from tests.e2e.screens import Screens, over_a_conversation, over_the_list, pages

# Of long lists the first dozen stands for all.
RUN = """() => axe.run({ exclude: [":is(.person, .person-row, .emoji, li, [role=listitem], [role=option]):nth-child(n+12)"] }, { resultTypes: ["violations"] })
  .then(({ violations }) => violations.filter((rule) => ["serious", "critical"].includes(rule.impact))
    .flatMap((rule) => rule.nodes.slice(0, 4).map((node) => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`)))"""


# Pages that a site seldom shows, as its templates make them: what nobody can bring about by walking through it.
SELDOM = """
import json
from datetime import UTC, datetime
from django.template.loader import render_to_string
from django.utils import translation
now = datetime.now(UTC)
contexts = {name: ("accounts/stopped.html", {"code": name, "next": "/", **more}) for name, more in {
    "not_approved": {"person": {"name": "Lan"}}, "blocked": {"person": {"name": "Lan", "blocked_reason": "spam"}}, "password_expired": {},
    "locked": {"name": "lan", "seconds": 59}, "locked_for_good": {"name": "lan"}, "address_locked": {"seconds": 600},
    "displaced": {"by": {"place": "Firefox", "at": now}},
    "signed_in_elsewhere": {"proof": "x", "other": {"device": "Firefox", "get_kind_display": "", "ip": "10.0.0.7", "started_at": now}},
}.items()}
contexts |= {code: (f"{code}.html", {}) for code in ("400", "403", "404", "429", "500")}
contexts["trust"] = ("trust.html", {"fingerprint": ":".join(["A7"] * 32)})
found = {}
for language in %r:
    with translation.override(language):
        found[language] = {name: render_to_string(template, context) for name, (template, context) in contexts.items()}
print(json.dumps(found))
"""


def look(page: Page, screens: Screens, found: dict[str, list[str]]) -> None:
    """Runs axe on each screen in both themes."""
    for name, again in screens:
        again()
        if not page.evaluate("'axe' in window"):
            page.evaluate(Axe().axe_script)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.wait_for_function(f"matchMedia('(prefers-color-scheme: {theme})').matches")
            if problems := page.evaluate(RUN):
                found[f"{name}, {theme}"] = problems


@pytest.mark.timeout(360)  # some thirty screens in two themes
@pytest.mark.parametrize(
    "language", ["zh-hans", *(pytest.param(code, marks=pytest.mark.full) for code in ("en", "vi"))]
)
def test_the_chat(house: House, language: str) -> None:
    house.speak(language)
    found: dict[str, list[str]] = {}
    context = house.enter(bypass_csp=True)
    page = context.new_page()
    look(page, chain(over_the_list(page), over_a_conversation(page, house, (1.0,))), found)
    look(page, pages(page, {"settings": "/accounts/settings/", "new password": "/accounts/password/change/"}), found)
    context.close()
    assert not found, told(found)


@pytest.mark.parametrize(
    "language", ["en", *(pytest.param(code, marks=pytest.mark.full) for code in ("vi", "zh-hans"))]
)
def test_the_set_up_page(house: House, empty_site: tuple[str, str], language: str) -> None:
    address, link = empty_site
    found: dict[str, list[str]] = {}
    context = house.visit(bypass_csp=True)
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    page = context.new_page()
    look(page, pages(page, {"set-up": address + link}), found)
    context.close()
    assert not found, told(found)


def test_the_pages_that_are_seldom_seen(house: House) -> None:
    made = json.loads(house.server.manage("shell", "-v0", "-c", SELDOM % (LANGUAGES,)).splitlines()[-1])
    found: dict[str, list[str]] = {}
    context = house.visit(bypass_csp=True)
    page = context.new_page()
    for language, texts in made.items():
        for name, text in texts.items():
            page.route(f"**/{language}-{name}/", lambda route, _, body=text: route.fulfill(body=body, content_type="text/html; charset=utf-8"))  # fmt: skip
        look(page, pages(page, {f"{language} {name}": f"/{language}-{name}/" for name in texts}), found)
        assert page.locator("main h1").inner_text()
    context.close()
    assert not found, told(found)
