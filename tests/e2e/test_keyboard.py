"""The chat without a mouse: the quick switcher, keys for conversations and panes, the sheet of keys, the composer."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.person import Person

Pair = tuple[Person, Person]
Make = Callable[..., Person]


def switcher(who: Person) -> Locator:
    """The quick switcher, opened by its key."""
    who.page.keyboard.press("Control+k")
    dialog = who.page.get_by_role("dialog", name="Go to a conversation")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    return dialog


def test_the_switcher_opens_what_its_initials_name(alone: Person) -> None:
    an = alone
    an.new_group(f"Nguyễn Đình {an.username}")
    an.open("Everyone")
    dialog = switcher(an)
    chosen = dialog.locator('[role=option][aria-selected="true"]')
    expect(chosen).to_contain_text(f"Nguyễn Đình {an.username}")  # where one was before
    field = dialog.get_by_role("combobox")
    field.fill(f"nd{an.username[-3:]}")
    expect(dialog).to_contain_text("Nothing found")
    for query in ("nguyen dinh", f"nđ {an.username}", f"{an.username} ngu"):
        field.fill(query)
        expect(chosen).to_contain_text(f"Nguyễn Đình {an.username}")
        expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "")
    field.press("Enter")
    expect(dialog).to_be_hidden()
    expect(an.title).to_have_text(f"Nguyễn Đình {an.username}")
    expect(an.box).to_be_focused()


@pytest.mark.slow
def test_the_switcher_finds_people_one_has_not_written_to(person: Make) -> None:
    an, chi = person("An"), person("Chị Chi")
    dialog = switcher(an)
    dialog.get_by_role("combobox").fill(f"chi {chi.name[-3:]}")
    option = dialog.get_by_role("option")
    expect(option).to_have_count(2)  # the second one searches in messages
    expect(option.first).to_contain_text(chi.name)
    an.page.keyboard.press("Enter")
    expect(an.title).to_have_text(chi.name)


@pytest.mark.slow
def test_arrows_choose_and_escape_goes_back(alone: Person) -> None:
    an = alone
    an.new_group(f"Nhóm {an.username}")
    an.box.focus()
    here = an.page.url
    dialog = switcher(an)
    options = dialog.get_by_role("option")
    expect(options).to_have_count(2)  # all but the one that is open
    for key, at in (("ArrowDown", 1), ("ArrowDown", 0), ("ArrowUp", 1), ("Home", 0), ("End", 1)):
        an.page.keyboard.press(key)
        expect(options.nth(at)).to_have_attribute("aria-selected", "true")
    an.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(an.box).to_be_focused()
    assert an.page.url == here
    switcher(an)
    an.page.keyboard.press("Control+k")
    expect(dialog).to_have_count(0)


@pytest.mark.slow
def test_enter_while_a_letter_is_composed_chooses_nothing(alone: Person) -> None:
    an = alone
    dialog = switcher(an)
    here = an.page.url
    keyboard = an.context.new_cdp_session(an.page)
    keyboard.send("Input.imeSetComposition", {"text": "every", "selectionStart": 5, "selectionEnd": 5})
    expect(dialog.get_by_role("option").first).to_contain_text("Everyone")
    for code, key in ((13, "Enter"), (229, "Process"), (229, "Enter")):
        event = {"type": "rawKeyDown", "windowsVirtualKeyCode": code, "key": key, "code": "Enter"}
        keyboard.send("Input.dispatchKeyEvent", event)
    expect(dialog).to_be_visible()
    assert an.page.url == here
    keyboard.send("Input.insertText", {"text": "every"})
    an.page.keyboard.press("Enter")
    expect(an.title).to_have_text("Everyone")


def test_alt_and_arrows_go_through_the_conversations(pair: Pair, person: Make) -> None:
    an, binh = pair
    chi = person("Chi")
    chi.talk_to(an)
    chi.write("Chào An")
    expect(an.item(chi.name).locator(".badge")).to_be_visible()
    an.page.keyboard.press("Alt+ArrowUp")
    expect(an.title).to_have_text(chi.name)
    expect(an.item(chi.name).locator(".badge")).to_have_count(0)
    an.page.keyboard.press("Alt+ArrowDown")
    expect(an.title).to_have_text(binh.name)
    chi.write("còn đó không?")
    expect(an.item(chi.name).locator(".badge")).to_be_visible()
    an.item("Everyone").click()
    an.page.keyboard.press("Alt+Shift+ArrowUp")
    expect(an.title).to_have_text(chi.name)
    expect(an.item(chi.name)).to_have_attribute("aria-current", "page")


def test_f6_goes_round_the_panes(pair: Pair) -> None:
    an, binh = pair
    an.box.focus()
    stops = [an.item(binh.name), an.log.locator("article").last, an.box]
    for stop in (*stops, stops[0]):
        an.page.keyboard.press("F6")
        expect(stop).to_be_focused()
    for stop in reversed(stops):
        an.page.keyboard.press("Shift+F6")
        expect(stop).to_be_focused()


def test_the_sheet_of_keys_opens_outside_fields_only(alone: Person) -> None:
    an = alone
    sheet = an.page.get_by_role("dialog", name="Keyboard shortcuts")
    an.box.focus()
    an.page.keyboard.type("gì thế?")
    expect(an.box).to_have_value("gì thế?")
    an.page.keyboard.press("Control+/")
    expect(sheet).to_contain_text("Go to a conversation or a person")
    an.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(an.box).to_be_focused()
    an.log.locator("article").last.focus()
    an.page.keyboard.press("?")
    expect(sheet).to_be_visible()


@pytest.mark.slow
def test_a_letter_typed_on_the_messages_goes_to_the_composer(alone: Person) -> None:
    an = alone
    row = an.log.locator("article").last
    row.focus()
    an.page.keyboard.type("xin chào")
    expect(an.box).to_be_focused()
    expect(an.box).to_have_value("xin chào")
    row.focus()
    an.page.keyboard.press("Control+c")
    expect(row).to_be_focused()
    an.page.keyboard.press("r")
    expect(an.page.locator("#composer-bar")).to_contain_text(re.compile("Reply to"))
    expect(an.box).to_have_value("xin chào")
