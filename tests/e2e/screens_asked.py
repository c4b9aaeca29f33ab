"""What opens in the chat only when somebody asks for it: cards, lists of people, dates, files to be sent. `screens.py` has the rest."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.e2e.house import CHINESE, WIDE, House, ready
from tests.e2e.screens import CALM, DRAWN, Screens, calm, stay

# Files let go over the messages, their names as hostile as a file system allows
DROP = """(names) => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File(["x".repeat(5000)], name, { type: "text/plain" }));
  return data;
}"""
NAMES = [f"{WIDE * 6}.docx", f"{CHINESE * 2}.tar.gz", "ảnh.txt"]
DISPLACED = 4001


def with_icon(place: Locator, name: str) -> Locator:
    """What has this icon, whatever the language."""
    return place.locator(
        f'xpath=descendant-or-self::*[self::button][descendant::*[local-name()="use"][contains(@href, "#{name}")]]'
    )


def topmost(page: Page) -> Locator:
    """The dialog that one sees."""
    return page.locator("dialog:modal").last


def closed(page: Page) -> None:
    """Leaves all dialogs."""
    while count := page.locator("dialog:modal").count():
        page.keyboard.press("Escape")
        expect(page.locator("dialog:modal")).to_have_count(count - 1)


def over_people(page: Page) -> Screens:
    """A person's card and what it asks, friend requests, how a message to several fared."""
    calm(page, "/")
    page.locator("[data-open=people]:visible").first.click()
    with_icon(topmost(page), "user-plus").first.click()
    expect(page.locator(".requests .request").nth(2)).to_be_attached()
    yield "friend requests", stay
    closed(page)
    page.locator("[data-open=people]:visible").first.click()
    expect(page.locator("dialog:modal .person").nth(10)).to_be_visible()
    topmost(page).locator("input[type=search]").fill("龘")
    with_icon(topmost(page).locator(".person-row", has_text=CHINESE), "info").first.click()
    expect(page.locator(".person-card .card-acts")).to_be_visible()
    yield "profile", stay
    with_icon(page.locator(".person-card"), "user-plus").click()
    expect(page.locator("#friend-words")).to_be_focused()
    yield "words to a friend", stay
    with_icon(page.locator(".person-card"), "ban").click()
    expect(page.locator("dialog:modal")).to_have_count(3)
    yield "question", stay
    closed(page)
    page.locator("[data-open=people]:visible").first.click()
    with_icon(topmost(page), "mails").first.click()
    page.locator(".mailing-earlier").click()
    earlier = page.locator("dialog.mailing .dialog-body > .people > .person")
    expect(earlier.first).to_be_visible()
    yield "earlier messages to several", stay
    earlier.last.click()
    expect(page.locator("dialog.mailing [role=row], dialog.mailing tr").nth(3)).to_be_attached()
    yield "how a message to several fared", stay
    closed(page)


def what_narrows(page: Page) -> Screens:
    """Where and when a search looks."""
    calm(page, "/")
    field = page.locator("#filter")
    field.fill("w")
    expect(page.locator(".search-chip").nth(2)).to_be_visible()
    for number, name in ((0, "conversation of a search"), (2, "dates of a search")):
        page.locator(".search-chip").nth(number).click()
        expect(page.locator("dialog:modal").locator(".person, [type=date]").nth(1)).to_be_attached()
        yield name, stay
        closed(page)
    field.press("Escape")


def about_a_message(page: Page, house: House) -> Screens:
    """Who has read it, who has reacted, taking it back, reporting it."""
    calm(page, f"/c/{house.group}/")
    row = page.locator("#log article.own[data-seq]").last
    row.focus()
    page.keyboard.press("Enter")
    with_icon(page.locator("#message-menu"), "check-check").click()
    expect(page.locator("dialog.readers .person").nth(10)).to_be_attached()
    yield "read by", stay
    closed(page)
    row.focus()
    page.keyboard.press("Delete")
    expect(topmost(page).locator(".button-danger")).to_be_visible()
    yield "recall", stay
    closed(page)

    def reactions() -> None:
        page.keyboard.press("Escape")
        page.wait_for_timeout(1000)  # what is pressed again within a second counts as one long press
        page.locator("#log .reaction").last.click(button="right")
        expect(page.locator(".menu.who .person").first).to_be_visible()

    yield "reactions", reactions
    page.keyboard.press("Escape")
    page.locator("#log article[data-seq]:not(.own)").last.focus()
    page.keyboard.press("!")
    expect(topmost(page).locator("#report-words")).to_be_visible()
    yield "report", stay
    closed(page)


def to_be_sent(page: Page, house: House) -> Screens:
    """Files above the box, and a recording."""
    calm(page, f"/c/{house.group}/")
    page.dispatch_event("#log", "drop", {"dataTransfer": page.evaluate_handle(DROP, NAMES)})
    expect(page.locator("#composer-tray .tray-file")).to_have_count(len(NAMES))
    yield "files to be sent", stay
    for _ in NAMES:
        page.locator("#composer-tray .tray-file button").first.click()
    expect(page.locator("#composer-tray .tray-file")).to_have_count(0)
    page.locator("#composer-voice").click()
    expect(page.locator(".recorder-time")).to_contain_text("0:01")
    yield "recording", stay
    page.keyboard.press("Escape")
    expect(page.locator(".recorder-time")).to_have_count(0)


def about_a_group(page: Page, house: House) -> Screens:
    """What its page opens: dates, the history as a file, new people, a link, and who owns it after me."""
    calm(page, f"/c/{house.governed}/")
    for icon, name, wait in (
        ("calendar-days", "jump to a date", "[type=date]"), ("download", "history as a file", "a, button"), ("user-plus", "add people", ".person:nth-child(4)"),
        ("link", "invite link", "select"), ("log-out", "who takes the group over", "[name=heir]"),
    ):  # fmt: skip
        page.evaluate(DRAWN)  # a new width may have closed the panel
        if not page.locator("#info").is_visible():
            page.locator("#header [aria-controls=info]").click()
        with_icon(page.locator("#info"), icon).last.click()
        expect(topmost(page).locator(wait).first).to_be_attached()
        yield name, stay
        if icon == "link":
            topmost(page).locator(".dialog-foot .button-primary").click()
            expect(page.locator(".invite-copy")).to_be_focused()
            yield "invite link, made", stay
        closed(page)


def displaced(page: Page, house: House) -> Screens:
    """Somebody signed in elsewhere."""

    def end(socket: WebSocketRoute) -> None:
        socket.close(code=DISPLACED, reason="displaced")

    page.route_web_socket("**/ws/", end)
    ready(page, f"/c/{house.direct}/")
    page.add_style_tag(content=CALM)
    expect(topmost(page).locator(".button-primary")).to_be_visible()
    yield "signed in elsewhere", stay


def asked(page: Page, house: House) -> Screens:
    """All of it."""
    yield from over_people(page)
    yield from what_narrows(page)
    yield from about_a_message(page, house)
    yield from about_a_group(page, house)
    yield from to_be_sent(page, house)
    yield from displaced(page, house)
