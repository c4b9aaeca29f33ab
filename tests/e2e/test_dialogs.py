"""Dialogs, menus, notices and the banner."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.person import CUT_OFF, Person
from tests.e2e.test_access import PHONE, faults

Make = Callable[..., Person]
SMALL = """() => [...document.querySelectorAll("#menu button, #menu a")].filter((e) => e.checkVisibility())
  .filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.textContent.trim())"""
COMPOSING = """(field) => field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", keyCode: 229, bubbles: true, cancelable: true}))"""


def test_somebody_is_found_by_the_keyboard_alone(person: Make) -> None:
    an, binh = person("An"), person("Bình")
    an.page.get_by_role("button", name="Write to somebody").first.click()
    dialog = an.page.get_by_role("dialog", name="Write to somebody")
    field = dialog.get_by_label("Find people")
    expect(field).to_be_focused()
    assert not faults(an.page)
    field.press_sequentially(binh.name.replace("ì", "i"))
    expect(dialog.locator(".found")).to_have_count(1)
    field.evaluate(COMPOSING)
    expect(dialog).to_be_visible()
    field.press("ArrowDown")
    expect(dialog.locator(".found")).to_be_focused()
    an.page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    field.press("Enter")
    expect(an.title).to_have_text(binh.name)
    expect(dialog).to_have_count(0)


def test_escape_closes_a_dialog_and_the_focus_returns(person: Make) -> None:
    an = person("An")
    opener = an.page.get_by_role("button", name="Write to somebody").first
    opener.press("Enter")
    dialog = an.page.get_by_role("dialog")
    dialog.get_by_label("Find people").fill("nobody has this name")
    expect(dialog).to_contain_text("Nobody found")
    an.page.keyboard.press("Escape")
    expect(dialog.get_by_label("Find people")).to_have_value("")
    an.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.slow
def test_a_new_group_says_what_is_wrong_with_its_name(person: Make) -> None:
    an, binh = person("An"), person("Bình")
    an.post("group.create", name=f"Taken {an.username}", users=[])
    an.page.get_by_role("button", name="Write to somebody").first.click()
    an.page.get_by_role("button", name="New group").click()
    dialog = an.page.get_by_role("dialog", name="New group")
    field = dialog.get_by_label("Name of the group")
    expect(field).to_be_focused()
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_have_text("Give the group a name.")
    expect(field).to_be_focused()
    field.fill(f"taken {an.username}")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    expect(dialog.locator(".counter")).to_have_text(f"{len(an.username) + 6}/64")
    search = dialog.get_by_label("Find people")
    search.fill(binh.name)
    expect(dialog.locator(".found")).to_have_count(1)
    search.press("Enter")
    chip = dialog.get_by_role("button", name=f"Leave out {binh.name}")
    expect(chip).to_be_visible()
    search.fill("")
    search.press("Backspace")
    expect(chip).to_have_count(0)
    an.choose(dialog, binh)
    expect(chip).to_be_visible()
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_have_text("There is a group with this name already.")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert not faults(an.page)
    field.fill(f"Free {an.username}")
    field.press("Enter")
    expect(an.title).to_have_text(f"Free {an.username}")
    expect(an.page.locator("#header .header-text p")).to_contain_text("2 members")


@pytest.mark.slow
def test_back_in_the_new_group_leads_to_the_people(person: Make) -> None:
    an = person("An")
    an.page.get_by_role("button", name="Write to somebody").first.click()
    an.page.get_by_role("button", name="New group").click()
    an.page.get_by_role("dialog", name="New group").get_by_role("button", name="Back").click()
    expect(an.page.get_by_role("dialog", name="Write to somebody").get_by_label("Find people")).to_be_focused()


def test_an_error_inside_a_dialog_is_shown_and_spoken_there(person: Make) -> None:
    an = person("An")
    an.page.get_by_role("button", name="Write to somebody").first.click()
    an.page.get_by_role("button", name="New group").click()
    dialog = an.page.get_by_role("dialog", name="New group")
    dialog.get_by_label("Name of the group").fill("Whatever")
    an.cut_off()
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.locator(".toast[role=alert]")).to_contain_text("No connection.")
    an.page.keyboard.press("Escape")
    expect(an.page.locator("#toasts .toast")).to_contain_text("No connection.")


@pytest.mark.slow
def test_a_question_starts_on_the_harmless_answer(alone: Person) -> None:
    an = alone
    an.act(an.bubble("Chào Bình"), "Recall")
    dialog = an.page.get_by_role("dialog", name="Recall this message?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    an.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(an.bubble("Chào Bình")).to_be_visible()


def test_the_account_menu_goes_by_arrows(person: Make) -> None:
    an = person("An")
    an.page.locator("#me").press("Enter")
    menu = an.page.locator("#menu")
    expect(menu.locator(".menu-me")).to_contain_text(f"@{an.username}")
    assert not faults(an.page)
    menu.get_by_role("button", name="Online").focus()
    an.page.keyboard.press("ArrowRight")
    expect(menu.get_by_role("button", name="Busy")).to_be_focused()
    an.page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("button", name="Off")).to_be_focused()
    an.page.keyboard.press("End")
    expect(menu.get_by_role("button", name="Sign out")).to_be_focused()
    an.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(an.page.locator("#me")).to_be_focused()
    an.page.locator("#me").click()
    menu.get_by_role("link", name="Account settings").click()
    an.page.wait_for_url(re.compile("/accounts/settings/"))


@pytest.mark.slow
def test_on_phones_the_account_menu_is_a_sheet_with_large_targets(person: Make) -> None:
    an = person("An", **PHONE)
    an.page.locator("#me").tap()
    menu = an.page.locator("#menu")
    expect(menu.locator(".menu-me .avatar")).to_be_visible()
    menu.evaluate("(e) => Promise.all(e.getAnimations().map((a) => a.finished))")
    box = menu.bounding_box()
    assert box and (box["x"], box["width"], round(box["y"] + box["height"])) == (0, 390, 844)
    assert an.page.evaluate(SMALL) == []


@pytest.mark.slow
def test_the_banner_moves_no_message(alone: Person) -> None:
    an = alone
    place = an.bubble("Chào Bình").bounding_box()
    an.cut_off()
    banner = an.page.locator("#banner")
    expect(banner).to_contain_text("You are offline. Messages will be sent later.")
    assert an.bubble("Chào Bình").bounding_box() == place
    assert not faults(an.page)
    an.context.set_offline(False)
    expect(banner).to_be_empty()


@pytest.mark.slow
def test_the_banner_counts_down_to_the_next_try_and_tries_at_once_on_demand(alone: Person) -> None:
    an = alone
    an.allow(CUT_OFF)
    an.page.route_web_socket(re.compile("/ws/"), lambda socket: socket.close())
    an.page.reload()
    banner = an.page.locator("#banner")
    expect(banner).to_contain_text("Reconnecting…")
    expect(banner.locator(".banner-wait")).to_have_attribute("aria-hidden", "true")
    # Long enough for a click before it tries by itself
    expect(banner.locator(".banner-wait")).to_have_text(re.compile(r"^([5-9]|\d\d) s$"), timeout=60_000)
    an.page.unroute_all()
    an.page.route_web_socket(re.compile("/ws/"), lambda socket: socket.connect_to_server() and None)
    banner.get_by_role("button", name="Retry now").click()
    expect(banner).to_be_empty()
