"""The network goes and comes back; so does the server."""

import re

import pytest
from playwright.sync_api import Route, expect

from bench.server import Server
from tests.e2e.person import CUT_OFF, PASSWORD, Person

Pair = tuple[Person, Person]


def test_what_is_written_offline_is_sent_once_and_what_was_missed_arrives(pair: Pair) -> None:
    an, binh = pair
    an.cut_off()
    bubble = an.write("written offline")
    expect(bubble.get_by_label("Being sent")).to_be_visible()
    for number in range(3):
        binh.write(f"missed {number}")
    binh.act(binh.bubble("Chào Bình"), "👍")
    expect(binh.bubble("missed 2").get_by_label("Sent", exact=True)).to_be_visible()
    expect(an.page.locator("#banner")).to_contain_text("Messages will be sent later.", timeout=60_000)
    assert an.texts() == ["Chào Bình", "written offline"]
    bubble.focus()
    an.context.set_offline(False)
    expect(an.bubble("missed 2")).to_be_visible()
    expect(binh.bubble("written offline")).to_be_visible()
    expect(an.page.locator("#banner")).to_be_empty()
    expect(an.bubble("Chào Bình").locator(".reaction")).to_have_text("👍1")
    expect(bubble.get_by_label("Read")).to_be_visible()
    expect(bubble).to_be_focused()  # another row stands in its place since it was confirmed
    assert an.texts() == binh.texts() == an.stored(an.conversation)
    assert an.texts() == ["Chào Bình", "missed 0", "missed 1", "missed 2", "written offline"]


def test_a_message_written_offline_survives_closing_the_page(pair: Pair) -> None:
    an, binh = pair
    an.cut_off()
    expect(an.write("kept in the browser").get_by_label("Being sent")).to_be_visible()
    path = an.page.url
    an.page.close()
    an.context.set_offline(False)
    an.page = an.watched(an.context.new_page())
    an.go(path)
    expect(binh.bubble("kept in the browser")).to_be_visible()
    expect(an.bubble("kept in the browser").get_by_label("Read")).to_be_visible()
    assert an.stored(an.conversation) == ["Chào Bình", "kept in the browser"]


def test_what_somebody_has_not_sent_yet_is_never_sent_by_who_signs_in_after_him(pair: Pair) -> None:
    an, binh = pair
    talk, path = an.conversation, an.page.url
    an.cut_off()
    expect(an.write("mine alone").get_by_label("Being sent")).to_be_visible()
    an.box.fill("begun by An")
    an.send_form("/accounts/logout/")  # in another tab, while this one sleeps
    an.send_form("/accounts/login/", login=binh.username, password=PASSWORD)
    an.context.set_offline(False)
    expect(an.page.locator("#me")).to_contain_text(binh.name, timeout=60_000)
    an.wait_live()
    assert an.texts() == binh.texts() == binh.stored(talk) == ["Chào Bình"]
    expect(an.box).to_have_value("")
    an.send_form("/accounts/logout/")
    an.enter()
    an.go(path)
    expect(binh.bubble("mine alone")).to_be_visible()
    expect(an.bubble("mine alone").get_by_label("Read")).to_be_visible()
    expect(an.box).to_have_value("begun by An")


def test_pages_come_back_by_themselves_after_the_server_was_killed(server: Server, pair: Pair) -> None:
    an, binh = pair
    for page in pair:
        page.allow(CUT_OFF + "|ERR_CONTENT_LENGTH_MISMATCH")  # the kill may meet a file half-way
    an.write("before the crash")
    expect(binh.bubble("before the crash")).to_be_visible()
    server.process.kill()
    bubble = an.write("while it was down")
    expect(an.page.locator("#me")).to_contain_text("Connecting…")
    expect(bubble.get_by_label("Being sent")).to_be_visible()
    server.start()
    expect(binh.bubble("while it was down")).to_be_visible(timeout=60_000)
    expect(bubble.get_by_label("Read")).to_be_visible(timeout=60_000)
    binh.write("welcome back")
    expect(an.bubble("welcome back")).to_be_visible()
    assert an.texts() == binh.texts() == ["Chào Bình", "before the crash", "while it was down", "welcome back"]
    assert an.stored(an.conversation) == an.texts()


@pytest.mark.slow
def test_a_part_of_the_page_that_did_not_come_is_fetched_again(alone: Person) -> None:
    alone.allow(r"ERR_FAILED|Failed to fetch|net::")
    tries: list[str] = []

    def once(route: Route) -> None:
        tries.append(route.request.url)
        route.abort() if len(tries) == 1 else route.continue_()

    alone.page.route(re.compile(r"/chat/composer\.[^/]*js"), once)
    alone.page.reload()
    expect(alone.toast).to_have_text("No connection. Please try again in a moment.")
    alone.wait_live()
    alone.write("Có lại rồi")
    expect(alone.bubble("Có lại rồi").get_by_label("Sent", exact=True)).to_be_visible()
    assert len(tries) == 2
