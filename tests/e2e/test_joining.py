"""How people come into groups."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.person import Person
from tests.e2e.test_access import PHONE, faults
from tests.e2e.test_governing import govern

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


@pytest.mark.slow
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
    chi, dung, em = person("Chi"), person("Dung"), person("Em")
    binh.members().get_by_role("button", name="Invite people").click()
    dialog = binh.page.get_by_role("dialog", name="Invite people")
    for guest in (chi, dung, em):
        binh.choose(dialog, guest)
    dialog.get_by_role("button", name="Invite", exact=True).click()
    expect(binh.toast).to_contain_text("invited")
    expect(waiting(chi)).to_have_text(f"{binh.name} invites you to {name}.1")
    sent = govern(an).locator(".wait")
    expect(sent).to_have_count(3)
    mine = binh.info.locator(".wait")
    expect(mine).to_have_count(3)
    expect(waiting(em)).to_be_visible()
    mine.get_by_role("button", name=f"Withdraw: {em.name}").click()
    expect(mine).to_have_count(2)
    expect(waiting(em)).to_have_count(0)
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


@pytest.mark.slow
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


@pytest.mark.slow
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
