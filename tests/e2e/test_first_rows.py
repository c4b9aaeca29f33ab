"""The rows that come with the page stand without any script, and nothing moves when the browser draws them itself."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import Person

# What can be seen of a conversation, and where: the parts of each row that is wholly on the screen.
PLACES = """async () => {
  await document.fonts.ready;
  const scroller = document.getElementById("scroller").getBoundingClientRect();
  const shown = [...document.querySelectorAll("#log > *")].filter((row) => {
    const box = row.getBoundingClientRect();
    return box.top > scroller.top && box.bottom <= scroller.bottom;
  });
  const part = ".bubble, .text, .author, .avatar, .divider, .quote, .reaction";
  const rows = shown.map((row) => [row, ...row.querySelectorAll("*")].filter((one) => one.matches(part)));
  return [[document.querySelector("#header h1")], ...rows].filter((row) => row.length).map((row) => row.map((one) => {
    const [box, title] = [one.getBoundingClientRect(), one.tagName === "H1"];
    const text = title || one.matches(".text") ? one.textContent.trim().slice(0, 12) : "";
    return [one.className.split(" ")[0], text, box.x, box.y, title ? 0 : box.width, box.height];
  }));
}"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TEXTS = (
    "Chào cả lớp, ngày mai chúng ta học lúc tám giờ nhé, đừng quên mang theo sách giáo khoa.", "好的，谢谢老师！", "👍",
    "**Lịch học**\n\n- thứ hai: `toán`\n- thứ ba: văn\n\nhttps://example.com/lich", "one\ntwo\nthree", "OK",
)  # fmt: skip


Rows = list[list[list[Any]]]


def seen(page: Page) -> Rows:
    return page.evaluate(PLACES)


def names(rows: Rows) -> list[list[list[Any]]]:
    return [[part[:2] for part in row] for row in rows]


def assert_still(before: Rows, after: Rows) -> None:
    """The same things in the same places; now there may be more above them, or below where they begin with what is new.

    A row at the edge may be seen in one and not in the other: a fraction of a pixel decides.
    """
    lines = [next((at for at, row in enumerate(rows) if row[0][0] == "divider"), None) for rows in (before, after)]
    if lines[0] is not None:
        assert lines[1] is not None
        before = before[:1] + before[lines[0] :]
        after = (after[:1] + after[lines[1] :])[: len(before)]
        before = before[: max(len(after), len(before) - 1)]
    else:
        if names(before[-1:]) == names(after[-2:-1]):
            after = after[:-1]
        elif names(before[-2:-1]) == names(after[-1:]):
            before = before[:-1]
        after = after[:1] + after[1:][1 - len(before) :]
        before = before[:1] + before[1:][-max(len(after) - 1, len(before) - 2) :]
    assert names(before) == names(after)
    pairs = zip(chain(*before), chain(*after), strict=True)
    moved = [
        (one, other) for one, other in pairs if any(abs(a - b) > 1 for a, b in zip(one[2:], other[2:], strict=True))
    ]
    assert not moved, moved


@pytest.mark.parametrize("look", ["phone", pytest.param("computer, compact", marks=pytest.mark.slow)])
def test_the_first_rows_stand_without_scripts_and_stay_where_they_are(
    pair: tuple[Person, Person], visitor: Callable[..., Person], look: str
) -> None:
    an, binh = pair
    where = an.post("group.create", name=f"Lớp {an.id} {look}", users=[binh.id])["id"]
    if look != "phone":
        binh.post("options.save", options={"density": "compact"})
    posted = 0

    def post(who: Person, body: str, **fields: Any) -> int:
        nonlocal posted
        posted += 1
        return int(
            who.post("message.send", conversation=where, client_id=f"first-{posted:04}", body=body, **fields)["seq"]
        )

    for who in (an, binh, an):
        for text in TEXTS:
            last = post(who, text)
    post(binh, "answer", reply_to=last)
    an.post("message.react", conversation=where, seq=last, emoji="🎉", on=True)
    an.post("message.edit", conversation=where, seq=last, body="OK, later")
    binh.post("conversation.read", conversation=where, seq=posted + 1)

    options = PHONE if look == "phone" else {}
    still = visitor(binh.name, binh.base, binh.username, **options).enter()
    still.context.route("**/*.js", lambda route: route.abort())
    still.allow("ERR_FAILED")
    moving = visitor(binh.name, binh.base, binh.username, **options).enter()
    # On the phone 15 messages under the line end a little below the screen.
    for unread in (0, 40, 15):
        moving.page.goto("about:blank")  # an open conversation would be read while they come
        if posted > 30:
            binh.post("conversation.read", conversation=where, seq=last)
        for number in range(unread):
            last = post(an, f"new {number}")
        still.page.goto(f"/c/{where}/")
        expect(still.log.locator("article").last).to_be_in_viewport() if not unread else expect(
            still.log.locator(".divider")
        ).to_be_in_viewport()
        before = seen(still.page)
        assert len(before) > 6
        moving.go(f"/c/{where}/")
        assert_still(before, seen(moving.page))
