"""Small screens, the keyboard, screen readers; axe and hostile content are in test_axe.py and test_layout.py."""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.test_timeline import LISTEN, fill, go_to_end

Make = Callable[..., Person]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14) Chrome/140 Mobile",
}
NO_TRANSITIONS = (
    "* { transition: none !important; animation: none !important; }"  # no colour half-way between two themes
)
# What sticks out of the window to the right, unless a box around it scrolls or hides it on purpose.
OVERFLOW = """() => [...document.querySelectorAll("body *")].filter((e) => {
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= innerWidth + 1 || e.closest(".visually-hidden")) return false;
  for (let up = e.parentElement; up; up = up.parentElement) {
    if (up !== document.body && getComputedStyle(up).overflowX !== "visible" && up.getBoundingClientRect().right <= innerWidth + 1) return false;
  }
  return true;
}).map((e) => e.outerHTML.slice(0, 120)).concat(document.documentElement.scrollWidth > innerWidth ? ["the page itself"] : [])"""


def faults(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for rule in found if rule["impact"] in ("serious", "critical") for node in rule["nodes"]
    ]  # fmt: skip


def test_a_phone_shows_one_pane_at_a_time_and_goes_back(pair: tuple[Person, Person], device: Make) -> None:
    an, binh = pair
    phone = device(binh, **PHONE)
    sidebar, pane = phone.page.locator(".sidebar"), phone.page.locator("#main")
    expect(sidebar).to_be_in_viewport()
    expect(pane).not_to_be_in_viewport()
    phone.item(an.name).tap()
    expect(phone.title).to_have_text(an.name)
    expect(sidebar).not_to_be_in_viewport()
    expect(phone.box).to_be_in_viewport(ratio=1)
    phone.box.fill("from my phone")
    phone.page.get_by_role("button", name="Send").tap()
    expect(an.bubble("from my phone")).to_be_visible()
    phone.bubble("Chào Bình").tap()
    phone.page.locator("#message-menu").get_by_role("menuitem", name="👍").tap()
    expect(an.bubble("Chào Bình").locator(".reaction")).to_have_text("👍1")
    phone.page.get_by_role("link", name="Back to the list").tap()
    expect(sidebar).to_be_in_viewport()
    expect(phone.box).not_to_be_in_viewport()


def test_the_keyboard_alone_reaches_a_conversation_writes_and_sends(pair: tuple[Person, Person]) -> None:
    an, binh = pair
    binh.go()
    focused = (
        "document.activeElement.matches('#conversations .item') && document.activeElement.textContent.includes('Chào')"
    )
    for _ in range(15):
        binh.page.keyboard.press("Tab")
        if binh.page.evaluate(focused):
            break
    binh.page.keyboard.press("Enter")
    expect(binh.title).to_have_text(an.name)
    expect(binh.box).to_be_focused()
    binh.page.keyboard.type("no mouse")
    binh.page.keyboard.press("Enter")
    expect(an.bubble("no mouse")).to_be_visible()
    binh.page.keyboard.press("Shift+Tab")
    expect(binh.page.locator("#composer-emoji")).to_be_focused()
    binh.page.keyboard.press("Shift+Tab")
    expect(binh.bubble("no mouse")).to_be_focused()
    binh.page.keyboard.press("ArrowUp")
    expect(binh.bubble("Chào Bình")).to_be_focused()
    binh.page.keyboard.press("Enter")
    expect(binh.page.locator("#message-menu").get_by_role("menuitem").first).to_be_focused()
    binh.page.keyboard.press("Enter")
    expect(an.bubble("Chào Bình").locator(".reaction")).to_have_text("👍1")
    binh.page.keyboard.press("Alt+ArrowDown")
    expect(binh.title).to_have_text("Everyone")


def test_new_messages_are_spoken_to_screen_readers_and_old_ones_are_not(pair: tuple[Person, Person]) -> None:
    an, binh = pair
    talk = an.conversation
    an.open("Everyone")
    fill(binh, 130, "old {}")
    an.context.add_init_script(LISTEN)
    an.go(f"/c/{talk}/")  # opens at the first that is unread
    rows = an.log.locator("article[data-seq]")
    expect(an.log.locator("[data-seq='2']")).to_be_attached()
    an.page.locator("#jump button").click()
    go_to_end(an, 131)
    an.open("Everyone")
    an.open(binh.name)
    expect(an.log.locator("[data-seq='131']")).to_be_in_viewport()
    held = rows.count()
    an.page.locator("#scroller").evaluate("(e) => { e.scrollTop = 0; }")
    expect(rows.nth(held)).to_be_attached()  # older ones were put above
    binh.write("listen to this")
    an.page.wait_for_function("() => spoken.length")
    assert an.page.evaluate("spoken") == [f"{binh.name}: listen to this"]
