"""What is done with messages beyond writing them: pins, forwarding, who has read, clearing one's own screen, one text to several."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.e2e.test_mentions import group_of
from tests.e2e.test_notices import in_force

Make = Callable[..., Person]
# Until this text is in the clipboard
COPIED = """async (wanted) => {
  while (await navigator.clipboard.readText() !== wanted) await new Promise((next) => setTimeout(next, 50));
}"""


def menu_of(who: Person, text: str) -> None:
    """Opens the menu of a message by keys."""
    who.bubble(text).focus()
    who.page.keyboard.press("Enter")
    expect(who.page.locator("#message-menu")).to_be_visible()


def test_pins_stand_under_the_head_for_all_and_lead_to_their_place(visitor: Make, base: str) -> None:
    an, binh = visitor("An", base).join(), visitor("Bình", base).join()
    group = group_of(an, binh)
    for number in range(1, 31):
        an.post("message.send", conversation=group, client_id=f"line-{number:04}", body=f"dòng {number}")
    for who in (an, binh):
        who.go(f"/c/{group}/")
    bar = binh.page.locator(".pin-bar")
    menu_of(an, "dòng 30")
    an.page.keyboard.press("Escape")
    an.bubble("dòng 30").focus()
    an.page.keyboard.press("p")
    expect(an.toast).to_have_text("Pinned")
    expect(bar).to_contain_text("dòng 30")
    expect(binh.bubble("dòng 30").get_by_label("Pinned")).to_be_visible()
    an.post("message.pin", conversation=group, seq=3, on=True)
    expect(bar).to_contain_text("Pinned message 1 of 2")
    expect(binh.log.get_by_role("button", name=f"{an.name} pinned a message")).to_have_count(2)
    binh.page.evaluate("scroller.scrollTop = scroller.scrollHeight")
    bar.locator(".pin-main").click()
    expect(binh.log.locator("[data-seq='3']")).to_be_in_viewport()
    expect(bar).to_contain_text("Pinned message 2 of 2")

    # Who manages the group unpins, others may not
    menu_of(binh, "dòng 2")
    menu = binh.page.locator("#message-menu")
    expect(menu.get_by_role("menuitem", name="Forward")).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Pin", exact=True)).to_have_count(0)
    binh.page.keyboard.press("Escape")
    bar.get_by_role("button", name="All pinned messages").click()
    mine, theirs = (
        binh.page.get_by_role("dialog", name="Pinned messages"),
        an.page.get_by_role("dialog", name="Pinned messages"),
    )
    expect(mine.locator(".person")).to_have_count(2)
    expect(mine.get_by_role("button", name="Unpin")).to_have_count(0)
    an.page.locator(".pin-bar").get_by_role("button", name="All pinned messages").click()
    theirs.get_by_role("button", name="Unpin").first.click()
    expect(mine.locator(".person")).to_have_count(1)
    mine.locator(".person").click()
    expect(mine).to_be_hidden()
    expect(binh.log.locator("[data-seq='32'], article:has-text('dòng 30')").last).to_be_in_viewport()
    theirs.get_by_role("button", name="Unpin").click()
    expect(theirs).to_contain_text("Nothing is pinned here.")
    expect(bar).to_be_hidden()


def test_a_message_goes_on_to_several_and_to_oneself(visitor: Make, base: str) -> None:
    an, binh, chi = (visitor(name, base).join() for name in ("An", "Bình", "Chi"))
    first, second = group_of(an, binh), group_of(binh, an, chi)
    binh.post("message.send", conversation=first, client_id="the-original", body="**Thời khóa biểu** mới")
    an.go(f"/c/{first}/")
    chi.go(f"/c/{second}/")
    an.log.locator("article").last.focus()
    an.page.keyboard.press("f")
    box = an.page.get_by_role("dialog", name="Forward")
    expect(box.locator(".person").first).to_contain_text("Saved messages")
    expect(box.get_by_role("button", name="Forward")).to_be_disabled()
    box.locator(".person").first.click()
    field = box.get_by_label("Find a conversation or a person")
    field.fill(chi.name)
    box.locator(".person", has_text=chi.name).get_by_role("checkbox").check()
    field.fill("lop cua binh")
    field.press("Enter")
    expect(box.locator(".chip")).to_have_count(3)
    box.get_by_role("button", name="Forward to 3").click()
    expect(an.toast).to_have_text("Forwarded to 3 conversations")
    expect(chi.log.locator("article .forwarded")).to_have_text(f"Forwarded from {binh.name}")
    expect(chi.log.locator("article .text strong")).to_have_text("Thời khóa biểu")
    chi.log.locator("article .forwarded [data-action]").click()
    expect(chi.page.get_by_role("dialog")).to_contain_text(binh.name)

    # One place alone: a way there
    an.log.locator("article").last.focus()
    an.page.keyboard.press("f")
    box.locator(".person").first.click()
    box.get_by_role("button", name="Forward", exact=True).click()
    an.page.locator(".toast.offer").get_by_role("button", name="Open").click()
    expect(an.title).to_have_text("Saved messages")
    expect(an.log.locator("article .forwarded")).to_have_count(2)

    # The link of a message, by its menu and by a key, leads to it
    an.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=an.base)
    an.go(f"/c/{first}/")
    row = an.log.locator("article").last
    place = f"/c/{first}/{row.get_attribute('data-seq')}/"
    for keys in (["Enter", "Copy link"], ["l"]):
        an.page.evaluate("navigator.clipboard.writeText('')")
        row.focus()
        an.page.keyboard.press(keys[0])
        if keys[1:]:
            an.page.locator("#message-menu").get_by_role("menuitem", name=keys[1]).click()
        an.page.evaluate(COPIED, an.base + place)
    binh.go(place)
    expect(binh.log.locator("article").last).to_be_focused()
    expect(binh.log.locator("article").last).to_contain_text("Thời khóa biểu")


def test_who_has_read_is_told_to_those_who_take_part(visitor: Make, base: str) -> None:
    an, binh, chi = (visitor(name, base).join() for name in ("An", "Bình", "Chi"))
    group = group_of(an, binh, chi)
    an.go(f"/c/{group}/")
    an.write("Đã đọc chưa?")
    binh.go(f"/c/{group}/")
    expect(an.bubble("Đã đọc chưa?").get_by_label("Read")).to_be_visible()
    menu_of(an, "Đã đọc chưa?")
    an.page.get_by_role("menuitem", name="Read by 1 of 2").click()
    box = an.page.get_by_role("dialog", name="Read by")
    expect(box.locator(".people").first).to_contain_text(binh.name)
    expect(box.locator(".people").last).to_contain_text(chi.name)
    expect(box.get_by_text("Not read yet")).to_be_visible()
    an.page.keyboard.press("Escape")
    an.post("options.save", options={"receipts": False})
    in_force(an.page, {"receipts": False})
    menu_of(an, "Đã đọc chưa?")
    an.page.get_by_role("menuitem", name="Who has read it").click()
    expect(box).to_contain_text("You take no part in read receipts")


@pytest.mark.slow
def test_a_cleared_screen_comes_back_and_stays_mine(visitor: Make, device: Make, base: str) -> None:
    an, binh = visitor("An", base).join(), visitor("Bình", base).join()
    group = group_of(an, binh)
    for number in range(1, 4):
        binh.post("message.send", conversation=group, client_id=f"line-{number:04}", body=f"dòng {number}")
    an.go(f"/c/{group}/")
    other = device(an, viewport={"width": 390, "height": 800})
    other.page.goto(f"/c/{group}/")
    expect(other.bubble("dòng 3")).to_be_visible()
    an.page.get_by_role("button", name="Conversation info").click()
    an.info.get_by_role("button", name="Clear screen").click()
    expect(an.log).to_contain_text("Your screen is cleared.")
    expect(other.log).to_contain_text("Your screen is cleared.")
    expect(an.page.locator(".item[aria-current=page] .item-preview")).to_have_text("Screen cleared")
    an.page.locator(".toast.offer").get_by_role("button", name="Undo").click()
    for screen in (an, other):
        expect(screen.bubble("dòng 1")).to_be_visible()
    an.info.get_by_role("button", name="Clear screen").click()
    expect(an.log).to_contain_text("Your screen is cleared.")
    binh.post("message.send", conversation=group, client_id="afterwards", body="sau đó")
    expect(an.bubble("sau đó")).to_be_visible()
    an.page.reload()
    an.wait_live()
    assert an.texts() == ["sau đó"]
    assert binh.stored(group) == ["dòng 1", "dòng 2", "dòng 3", "sau đó"]
    an.log.get_by_role("button", name="Show again").click()
    expect(an.bubble("dòng 1")).to_be_visible()
    expect(other.bubble("dòng 1")).to_be_visible()


@pytest.mark.slow
def test_one_text_to_several_and_how_it_fared(visitor: Make, base: str) -> None:
    an, binh, chi = (visitor(name, base).join() for name in ("An", "Bình", "Chi"))
    an.go()
    binh.go()
    an.page.get_by_role("button", name="Write to somebody").first.click()
    an.page.get_by_role("button", name="Message to several people").click()
    box = an.page.locator("dialog:modal")
    expect(box.get_by_role("button", name="Next")).to_be_disabled()
    for other in (binh, chi):
        an.choose(box, other)
    box.get_by_role("button", name="Next: 2 people").click()
    field = box.get_by_label("Message", exact=True)
    expect(field).to_be_focused()
    field.fill("x" * 10_001)
    expect(box.get_by_text("A message has at most 10,000 letters.")).to_be_visible()
    expect(box.get_by_role("button", name="Send")).to_be_disabled()
    field.fill("Họp lúc 15:00")
    field.press("Control+Enter")
    expect(box.get_by_role("row", name=binh.name)).to_contain_text("Sent")
    binh.open(an.name)
    expect(binh.bubble("Họp lúc 15:00")).to_be_visible()
    expect(an.item(binh.name).locator(".tick-read")).to_be_visible()
    box.get_by_role("button", name="Back").click()
    expect(box.locator(".person")).to_contain_text("Read by 1 of 2")
    box.locator(".person").click()
    expect(box.get_by_role("row", name=binh.name)).to_contain_text("Read")
    expect(box.get_by_role("row", name=chi.name)).to_contain_text("Sent")
    box.get_by_role("link", name=chi.name).click()
    expect(an.title).to_have_text(chi.name)
    expect(an.bubble("Họp lúc 15:00")).to_be_visible()
