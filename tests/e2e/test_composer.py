"""Where messages are written: growing, hints and limits, emoji, drafts, the keys that send, edit and leave."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from core.text import is_emoji
from tests.e2e.person import Person

Pair = tuple[Person, Person]
Make = Callable[..., Person]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
EMOJI = Path(__file__).parents[2] / "static" / "emoji"


def picker(who: Person) -> Locator:
    """Opens the emoji of the composer."""
    who.page.locator("#composer-emoji").click()
    panel = who.page.locator(".emoji-picker")
    expect(panel.locator(".emoji-group")).to_have_count(10)
    return panel


def top(place: Locator) -> float:
    """Where an element begins."""
    box = place.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("tone", ["", "\U0001f3fb", "\U0001f3ff"])
def test_every_emoji_of_the_picker_can_be_a_reaction(tone: str) -> None:
    groups = json.loads((EMOJI / "en.json").read_text())
    refused = [
        entry[0] for group in groups for entry in group if not is_emoji(entry[0] + (tone if entry[3:4] == [1] else ""))
    ]
    assert not refused


def test_an_emoji_goes_where_the_caret_is_and_more_may_follow(pair: Pair) -> None:
    an, binh = pair
    an.box.press_sequentially("ab")
    an.box.press("ArrowLeft")
    panel = picker(an)
    panel.get_by_role("gridcell", name="thumbs up", exact=True).first.click()
    expect(an.box).to_have_value("a👍b")
    expect(an.box).to_be_focused()
    panel.get_by_role("gridcell", name="red heart", exact=True).first.click()
    expect(an.box).to_have_value("a👍❤️b")
    an.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(an.box).to_be_focused()
    an.page.keyboard.press("Enter")
    expect(binh.bubble("a👍❤️b")).to_be_visible()


@pytest.mark.slow
def test_the_same_button_closes_the_picker(alone: Person) -> None:
    an = alone
    panel = picker(an)
    an.page.locator("#composer-emoji").click()
    expect(panel).to_be_hidden()
    expect(an.page.locator("#composer-emoji")).to_have_attribute("aria-expanded", "false")
    picker(an)
    expect(panel).to_be_visible()


@pytest.mark.slow
def test_emoji_are_found_in_the_language_of_the_page_and_in_english(person: Make) -> None:
    an = person("An", locale="vi-VN")
    an.page.locator("#conversations .item").first.click()
    panel = picker(an)
    field = panel.get_by_role("searchbox")
    expect(field).to_be_focused()
    first = panel.get_by_role("gridcell").first
    for query in ("vẫy tay", "VAY TAY", "waving hand"):
        field.fill(query)
        expect(first).to_have_text("👋")
        expect(first).to_have_accessible_name("vẫy tay")
    field.fill("qqqq")
    expect(panel.get_by_role("gridcell")).to_have_count(0)
    field.fill("waving hand")
    field.press("Enter")
    expect(an.box).to_have_value("👋")
    expect(panel).to_be_hidden()


def test_the_grid_is_walked_with_the_keys(alone: Person) -> None:
    an = alone
    panel = picker(an)
    cells = panel.locator(".emoji-group").nth(1).get_by_role("gridcell")
    rows = panel.locator(".emoji-group").nth(1).get_by_role("row")
    an.page.keyboard.press("ArrowDown")  # those used last
    an.page.keyboard.press("ArrowDown")
    expect(cells.first).to_be_focused()
    an.page.keyboard.press("ArrowRight")
    an.page.keyboard.press("ArrowDown")
    expect(rows.nth(1).get_by_role("gridcell").nth(1)).to_be_focused()
    an.page.keyboard.press("End")
    expect(rows.nth(1).get_by_role("gridcell").last).to_be_focused()
    an.page.keyboard.press("ArrowRight")
    expect(rows.nth(2).get_by_role("gridcell").first).to_be_focused()
    an.page.keyboard.press("Home")
    an.page.keyboard.press("Control+End")
    expect(panel.get_by_role("gridcell").last).to_be_focused()
    expect(panel.get_by_role("gridcell").last).to_be_in_viewport()
    an.page.keyboard.press("Control+Home")
    an.page.keyboard.press("ArrowUp")
    expect(panel.get_by_role("searchbox")).to_be_focused()
    an.page.keyboard.press("Escape")
    expect(an.box).to_be_focused()
    expect(an.box).to_have_value("")


@pytest.mark.slow
def test_what_was_used_last_and_the_skin_tone_are_remembered(alone: Person) -> None:
    an = alone
    panel = picker(an)
    panel.get_by_role("button", name="Medium skin", exact=True).click()
    panel.get_by_role("searchbox").fill("raised fist")
    expect(panel.get_by_role("gridcell").first).to_have_text("✊🏽")
    panel.get_by_role("searchbox").press("Enter")
    expect(an.box).to_have_value("✊🏽")
    an.page.reload()
    an.wait_live()
    panel = picker(an)
    expect(panel.get_by_role("gridcell").first).to_have_text("✊🏽")
    expect(panel.get_by_role("button", name="Medium skin", exact=True)).to_have_attribute("aria-pressed", "true")


@pytest.mark.slow
def test_on_a_phone_the_emoji_lie_below_the_box(pair: Pair, device: Make) -> None:
    an = device(pair[0], **PHONE)
    an.open(pair[1].name)
    an.page.locator("#composer-emoji").tap()
    panel = an.page.locator(".emoji-picker")
    expect(panel.locator(".emoji-group")).to_have_count(10)
    expect(panel.get_by_role("searchbox")).not_to_be_focused()
    panel.evaluate("(panel) => Promise.all(panel.getAnimations().map((a) => a.finished))")
    field, sheet = an.page.locator(".composer-field").bounding_box(), panel.bounding_box()
    assert field and sheet
    assert field["y"] + field["height"] <= sheet["y"]
    assert (sheet["x"], sheet["width"], round(sheet["y"] + sheet["height"])) == (0, 390, 844)
    cell = panel.locator(".emoji").first.bounding_box()
    assert cell and min(cell["width"], cell["height"]) >= 44
    panel.get_by_role("button", name="Skin tone").tap()
    panel.get_by_role("button", name="Dark skin", exact=True).tap()
    expect(panel.get_by_role("button", name="Dark skin", exact=True)).to_be_hidden()
    panel.get_by_role("gridcell", name="thumbs up", exact=True).nth(1).tap()
    expect(an.box).to_have_value("👍🏿")
    expect(panel).to_be_visible()


@pytest.mark.slow
def test_a_word_after_a_colon_is_completed_only_when_chosen(pair: Pair) -> None:
    an, binh = pair
    options = an.page.get_by_role("option")
    an.box.press_sequentially("Well done :clap")
    expect(options.first).to_have_text("👏clapping hands")
    an.box.press("Enter")
    expect(an.box).to_have_value("Well done 👏 ")
    expect(options).to_have_count(0)
    an.box.press_sequentially(":clap")
    expect(options.first).to_be_visible()
    an.act(an.bubble("Chào Bình"), "Reply")
    an.box.press("End")
    expect(options).to_have_count(0)
    an.box.press_sequentially("p")
    expect(options.first).to_be_visible()
    an.box.press("Escape")
    expect(options).to_have_count(0)
    expect(an.page.locator("#composer-bar")).to_contain_text("Reply to")
    expect(an.box).to_have_value("Well done 👏 :clapp")
    an.box.press("Enter")
    expect(binh.bubble("Well done 👏 :clapp")).to_be_visible()


@pytest.mark.slow
def test_no_list_for_times_and_addresses(alone: Person) -> None:
    an = alone
    an.box.press_sequentially("at 12:ab http://lan:cl")
    an.box.press_sequentially(" :cl")
    expect(an.page.get_by_role("option").first).to_be_visible()
    an.box.press("Space")
    expect(an.page.get_by_role("option")).to_have_count(0)


@pytest.mark.slow
def test_hint_and_counter_move_nothing(alone: Person) -> None:
    an = alone
    place, hint = an.page.locator(".composer-field"), an.page.locator("#composer-hint")
    empty = top(place)
    an.box.fill("a")
    expect(hint).to_have_css("opacity", "1")
    expect(hint).to_have_text("Enter sends, Shift+Enter makes a new line")
    assert top(place) == empty
    expect(an.page.locator("#composer-send")).to_have_class("composer-button composer-send ready")
    an.box.fill("a" * 9999)
    expect(an.page.locator("#composer-count")).to_have_text("1")
    grown = top(place)
    height = place.evaluate("(field) => field.getBoundingClientRect().height / innerHeight")
    assert 0.35 < height < 0.45
    an.box.fill("a" * 10_001)
    expect(hint).to_have_text("A message has at most 10,000 letters.")
    assert top(place) == grown


def test_a_very_long_text_is_kept_whole(pair: Pair) -> None:
    an, binh = pair
    long = "dài " * 7500
    an.box.evaluate("(area, text) => { area.focus(); document.execCommand('insertText', false, text); }", long)
    expect(an.page.locator("#composer-count")).to_have_text("-20,000")
    an.box.press("Enter")
    expect(an.toast).to_have_text("A message has at most 10,000 letters.")
    expect(an.box).to_have_value(long)
    an.page.reload()
    an.wait_live()
    expect(an.box).to_have_value(long)
    an.box.fill("short")
    an.box.press("Enter")
    expect(binh.bubble("short")).to_be_visible()


@pytest.mark.slow
def test_letters_outside_the_first_plane_count_once(alone: Person) -> None:
    an = alone
    an.box.fill("😀" * 9600)
    expect(an.page.locator("#composer-count")).to_have_text("400")
    an.box.fill("e\u0323\u0302" * 9600)
    expect(an.page.locator("#composer-count")).to_have_text("400")


@pytest.mark.slow
def test_enter_makes_a_line_where_the_option_says_so(pair: Pair) -> None:
    an, binh = pair
    an.post("options.save", options={"enter_sends": False})
    an.page.reload()
    an.wait_live()
    an.box.press_sequentially("one")
    an.box.press("Enter")
    an.box.press_sequentially("two")
    expect(an.page.locator("#composer-hint")).to_have_text("Ctrl+Enter sends, Enter makes a new line")
    expect(an.box).to_have_value("one\ntwo")
    an.box.press("Control+Enter")
    expect(an.box).to_have_value("")
    expect(binh.log.locator("article.message")).to_have_count(2)
    assert binh.texts()[-1] == "one\ntwo"


def test_on_a_phone_enter_makes_a_line_and_the_button_sends(pair: Pair, device: Make) -> None:
    binh = pair[1]
    an = device(pair[0], **PHONE)
    an.open(binh.name)
    an.box.tap()
    an.box.press_sequentially("one")
    an.box.press("Enter")
    an.box.press_sequentially("two")
    expect(an.box).to_have_value("one\ntwo")
    an.page.locator("#composer-send").tap()
    expect(an.box).to_have_value("")
    expect(an.box).to_be_focused()  # the keyboard stays
    expect(binh.log.locator("article.message")).to_have_count(2)
    assert binh.texts()[-1] == "one\ntwo"


def test_up_edits_the_last_message_and_escape_leaves_it(pair: Pair) -> None:
    an, binh = pair
    an.box.press("ArrowUp")
    expect(an.page.locator("#composer-bar")).to_contain_text("Edit message")
    expect(an.box).to_have_value("Chào Bình")
    expect(an.page.get_by_role("button", name="Save")).to_be_visible()
    an.box.press("Escape")
    expect(an.page.locator("#composer-bar")).not_to_contain_text("Edit message")
    expect(an.box).to_have_value("")
    an.box.press("ArrowUp")
    an.box.press("End")
    an.box.press_sequentially("!")
    an.box.press("Enter")
    expect(binh.bubble("Chào Bình!")).to_be_visible()
    expect(an.box).to_have_value("")
    expect(an.box).to_be_focused()


@pytest.mark.slow
def test_an_edit_sets_the_draft_aside(alone: Person) -> None:
    an = alone
    an.box.fill("half a thought")
    an.act(an.bubble("Chào Bình"), "Edit")
    expect(an.box).to_have_value("Chào Bình")
    an.box.press("Escape")
    expect(an.box).to_have_value("half a thought")


def test_drafts_stay_with_their_conversation(pair: Pair, device: Make) -> None:
    an, binh = pair
    other = device(an)
    other.open("Everyone")
    an.box.press_sequentially("for Bình")
    an.open("Everyone")
    expect(an.box).to_have_value("")
    an.box.press_sequentially("for all")
    an.open(binh.name)
    expect(an.box).to_have_value("for Bình")
    an.page.reload()
    an.wait_live()
    expect(an.box).to_have_value("for Bình")
    expect(other.item(binh.name)).to_contain_text("for Bình")
    other.open(binh.name)
    expect(other.box).to_have_value("for Bình")
    an.box.press("Enter")
    expect(binh.bubble("for Bình")).to_be_visible()
    other.open("Everyone")
    expect(other.box).to_have_value("for all")
    other.open(binh.name)
    expect(other.box).to_have_value("")


@pytest.mark.slow
def test_a_draft_written_without_a_network_survives(pair: Pair) -> None:
    an, binh = pair
    an.cut_off()
    an.box.fill("offline")
    an.open("Everyone")
    an.context.set_offline(False)
    an.go(f"/c/{binh.conversation}/")
    expect(an.box).to_have_value("offline")


@pytest.mark.slow
def test_emoji_without_a_network_say_so_and_come_later(alone: Person) -> None:
    an = alone
    an.cut_off()
    an.page.locator("#composer-emoji").click()
    expect(an.toast).to_have_text("No connection. Please try again in a moment.")
    an.context.set_offline(False)
    picker(an).get_by_role("gridcell", name="thumbs up", exact=True).first.click()
    expect(an.box).to_have_value("👍")
