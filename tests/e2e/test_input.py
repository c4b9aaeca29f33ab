"""What people type: letters being composed, too much text, and text that would be a program elsewhere."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.person import Person

Pair = tuple[Person, Person]
Make = Callable[..., Person]
PAYLOAD = "<img src=x onerror=alert(1)><svg/onload=alert(2)>"
MARKDOWN = "[link](javascript:alert(3)) **bold** <script>alert(4)</script> ![i](http://127.0.0.1:9/x.png) `</code><img src=x onerror=alert(5)>`"


@pytest.mark.slow
def test_enter_while_a_letter_is_composed_does_not_send(pair: Pair) -> None:
    an, binh = pair
    an.box.focus()
    keyboard = an.context.new_cdp_session(an.page)
    keyboard.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
    expect(an.box).to_have_value("nihao")
    for code, key in (
        (13, "Enter"),
        (229, "Process"),
    ):  # what different input methods report; none of them types a line break
        keyboard.send(
            "Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": code, "key": key, "code": "Enter"}
        )
    expect(an.box).to_have_value("nihao")
    keyboard.send("Input.insertText", {"text": "你好"})
    expect(an.box).to_have_value("你好")
    an.page.keyboard.press("Enter")
    expect(binh.bubble("你好")).to_be_visible()
    assert binh.texts() == ["Chào Bình", "你好"]


def test_a_text_that_grows_to_10001_letters_gets_a_clear_error_and_stays(pair: Pair) -> None:
    an, binh = pair
    an.context.grant_permissions(["clipboard-read", "clipboard-write"])
    an.page.evaluate("navigator.clipboard.writeText('ă'.repeat(10000))")
    an.box.focus()
    an.page.keyboard.press("Control+V")  # one more would come as a file
    an.page.keyboard.type("ă")
    expect(an.page.locator("#composer-count")).to_have_text("-1")
    an.page.keyboard.press("Enter")
    expect(an.toast).to_have_text("A message has at most 10,000 letters.")
    expect(an.box).to_have_value("ă" * 10001)
    an.page.keyboard.press("Backspace")
    an.page.keyboard.press("Enter")
    expect(binh.log.locator("article.message")).to_have_count(2)
    assert binh.texts()[-1] == "ă" * 10000
    expect(an.box).to_have_value("")


@pytest.mark.slow
def test_blank_text_is_not_sent(pair: Pair) -> None:
    an, binh = pair
    an.box.fill("  \n ")
    an.box.press("Enter")
    an.write("something")
    expect(binh.bubble("something")).to_be_visible()
    assert binh.texts() == ["Chào Bình", "something"]


@pytest.mark.slow
def test_shift_enter_makes_a_line_and_enter_sends(pair: Pair) -> None:
    an, binh = pair
    an.box.press_sequentially("one")
    an.box.press("Shift+Enter")
    an.box.press_sequentially("two")
    an.box.press("Enter")
    expect(binh.log.locator("article.message")).to_have_count(2)
    assert binh.texts()[-1] == "one\ntwo"


def test_names_and_texts_are_never_run_as_programs(
    visitor: Callable[..., Person], base: str, person: Callable[..., Person], device: Callable[..., Person]
) -> None:
    mallory, binh = visitor(PAYLOAD[:40], base).sign_up(), person("Bình")
    mallory.new_group(f"<b onmouseover=alert(6)>{mallory.username}", binh)
    mallory.write(PAYLOAD)
    mallory.box.fill(MARKDOWN)
    mallory.box.press("Enter")
    binh.open(f"<b onmouseover=alert(6)>{mallory.username}")
    expect(binh.bubble(PAYLOAD)).to_be_visible()
    expect(binh.log.locator("strong", has_text="bold")).to_be_visible()
    assert binh.log.locator(".text img, .text script, .text svg, a[href^=javascript]").count() == 0
    chain = mallory.write("👨" + "\u200d👩" * 300)  # one letter, as far as Unicode goes
    expect(chain).to_be_visible()
    assert chain.evaluate("(row) => row.scrollWidth <= row.clientWidth && row.parentElement.scrollWidth <= innerWidth")
    expect(binh.log.locator(".author")).to_have_text(mallory.name)
    expect(binh.log).to_contain_text(f"{mallory.name} created the group “<b onmouseover=alert(6)>{mallory.username}”")
    mallory.box.fill(PAYLOAD)
    other = device(mallory)
    expect(other.page.locator(".item-preview")).to_contain_text([f"Draft: {PAYLOAD}"])
    binh.act(binh.bubble(PAYLOAD), "Reply")
    expect(binh.page.locator("#composer-bar")).to_contain_text(PAYLOAD)
    binh.write("I see")
    expect(mallory.bubble("I see").locator(".quote")).to_contain_text(PAYLOAD)
    expect(binh.members()).to_contain_text(mallory.name)
