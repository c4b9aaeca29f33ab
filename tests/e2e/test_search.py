"""Searching in messages: from the field above the list and in a conversation, in three languages, by mouse, keys and finger."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.e2e.house import TOUCH
from tests.e2e.person import Person
from tests.e2e.test_ime import ENTER, InputMethod

Pair = tuple[Person, Person]
Make = Callable[..., Person]
numbers = count(1)
PHONE = {"viewport": {"width": 390, "height": 844}, **TOUCH}
TEXTS = (
    "Ngày mai họp ở đường Trường Chinh nhé",
    "今天下午开会讨论预算",
    "The budget meeting has moved",
    "dưỡng sinh buổi sáng",
)


def send(who: Person, text: str, conversation: int = 0) -> int:
    """A message without the composer; its number."""
    target = conversation or who.conversation
    client_id = f"found-{who.username}-{next(numbers):06}"
    return int(who.post("message.send", conversation=target, client_id=client_id, body=text)["seq"])


def field(who: Person) -> Locator:
    """The field above the list."""
    return who.page.locator("#filter")


def hits(who: Person) -> Locator:
    """The messages that were found."""
    return who.page.locator("#conversations a.hit")


def test_words_of_three_languages_lead_to_their_place(pair: Pair) -> None:
    an, binh = pair
    places = [send(binh, text) for text in TEXTS]
    for number in range(80):
        send(binh, f"tin thứ {number}")
    an.open("Everyone")
    asked: list[str] = []
    an.page.on("request", lambda request: asked.append(request.url) if "/api/search" in request.url else None)
    for words, found, marked in (
        ("duong chinh", 1, ["đường", "Chinh"]),
        ("đường", 1, ["đường"]),
        ("budg", 1, ["budg"]),
    ):
        field(an).fill(words)
        expect(hits(an)).to_have_count(found)
        expect(hits(an).first.locator("mark")).to_have_text(marked)
    field(an).fill("dưong")
    expect(hits(an)).to_have_count(1)
    expect(hits(an).first).to_contain_text("dưỡng sinh")
    expect(hits(an).first).to_contain_text(binh.name)
    # Letters in the making are no question
    field(an).fill("")
    expect(hits(an)).to_have_count(0)
    method, before = InputMethod(an), len(asked)
    field(an).focus()
    for letters in ("k", "kai", "kai'hui"):
        method.compose(letters)
    method.key(ENTER, "Enter")
    an.page.wait_for_timeout(500)
    assert len(asked) == before
    expect(field(an)).to_have_value("kai'hui")
    method.commit("开会")
    expect(hits(an)).to_have_count(1)
    expect(hits(an).first.locator("mark")).to_have_text(["开会"])
    # The place, and the panel stays
    hits(an).click()
    expect(an.page).to_have_url(re.compile(rf"/c/{binh.conversation}/{places[1]}/$"))
    expect(an.log.locator("article.flash")).to_contain_text("今天下午开会")
    expect(hits(an)).to_have_attribute("aria-current", "true")
    # What is recalled is gone here at once, and for every later search
    binh.post("message.recall", conversation=binh.conversation, seq=places[1])
    expect(hits(an)).to_have_count(0)
    field(an).fill("预算")
    expect(an.page.locator("#conversations")).to_contain_text("Nothing found")
    field(an).press("Escape")
    expect(an.item("Everyone")).to_be_visible()
    # Searches are remembered on this device, and are a click away
    field(an).click()
    an.page.get_by_role("button", name="开会", exact=True).click()
    expect(field(an)).to_have_value("开会")


def test_in_a_conversation_by_keys_alone(pair: Pair) -> None:
    an, binh = pair
    seqs = [send(binh, f"bài tập số {number}") for number in range(40)]
    for number in range(60):
        send(an, f"xong {number}")
    send(an, "bài tập ở chỗ khác", an.post("direct.open", user=an.id)["id"])
    an.page.reload()
    an.wait_live()
    an.box.focus()
    an.page.keyboard.press("Control+Shift+F")
    expect(field(an)).to_be_focused()
    chips = an.page.get_by_role("group", name="Filters")
    expect(chips.get_by_role("button", name=re.compile("Remove the filter"))).to_contain_text(binh.name)
    expect(an.page.locator("#conversations .item")).to_have_count(0)
    an.page.keyboard.type("bai tap")
    expect(hits(an).first).to_contain_text("số 39")
    expect(hits(an).filter(has_text="chỗ khác")).to_have_count(0)
    current = an.page.locator("#conversations a.hit[aria-current]")
    for key, number in (("Enter", 39), ("Enter", 38), ("Enter", 37), ("Shift+Enter", 38)):
        an.page.keyboard.press(key)
        expect(current).to_contain_text(f"số {number}")
        expect(an.page).to_have_url(re.compile(rf"/{seqs[number]}/$"))
        expect(an.log.locator(f"article[data-seq='{seqs[number]}']")).to_be_in_viewport()
        expect(field(an)).to_be_focused()
    for _ in range(38):  # past the end of the first page
        an.page.keyboard.press("Enter")
    an.page.wait_for_function("() => document.querySelectorAll('#conversations a.hit').length === 40")
    an.page.keyboard.press("ArrowDown")
    expect(hits(an).first).to_be_focused()
    an.page.keyboard.press("End")
    an.page.keyboard.press("Enter")
    expect(an.log.locator(f"article[data-seq='{seqs[0]}']")).to_be_in_viewport()
    expect(an.log.locator(f"article[data-seq='{seqs[0]}']")).to_be_focused()
    field(an).focus()
    an.page.keyboard.press("Escape")
    expect(chips).to_have_count(0)
    expect(field(an)).to_have_value("")
    expect(an.item(binh.name)).to_be_visible()
    expect(an.box).to_be_focused()


@pytest.mark.slow
def test_filters_by_chip_and_by_typing(pair: Pair, person: Make) -> None:
    an, binh = pair
    chi = person("Chị Chi")
    group = an.post("group.create", name=f"Lớp {an.username}", users=[binh.id, chi.id])["id"]
    send(an, "kế hoạch của An", group)
    send(binh, "kế hoạch của Bình", group)
    send(chi, "kế hoạch của Chi", group)
    send(binh, "kế hoạch riêng")
    field(an).fill("ke hoach")
    expect(hits(an)).to_have_count(4)
    an.page.get_by_role("button", name="Sender", exact=True).click()
    dialog = an.page.get_by_role("dialog", name="From a person")
    dialog.get_by_label("Find people").fill(chi.name)
    expect(dialog.get_by_role("button", name=chi.name)).to_be_visible()
    an.page.keyboard.press("Enter")
    expect(hits(an)).to_have_count(1)
    expect(hits(an)).to_contain_text("của Chi")
    an.page.get_by_role("button", name=f"Remove the filter Sender: {chi.name}").click()
    expect(hits(an)).to_have_count(4)
    field(an).fill(f"ke hoach from:{binh.username}")
    expect(hits(an)).to_have_count(2)
    an.page.get_by_role("button", name=f"Remove the filter Sender: {binh.username}").click()
    expect(field(an)).to_have_value("ke hoach")
    expect(hits(an)).to_have_count(4)
    an.page.get_by_role("button", name="Conversation", exact=True).click()
    an.page.get_by_role("dialog", name="In a conversation").get_by_role("button", name=f"Lớp {an.username}").click()
    expect(hits(an)).to_have_count(3)
    an.page.get_by_role("button", name="Date", exact=True).click()
    an.page.get_by_role("dialog", name="Date").get_by_label("Before this day").fill("2020-01-01")
    an.page.get_by_role("dialog", name="Date").get_by_role("button", name="Search").click()
    expect(an.page.locator("#conversations")).to_contain_text("No")
    expect(hits(an)).to_have_count(0)
    an.page.get_by_role("button", name="Close search").click()
    expect(an.page.locator("#conversations .item")).to_have_count(3)


def test_a_late_answer_never_covers_a_newer_one_and_errors_say_what_to_do(pair: Pair) -> None:
    an, binh = pair
    send(binh, "trường mới")
    send(binh, "truyền thống")
    held: list[Route] = []
    an.page.route("**/api/search?q=tr&*", lambda route: held.append(route))
    field(an).press_sequentially("tr")
    expect(an.page.locator(".found-skeleton")).to_be_visible()
    field(an).press_sequentially("uong")
    expect(hits(an)).to_have_count(1)
    held[0].fulfill(json={"hits": [], "people": [], "older": None})
    an.page.wait_for_timeout(100)
    expect(hits(an)).to_have_count(1)
    an.allow("503")
    an.page.route("**/api/search?q=m*", lambda route: route.fulfill(status=503, json={"error": {"code": "x", "message": "Too busy."}}))  # fmt: skip
    field(an).fill("moi")
    expect(an.page.locator("#conversations")).to_contain_text("Too busy.")
    an.page.unroute("**/api/search?q=m*")
    an.page.get_by_role("button", name="Try again").click()
    expect(hits(an)).to_have_count(1)
    an.cut_off()
    field(an).fill("truyen")
    expect(an.page.locator("#conversations")).to_contain_text("You are offline")
    an.context.set_offline(False)
    expect(hits(an)).to_contain_text("truyền thống")


@pytest.mark.slow
def test_people_and_groups_stand_above_the_messages(pair: Pair, person: Make) -> None:
    an, binh = pair
    chi = person("Lý Thị Chi")
    an.post("group.create", name=f"Nhóm Lý {an.username}", users=[binh.id])
    trip, theory = f"北京旅行 {an.username}", f"Lý thuyết {chi.username}"
    an.post("group.create", name=trip, users=[])
    open_to_all = chi.post("group.create", name=theory, users=[])["id"]
    chi.post("group.settings", conversation=open_to_all, join_policy="open", discoverable=True)
    send(binh, "lý do là gì?")
    field(an).fill("lý")
    expect(an.item(f"Nhóm Lý {an.username}")).to_be_visible()
    someone = an.page.locator(".hit-person").filter(has_text=chi.name)
    expect(someone).to_be_visible()
    expect(hits(an).filter(has_text="lý do")).to_be_visible()
    group = an.page.locator(".hit-group").filter(has_text=theory)
    places = (an.item(f"Nhóm Lý {an.username}"), someone, group, hits(an).filter(has_text="lý do"))
    tops: list[Any] = [place.bounding_box() for place in places]
    assert [box["y"] for box in tops] == sorted(box["y"] for box in tops)
    group.click()
    finding = an.page.get_by_role("dialog", name="Find groups")
    expect(finding.locator(".wait")).to_have_count(1)
    expect(finding.get_by_role("button", name=f"Join: {theory}")).to_be_visible()
    finding.get_by_role("button", name="Close").click()
    someone.click()
    expect(an.title).to_have_text(chi.name)
    # By the sound of a name, and by the first letters of that
    field(an).fill("beijing")
    expect(an.item(trip)).to_be_visible()
    expect(an.page.locator(".hit-group")).to_have_count(0)
    field(an).fill("")
    an.page.keyboard.press("Control+k")
    an.page.get_by_role("combobox").fill("bjlx")
    expect(an.page.locator("#switcher [role=option]").first).to_contain_text(trip)
    an.page.get_by_role("combobox").fill("lý thuyết")
    expect(an.page.locator("#switcher [role=option]", has_text=theory)).to_contain_text("Not joined yet")
    # From the switcher to the same words in messages
    an.page.get_by_role("combobox").fill("lý do")
    expect(an.page.locator("#switcher [aria-selected=true]")).to_contain_text("Search messages for “lý do”")
    an.page.keyboard.press("Enter")
    expect(field(an)).to_be_focused()
    expect(hits(an)).to_have_count(1)


@pytest.mark.slow
def test_on_a_phone_the_results_are_a_page_that_waits(visitor: Make, base: str) -> None:
    an = visitor("An", base, **PHONE).join()
    binh = visitor("Bình", base).join()
    talk = an.post("direct.open", user=binh.id)["id"]
    seq = send(binh, "gặp ở cổng trường", talk)
    for number in range(60):
        send(binh, f"tin {number}", talk)
    an.go(f"/c/{talk}/")
    an.page.get_by_role("button", name="Search in this conversation").tap()
    expect(an.log).to_be_hidden()
    field(an).fill("cong truong")
    hits(an).tap()
    expect(an.page).to_have_url(re.compile(rf"/c/{talk}/{seq}/$"))
    expect(an.log.locator("article.flash")).to_be_in_viewport()
    expect(field(an)).to_be_hidden()
    an.page.go_back()
    expect(hits(an)).to_be_visible()
    expect(field(an)).to_have_value("cong truong")
    an.page.get_by_role("button", name="Close search").tap()
    expect(an.log).to_be_visible()
    an.page.get_by_role("link", name="Back to the list").tap()
    expect(an.item(binh.name)).to_be_visible()
    expect(field(an)).to_have_value("")
