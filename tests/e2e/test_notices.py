"""What calls somebody: notices on the desktop, sounds, numbers; and what keeps them silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bench.server import Server
from tests.e2e.person import Person

pytestmark = pytest.mark.whole_browser

Pair = tuple[Person, Person]
Make = Callable[..., Person]
numbers = count(1)
# Nothing tells that a page has stayed silent: tabs wait 500 ms for each other (CLAIM_MS in notify.js) before one of them calls
SILENCE_MS = 900
# Real notices and sounds, counted.
SPY = """
window.noticed = []; window.tones = 0; window.asked = 0;
Object.defineProperty(navigator, "userActivation", { value: undefined }); // looking at a page from here counts as a gesture
if ("Notification" in window) {
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) { super(title, options); this.closed = false; this.text = `${title}|${options.body}|${options.tag}`; noticed.push(this); }
    close() { this.closed = true; super.close(); }
    static requestPermission() { window.asked++; return Real.requestPermission(); }
  };
}
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.tones++; return start.apply(this, when); };
"""


def spied(who: Person, *permissions: str, path: str = "/") -> Person:
    """Opens a page that counts, in a browser with these permissions."""
    who.context.add_init_script(SPY)
    if permissions:
        who.context.grant_permissions(list(permissions), origin=who.base)
    who.go(path)
    return who


def texts(page: Page) -> list[list[str]]:
    """The notices of a page: title, text, tag."""
    return [text.split("|") for text in page.evaluate("noticed.map((notice) => notice.text)")]


# Looked at by the clock: a window behind the pop-up of a notice may draw no pictures, and Playwright's own way is to look at each picture.
LOOK_MS = 100
HELD = """async () => {
  const { href } = [...document.querySelectorAll("link[rel=modulepreload]")].find((link) => link.href.includes("/core/store"));
  const { state, news, openId, socket } = await import(href);
  return { noticed: noticed.length, permission: Notification.permission, hidden: document.hidden, now: String(new Date()), open: openId.value,
    news: news.value?.body, connection: socket.connection.value, options: state.value.me.options };
}"""


def wait_for(page: Page, count: int) -> None:
    """Until a page has shown so many notices; else what it holds is told."""
    try:
        page.wait_for_function(f"() => noticed.length >= {count}", polling=LOOK_MS)
    except PlaywrightTimeout:
        pytest.fail(f"no notice {count}: {page.evaluate(HELD)}")


def in_force(page: Page, wanted: dict[str, Any], conversation: int = 0) -> None:
    """Until a page has heard of these options, or how its person keeps a conversation: what comes before follows the old ones."""
    page.evaluate(  # wait_for_function takes the promise of an async function for an answer
        """async ([wanted, conversation]) => {
          const { href } = [...document.querySelectorAll("link[rel=modulepreload]")].find((link) => link.href.includes("/core/store"));
          const { state } = await import(href);
          const holds = () => {
            const held = conversation ? state.value.conversations.get(conversation) : state.value.me.options;
            return Object.entries(wanted).every(([name, value]) => held[name] === value);
          };
          while (!holds()) await new Promise((next) => setTimeout(next, 20));
        }""",
        [wanted, conversation],
    )


@pytest.fixture
def apart(pair: Pair) -> Pair:
    """The first is called by notices and looks at another conversation than the one they share."""
    an, binh = pair
    an.post("options.save", options={"desktop_notices": True})
    spied(an, "notifications")
    an.open("Everyone")
    return an, binh


def send(who: Person, text: str, conversation: int = 0) -> int:
    """A message without the composer; its number."""
    target = conversation or who.conversation
    client_id = f"sent-{who.username}-{next(numbers):06}"
    return int(who.post("message.send", conversation=target, client_id=client_id, body=text)["seq"])


def test_a_notice_tells_who_wrote_what_and_leads_there(apart: Pair, device: Make) -> None:
    an, binh = apart
    assert an.page.evaluate("Notification.permission") == "granted"
    send(binh, "họp lúc ba giờ")
    wait_for(an.page, 1)
    assert texts(an.page)[0][:2] == [binh.name, "họp lúc ba giờ"]
    seq = send(binh, "phòng 204")
    wait_for(an.page, 2)
    first, second = texts(an.page)
    assert second[2] == first[2]  # one at a time for a conversation
    assert second[1] == "phòng 204\n2 new messages"
    binh.post("message.recall", conversation=binh.conversation, seq=seq)
    an.page.wait_for_function("() => noticed[1].closed", polling=LOOK_MS)
    send(binh, "phòng 205")
    wait_for(an.page, 3)
    other = device(an)
    other.open(binh.name)
    an.page.wait_for_function("() => noticed[2].closed", polling=LOOK_MS)  # read elsewhere
    seq = send(binh, "đến chưa?")
    an.page.evaluate("noticed.at(-1).onclick()")
    expect(an.title).to_have_text(binh.name)
    send(binh, "thấy rồi")  # in the conversation that is looked at
    expect(an.bubble("thấy rồi")).to_be_visible()
    send(an, "thử", an.post("direct.open", user=an.id)["id"])
    assert "thấy rồi" not in str(texts(an.page))


def test_levels_hours_and_a_busy_person_keep_it_silent(apart: Pair) -> None:
    an, binh = apart
    group = binh.post("group.create", name=f"Nhóm {binh.username}", users=[an.id])["id"]
    talk = binh.conversation
    now = datetime.now(timezone(timedelta(hours=7)))
    minute = now.hour * 60 + now.minute
    silent = [
        ({"quiet_from": (minute - 5) % 1440, "quiet_to": (minute + 30) % 1440}, {"quiet_from": -1, "quiet_to": -1}),
        ({"quiet_until": int(now.timestamp()) + 600}, {"quiet_until": 0}),
        ({"busy": True}, {"busy": False}),
        ({"desktop_notices": False}, {"desktop_notices": True}),
    ]
    heard = 0
    for number, (on, off) in enumerate(silent):
        an.post("options.save", options=on)
        in_force(an.page, on)
        send(binh, f"im lặng {number}", talk)
        expect(an.item(binh.name)).to_contain_text(f"im lặng {number}")
        an.post("options.save", options=off)
        in_force(an.page, off)
        send(binh, f"có tiếng {number}", talk)
        heard += 1
        wait_for(an.page, heard)
    assert not [text for _, text, _ in texts(an.page) if "im lặng" in text]
    an.post("conversation.level", conversation=group, level="mentions")
    in_force(an.page, {"level": "mentions"}, group)
    send(binh, "chung chung", group)
    send(binh, f"@{an.username} ơi", group)
    wait_for(an.page, heard + 1)
    assert texts(an.page)[-1][:2] == [f"{binh.name} · Nhóm {binh.username}", f"@{an.username} ơi\n2 new messages"]
    expect(an.item(f"Nhóm {binh.username}").locator(".badge.mention")).to_be_visible()
    an.post("conversation.level", conversation=group, level="none")
    in_force(an.page, {"level": "none"}, group)
    expect(an.item(f"Nhóm {binh.username}").get_by_text("Muted")).to_be_attached()
    send(binh, f"@{an.username} không nghe", group)
    send(binh, "cuối cùng", talk)
    wait_for(an.page, heard + 2)
    assert "không nghe" not in str(texts(an.page)) and "chung chung" not in str(texts(an.page))
    expect(an.page).to_have_title(f"({2 * len(silent) + 1}) Everyone · Lighthouse School")


def test_of_two_tabs_one_calls_and_none_while_one_looks(apart: Pair) -> None:
    an, binh = apart
    second = an.watched(an.context.new_page())
    second.goto("/")
    expect(second.locator("#app[data-ready=true] #me .dot")).to_be_attached()
    for number in range(3):
        send(binh, f"một lần {number}")
        expect(an.item(binh.name)).to_contain_text(f"một lần {number}")
    second.wait_for_timeout(SILENCE_MS)
    assert len(texts(an.page)) + len(texts(second)) == 3
    second.locator(f"#conversations .item[href='/c/{binh.conversation}/']").click()
    expect(second.locator("#header h1")).to_have_text(binh.name)
    send(binh, "hai bên")
    expect(second.locator("#log")).to_contain_text("hai bên")
    second.wait_for_timeout(SILENCE_MS)
    assert len(texts(an.page)) + len(texts(second)) == 3


@pytest.mark.slow
def test_a_sound_after_a_gesture_at_most_every_two_seconds(pair: Pair) -> None:
    an, binh = pair
    spied(an)
    send(binh, "trước mọi cú bấm")
    expect(an.item(binh.name)).to_contain_text("trước mọi cú bấm")
    an.page.wait_for_timeout(SILENCE_MS)
    assert an.page.evaluate("tones") == 0
    an.open("Everyone")
    for text in ("một", "hai", "ba"):
        send(binh, text)
    an.page.wait_for_function("() => tones >= 2", polling=LOOK_MS)
    expect(an.item(binh.name)).to_contain_text("ba")
    an.page.wait_for_timeout(SILENCE_MS)
    assert an.page.evaluate("tones") == 2  # two notes: one sound
    an.post("options.save", options={"sounds": False})
    in_force(an.page, {"sounds": False})
    an.page.wait_for_timeout(2000)  # sounds keep two seconds apart by themselves
    send(binh, "bốn")
    expect(an.item(binh.name)).to_contain_text("bốn")
    an.page.wait_for_timeout(SILENCE_MS)
    assert an.page.evaluate("tones") == 2


@pytest.mark.slow
def test_the_browser_is_asked_by_a_click_and_the_settings_reach_other_devices(alone: Person, device: Make) -> None:
    an = alone
    spied(an, path=f"/c/{an.conversation}/")
    other = device(an)
    an.page.locator("#me").click()
    assert an.page.evaluate("[asked, Notification.permission]") == [0, "default"]
    an.context.grant_permissions(["notifications"], origin=an.base)
    an.page.get_by_role("button", name="1 hour").click()
    expect(other.page.locator("#me").get_by_text("Do not disturb")).to_be_attached()
    an.page.locator("#menu-quiet").get_by_role("button", name="Off").click()
    expect(other.page.locator("#me").get_by_text("Do not disturb")).to_have_count(0)
    an.page.get_by_role("button", name="Turn on desktop notices").click()
    expect(an.page.get_by_role("button", name="Turn on desktop notices")).to_be_hidden()
    assert an.page.evaluate("asked") == 1
    an.page.goto("/accounts/settings/")
    switch = an.page.get_by_role("switch", name="Desktop notices")
    expect(switch).to_be_checked()
    an.page.get_by_label("Starts", exact=True).fill("22:00")
    an.page.get_by_label("Ends", exact=True).fill("07:30")
    an.page.get_by_label("Ends", exact=True).blur()
    expect(an.page.locator("#saved")).to_have_text("Saved")
    saved = lambda: an.context.request.get("/api/snapshot").json()["me"]["options"]  # noqa: E731
    expect(an.page.get_by_role("switch", name="Sound for new messages")).to_be_checked()
    an.page.get_by_role("switch", name="Sound for new messages").uncheck()
    an.page.reload()
    expect(an.page.get_by_label("Ends", exact=True)).to_have_value("07:30")
    found = saved()
    assert (found["quiet_from"], found["quiet_to"], found["sounds"], found["desktop_notices"]) == (
        1320,
        450,
        False,
        True,
    )


@pytest.mark.slow
def test_without_https_the_reason_stands_there(visitor: Make, server: Server) -> None:
    an = visitor("An", f"http://chat.lan:{server.port}").sign_up()
    an.page.goto("/accounts/settings/")
    expect(an.page.get_by_role("switch", name="Desktop notices")).to_be_disabled()
    expect(an.page.locator("#notices-why")).to_contain_text("https")
    an.go("/")
    an.page.locator("#me").click()
    expect(an.page.get_by_role("button", name="1 hour")).to_be_visible()
    expect(an.page.get_by_role("button", name="Turn on desktop notices")).to_have_count(0)


def test_what_came_while_the_connection_was_away_calls_once(apart: Pair) -> None:
    an, binh = apart
    an.cut_off()
    send(binh, "lúc mất mạng")
    send(binh, "còn đó không?")
    assert texts(an.page) == []
    an.context.set_offline(False)
    wait_for(an.page, 1)
    assert texts(an.page)[0][:2] == [binh.name, "còn đó không?\n2 new messages"]
    send(binh, "vậy mai nhé")
    wait_for(an.page, 2)
    assert [text for _, text, _ in texts(an.page)][1:] == ["vậy mai nhé\n3 new messages"]
