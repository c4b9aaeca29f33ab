"""Two people write to each other."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.e2e.test_composer import picker

Pair = tuple[Person, Person]
FILL = """() => {
  for (let size = 1 << 20, at = 0; size; ) { try { localStorage.setItem(`fill${at++}`, "x".repeat(size)); } catch { size >>= 1; } }
}"""
STATES = """(text) => {
  window.states = [];
  new MutationObserver(() => {
    const row = [...document.querySelectorAll("#log article")].find((a) => a.querySelector(".text")?.textContent === text);
    const state = row?.querySelector(".tick")?.getAttribute("aria-label");
    if (state && state !== window.states.at(-1)) window.states.push(state);
  }).observe(document.getElementById("log"), { childList: true, subtree: true, attributes: true, characterData: true });
}"""


def test_a_message_goes_from_pending_to_sent_to_read_and_arrives_at_once(pair: Pair) -> None:
    an, binh = pair
    an.page.evaluate(STATES, "How are you?")
    expect(an.write("How are you?").get_by_label("Read")).to_be_visible()
    assert an.page.evaluate("window.states") == ["Being sent", "Sent", "Read"]
    expect(binh.bubble("How are you?")).to_be_visible()
    assert binh.texts() == an.texts() == ["Chào Bình", "How are you?"]
    expect(binh.item(an.name)).to_contain_text("How are you?")
    expect(an.item(binh.name)).to_contain_text("You: How are you?")


def test_a_clock_that_is_a_year_ahead_takes_no_rights_away(alone: Person) -> None:
    alone.page.add_init_script("{ const now = Date.now; Date.now = () => now() + 366 * 86_400_000; }")
    alone.go(f"/c/{alone.conversation}/")
    bubble = alone.write("sent a moment ago")
    expect(bubble.get_by_label("Sent", exact=True)).to_be_visible()
    bubble.locator(".bubble").click(button="right", position={"x": 6, "y": 6})
    items = alone.page.locator("#message-menu").get_by_role("menuitem")
    expect(items.filter(has_text=re.compile("^(Edit|Recall)"))).to_have_count(2)


def test_a_browser_that_has_no_room_left_sends_all_the_same(alone: Person) -> None:
    alone.page.evaluate(FILL)
    bubble = alone.write("there is no room")
    expect(bubble.get_by_label("Sent", exact=True)).to_be_visible()
    picker(alone).get_by_role("gridcell", name="thumbs up", exact=True).first.click()
    expect(alone.box).to_have_value("👍")


def test_a_reply_quotes_the_message_and_the_quote_jumps_to_it(pair: Pair) -> None:
    an, binh = pair
    for number in range(25):
        an.post("message.send", conversation=an.conversation, client_id=f"filling-{number:04}", body=f"line\n{number}")
    expect(binh.log.locator("article.message")).to_have_count(26)
    binh.page.locator("#scroller").evaluate("e => { e.scrollTop = 0; }")
    first = binh.bubble("Chào Bình")
    first.hover()
    first.get_by_role("button", name="Reply").click()
    expect(binh.page.locator("#composer-bar")).to_contain_text(f"Reply to {an.name}")
    binh.write("Chào An")
    reply = an.bubble("Chào An")
    expect(reply.locator(".quote")).to_contain_text("Chào Bình")
    expect(an.bubble("Chào Bình")).not_to_be_in_viewport()
    reply.locator(".quote").click()
    expect(an.bubble("Chào Bình")).to_be_in_viewport()
    expect(an.bubble("Chào Bình")).to_be_focused()


def test_an_edit_shows_on_both_sides_by_menu_and_by_the_up_key(pair: Pair) -> None:
    an, binh = pair
    an.write("tree o'clock")
    an.act(an.bubble("tree o'clock"), "Edit")
    expect(an.box).to_have_value("tree o'clock")
    an.write("three o'clock")
    for page in (an, binh):
        expect(page.bubble("three o'clock").locator(".meta")).to_contain_text("edited")
        expect(page.bubble("tree o'clock")).to_have_count(0)
    an.box.press("ArrowUp")
    expect(an.box).to_have_value("three o'clock")
    an.write("four o'clock")
    expect(binh.bubble("four o'clock")).to_be_visible()
    expect(an.box).to_have_value("")
    assert an.texts() == binh.texts() == ["Chào Bình", "four o'clock"]


def test_a_recalled_text_is_gone_everywhere_also_from_quotes_and_the_list(
    pair: Pair, device: Callable[..., Person]
) -> None:
    an, binh = pair
    an.write("secret plan")
    binh.bubble("secret plan").hover()
    binh.bubble("secret plan").get_by_role("button", name="Reply").click()
    binh.write("really?")
    expect(an.bubble("really?").locator(".quote")).to_contain_text("secret plan")
    an.act(an.bubble("secret plan"), "Recall")
    an.page.get_by_role("dialog").get_by_role("button", name="Recall").click()
    expect(an.bubble("You recalled a message")).to_be_visible()
    expect(binh.bubble(f"{an.name} recalled a message")).to_be_visible()
    for page in (an, binh, device(binh)):
        if not page.page.url.endswith(f"/c/{an.conversation}/"):
            page.open(an.name)
        expect(page.bubble("really?").locator(".quote")).to_contain_text("Message recalled")
        expect(page.page.locator("#announcer")).not_to_contain_text("secret plan")
        assert "secret plan" not in page.page.content()
    an.act(an.bubble("Chào Bình"), "Recall")
    an.page.get_by_role("dialog").get_by_role("button", name="Recall").click()
    expect(binh.bubble(f"{an.name} recalled a message")).to_have_count(2)


@pytest.mark.slow
def test_the_list_shows_a_recalled_last_message_without_its_text(pair: Pair) -> None:
    an, binh = pair
    expect(binh.item(an.name)).to_contain_text("Chào Bình")
    an.act(an.bubble("Chào Bình"), "Recall")
    an.page.get_by_role("dialog").get_by_role("button", name="Recall").click()
    for page, other in ((an, binh), (binh, an)):
        expect(page.item(other.name)).to_contain_text("Message recalled")
        expect(page.item(other.name)).not_to_contain_text("Chào Bình")


def test_reactions_are_counted_and_can_be_taken_back(pair: Pair) -> None:
    an, binh = pair
    binh.act(binh.bubble("Chào Bình"), "👍")
    mine = binh.bubble("Chào Bình").locator(".reaction")
    theirs = an.bubble("Chào Bình").locator(".reaction")
    expect(theirs).to_have_attribute("aria-label", f"👍 1: {binh.name}")
    expect(theirs).to_have_attribute("aria-pressed", "false")
    theirs.click()
    expect(mine).to_have_text("👍2")
    expect(mine).to_have_attribute("aria-pressed", "true")
    mine.click()
    expect(mine).to_have_text("👍1")
    theirs.click()
    expect(mine).to_have_count(0)
    expect(theirs).to_have_count(0)


def test_unread_messages_are_counted_and_a_line_stands_above_the_first(pair: Pair) -> None:
    an, binh = pair
    binh.open("Everyone")
    an.write("one")
    an.write("two")
    expect(binh.item(an.name).locator(".badge [aria-hidden]")).to_have_text("2")
    expect(binh.page).to_have_title(re.compile(r"^\(2\) "))
    binh.page.reload()
    expect(binh.item(an.name).locator(".badge [aria-hidden]")).to_have_text("2")
    binh.open(an.name)
    line = binh.log.locator(".divider")
    expect(line).to_have_text("New messages")
    assert line.evaluate("e => e.nextElementSibling.querySelector('.text').textContent") == "one"
    expect(binh.item(an.name).locator(".badge")).to_have_count(0)
    expect(an.bubble("two").get_by_label("Read")).to_be_visible()
    expect(binh.page).to_have_title(re.compile(r"^[^(]"))


def test_the_other_side_sees_typing_until_the_message_comes(pair: Pair) -> None:
    an, binh = pair
    an.box.press_sequentially("I am")
    expect(binh.page.locator("#header")).to_contain_text("typing…")
    expect(binh.item(an.name)).to_contain_text("typing…")
    an.box.press("Enter")
    expect(binh.page.locator("#header")).not_to_contain_text("typing…")
    expect(binh.bubble("I am")).to_be_visible()


@pytest.mark.slow
def test_the_presence_dot_goes_with_the_last_page_and_comes_back(pair: Pair) -> None:
    an, binh = pair
    status = an.page.locator("#header p")
    expect(status).to_have_text("Online · in this chat now")
    binh.page.goto("about:blank")
    expect(status).to_have_text(f"{binh.name} has left the chat window")
    expect(status).to_contain_text("last seen")
    expect(an.item(binh.name).locator(".dot")).to_have_count(0)
    binh.go()
    expect(status).to_have_text("Online")
    expect(an.item(binh.name).locator(".dot.online")).to_be_visible()


@pytest.mark.slow
def test_a_draft_survives_a_reload_and_reaches_the_other_device(pair: Pair, device: Callable[..., Person]) -> None:
    an, binh = pair
    phone = device(an)
    an.box.fill("not finished yet")
    expect(phone.item(binh.name)).to_contain_text("Draft: not finished yet")
    phone.open(binh.name)
    expect(phone.box).to_have_value("not finished yet")
    an.page.reload()
    an.wait_live()
    expect(an.box).to_have_value("not finished yet")
    an.cut_off()
    an.write("finished")
    an.context.set_offline(False)
    expect(phone.bubble("finished")).to_be_visible()
    phone.open("Everyone")
    expect(phone.item(binh.name)).not_to_contain_text("Draft:")


def test_what_one_device_reads_is_read_on_the_other(pair: Pair, device: Callable[..., Person]) -> None:
    an, binh = pair
    phone = device(binh)
    binh.open("Everyone")
    an.write("read me once")
    for page in (binh, phone):
        expect(page.item(an.name).locator(".badge [aria-hidden]")).to_have_text("1")
    phone.open(an.name)
    expect(binh.item(an.name).locator(".badge")).to_have_count(0)


@pytest.mark.slow
def test_saved_messages_are_a_conversation_with_oneself(
    person: Callable[..., Person], device: Callable[..., Person]
) -> None:
    an = person("An")
    an.page.get_by_role("button", name="Write to somebody").first.click()
    an.page.get_by_role("button", name="Saved messages").click()
    expect(an.title).to_have_text("Saved messages")
    an.write("buy ink")
    expect(an.bubble("buy ink").locator(".tick")).to_have_count(1)
    other = device(an)
    other.open("Saved messages")
    expect(other.bubble("buy ink")).to_be_visible()
    expect(other.item("Saved messages").locator(".badge")).to_have_count(0)
