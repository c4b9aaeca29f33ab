"""Calling people with an @: the picker of the composer, the call in the text, and the way to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.e2e.test_ime import ENTER, SPY, InputMethod, writes

Make = Callable[..., Person]


def group_of(owner: Person, *others: Person) -> int:
    """A group made by the first; its number."""
    made = owner.post("group.create", name=f"Lớp của {owner.name}", users=[other.id for other in others])
    return int(made["id"])


def test_a_call_is_picked_shown_counted_and_found(person: Make, visitor: Make, base: str) -> None:
    an, wei = visitor("Nguyễn Ân", base).join(), visitor("张伟", base).join()
    group = group_of(an, wei)
    wei.go()
    an.go(f"/c/{group}/")
    picker = an.page.locator("#composer-list")
    an.box.press_sequentially("Chào @")
    expect(picker.get_by_role("option")).to_have_count(2)
    expect(picker.get_by_role("option").last).to_contain_text("@all")
    an.box.press_sequentially("zw")  # by the initials of its pinyin
    expect(picker.get_by_role("option")).to_have_count(1)
    expect(picker.get_by_role("option")).to_contain_text("张伟")
    expect(an.box).to_have_attribute("aria-activedescendant", "composer-option-0")
    an.page.keyboard.press("Enter")
    expect(an.box).to_have_value(f"Chào @{wei.username} ")
    expect(picker).to_be_hidden()
    an.box.press_sequentially("và *mọi người* @al")
    expect(picker.get_by_role("option")).to_have_count(1)
    an.page.keyboard.press("Escape")
    expect(picker).to_be_hidden()
    an.box.press_sequentially("l nhé")
    an.page.keyboard.press("Enter")
    calls = an.log.locator("article .call")
    expect(calls).to_have_text([f"@{wei.name}", "@all"])

    # It is counted where it was not seen, and a button leads to it
    for number in range(40):
        an.post("message.send", conversation=group, client_id=f"filler-{number:04}", body=f"dòng {number}\n" * 3)
    last = an.post("message.send", conversation=group, client_id="the-second-call", body=f"xem đây @{wei.username}")
    an.post("message.send", conversation=group, client_id="the-last-line", body="hết")
    row = wei.item(f"Lớp của {an.name}")
    expect(row.get_by_text("Somebody mentioned you")).to_be_attached()
    wei.page.goto(f"/c/{group}/2/")
    wei.wait_live()
    button = wei.page.locator("#jump .next-call")
    expect(button).to_be_visible()
    expect(wei.log.locator("article .call.self").first).to_have_text(f"@{wei.name}")
    button.click()
    expect(wei.log.locator(f"[data-seq='{last['seq']}']")).to_be_in_viewport()
    expect(button).to_be_hidden()
    expect(wei.log.locator(f"[data-seq='{last['seq']}'] .call.self")).to_be_visible()

    # A press on a name opens the card of who is meant
    wei.write(f"@{an.username} 好的")
    wei.log.locator("article").last.locator(".call").click()
    expect(wei.page.get_by_role("dialog")).to_contain_text(an.name)


@pytest.mark.slow
def test_the_picker_leaves_letters_in_the_making_alone(visitor: Make, base: str) -> None:
    an, li = visitor("An", base).join(), visitor("李娜", base).join()
    group = group_of(an, li)
    an.go(f"/c/{group}/")
    method = InputMethod(an)
    picker = an.page.locator("#composer-list")
    an.box.focus()
    an.box.evaluate(SPY)
    method.type("@")
    expect(picker.get_by_role("option").first).to_contain_text("李娜")
    method.compose("li'na")
    method.key(ENTER, "Enter")
    expect(an.box).to_have_value("@li'na")
    method.commit("李娜")
    expect(an.box).to_have_value("@李娜")
    expect(picker.get_by_role("option")).to_have_count(1)
    assert writes(an.box) == 0
    an.page.keyboard.press("Tab")
    expect(an.box).to_have_value(f"@{li.username} ")
    an.box.fill("")
    method.type("m", "o", "i", " ", "@", "k", "h", "\b", "\b")
    expect(picker.get_by_role("option")).to_have_count(2)
    expect(an.box).to_have_value("moi @")
    an.page.keyboard.press("Escape")
    an.page.keyboard.press("Enter")
    expect(an.bubble("moi @")).to_be_visible()
    expect(an.log.locator(".call")).to_have_count(0)
