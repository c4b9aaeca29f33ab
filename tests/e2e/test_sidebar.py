"""The list of conversations: what a row says, its menu, the search field, the width."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.person import Person

Pair = tuple[Person, Person]
Make = Callable[..., Person]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# The ground of something, or what a colour of the theme would make of it.
GROUND = """(e, token) => {
  if (token) e.style.backgroundColor = `var(${token})`;
  const { backgroundColor } = getComputedStyle(e);
  e.style.backgroundColor = "";
  return backgroundColor;
}"""
TITLES = "rows => rows.map((row) => row.textContent)"


def menu(who: Person) -> Locator:
    """The menu of a row."""
    return who.page.locator("#item-menu")


def choose(who: Person, title: str, action: str) -> None:
    """Something of the menu of a row, by the right button."""
    who.item(title).click(button="right")
    menu(who).get_by_text(action, exact=True).click()
    expect(menu(who)).to_be_hidden()


def titles(who: Person) -> list[str]:
    """The list from top to bottom."""
    return who.page.locator("#conversations .item-title").evaluate_all(TITLES)


def test_a_pin_reaches_the_other_device_and_stays(pair: Pair, device: Make, person: Make) -> None:
    an, binh = pair
    chi = person("Chi")
    an.talk_to(chi)
    an.write("Chào Chi")
    expect(an.item(chi.name)).to_contain_text("You: Chào Chi")
    assert titles(an).index(chi.name) < titles(an).index(binh.name)
    phone = device(an)
    choose(an, binh.name, "Pin to the top")
    for tab in (an, phone):
        expect(tab.item(binh.name).get_by_text("Pinned")).to_be_attached()
        expect(tab.page.locator("#conversations .item-title").first).to_have_text(binh.name)
    phone.go()
    assert titles(phone)[0] == binh.name
    choose(phone, binh.name, "Unpin")
    expect(an.item(binh.name).get_by_text("Pinned")).to_have_count(0)
    expect(an.page.locator("#conversations .item-title").first).not_to_have_text(binh.name)


def test_a_muted_conversation_counts_in_grey_and_can_be_marked_as_read(pair: Pair) -> None:
    an, binh = pair
    an.open("Everyone")
    choose(an, binh.name, "None")
    expect(an.item(binh.name).get_by_text("Muted")).to_be_attached()
    bubble = binh.write("có ai không?")
    badge = an.item(binh.name).locator(".badge.count")
    expect(badge).to_contain_text("1")
    assert badge.evaluate(GROUND) == badge.evaluate(GROUND, "--surface-3")
    choose(an, binh.name, "All messages")
    expect(an.item(binh.name).get_by_text("Muted")).to_have_count(0)
    assert badge.evaluate(GROUND) == badge.evaluate(GROUND, "--accent-fill") != badge.evaluate(GROUND, "--surface-3")
    choose(an, binh.name, "Mark as read")
    expect(badge).to_have_count(0)
    expect(bubble.get_by_label("Read")).to_be_visible()
    an.item(binh.name).click(button="right")
    expect(menu(an).get_by_text("Mark as read")).to_have_count(0)


@pytest.mark.slow
def test_nothing_shifts_when_a_number_comes(pair: Pair) -> None:
    an, binh = pair
    an.open("Everyone")
    choose(an, binh.name, "Pin to the top")
    expect(an.item(binh.name).get_by_text("Pinned")).to_be_attached()
    parts = [an.item(binh.name), *(an.item(binh.name).locator(name) for name in (".item-title", "time", ".avatar"))]
    before = [part.bounding_box() for part in parts]
    binh.write("một")
    expect(an.item(binh.name).locator(".badge.count")).to_be_visible()
    after = [part.bounding_box() for part in parts]
    assert [(b["y"], b["height"]) for b in after if b] == [(b["y"], b["height"]) for b in before if b]
    assert after[0] == before[0] and after[3] == before[3]


@pytest.mark.slow
def test_the_menu_works_by_keys(pair: Pair) -> None:
    an, binh = pair
    row = an.item(binh.name)
    for key in ("Shift+F10", "ContextMenu"):
        row.focus()
        an.page.keyboard.press(key)
        expect(menu(an).get_by_role("menuitem", name="Pin to the top")).to_be_focused()
        an.page.keyboard.press("ArrowUp")
        expect(menu(an).get_by_role("menuitemradio", name="None")).to_be_focused()
        an.page.keyboard.press("Escape")
        expect(menu(an)).to_be_hidden()
        expect(row).to_be_focused()
    an.page.keyboard.press("Shift+F10")
    expect(menu(an).get_by_role("menuitem", name="Pin to the top")).to_be_focused()
    an.page.keyboard.press("Enter")
    expect(row.get_by_text("Pinned")).to_be_attached()
    expect(row).to_be_focused()


def test_one_tab_stop_and_arrows_in_the_list(pair: Pair) -> None:
    an, binh = pair
    an.page.locator("#filter").focus()
    an.page.keyboard.press("ArrowDown")
    rows = an.page.locator("#conversations .item")
    expect(rows.first).to_be_focused()
    an.page.keyboard.press("End")
    expect(rows.last).to_be_focused()
    expect(an.page.locator('#conversations .item[tabindex="0"]')).to_have_count(1)
    expect(rows.last).to_have_attribute("tabindex", "0")
    an.page.keyboard.press("Home")
    expect(rows.first).to_be_focused()
    an.page.keyboard.press("ArrowUp")
    expect(an.page.locator("#filter")).to_be_focused()
    expect(an.item(binh.name)).to_have_attribute("aria-current", "page")


@pytest.mark.slow
def test_a_finger_that_stays_opens_the_menu_and_no_conversation(pair: Pair, device: Make) -> None:
    an, binh = pair
    phone = device(an, **PHONE)
    row = phone.item(binh.name)
    box = row.bounding_box()
    assert box
    touch = phone.context.new_cdp_session(phone.page)
    point = {"x": box["x"] + 100, "y": box["y"] + 30}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(menu(phone)).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(menu(phone).get_by_role("menuitem", name="Pin to the top")).to_be_visible()
    assert phone.page.url.endswith("/")
    menu(phone).get_by_role("menuitem", name="Pin to the top").tap()
    expect(row.get_by_text("Pinned")).to_be_attached()
    row.tap()
    expect(phone.title).to_have_text(binh.name)
    phone.page.go_back()
    expect(row).to_be_visible()


@pytest.mark.slow
def test_a_row_opens_in_a_new_tab(pair: Pair) -> None:
    an, binh = pair
    an.open("Everyone")
    here = an.page.url
    with an.context.expect_page() as opened:
        choose(an, binh.name, "Open in a new tab")
    expect(opened.value.locator("#header h1")).to_have_text(binh.name)
    assert an.page.url == here


@pytest.mark.slow
def test_the_search_field_needs_no_marks_but_heeds_them(person: Make) -> None:
    an = person("An")
    for name in ("Đường Trường", "Dưỡng Sinh", "周末爬山"):
        an.new_group(f"{name} {an.username}")
    field = an.page.locator("#filter")
    title = an.page.locator("#conversations .item-title")
    for query, found in (("DUONG", 2), ("đường", 1), ("dưỡng", 1), ("dt", 1), ("爬山", 1), ("đường".upper(), 1)):
        field.fill(query)
        expect(title).to_have_count(found)
    field.fill("không có ai như thế")
    expect(an.page.locator("#conversations")).to_contain_text("Nothing found")
    expect(an.page.locator("#conversations").get_by_role("button")).to_have_count(1)
    field.press("Escape")
    expect(field).to_have_value("")
    expect(title).to_have_count(4)
    field.fill("duong t")
    field.press("Enter")
    expect(an.title).to_have_text(f"Đường Trường {an.username}")


def test_previews_say_who_writes_and_what_is_unsent(pair: Pair) -> None:
    an, binh = pair
    an.new_group(f"Nhóm {an.username}", binh)
    row = binh.item(f"Nhóm {an.username}")
    expect(row).to_contain_text(f"{an.name} added you")
    an.write("họp lúc ba giờ")
    expect(row).to_contain_text(f"{an.name}: họp lúc ba giờ")
    expect(an.item(f"Nhóm {an.username}")).to_contain_text("You: họp lúc ba giờ")
    row.click()
    binh.box.fill("để sau")
    binh.open("Everyone")
    expect(row.locator(".draft")).to_have_text("Draft:")
    expect(row).to_contain_text("để sau")


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, PHONE], ids=["computer", "phone"])
def test_long_names_stay_in_their_rows(person: Make, options: dict) -> None:
    an = person("An", **options)
    for name in ("W" * 32, "龘" * 32, "Nguyễn Thị Trường Thương Nghiêng Ngả"):
        an.post("group.create", name=f"{name} {an.username}", users=[])
    expect(an.page.locator("#conversations .item")).to_have_count(4)
    for row in an.page.locator("#conversations .item").all():
        box, time = row.bounding_box(), row.locator("time").bounding_box()
        assert box and time and time["x"] + time["width"] <= box["x"] + box["width"]
        assert row.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert an.page.locator("#conversations").evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.slow
def test_the_width_of_the_list_by_keys_and_pointer_is_remembered(person: Make) -> None:
    an = person("An")
    edge = an.page.get_by_role("separator", name="Width of the list")
    width = "document.querySelector('.sidebar').getBoundingClientRect().width"
    edge.focus()
    an.page.keyboard.press("Home")
    expect(edge).to_have_attribute("aria-valuenow", "240")
    an.page.keyboard.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", "256")
    box = edge.bounding_box()
    assert box
    an.page.mouse.move(box["x"] + 5, 400)
    an.page.mouse.down()
    an.page.mouse.move(box["x"] + 59, 400, steps=4)
    expect(edge).to_have_attribute("aria-valuenow", "310")
    an.page.mouse.move(1000, 400)
    expect(edge).to_have_attribute("aria-valuenow", "420")
    an.page.mouse.up()
    an.go()
    assert an.page.evaluate(width) == 420
    an.page.set_viewport_size({"width": 600, "height": 800})
    expect(edge).to_be_hidden()
    assert an.page.evaluate(width) == 600
    an.page.set_viewport_size({"width": 1280, "height": 800})
    edge.dblclick()
    expect(edge).not_to_have_attribute("aria-valuenow", re.compile("420"))


@pytest.mark.slow
@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_row_glides_to_the_top_only_where_motion_is_wanted(pair: Pair, device: Make, motion: str) -> None:
    an, binh = pair
    tab = device(an, reduced_motion=motion)
    tab.open("Everyone")
    tab.write("một")
    first = tab.page.locator("#conversations .item-title").first
    expect(first).to_have_text("Everyone")
    tab.page.evaluate("""() => { window.glides = 0; const animate = Element.prototype.animate;
        Element.prototype.animate = function (...given) { glides += 1; return animate.apply(this, given); }; }""")
    binh.write("hai")
    expect(first).to_have_text(binh.name)
    assert bool(tab.page.evaluate("glides")) == (motion == "no-preference")
