"""The rows of a conversation: what can be done with them by hand and by keys, how they look, where the reader stays."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.person import Person

Pair = tuple[Person, Person]
PLACE = "(seq) => document.querySelector(`#log [data-seq='${seq}']`)?.getBoundingClientRect().top"
# A row at the top edge, and where it stands.
TOP = """() => {
  const top = document.getElementById("scroller").getBoundingClientRect().top;
  const row = [...document.querySelectorAll("#log [data-seq]")].find((r) => r.getBoundingClientRect().bottom > top);
  return { seq: Number(row.dataset.seq), y: row.getBoundingClientRect().top };
}"""
# A shade of the theme on the ground of code, by the formula of WCAG.
CONTRAST = """(classes) => {
  const pre = document.querySelector(".rich pre code");
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = light(getComputedStyle(pre.closest(".code-block")).backgroundColor);
  return Math.min(...classes.map((name) => {
    const span = document.createElement("span");
    span.className = name;
    pre.append(span);
    const text = light(getComputedStyle(span).color);
    span.remove();
    return (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
  }));
}"""
# All that the page gives to a screen reader, from its first moment on.
LISTEN = """window.spoken = [];
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const place = target instanceof Element ? target : target.parentElement;
    if (place?.id === "announcer" && place.textContent) spoken.push(place.textContent);
  }
}).observe(document, { subtree: true, childList: true, characterData: true });"""
# Has the page say texts, all at once.
ANNOUNCE = """async (texts) => {
  const { href } = [...document.querySelectorAll("link[rel=modulepreload]")].find((link) => link.href.includes("/core/dom"));
  const { announce } = await import(href);
  for (const text of texts) announce(text, (count) => `${count} of them`);
}"""
# Of how many messages it has told.
TOLD = r"""() => spoken.reduce((sum, text) => sum + (Number(/^(\d+) new messages$/.exec(text)?.[1]) || text.split("\n").length), 0)"""
CODE = '```python\ndef greet(name):\n    return f"Chào {name}"  # ' + "long " * 80 + "\n```"


def fill(who: Person, count: int, text: str = "line {}\nof two") -> None:
    """Messages of somebody in the open conversation."""
    for n in range(1, count + 1):
        who.post("message.send", conversation=who.conversation, client_id=f"fill-{who.id}-{n:05}", body=text.format(n))


def go_to_end(who: Person, seq: int) -> None:
    """Reads on to the last message."""
    last = who.log.locator(f"[data-seq='{seq}']")
    expect(last).to_be_attached()
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    expect(who.page.locator("#conversations .item[aria-current] .badge")).to_have_count(0)


def long_press(row: Locator) -> None:
    """A finger rests on the text of a row."""
    box = row.locator(".bubble").bounding_box()
    assert box
    finger = {
        "pointerType": "touch",
        "isPrimary": True,
        "bubbles": True,
        "clientX": box["x"] + 9,
        "clientY": box["y"] + 9,
    }
    row.locator(".bubble").dispatch_event("pointerdown", finger)
    expect(row.page.locator("#message-menu")).to_be_visible()
    row.locator(".bubble").dispatch_event("pointerup", finger)


def test_the_tools_beside_a_row_react_and_move_nothing(pair: Pair) -> None:
    an, binh = pair
    row = binh.bubble("Chào Bình")
    before = row.bounding_box()
    row.hover()
    expect(row.locator(".message-tools")).to_be_visible()
    assert row.bounding_box() == before
    row.get_by_role("button", name="❤️").click()
    expect(an.bubble("Chào Bình").locator(".reaction")).to_have_text("❤️1")
    row.get_by_role("button", name="React", exact=True).click()
    picker = binh.page.locator(".emoji-picker")
    expect(picker).to_be_visible()
    picker.get_by_role("button", name=re.compile("party popper", re.IGNORECASE)).or_(
        picker.locator("button", has_text="😀")
    ).first.click()
    expect(an.bubble("Chào Bình").locator(".reaction")).to_have_count(2)


@pytest.mark.slow
def test_who_has_reacted_is_listed(pair: Pair) -> None:
    an, binh = pair
    binh.act(binh.bubble("Chào Bình"), "👍")
    reaction = an.bubble("Chào Bình").locator(".reaction")
    expect(reaction).to_have_attribute("title", binh.name)
    reaction.click(button="right")
    people = an.page.get_by_role("dialog", name="Reactions")
    expect(people.get_by_role("listitem")).to_have_text([re.compile(rf"{binh.name}\s*👍")])
    an.page.keyboard.press("Escape")
    expect(people).to_have_count(0)
    expect(reaction).to_be_focused()


@pytest.mark.slow
def test_who_has_read_a_message_of_a_group(person: Callable[..., Person]) -> None:
    an, binh, chi = person("An"), person("Bình"), person("Chi")
    an.new_group("Lớp 12A", binh, chi)
    an.write("Mai thi nhé")
    binh.open("Lớp 12A")
    expect(an.bubble("Mai thi nhé").get_by_label("Read")).to_be_visible()
    an.act(an.bubble("Mai thi nhé"), "Read by 1")
    expect(an.page.get_by_role("dialog", name="Read by").get_by_role("listitem").first).to_contain_text(binh.name)


def test_rows_by_keys(pair: Pair) -> None:
    an, _ = pair
    an.write("first of mine")
    an.write("second of mine")
    expect(an.bubble("second of mine").get_by_label("Read")).to_be_visible()
    page = an.page
    an.bubble("second of mine").focus()
    page.keyboard.press("ArrowUp")
    expect(an.bubble("first of mine")).to_be_focused()
    assert page.locator('#log article[tabindex="0"]').count() == 1
    page.keyboard.press("Home")
    expect(an.bubble("Chào Bình")).to_be_focused()
    page.keyboard.press("End")
    expect(an.bubble("second of mine")).to_be_focused()
    page.keyboard.press("e")
    expect(an.box).to_have_value("second of mine")
    an.box.press("Escape")
    an.bubble("first of mine").focus()
    page.keyboard.press("r")
    expect(page.locator("#composer-bar")).to_contain_text("first of mine")
    expect(an.box).to_be_focused()
    page.keyboard.type("recall")
    expect(an.box).to_have_value("recall")
    an.box.fill("")
    an.box.press("Escape")
    an.bubble("first of mine").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#message-menu")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    expect(page.locator(".emoji-picker")).to_be_visible()
    page.keyboard.press("Escape")
    an.bubble("first of mine").focus()
    page.keyboard.press("Delete")
    page.get_by_role("dialog").get_by_role("button", name="Recall").click()
    expect(an.bubble("You recalled a message")).to_be_visible()


@pytest.mark.slow
def test_no_key_of_a_row_while_a_letter_is_composed(alone: Person) -> None:
    an = alone
    an.bubble("Chào Bình").focus()
    an.bubble("Chào Bình").dispatch_event("keydown", {"key": "r", "isComposing": True, "bubbles": True})
    an.bubble("Chào Bình").dispatch_event("keydown", {"key": "r", "keyCode": 229, "bubbles": True})
    expect(an.page.locator("#composer-bar")).to_be_empty()


@pytest.mark.slow
def test_a_long_press_opens_the_menu(pair: Pair, device: Callable[..., Person]) -> None:
    _, binh = pair
    phone = device(binh, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.go(f"/c/{binh.conversation}/")
    row = phone.bubble("Chào Bình")
    long_press(row)
    expect(phone.page.locator("#message-menu").get_by_role("menuitem", name="Reply")).to_be_visible()
    phone.page.keyboard.press("Escape")
    expect(phone.page.locator("#message-menu")).to_be_hidden()


def test_code_has_colours_a_language_and_a_button_that_copies(pair: Pair) -> None:
    an, binh = pair
    binh.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=binh.base)
    an.post("message.send", conversation=an.conversation, client_id="code-000001", body=CODE)
    block = binh.log.locator(".code-block")
    expect(block.locator(".code-head")).to_have_text("Python")
    for theme in ("light", "dark"):
        binh.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        names = ["hl-k", "hl-s2", "hl-c1", "hl-mi", "hl-nf", "hl-nb", "hl-kt", "hl-gi", "hl-gd", "hl-n"]
        assert binh.page.evaluate(CONTRAST, names) >= 4.5
    pre = block.locator("pre")
    assert pre.evaluate("e => e.scrollWidth > e.clientWidth")
    assert binh.page.evaluate("document.getElementById('scroller').scrollWidth <= innerWidth")
    block.get_by_role("button", name="Copy code").click()
    expect(binh.toast).to_have_text("Copied")
    assert binh.page.evaluate("navigator.clipboard.readText()").startswith("def greet(name):\n    return f")


def test_a_long_message_is_folded_and_the_place_is_kept(pair: Pair) -> None:
    an, binh = pair
    body = "\n".join(f"rule {n}" for n in range(1, 81))
    fill(an, 20)
    an.post("message.send", conversation=an.conversation, client_id="long-000001", body=body)
    for n in range(20):  # the place can be kept where there is more on both sides
        an.post("message.send", conversation=an.conversation, client_id=f"after-{n:05}", body=f"after {n}\nof two")
    expect(binh.bubble("after 19\nof two")).to_be_attached()
    row = binh.log.locator("article.long")
    text = row.locator(".text")
    folded = text.evaluate("e => e.clientHeight")
    assert folded < 31 * text.evaluate("e => parseFloat(getComputedStyle(e).lineHeight)")
    button = row.locator(".fold")
    button.click()
    expect(button).to_have_text("Show less", use_inner_text=True)
    expect(button).to_have_attribute("aria-expanded", "true")
    assert text.evaluate("e => e.clientHeight") > 2 * folded
    button.scroll_into_view_if_needed()
    y = button.bounding_box()
    button.click()
    assert text.evaluate("e => e.clientHeight") == folded
    after = button.bounding_box()
    assert y and after and abs(after["y"] - y["y"]) <= 1


@pytest.mark.slow
def test_two_densities_and_their_change_keep_the_row(pair: Pair) -> None:
    an, binh = pair
    fill(an, 40)
    binh.write("and mine")
    bubble = binh.bubble("and mine")
    expect(bubble.locator(".author")).to_have_count(0)
    binh.page.locator("#scroller").evaluate("e => { e.scrollTop = e.scrollHeight / 2; }")
    top = binh.page.evaluate(TOP)
    binh.post("options.save", options={"density": "compact"})
    expect(bubble.locator(".author")).to_have_text(binh.name)
    assert abs(binh.page.evaluate(PLACE, top["seq"]) - top["y"]) <= 1
    lines = bubble.evaluate(
        """row => ["author", "text"].map((name) => row.querySelector("." + name).getBoundingClientRect().left)"""
    )
    first = binh.log.locator("article.first .author").first.bounding_box()
    assert first and lines[0] == lines[1] == first["x"]
    name, time = bubble.locator(".author").bounding_box(), bubble.locator("time").bounding_box()
    assert name and time and abs(name["y"] + name["height"] - time["y"] - time["height"]) < 8
    binh.post("options.save", options={"density": "bubbles"})
    expect(bubble.locator(".author")).to_have_count(0)


def place_of(page: Page) -> dict:
    """Where the reader is, once nothing moves."""
    page.wait_for_function(
        "() => !document.querySelector('#log.placing') && document.querySelectorAll('#log article').length > 5"
    )
    return page.evaluate(TOP)


@pytest.mark.parametrize("way", ["switch", *(pytest.param(way, marks=pytest.mark.slow) for way in ("reload", "back"))])
def test_the_place_of_a_conversation_is_found_again(pair: Pair, way: str) -> None:
    an, binh = pair
    fill(an, 60)
    go_to_end(binh, 61)
    binh.page.locator("#scroller").evaluate("e => { e.scrollTop = e.scrollHeight * 0.4; }")
    expect(binh.page.locator("#jump button")).to_be_visible()
    top = binh.page.evaluate(TOP)
    if way == "switch":
        binh.open("Everyone")
        binh.open(an.name)
    elif way == "reload":
        binh.page.reload()
        binh.wait_live()
    else:
        binh.open("Everyone")
        binh.page.go_back()
        expect(binh.title).to_have_text(an.name)
    now = place_of(binh.page)
    assert now["seq"] == top["seq"]
    assert abs(now["y"] - top["y"]) <= 1
    binh.write("mine goes to the end")
    expect(binh.bubble("mine goes to the end")).to_be_in_viewport()


@pytest.mark.slow
def test_the_date_at_the_top_leads_to_another_day(pair: Pair) -> None:
    an, binh = pair
    fill(an, 60)
    go_to_end(binh, 61)
    binh.page.locator("#scroller").hover()
    binh.page.mouse.wheel(0, -300)
    chip = binh.page.locator(".date-chip.shown")
    expect(chip).to_have_text("Today")
    chip.click()
    dialog = binh.page.get_by_role("dialog", name="Jump to a date")
    dialog.get_by_role("button", name="The beginning").click()
    expect(binh.bubble("Chào Bình")).to_be_in_viewport()
    expect(binh.bubble("Chào Bình")).to_be_focused()


@pytest.mark.slow
def test_an_empty_conversation_says_what_to_do(person: Callable[..., Person]) -> None:
    an, binh = person("An"), person("Bình")
    an.talk_to(binh)
    expect(an.log).to_contain_text(f"This is the beginning of your chat with {binh.name}.")
    an.log.get_by_role("button", name="Say hello").click()
    expect(an.bubble("👋")).to_be_visible()
    an.page.get_by_role("button", name="Write to somebody").first.click()
    an.page.get_by_role("button", name="Saved messages").click()
    expect(an.log).to_contain_text("Only you can see them.")


def test_rows_speak(pair: Pair) -> None:
    an, binh = pair
    log = an.page.get_by_role("log", name="Messages")
    expect(log).to_have_attribute("aria-live", "off")
    expect(log.get_by_role("article", name=re.compile(r"^You, \d{1,2}:\d\d"))).to_be_visible()
    an.page.evaluate(LISTEN)
    for said, heard in ((["a", "b", "c"], "a\nb\nc"), (["d", "e", "f", "g"], "4 of them")):
        an.page.evaluate(ANNOUNCE, said)
        an.page.wait_for_function("(heard) => spoken.at(-1) === heard", arg=heard)
    assert an.page.evaluate("spoken.splice(0).length") == 2
    for n in range(5):
        binh.post("message.send", conversation=an.conversation, client_id=f"spoken-{n:05}", body=f"news {n}")
    expect(an.bubble("news 4")).to_be_visible()
    an.page.wait_for_function(f"{TOLD} >= 5")
    assert an.page.evaluate(TOLD) == 5
    an.bubble("news 4").hover()
    assert an.bubble("news 4").locator("time").get_attribute("title")
