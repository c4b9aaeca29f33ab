"""How groups are governed."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Locator, expect

from core.tests.pictures import photo
from tests.e2e.person import Person
from tests.e2e.test_access import PHONE, faults

Make = Callable[..., Person]
numbers = count(1)


def govern(who: Person) -> Locator:
    """Opens the page that governs the group."""
    if not who.info.is_visible():
        who.page.locator(".info-button").click()
    who.info.get_by_role("button", name=re.compile("^Manage")).click()
    expect(who.info.get_by_role("heading", name="Manage the group")).to_be_visible()
    return who.info


@pytest.mark.slow
def test_the_picture_of_a_group(group: tuple[Person, Person, str]) -> None:
    an, binh, _ = group
    an.allow("/avatar\\)$")  # the browser tells of the picture that is refused
    panel = govern(an)
    shown = binh.page.locator("#header .avatar img, .item .avatar img")
    expect(shown).to_have_count(0)
    chosen = panel.get_by_label("Choose a picture")
    chosen.set_input_files([{"name": "a.png", "mimeType": "image/png", "buffer": photo()[:300]}])
    expect(panel.locator("#wrong-avatar")).to_contain_text("JPEG, PNG, WebP and GIF can")
    chosen.set_input_files([{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}])
    expect(shown).to_have_count(2)  # in the list and above the messages
    expect(panel.locator("#wrong-avatar")).to_be_empty()
    assert shown.first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(binh.log).to_contain_text(f"{an.name} changed the picture of the group")
    binh.page.reload()
    expect(shown).to_have_count(2)
    panel.get_by_role("button", name="Remove picture").click()
    expect(shown).to_have_count(0)
    expect(panel.get_by_role("button", name="Remove picture")).to_have_count(0)
    assert not faults(an.page)


def test_settings_reach_the_members_and_refusals_stand_at_their_field(group: tuple[Person, Person, str]) -> None:
    an, binh, name = group
    an.post("group.create", name=f"Taken {an.username}", users=[])
    panel = govern(an)
    assert not faults(an.page)
    field = panel.get_by_label("Name of the group")
    field.fill(f"taken {an.username}")
    field.press("Enter")
    expect(panel.locator("#wrong-name")).to_have_text("There is a group with this name already.")
    field.press("Escape")
    expect(field).to_have_value(name)
    panel.get_by_label("Anyone").check()
    panel.get_by_role("switch", name="Can be found").check()
    expect(binh.log).to_contain_text(f"{an.name} changed the settings: anybody may join")
    expect(binh.log).to_contain_text(f"{an.name} changed the settings: it can be found")
    panel.get_by_label("Only managers").check()
    expect(binh.page.locator("#read-only")).to_have_text("Only managers may write here.")
    expect(binh.box).to_be_hidden()
    panel.get_by_label("All members").check()
    expect(binh.box).to_be_visible()
    expect(panel.get_by_label("All members")).to_be_checked()
    binh.members()
    expect(binh.info.get_by_role("button", name=re.compile("^Manage"))).to_have_count(0)
    an.post("group.role", conversation=an.conversation, user=binh.id, role="manager")
    managing = govern(binh)
    expect(managing.get_by_label("Group notice")).to_be_visible()
    expect(managing.get_by_label("Anyone")).to_have_count(0)
    expect(managing.get_by_role("button", name="Dissolve the group")).to_have_count(0)


def test_a_notice_is_shown_folded_and_told_who_has_read_it(group: tuple[Person, Person, str], device: Make) -> None:
    an, binh, name = group
    panel = govern(an)
    panel.get_by_label("Group notice").fill("Exam on Monday\nRoom 204")
    panel.get_by_role("button", name="Save").click()
    bar = binh.page.get_by_role("region", name="Group notice")
    expect(bar).to_contain_text("Room 204")
    expect(bar.get_by_role("button", name="Edit")).to_have_count(0)
    assert not faults(binh.page)
    bar.get_by_role("button", name="Fold the notice").click()
    binh.page.reload()
    binh.wait_live()
    expect(bar.get_by_role("button", name="Show the notice")).to_have_attribute("aria-expanded", "false")
    expect(device(binh).item(name)).to_be_visible()
    mine = an.page.get_by_role("region", name="Group notice")
    expect(an.log.locator(".system").last).to_be_visible()
    mine.get_by_role("button", name="Who has read it").click()
    readers = an.page.get_by_role("dialog", name=re.compile("^Read by"))
    expect(readers).to_contain_text(binh.name)
    an.page.keyboard.press("Escape")
    mine.get_by_role("button", name="Edit").click()
    expect(panel.get_by_label("Group notice")).to_be_focused()
    panel.get_by_label("Group notice").fill("Exam on Tuesday")
    panel.get_by_role("button", name="Save").click()
    expect(bar.get_by_role("button", name="Fold the notice")).to_be_visible()
    expect(bar).to_contain_text("Exam on Tuesday")
    panel.get_by_label("Group notice").fill("")
    panel.get_by_role("button", name="Save").click()
    expect(bar).to_have_count(0)


@pytest.mark.slow
def test_a_muted_member_reads_until_when_and_may_write_again(group: tuple[Person, Person, str]) -> None:
    an, binh, _ = group
    an.members()
    an.choose_for(binh, "Mute this member")
    an.page.get_by_role("menu", name=f"Mute {binh.name}").get_by_role("menuitem", name="5 minutes").click()
    expect(binh.page.locator("#read-only")).to_contain_text("You may not write here until")
    expect(binh.page.locator("#read-only")).to_contain_text("5 minutes left")
    expect(binh.log).to_contain_text(f"{an.name} muted you until")
    expect(an.member(binh)).to_contain_text("Muted for 5 minutes")
    binh.members()
    expect(binh.member(binh)).not_to_contain_text("Muted")
    an.choose_for(binh, "Let write again")
    expect(binh.box).to_be_visible()
    expect(an.member(binh)).not_to_contain_text("Muted")
    expect(binh.log).to_contain_text("You may write again")


@pytest.mark.slow
def test_slow_mode_counts_down_and_keeps_the_text(group: tuple[Person, Person, str]) -> None:
    an, binh, _ = group
    govern(an).get_by_label("Slow mode").select_option(label="1 minute")
    expect(binh.log).to_contain_text("one message each 1 minute")
    expect(
        binh.write("first").get_by_label("Sent", exact=True).or_(binh.bubble("first").get_by_label("Read"))
    ).to_be_visible()
    send = binh.page.locator("#composer-send")
    expect(send).to_have_attribute("data-wait", re.compile(r"^(5\d|60|1:00)$"))
    binh.page.get_by_role("button", name="Record a voice message").click()
    expect(binh.toast).to_contain_text("Slow mode: you may write again in")
    expect(binh.page.get_by_role("group", name="Voice message")).to_have_count(0)
    binh.box.fill("second")
    binh.box.press("Enter")
    expect(binh.toast).to_contain_text("Slow mode: you may write again in")
    expect(binh.box).to_have_value("second")
    an.write("owners do not wait")
    expect(binh.bubble("owners do not wait")).to_be_visible()
    expect(an.page.locator("#composer-send")).not_to_have_attribute("data-wait", re.compile("."))
    an.post("group.settings", conversation=an.conversation, slow_mode=0)
    expect(send).not_to_have_attribute("data-wait", re.compile("."))
    binh.box.press("Enter")
    expect(an.bubble("second")).to_be_visible()


def test_an_owner_dissolves_a_group_by_its_name_on_a_phone(group: tuple[Person, Person, str], device: Make) -> None:
    an, binh, name = group
    phone = device(an, **PHONE)
    phone.open(name)
    panel = govern(phone)
    panel.evaluate("(e) => Promise.all(e.getAnimations().map((a) => a.finished))")
    box = panel.bounding_box()
    assert box and (box["x"], box["width"], box["height"]) == (0, 390, 844)
    phone.page.go_back()
    expect(panel.get_by_role("heading", name="Conversation info")).to_be_visible()
    govern(phone).get_by_role("button", name="Leave the group").tap()
    phone.page.get_by_role("dialog", name="Who takes the group over?").get_by_role("button", name="Or dissolve").tap()
    dialog = phone.page.get_by_role("dialog", name="Dissolve the group?")
    expect(dialog.get_by_role("button", name="Dissolve")).to_be_disabled()
    dialog.get_by_role("textbox").fill(name.upper())
    dialog.get_by_role("button", name="Dissolve").tap()
    for page in (an, binh):
        expect(page.item(name)).to_have_count(0)
    expect(binh.toast).to_have_text("You are no longer in this conversation.")
    expect(phone.page.locator("#conversations")).to_be_visible()
