"""Leaving messages unread, and the small marks: the icon of the tab, the bars of the browser, links that lead away."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.person import CUT_OFF, Person
from tests.e2e.test_timeline import long_press

Pair = tuple[Person, Person]
Make = Callable[..., Person]
BARS = "[...document.querySelectorAll('meta[name=theme-color]')].map((m) => [m.content, m.media])"


def count(who: Person, title: str):
    """The number beside a conversation."""
    return who.item(title).locator(".badge.count")


def test_messages_can_be_left_unread_from_one_on(pair: Pair, device: Make) -> None:
    an, binh = pair
    for text in ("một", "hai", "ba"):
        an.write(text)
    expect(an.bubble("ba").get_by_label("Read")).to_be_visible()
    binh.write("bốn")
    expect(an.bubble("bốn")).to_be_visible()
    phone = device(binh)
    icon = binh.page.locator("link[rel=icon]")
    expect(icon).not_to_have_attribute("href", re.compile("unread"))
    binh.act(binh.bubble("hai"), "Mark as unread from here")
    expect(binh.log.locator(".divider")).to_have_count(1)
    for tab in (binh, phone):
        expect(count(tab, an.name)).to_have_text(re.compile("^2"))  # his own message does not count
        expect(tab.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("unread"))
    expect(an.bubble("ba").get_by_label("Sent", exact=True)).to_be_visible()
    expect(an.bubble("một").get_by_label("Read")).to_be_visible()
    an.write("năm")
    expect(binh.bubble("năm")).to_be_visible()
    expect(count(binh, an.name)).to_have_text(re.compile("^3"))  # looking on reads nothing
    binh.open("Everyone")
    binh.open(an.name)
    expect(binh.log.locator(".divider + article")).to_have_attribute("data-seq", "3")
    for tab in (binh, phone):
        expect(count(tab, an.name)).to_have_count(0)
    expect(icon).not_to_have_attribute("href", re.compile("unread"))
    binh.bubble("năm").focus()
    binh.page.keyboard.press("u")
    expect(count(phone, an.name)).to_have_text(re.compile("^1"))


@pytest.mark.slow
def test_links_that_lead_away_say_so(pair: Pair) -> None:
    an, binh = pair
    an.write(f"See https://example.org/plan and {an.page.url}")
    expect(binh.log.locator(".rich a")).to_have_count(2)
    away, here = binh.log.locator(".rich a").all()
    expect(away).to_have_attribute("title", "Opens in a new tab")
    expect(away).to_have_attribute("target", "_blank")
    expect(away).to_have_attribute("rel", re.compile("noopener"))
    assert away.evaluate("a => getComputedStyle(a, '::after').maskImage").startswith("url(")
    assert not here.get_attribute("title")


def test_what_comes_later_is_tried_again_after_a_lost_network(pair: Pair) -> None:
    an, _ = pair
    an.allow(CUT_OFF)
    an.context.set_offline(True)
    an.page.keyboard.press("Control+/")
    expect(an.toast).to_have_text("No connection. Please try again in a moment.")
    an.log.locator("article").last.click(button="right")
    expect(an.page.locator(".toast")).to_have_count(2)
    an.context.set_offline(False)
    an.page.keyboard.press("Control+/")
    expect(an.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    an.page.keyboard.press("Escape")
    an.bubble("Chào Bình").focus()
    an.page.keyboard.press("Enter")
    expect(an.page.locator("#message-menu")).to_be_visible()


@pytest.mark.slow
def test_the_bars_of_the_browser_follow_the_theme(pair: Pair) -> None:
    an, _ = pair
    assert [media for _, media in an.page.evaluate(BARS)] == [
        "(prefers-color-scheme: light)",
        "(prefers-color-scheme: dark)",
    ]
    an.page.locator("#me").click()
    an.page.get_by_role("button", name="Dark").click()
    an.page.wait_for_function(f'() => JSON.stringify({BARS}) === \'[["#1a1d23",""]]\'')
    an.page.goto("/accounts/settings/")
    assert an.page.evaluate(BARS) == [["#1a1d23", ""]]
    an.page.get_by_role("radio", name="Light").check()
    an.page.wait_for_function(f"() => {BARS}.length === 1 && {BARS}[0][0] !== '#1a1d23'")


def test_hands_and_keys_on_a_row(pair: Pair, device: Make) -> None:
    an, binh = pair
    row = binh.bubble("Chào Bình")
    binh.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=binh.base)
    row.focus()
    binh.page.keyboard.press("c")
    expect(binh.toast).to_have_text("Copied")
    assert binh.page.evaluate("navigator.clipboard.readText()") == "Chào Bình"
    row.hover()
    quick = row.locator(".message-tools").get_by_role("button", name="👍")
    expect(quick).to_have_attribute("aria-pressed", "false")
    other = device(binh)
    other.open(an.name)
    other.act(other.bubble("Chào Bình"), "👍")
    expect(quick).to_have_attribute("aria-pressed", "true")  # while the tools stand there


@pytest.mark.slow
def test_a_finger_that_moves_opens_no_menu(pair: Pair, device: Make) -> None:
    _, binh = pair
    phone = device(binh, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.go(f"/c/{binh.conversation}/")
    bubble = phone.bubble("Chào Bình").locator(".bubble")
    phone.page.clock.install()
    finger = {"pointerType": "touch", "isPrimary": True, "bubbles": True, "clientX": 40, "clientY": 300}
    bubble.dispatch_event("pointerdown", finger)
    bubble.dispatch_event("pointermove", {**finger, "clientY": 320})
    phone.page.clock.run_for(2000)
    expect(phone.page.locator("#message-menu")).to_be_hidden()
    phone.page.clock.resume()
    bubble.dispatch_event("pointerup", finger)
    long_press(phone.bubble("Chào Bình"))  # and one that stays does


@pytest.mark.slow
def test_emoji_are_found_by_pinyin(person: Make) -> None:
    lina = person("李娜", locale="zh-CN")
    lina.open("所有人")
    lina.page.locator("#composer-emoji").click()
    panel = lina.page.locator(".emoji-picker")
    expect(panel.locator(".emoji-group")).to_have_count(10)
    panel.get_by_role("searchbox").fill("xkl")
    expect(panel.locator(".emoji").first).to_have_text("😂")


def test_rows_that_are_on_their_way_have_their_room_and_held_ones_come_at_once(alone: Person) -> None:
    an = alone
    held: list[Route] = []
    talk = an.title.inner_text()
    an.page.route("**/api/conversations/*/messages*", lambda route: held.append(route))
    skeleton = an.log.locator(".skeleton")
    an.open("Everyone")
    expect(skeleton).to_be_visible()
    expect(an.page.locator("#scroller")).to_have_attribute("aria-busy", "true")
    held.pop().continue_()
    expect(skeleton).to_have_count(0)
    expect(an.page.locator("#scroller")).to_have_attribute("aria-busy", "false")
    an.page.evaluate(
        """() => { window.seen = 0; new MutationObserver(() => { seen += document.querySelectorAll("#log .skeleton").length; })
             .observe(document.getElementById("log"), { childList: true, subtree: true }); }"""
    )
    an.open(talk)
    expect(an.bubble("Chào Bình")).to_be_visible()
    assert an.page.evaluate("seen") == 0


def test_the_icon_of_the_app_has_the_number_of_what_is_unread(pair: Pair) -> None:
    an, binh = pair
    an.context.add_init_script(
        """window.badges = [];
        navigator.setAppBadge = async (count) => { badges.push(count); };
        navigator.clearAppBadge = async () => { badges.push(0); };"""
    )
    an.go("/")
    an.page.wait_for_function("() => badges.at(-1) === 0")
    binh.write("một")
    binh.write("hai")
    an.page.wait_for_function("() => badges.at(-1) === 2")
    an.open(binh.name)
    an.page.wait_for_function("() => badges.at(-1) === 0")
