"""A message is reported, moderated, and gone everywhere; what the site announces stands above every page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bench.server import Server
from tests.e2e.person import Person
from tests.e2e.test_access import NO_TRANSITIONS, OVERFLOW, PHONE, faults

Make = Callable[..., Person]
ANNOUNCE = "from accounts.actions import set_policies; set_policies(None, {{'site.announcement': {!r}}})"


def look(page: Page) -> None:
    """Nothing serious for axe in both themes, nothing sticks out on a phone."""
    page.add_style_tag(content=NO_TRANSITIONS)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(f"() => matchMedia('(prefers-color-scheme: {theme})').matches")
        assert not faults(page)
    page.set_viewport_size({"width": 390, "height": 800})
    assert not page.evaluate(OVERFLOW)
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_reported_message_is_recalled_and_gone_everywhere(
    group: tuple[Person, Person, str], visitor: Make, base: str, server: Server
) -> None:
    an, binh, name = group
    moderator = visitor("Mod", base, bypass_csp=True).join()  # axe styles elements of the administration
    server.manage("set_role", moderator.username, "moderator")
    moderator.go()
    said = f"Đồ ngốc 你这个笨蛋 {an.username}"
    an.write(said)
    binh.bubble(said).focus()
    binh.page.keyboard.press("!")
    dialog = binh.page.get_by_role("dialog", name="Report this message")
    expect(dialog).to_contain_text(said)
    assert not faults(binh.page)
    dialog.get_by_label("Harassment or hate").check()
    dialog.get_by_label("A few words").fill("Ngày nào cũng vậy 天天如此")
    dialog.get_by_role("button", name="Report", exact=True).click()
    expect(binh.toast).to_have_text("Thank you. The moderators will look at it.")

    page = moderator.page
    page.get_by_role("button", name=re.compile("reported message")).click()
    page.get_by_role("link", name=re.compile("reported message")).click()
    case = page.locator(".case", has_text=said)
    expect(case).to_contain_text(f"1 report Harassment or hate {binh.name}", use_inner_text=True)
    look(page)
    case.get_by_role("link").first.click()
    expect(page.locator(".reported")).to_contain_text(said)
    expect(page.locator(".told")).to_contain_text("Ngày nào cũng vậy 天天如此")
    page.get_by_role("button", name="Recall the message").click()
    expect(page.get_by_text("The message is recalled.")).to_be_visible()
    for who in (an, binh):
        expect(who.log).to_contain_text("A moderator recalled this message")
        expect(who.page.locator("body")).not_to_contain_text(said)
    assert said not in page.content()
    page.get_by_role("button", name="Show removed text").click()
    expect(page.locator("section", has_text="Removed text")).to_contain_text(said)
    look(page)

    page.get_by_label("The sender may not write").select_option("5 minutes")
    page.get_by_role("button", name="Mute the sender").click()
    expect(an.log).to_contain_text("A moderator muted you until")
    expect(binh.log).to_contain_text(f"A moderator muted {an.name} until")
    expect(an.page.locator("#read-only")).to_be_visible()
    page.get_by_role("link", name="Reports").first.click()
    expect(page.locator(".case", has_text=name)).to_have_count(0)
    page.get_by_role("link", name="Dealt with").click()
    expect(page.locator(".case", has_text=name)).to_contain_text("Acted on: message recalled")


@pytest.mark.slow
def test_an_announcement_comes_at_once_and_is_put_away_on_each_device(
    alone: Person, device: Make, server: Server
) -> None:
    phone = device(alone, **PHONE)
    phone.go(alone.page.url)
    shown, on_phone = alone.page.locator(".announcement"), phone.page.locator(".announcement")
    greeting = alone.bubble("Chào Bình")
    before = greeting.bounding_box()
    try:
        server.manage("shell", "-c", ANNOUNCE.format("Nghỉ lễ 放假 <b>24/12</b>\nhttps://school.example/lich."))
        expect(shown).to_contain_text("Nghỉ lễ 放假 <b>24/12</b>")
        expect(shown.get_by_role("link")).to_have_attribute("href", "https://school.example/lich")
        assert greeting.bounding_box() == before  # the messages stay where they are
        assert not faults(alone.page)
        expect(on_phone).to_be_visible()
        assert not phone.page.evaluate(OVERFLOW)
        alone.page.goto("/accounts/settings/")
        expect(shown).to_contain_text("<b>24/12</b>")
        assert not faults(alone.page)
        shown.get_by_role("button", name="Dismiss").click()
        expect(shown).to_have_count(0)
        alone.go()
        expect(shown).to_have_count(0)
        phone.go()
        expect(on_phone).to_be_visible()
        server.manage("shell", "-c", ANNOUNCE.format("Đi học lại 开学"))
        expect(shown).to_contain_text("Đi học lại 开学")
        shown.get_by_role("button", name="Dismiss").click()
        expect(on_phone).to_contain_text("Đi học lại 开学")
    finally:
        server.manage("shell", "-c", ANNOUNCE.format(""))
    expect(on_phone).to_have_count(0)
