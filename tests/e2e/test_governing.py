"""How people come into groups, and how groups are governed."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.person import Person
from tests.e2e.test_access import PHONE, faults

Make = Callable[..., Person]
numbers = count(1)


@pytest.fixture
def club(person: Make) -> tuple[Person, Person, str]:
    """An owner on the page of a group that lets itself be found, somebody outside, and the name of the group."""
    an, binh = person("An"), person("Bình")
    name = f"Club {next(numbers)} {an.username}"
    made = an.post("group.create", name=name, users=[])["id"]
    an.post("group.settings", conversation=made, join_policy="request", discoverable=True)
    an.open(name)
    return an, binh, name


@pytest.fixture
def group(person: Make) -> tuple[Person, Person, str]:
    """A group of two; its owner and a member have it open."""
    an, binh = person("An"), person("Bình")
    name = f"Class {next(numbers)} {an.username}"
    an.post("group.create", name=name, users=[binh.id])
    an.open(name)
    binh.open(name)
    return an, binh, name


def waiting(who: Person) -> Locator:
    """The row above the list."""
    return who.page.locator(".waiting")


def look(who: Person) -> Locator:
    """Opens what waits."""
    waiting(who).click()
    return who.page.get_by_role("dialog", name="Requests and invitations")


def find(who: Person, name: str) -> Locator:
    """A group in the dialog for finding one."""
    who.page.get_by_role("button", name="Write to somebody").first.click()
    who.page.get_by_role("dialog", name="Write to somebody").get_by_role("button", name="Find groups").click()
    dialog = who.page.get_by_role("dialog", name="Find groups")
    dialog.get_by_label("Find groups").fill(name)
    row = dialog.locator(".wait", has_text=name)
    expect(row).to_have_count(1)
    return row


def govern(who: Person) -> Locator:
    """Opens the page that governs the group."""
    if not who.info.is_visible():
        who.page.locator(".info-button").click()
    who.info.get_by_role("button", name=re.compile("^Manage")).click()
    expect(who.info.get_by_role("heading", name="Manage the group")).to_be_visible()
    return who.info


def ask(who: Person, name: str, words: str) -> None:
    """Asks to be let into a group."""
    row = find(who, name)
    row.get_by_role("button", name="Ask to join").click()
    row.get_by_label("A few words, if you like").fill(words)
    row.get_by_label("A few words, if you like").press("Enter")
    expect(row).to_contain_text("Asked")
    who.page.keyboard.press("Escape")


def test_a_request_waits_for_the_owner_and_its_answer_for_who_asked(
    club: tuple[Person, Person, str], person: Make, device: Make
) -> None:
    an, binh, name = club
    chi, phone = person("Chi"), device(an, **PHONE)
    binh.allow("status of 429")
    ask(binh, name, "I play since I was six")
    expect(an.toast).to_have_text(f"{binh.name} wants to join {name}.")
    ask(chi, name, "Me too")
    expect(waiting(phone)).to_contain_text("2 join requests")
    dialog = look(an)
    row = dialog.locator(".wait", has_text=binh.name)
    expect(row).to_contain_text("I play since I was six")
    assert not faults(an.page)
    row.get_by_role("button", name="Accept").click()
    expect(row).to_have_count(0)
    other = dialog.locator(".wait", has_text=chi.name)
    other.get_by_role("button", name="Decline").click()
    expect(other.get_by_label("Reason, if you like")).to_be_focused()
    an.page.keyboard.type("Full this year")
    an.page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Nothing waits for you.")
    expect(waiting(phone)).to_have_count(0)

    expect(waiting(binh)).to_have_text(f"You are now in {name}.1")
    expect(binh.item(name)).to_be_visible()
    look(binh).get_by_role("button", name="Open").click()
    expect(binh.title).to_have_text(name)
    expect(waiting(binh)).to_have_count(0)
    chi.page.reload()  # answers wait
    chi.wait_live()
    answers = look(chi)
    expect(answers).to_contain_text(f"You were not let into {name}.")
    expect(answers).to_contain_text("Full this year")
    answers.get_by_role("button", name="OK").click()
    expect(waiting(chi)).to_have_count(0)
    expect(chi.item(name)).to_have_count(0)


def test_a_request_is_withdrawn_and_an_open_group_joined_at_once(club: tuple[Person, Person, str]) -> None:
    an, binh, name = club
    ask(binh, name, "")
    expect(waiting(an)).to_be_visible()
    row = find(binh, name)
    row.get_by_role("button", name="Withdraw").click()
    expect(row.get_by_role("button", name="Ask to join")).to_be_visible()
    expect(waiting(an)).to_have_count(0)
    binh.page.keyboard.press("Escape")
    an.post("group.settings", conversation=an.conversation, join_policy="open")
    find(binh, name).get_by_role("button", name="Join").click()
    expect(binh.title).to_have_text(name)
    expect(an.log).to_contain_text(f"{binh.name} joined")
    expect(find(binh, name).get_by_role("button", name="Open")).to_be_visible()


def test_a_member_invites_one_accepts_and_one_declines(group: tuple[Person, Person, str], person: Make) -> None:
    an, binh, name = group
    chi, dung = person("Chi"), person("Dung")
    binh.members().get_by_role("button", name="Invite people").click()
    dialog = binh.page.get_by_role("dialog", name="Invite people")
    for guest in (chi, dung):
        binh.choose(dialog, guest)
    dialog.get_by_role("button", name="Invite", exact=True).click()
    expect(binh.toast).to_contain_text("invited")
    expect(waiting(chi)).to_have_text(f"{binh.name} invites you to {name}.1")
    sent = govern(an).locator(".wait")
    expect(sent).to_have_count(2)
    invitation = look(chi)
    expect(invitation).to_contain_text("2 members")
    invitation.get_by_role("button", name="Accept").click()
    expect(chi.title).to_have_text(name)
    look(dung).get_by_role("button", name="Decline").click()
    expect(waiting(dung)).to_have_count(0)
    answers = look(binh)
    expect(answers).to_contain_text(f"{chi.name} has joined {name}.")
    expect(answers).to_contain_text(f"{dung.name} does not want to join {name}.")
    for _ in range(2):
        answers.get_by_role("button", name="OK").first.click()
    expect(answers).to_contain_text("Nothing waits for you.")
    an.info.get_by_role("button", name="Back").click()
    govern(an)
    expect(sent).to_have_count(0)
    an.post("group.settings", conversation=an.conversation, members_invite=False)
    binh.page.keyboard.press("Escape")
    expect(binh.info.get_by_role("button", name="Invite people")).to_have_count(0)


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


def test_slow_mode_counts_down_and_keeps_the_text(group: tuple[Person, Person, str]) -> None:
    an, binh, _ = group
    govern(an).get_by_label("Slow mode").select_option(label="1 minute")
    expect(binh.log).to_contain_text("one message each 1 minute")
    expect(binh.write("first").get_by_label("Sent").or_(binh.bubble("first").get_by_label("Read"))).to_be_visible()
    send = binh.page.locator("#composer-send")
    expect(send).to_have_attribute("data-wait", re.compile(r"^(5\d|60|1:00)$"))
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


def test_the_keyboard_alone_finds_a_group_asks_and_lets_in(club: tuple[Person, Person, str]) -> None:
    an, binh, name = club
    keys = binh.page.keyboard
    binh.page.get_by_role("button", name="Write to somebody").first.focus()
    keys.press("Enter")
    entry = binh.page.get_by_role("dialog").get_by_role("button", name="Find groups")
    expect(entry).to_be_visible()
    for _ in range(12):
        keys.press("ArrowDown")
        if entry.evaluate("(e) => e === document.activeElement"):
            break
    keys.press("Enter")
    expect(binh.page.get_by_label("Find groups").last).to_be_focused()
    keys.type(name)
    expect(binh.page.locator("dialog .wait")).to_have_count(1)
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.type("hello")
    keys.press("Enter")
    expect(binh.page.locator("dialog .wait")).to_contain_text("Asked")
    expect(waiting(an)).to_be_visible()
    waiting(an).focus()
    an.page.keyboard.press("Enter")
    expect(an.page.get_by_role("dialog", name="Requests and invitations")).to_be_visible()
    for _ in range(6):
        an.page.keyboard.press("Tab")
        if an.page.evaluate("document.activeElement.ariaLabel?.startsWith('Accept')"):
            break
    an.page.keyboard.press("Enter")
    expect(binh.item(name)).to_be_visible()
    an.page.keyboard.press("Escape")
    an.page.wait_for_function("() => document.activeElement !== document.body")


def test_a_new_group_opens_itself_behind_more(person: Make) -> None:
    an, binh = person("An"), person("Bình")
    name = f"Open {next(numbers)} {an.username}"
    an.page.get_by_role("button", name="Write to somebody").first.click()
    an.page.get_by_role("button", name="New group").click()
    dialog = an.page.get_by_role("dialog", name="New group")
    dialog.get_by_label("Name of the group").fill(name)
    dialog.get_by_text("More", exact=True).click()
    dialog.get_by_label("Who may join").select_option(label="Anyone")
    dialog.get_by_label("Shown to everybody").check()
    assert not faults(an.page)
    dialog.get_by_role("button", name="Create").click()
    expect(an.title).to_have_text(name)
    find(binh, name).get_by_role("button", name="Join").click()
    expect(binh.title).to_have_text(name)
