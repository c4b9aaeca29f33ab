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
from tests.e2e.screens_asked import asked
from tests.e2e.test_access import OVERFLOW

pytestmark = pytest.mark.timeout(600)  # whichever comes first builds the full house, and some look at thirty screens
# Of long lists the first dozen stands for all.
RUN = """(only) => axe.run({ exclude: [":is(.person, .person-row, .emoji, li, [role=listitem], [role=option]):nth-child(n+12)"] },
  { resultTypes: ["violations"], ...only }).then(({ violations }) => violations.filter((rule) => ["serious", "critical"].includes(rule.impact))
    .flatMap((rule) => rule.nodes.slice(0, 4).map((node) => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`)))"""

COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}

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


def seldom_seen(house: House, page: Page, languages: tuple[str, ...]) -> Screens:
    """These pages in these languages, each under an address of its own."""
    made = json.loads(house.server.manage("shell", "-v0", "-c", SELDOM % (languages,)).splitlines()[-1])
    for language, texts in made.items():
        for name, text in texts.items():
            page.route(f"**/{language}-{name}/", lambda route, _, body=text: route.fulfill(body=body, content_type="text/html; charset=utf-8"))  # fmt: skip
        yield from pages(page, {f"{language} {name}": f"/{language}-{name}/" for name in texts})


def look(page: Page, screens: Screens, found: dict[str, list[str]]) -> None:
    """Runs axe on each screen in both themes; what the theme does not change is looked at once."""
    for name, again in screens:
        again()
        if not page.evaluate("'axe' in window"):
            page.evaluate(Axe().axe_script)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.wait_for_function(f"matchMedia('(prefers-color-scheme: {theme})').matches")
            if problems := page.evaluate(RUN, {} if theme == "light" else COLOURS):
                found[f"{name}, {theme}"] = problems


@pytest.mark.slow
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
    look(page, asked(page, house), found)
    context.close()
    assert not found, told(found)


ADMIN = {
    "accounts": "accounts/user/", "an account": "accounts/user/2/change/", "sessions": "accounts/loginsession/?user=1",
    "conversations": "messaging/conversation/", "a conversation": "messaging/conversation/{group}/change/",
    "memberships": "messaging/membership/?conversation={group}", "messages": "messaging/message/?q=ok",
    "join requests": "messaging/joinrequest/", "invitations": "messaging/invitation/",
    "invite links": "messaging/invitelink/add/", "files": "files/storedfile/?q=nobody", "events": "audit/event/", "an event": "audit/event/3/change/",
    "policies": "core/policy/", "start": "",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "language", ["vi", *(pytest.param(code, marks=pytest.mark.full) for code in ("en", "zh-hans"))]
)
def test_the_administration(house: House, language: str) -> None:
    """Its lists and pages, at the width of a screen and of a phone."""
    house.speak(language)
    found: dict[str, list[str]] = {}
    context = house.enter(bypass_csp=True)
    page = context.new_page()
    paths = {name: "/admin/" + path.format(group=house.group) for name, path in ADMIN.items()}
    look(page, pages(page, paths), found)
    page.goto(f"/admin/messaging/message/?conversation={house.group}")
    paths["a message"] = page.locator("#result_list th a").first.get_attribute("href") or ""
    look(page, pages(page, {"a message": paths["a message"]}), found)
    page.set_viewport_size({"width": 390, "height": 844})
    for name, path in paths.items():
        page.goto(path)
        if wide := page.evaluate(OVERFLOW):
            found[f"{name}, narrow"] = wide
    look(page, pages(page, {"narrow list": paths["conversations"], "narrow page": paths["an account"]}), found)
    context.close()
    assert not found, told(found)


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_pages_that_are_seldom_seen(house: House) -> None:
    found: dict[str, list[str]] = {}
    context = house.visit(bypass_csp=True)
    page = context.new_page()
    look(page, seldom_seen(house, page, LANGUAGES), found)
    assert page.locator("main h1").inner_text()
    context.close()
    assert not found, told(found)
