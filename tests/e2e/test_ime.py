"""Input methods: letters in the making are nobody's business but theirs. Pinyin and Telex compose; Unikey types, takes back and types again."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.person import Person

Pair = tuple[Person, Person]
Make = Callable[..., Person]
ENTER, ESCAPE, DIGIT, UP, PROCESS = 13, 27, 49, 38, 229
# Counts who writes into a field from a program.
SPY = """(field) => {
  const given = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value");
  field.writes = 0;
  Object.defineProperty(field, "value", { get() { return given.get.call(this); }, set(text) { this.writes++; given.set.call(this, text); } });
  const range = field.setRangeText;
  field.setRangeText = function (...all) { this.writes++; range.apply(this, all); };
}"""


class InputMethod:
    """What an input method does to the focused field of a page."""

    def __init__(self, who: Person) -> None:
        self.session = who.context.new_cdp_session(who.page)

    def compose(self, text: str) -> None:
        """Shows letters in the making."""
        self.session.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )

    def commit(self, text: str) -> None:
        """Puts the finished text in their place."""
        self.session.send("Input.insertText", {"text": text})

    def key(self, code: int, key: str) -> None:
        """A key that goes to the input method: browsers report it as 229, and in the middle of composing also as itself."""
        reported = [(PROCESS, "Process")] if code == ESCAPE else [(code, key), (PROCESS, "Process")]
        for number, name in reported:
            self.session.send(
                "Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": number, "key": name}
            )
            self.session.send("Input.dispatchKeyEvent", {"type": "keyUp", "windowsVirtualKeyCode": number, "key": name})

    def type(self, *strokes: str) -> None:
        """Keys without composing: `\\b` takes back a letter."""
        for stroke in strokes:
            if stroke == "\b":
                back: dict[str, Any] = {"windowsVirtualKeyCode": 8, "key": "Backspace", "code": "Backspace"}
                self.session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **back})
                self.session.send("Input.dispatchKeyEvent", {"type": "keyUp", **back})
            else:
                self.session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": stroke, "key": stroke})
                self.session.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": stroke})


def writes(field: Locator) -> int:
    """How often a program wrote into the field since the spy came."""
    return int(field.evaluate("(field) => field.writes"))


def test_pinyin_keeps_its_keys(pair: Pair) -> None:
    an, binh = pair
    method = InputMethod(an)
    an.act(an.bubble("Chào Bình"), "Reply")
    expect(an.box).to_be_focused()
    an.box.evaluate(SPY)
    method.compose("ni'hao")
    for code, key in ((ENTER, "Enter"), (DIGIT, "1"), (UP, "ArrowUp"), (ESCAPE, "Escape")):
        method.key(code, key)
    expect(an.box).to_have_value("ni'hao")
    expect(an.page.locator("#composer-bar")).to_contain_text("Reply to")
    method.commit("你好")
    expect(an.box).to_have_value("你好")
    assert writes(an.box) == 0
    an.page.keyboard.press("Enter")
    expect(binh.bubble("你好")).to_be_visible()
    assert binh.texts() == ["Chào Bình", "你好"]


@pytest.mark.parametrize(
    "steps",
    [("t", "ti", "tiê", "tiên", "tiêng", "tiếng"), ("t", "ti", "tie", "tieng", "tiêng", "tiếng")],
    ids=["telex", "vni"],
)
def test_vietnamese_that_is_composed(pair: Pair, steps: tuple[str, ...]) -> None:
    an, binh = pair
    method = InputMethod(an)
    an.box.focus()
    an.box.evaluate(SPY)
    for step in steps:
        method.compose(step)
        expect(an.box).to_have_value(step)
    method.commit("tiếng")
    method.type(" ")
    for step in ("V", "Vi", "Viê", "Việ", "Việt"):
        method.compose(step)
    method.key(ENTER, "Enter")
    method.commit("Việt")
    expect(an.box).to_have_value("tiếng Việt")
    assert writes(an.box) == 0
    an.page.keyboard.press("Enter")
    expect(binh.bubble("tiếng Việt")).to_be_visible()
    assert binh.texts() == ["Chào Bình", "tiếng Việt"]


@pytest.mark.slow
def test_vietnamese_that_is_typed_and_taken_back(pair: Pair) -> None:
    an, binh = pair
    an.box.focus()
    an.box.evaluate(SPY)
    InputMethod(an).type(
        *"Tie", "\b", *"ên", "\b", "\b", *"ếng Vie", "\b", *"êt", "\b", "\b", *"ệt :va", "\b", "â", "\b", "ấ", "y"
    )
    expect(an.box).to_have_value("Tiếng Việt :vấy")
    assert writes(an.box) == 0
    an.page.keyboard.press("Escape")  # a list of emoji may be open
    an.page.keyboard.press("Enter")
    expect(binh.bubble("Tiếng Việt :vấy")).to_be_visible()


def test_safari_ends_composing_before_the_key(pair: Pair) -> None:
    an, binh = pair
    an.box.fill("你好")
    an.box.evaluate("""(field) => {
      field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
      field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "你好" }));
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }));
    }""")
    expect(an.box).to_have_value("你好")
    an.box.press("Enter")
    expect(binh.bubble("你好")).to_be_visible()
    assert binh.texts() == ["Chào Bình", "你好"]


@pytest.mark.slow
def test_an_edit_waits_for_the_letter(pair: Pair) -> None:
    an, binh = pair
    method = InputMethod(an)
    an.box.press("ArrowUp")
    expect(an.box).to_have_value("Chào Bình")
    an.box.press("End")
    an.box.evaluate(SPY)
    method.compose("ha'ha")
    method.key(ENTER, "Enter")
    method.key(ESCAPE, "Escape")
    expect(an.box).to_have_value("Chào Bìnhha'ha")
    expect(an.page.locator("#composer-bar")).to_contain_text("Edit message")
    method.commit("哈哈")
    assert writes(an.box) == 0
    an.page.keyboard.press("Enter")
    expect(binh.bubble("Chào Bình哈哈")).to_be_visible()


def test_nothing_writes_into_the_box_while_a_letter_is_made(pair: Pair, device: Make) -> None:
    an, binh = pair
    other = device(an)
    other.open(binh.name)
    method = InputMethod(an)
    an.box.focus()
    method.compose("zhong'guo")
    an.box.evaluate(SPY)
    other.box.press_sequentially("from the other device")
    expect(an.page.locator("#header")).to_be_visible()
    binh.write("one")
    binh.write("two")
    expect(an.bubble("two")).to_be_visible()
    expect(binh.item(an.name)).to_be_visible()
    an.page.wait_for_function(  # the other device's draft has come, and the list would show it elsewhere
        "() => fetch('/api/snapshot').then((r) => r.json()).then((s) => s.conversations.some((c) => c.draft === 'from the other device'))"
    )
    expect(an.box).to_have_value("zhong'guo")
    method.compose("zhong'guo'ren")
    expect(an.box).to_have_value("zhong'guo'ren")
    method.commit("中国人")
    expect(an.box).to_have_value("中国人")
    assert writes(an.box) == 0


@pytest.mark.slow
def test_leaving_while_a_letter_is_made_keeps_both_drafts(pair: Pair) -> None:
    an, binh = pair
    an.box.focus()
    InputMethod(an).compose("nihao")
    an.open("Everyone")
    expect(an.box).to_have_value("")
    an.open(binh.name)
    expect(an.box).to_have_value("nihao")


@pytest.mark.slow
def test_the_search_of_the_list_waits_for_the_letter(alone: Person) -> None:
    an = alone
    method = InputMethod(an)
    field = an.page.locator("#filter")
    field.focus()
    field.evaluate(SPY)
    method.compose("every")
    method.key(ENTER, "Enter")
    method.key(ESCAPE, "Escape")
    expect(field).to_have_value("every")
    assert an.page.url.endswith(f"/c/{an.conversation}/")
    assert writes(field) == 0
    method.commit("every")
    expect(an.item("Everyone")).to_be_visible()
    expect(an.page.locator("#conversations .item")).to_have_count(1)
    an.page.keyboard.press("Enter")
    expect(an.title).to_have_text("Everyone")


@pytest.mark.slow
def test_the_search_of_a_dialog_waits_for_the_letter(pair: Pair) -> None:
    an, binh = pair
    an.open("Everyone")
    method = InputMethod(an)
    an.page.get_by_role("button", name="Write to somebody").first.click()
    dialog = an.page.get_by_role("dialog", name="Write to somebody")
    field = dialog.get_by_label("Find people")
    field.focus()
    field.evaluate(SPY)
    method.compose(binh.name)
    method.key(ENTER, "Enter")
    expect(field).to_have_value(binh.name)
    expect(dialog).to_be_visible()
    assert writes(field) == 0
    method.commit(binh.name)
    expect(dialog.get_by_role("button", name=binh.name)).to_be_visible()
    expect(an.title).to_have_text("Everyone")


@pytest.mark.slow
def test_the_quick_switcher_waits_for_the_letter(pair: Pair) -> None:
    an, binh = pair
    an.open("Everyone")
    method = InputMethod(an)
    an.page.keyboard.press("Control+k")
    dialog = an.page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    field = dialog.locator("input").first
    expect(field).to_be_focused()
    field.evaluate(SPY)
    method.compose(binh.name)
    method.key(ENTER, "Enter")
    expect(field).to_have_value(binh.name)
    expect(an.title).to_have_text("Everyone")
    assert writes(field) == 0
    method.commit(binh.name)
    expect(dialog.get_by_text(binh.name).first).to_be_visible()
    an.page.keyboard.press("Enter")
    expect(an.title).to_have_text(binh.name)


@pytest.mark.slow
def test_the_search_of_emoji_waits_for_the_letter(alone: Person) -> None:
    an = alone
    method = InputMethod(an)
    an.page.locator("#composer-emoji").click()
    panel = an.page.locator(".emoji-picker")
    field = panel.get_by_role("searchbox")
    expect(panel.locator(".emoji-group")).to_have_count(10)
    field.evaluate(SPY)
    method.compose("turtle")
    method.key(ENTER, "Enter")
    expect(panel).to_be_visible()
    expect(an.box).to_have_value("")
    method.commit("turtle")
    expect(panel.get_by_role("gridcell").first).to_have_text("🐢")
    assert writes(field) == 0
    an.page.keyboard.press("Enter")
    expect(an.box).to_have_value("🐢")


@pytest.mark.slow
def test_an_emoji_is_put_behind_a_letter_that_was_being_made(alone: Person) -> None:
    an = alone
    an.box.focus()
    InputMethod(an).compose("nihao")
    an.page.locator("#composer-emoji").click()
    an.page.locator(".emoji-picker").get_by_role("gridcell", name="thumbs up", exact=True).first.click()
    expect(an.box).to_have_value("nihao👍")
