"""Long conversations: opening at the first unread message, paging both ways, links to one message."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bench.server import Server
from tests.e2e.person import Person

COUNT = 320
FILL = """
from accounts.models import LoginSession
from core.registry import Caller
from messaging.actions import SendRequest, send_messages
from messaging.models import Conversation
who = LoginSession.objects.filter(user={user}, ended_at=None).latest("pk")
caller = Caller({user}, who.pk)
texts = [f"number {{n}}" + "\\n(and a second line)" * (n % 3 == 0) for n in range(2, {count} + 1)]
for start in range(0, len(texts), 64):
    for answer in send_messages([SendRequest(caller, {conversation}, f"filled-{{start + i:06}}", text) for i, text in enumerate(texts[start:start + 64])]):
        assert isinstance(answer, dict), answer
"""
# From when messages are: noon in Hồ Chí Minh City, days ago
AGE = """
from datetime import timedelta
from django.utils import timezone
from messaging.models import Message
noon = timezone.now().replace(hour=5, minute=0, second=0, microsecond=0)
for first, last, days in {ages}:
    found = Message.objects.filter(conversation={conversation}, seq__gte=first, seq__lte=last)
    found.update(sent_at=noon - timedelta(days=days))
    print((noon - timedelta(days=days)).date())
"""
SEQS = "[...document.querySelectorAll('#log [data-seq]')].map((row) => Number(row.dataset.seq))"
# Scrolls to where the next page is fetched, and says which row stood at the top edge and where.
SCROLL = """(share) => {
  const scroller = document.getElementById("scroller");
  scroller.scrollTop = share * (scroller.scrollHeight - scroller.clientHeight);
  const top = scroller.getBoundingClientRect().top;
  const row = [...document.querySelectorAll("#log [data-seq]")].find((r) => r.getBoundingClientRect().bottom > top);
  return { seq: row.dataset.seq, y: row.getBoundingClientRect().top };
}"""
PLACE = "(seq) => document.querySelector(`#log [data-seq='${seq}']`)?.getBoundingClientRect().top"

Long = tuple[Person, Person, int]


@pytest.fixture
def long(person: Callable[..., Person], server: Server) -> Long:
    """A writes 320 messages to B, who has read only the first; and the conversation's number."""
    an, binh = person("An"), person("Bình")
    an.talk_to(binh)
    an.write("number 1")
    binh.open(an.name)
    expect(an.bubble("number 1").get_by_label("Read")).to_be_visible()
    binh.open("Everyone")
    server.manage(
        "shell", "--verbosity=0", "--command", FILL.format(user=an.id, conversation=an.conversation, count=COUNT)
    )
    return an, binh, an.conversation


def seqs(page: Page) -> list[int]:
    """The numbers of the messages in the page; they follow one another."""
    found = page.evaluate(SEQS)
    assert found == list(range(found[0], found[-1] + 1))
    return found


def scroll_until(page: Page, share: float, wanted: str) -> None:
    """Goes on to one end, page by page; the row at the top edge stays where it is while others come and go."""
    for _ in range(20):
        held = page.evaluate(f"JSON.stringify({SEQS})")
        if page.evaluate(f"{SEQS}{wanted}"):
            return
        row = page.evaluate(SCROLL, share)
        page.wait_for_function(f"(held) => JSON.stringify({SEQS}) !== held", arg=held)
        assert abs(page.evaluate(PLACE, row["seq"]) - row["y"]) <= 1
        assert len(seqs(page)) <= 300
    raise AssertionError("the end was never reached")


def test_a_long_conversation_opens_at_the_first_unread_and_pages_both_ways(long: Long) -> None:
    an, binh, _ = long
    expect(binh.item(an.name).locator(".badge [aria-hidden]")).to_have_text(str(COUNT - 1))
    binh.open(an.name)
    expect(binh.log.locator(".divider")).to_be_in_viewport()
    expect(binh.bubble("number 2")).to_be_in_viewport()
    assert seqs(binh.page)[0] == 1
    scroll_until(binh.page, 1, f".at(-1) === {COUNT}")
    binh.page.evaluate(SCROLL, 1)
    expect(binh.item(an.name).locator(".badge")).to_have_count(0)
    scroll_until(binh.page, 0, "[0] === 1")
    assert seqs(binh.page)[-1] < COUNT
    binh.page.get_by_role("button", name="To the latest message").click()
    expect(binh.bubble(f"number {COUNT}")).to_be_in_viewport()
    assert seqs(binh.page)[-1] == COUNT


def test_a_date_leads_to_its_first_message_and_pages_are_as_long_as_one_likes(long: Long, server: Server) -> None:
    _, binh, conversation = long
    ages = [(1, 100, 40), (101, 200, 10)]
    days = server.manage("shell", "-v0", "-c", AGE.format(ages=ages, conversation=conversation)).split()
    binh.post("conversation.read", conversation=conversation, seq=COUNT)
    binh.post("options.save", options={"look_back": 20})
    asked: list[str] = []
    binh.page.on("request", lambda request: asked.append(request.url) if "/messages?" in request.url else None)
    binh.go(f"/c/{conversation}/")
    expect(binh.bubble(f"number {COUNT}")).to_be_in_viewport()
    binh.page.get_by_role("button", name="Conversation info", expanded=False).click()
    dates = binh.page.get_by_role("dialog", name="Jump to a date")
    for way, wanted in ((days[1], 101), ("A week ago", 201), ("A month ago", 101), (days[0], 1), ("Today", 201)):
        binh.info.get_by_role("button", name="Jump to a date").click()
        if way in days:
            dates.get_by_label("Date").fill(way)
            dates.get_by_role("button", name="Go", exact=True).click()
        else:
            dates.get_by_role("button", name=way).click()
        row = binh.log.locator(f"[data-seq='{wanted}']")
        expect(row).to_be_in_viewport()
        expect(row).to_be_focused()
    assert len(asked) >= 5 and all("limit=20" in url for url in asked)


@pytest.mark.slow
def test_rows_above_and_new_messages_below_leave_the_reader_where_he_is(long: Long) -> None:
    an, binh, conversation = long
    binh.post("conversation.read", conversation=conversation, seq=COUNT)
    binh.go(f"/c/{conversation}/")
    expect(binh.bubble(f"number {COUNT}")).to_be_in_viewport()
    row = binh.page.evaluate(SCROLL, 0.5)
    an.write("look down here")
    expect(binh.page.locator("#jump .badge")).to_have_text("1")
    assert abs(binh.page.evaluate(PLACE, row["seq"]) - row["y"]) <= 1
    expect(binh.bubble("look down here")).not_to_be_in_viewport()
    binh.page.locator("#jump button").click()
    expect(binh.bubble("look down here")).to_be_in_viewport()


def test_a_link_opens_its_message_with_those_around_it(long: Long) -> None:
    an, binh, conversation = long
    binh.go(f"/c/{conversation}/160/")
    expect(binh.bubble("number 160")).to_be_in_viewport()
    expect(binh.bubble("number 160")).to_be_focused()
    assert 130 <= seqs(binh.page)[0] < 160 < seqs(binh.page)[-1] <= 190
    binh.write(f"see {an.base}/c/{conversation}/40/")
    expect(an.page.locator("#log").get_by_role("link", name=f"/c/{conversation}/40/")).to_be_visible()
    an.page.locator("#log").get_by_role("link", name=f"/c/{conversation}/40/").click()
    expect(an.bubble("number 40")).to_be_in_viewport()
    assert an.page.url.endswith(f"/c/{conversation}/40/")
    an.page.go_back()
    expect(an.title).to_have_text(binh.name)


@pytest.mark.slow
def test_a_link_counts_more_than_the_place_where_one_left(long: Long) -> None:
    _, binh, conversation = long
    binh.go(f"/c/{conversation}/")
    expect(binh.log.locator(".divider")).to_be_in_viewport()
    binh.page.evaluate(SCROLL, 0.3)
    binh.go(f"/c/{conversation}/160/")
    expect(binh.bubble("number 160")).to_be_in_viewport()
    expect(binh.bubble("number 160")).to_be_focused()
