"""The head of a conversation and its info panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.e2e.test_access import PHONE, faults

Make = Callable[..., Person]
numbers = count(1)
FOCUS_INSIDE = "document.querySelector('#info').contains(document.activeElement)"
ON_BUTTON = "document.activeElement.matches('#header .info-button')"


@pytest.fixture
def group(person: Make) -> tuple[Person, Person]:
    """A group of two; the first owns it and both have it open."""
    an, binh = person("An"), person("Bình")
    name = f"Panel {next(numbers)} {an.username}"
    an.new_group(name, binh)
    binh.open(name)
    return an, binh


def test_the_head_tells_who_is_here_and_who_types_without_moving(group: tuple[Person, Person]) -> None:
    an, binh = group
    line = an.page.locator("#header .header-text p")
    expect(line).to_have_text("2 members · 2 online · 1 here now")
    before = an.page.locator("#header").bounding_box()
    binh.box.press_sequentially("hm")
    expect(line).to_contain_text(f"{binh.name} is typing…")
    assert an.page.locator("#header").bounding_box() == before
    assert line.evaluate("(p) => p.closest('[aria-live], [role=status], [role=alert]')") is None
    binh.page.close()
    expect(line).to_have_text("2 members · 1 online", timeout=60_000)


def test_on_wide_windows_the_panel_stands_beside_the_conversation_and_stays(group: tuple[Person, Person]) -> None:
    an, _ = group
    wide = an.page.locator("#main").bounding_box()
    an.title.click()
    expect(an.info).to_be_visible()
    narrow, panel = an.page.locator("#main").bounding_box(), an.info.bounding_box()
    assert wide and narrow and panel
    assert (panel["width"], narrow["width"]) == (320, wide["width"] - 320)
    assert narrow["x"] + narrow["width"] == panel["x"]
    assert an.page.evaluate(FOCUS_INSIDE)
    expect(an.box).to_be_enabled()
    an.page.reload()
    an.wait_live()
    expect(an.info.locator(".members li")).to_have_count(2)
    assert not an.page.evaluate(FOCUS_INSIDE)
    an.page.set_viewport_size({"width": 900, "height": 800})
    expect(an.info).to_be_hidden()
    an.page.set_viewport_size({"width": 1280, "height": 800})
    an.info.get_by_role("button", name="Close").focus()
    an.page.keyboard.press("Escape")
    expect(an.info).to_be_hidden()
    assert an.page.evaluate(ON_BUTTON)
    expect(an.page.locator(".info-button")).to_have_attribute("aria-expanded", "false")
    an.page.reload()
    an.wait_live()
    expect(an.info).to_be_hidden()


@pytest.mark.slow
def test_on_middle_windows_the_panel_lies_over_what_is_then_inert(group: tuple[Person, Person]) -> None:
    an, _ = group
    an.page.set_viewport_size({"width": 900, "height": 800})
    an.members()
    expect(an.page.locator("#main")).to_have_attribute("inert", "")
    assert not faults(an.page)
    an.page.mouse.click(300, 400)
    expect(an.info).to_be_hidden()
    expect(an.page.locator("#main")).not_to_have_attribute("inert", "")
    assert an.page.evaluate(ON_BUTTON)
    an.members()
    an.page.keyboard.press("Escape")
    expect(an.info).to_be_hidden()


def test_on_phones_the_panel_is_a_page_of_its_own_and_back_leaves_it(person: Make, device: Make) -> None:
    an = person("An")
    phone = device(an, **PHONE)
    phone.open("Everyone")
    phone.title.tap()
    expect(phone.info.locator(".members li").first).to_be_visible()
    phone.info.evaluate("(e) => Promise.all(e.getAnimations().map((a) => a.finished))")
    box = phone.info.bounding_box()
    assert box and (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    phone.page.go_back()
    expect(phone.info).to_be_hidden()
    expect(phone.title).to_have_text("Everyone")
    phone.page.locator(".info-button").tap()
    phone.info.get_by_role("button", name="Back").tap()
    expect(phone.info).to_be_hidden()
    phone.page.get_by_role("link", name="Back to the list").tap()
    expect(phone.item("Everyone")).to_be_visible()


@pytest.mark.slow
def test_members_change_while_the_panel_is_open(group: tuple[Person, Person], person: Make) -> None:
    an, binh = group
    chi = person("Chi")
    binh.members()
    expect(binh.info.locator(".members li")).to_have_count(2)
    an.post("group.add", conversation=an.conversation, users=[chi.id])
    expect(binh.info.locator(".members li")).to_have_count(3)
    expect(binh.member(an).locator(".role")).to_have_text("Group owner")
    expect(binh.info.get_by_role("button", name="Rename the group")).to_have_count(0)
    an.post("group.role", conversation=an.conversation, user=binh.id, role="manager")
    expect(binh.info.get_by_role("button", name="Rename the group")).to_be_visible()
    expect(binh.member(binh).locator(".role")).to_have_text("Manager")
    names = binh.info.locator(".members b").all_inner_texts()
    assert [name.split(" (")[0] for name in names] == [an.name, binh.name, chi.name]
    binh.member(chi).get_by_role("button").click()
    expect(binh.page.get_by_role("menuitem")).to_have_text(
        ["Write a message", "Profile", "Mute this member", "Remove from the group"]
    )
    binh.page.get_by_role("menuitem", name="Write a message").click()
    expect(binh.title).to_have_text(chi.name)
    expect(binh.info).to_contain_text(f"@{chi.username}")


def test_an_owner_makes_managers_and_hands_the_group_over_before_leaving(group: tuple[Person, Person]) -> None:
    an, binh = group
    name = an.title.inner_text()
    an.members()
    an.choose_for(binh, "Make manager")
    expect(an.member(binh).locator(".role")).to_have_text("Manager")
    an.choose_for(binh, "Make ordinary member")
    expect(an.member(binh).locator(".role")).to_have_count(0)
    an.choose_for(binh, "Hand the group over")
    an.page.get_by_role("dialog", name="Hand the group over?").get_by_role("button", name="Hand over").click()
    expect(an.member(binh).locator(".role")).to_have_text("Group owner")
    expect(an.member(an).locator(".role")).to_have_text("Manager")

    binh.allow(r"404 .*/members")  # asked for because of the new owner, by one who is leaving at that moment
    binh.members().get_by_role("button", name="Leave the group").click()
    dialog = binh.page.get_by_role("dialog", name="Who takes the group over?")
    expect(dialog.get_by_role("button", name="Hand over and leave")).to_be_disabled()
    dialog.get_by_role("radio", name=re.compile(an.name)).check()
    dialog.get_by_role("button", name="Hand over and leave").click()
    expect(binh.item(name)).to_have_count(0)
    expect(dialog).to_have_count(0)
    expect(an.member(an).locator(".role")).to_have_text("Group owner")
    an.info.get_by_role("button", name="Leave the group").click()
    alone = an.page.get_by_role("dialog", name="Leave the group?")
    expect(alone).to_contain_text("You are the only member")
    alone.get_by_role("button", name="Leave").click()
    expect(an.item(name)).to_have_count(0)
    expect(an.info).to_be_hidden()


@pytest.mark.slow
def test_a_name_is_changed_in_place_and_a_taken_one_refused_there(group: tuple[Person, Person]) -> None:
    an, _ = group
    name = an.title.inner_text()
    an.post("group.create", name=f"Taken {an.username}", users=[])
    an.members()
    an.info.get_by_role("button", name="Rename the group").click()
    field = an.info.get_by_label("Name of the group")
    expect(field).to_be_focused()
    field.fill(f"taken {an.username}")
    field.press("Enter")
    expect(an.info.get_by_role("alert")).to_have_text("There is a group with this name already.")
    field.press("Escape")
    expect(an.info.locator("h3").first).to_have_text(name)
    expect(an.info.get_by_role("button", name="Rename the group")).to_be_focused()
    assert an.title.inner_text() == name


@pytest.mark.slow
def test_every_kind_of_conversation_has_its_panel(pair: tuple[Person, Person]) -> None:
    an, binh = pair
    an.page.reload()
    an.wait_live()
    an.title.click()
    expect(an.info.locator("h3")).to_have_text(binh.name)
    expect(an.info).to_contain_text(f"@{binh.username}")
    expect(an.info.locator(".info-hero p")).to_have_text(re.compile("^Online"))
    an.info.get_by_role("button", name="Mute", exact=True).click()
    expect(an.item(binh.name)).to_have_class(re.compile("quiet"))
    an.info.get_by_role("button", name="Unmute").click()
    expect(an.item(binh.name)).not_to_have_class(re.compile("quiet"))
    an.info.get_by_role("button", name="Pin", exact=True).click()
    expect(an.item(binh.name)).to_have_class(re.compile("pinned"))
    an.info.get_by_role("button", name="Unpin").click()
    expect(an.item(binh.name)).not_to_have_class(re.compile("pinned"))
    an.open("Everyone")
    expect(an.member(binh)).to_be_visible()
    expect(an.info.get_by_role("button", name="Add people")).to_have_count(0)
    an.member(binh).get_by_role("button").click()
    expect(an.page.get_by_role("menuitem")).to_have_text(["Write a message", "Profile"])
    an.page.keyboard.press("Escape")
    expect(an.member(binh).get_by_role("button")).to_be_focused()
    assert not faults(an.page)
    an.page.get_by_role("button", name="Write to somebody").first.click()
    an.page.get_by_role("dialog").get_by_role("button", name="Saved messages").click()
    expect(an.info).to_contain_text("Only you can see them")
