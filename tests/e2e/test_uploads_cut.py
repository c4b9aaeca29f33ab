"""Files on their way that are cut off, reloaded, held, taken back or refused."""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bench.server import Server
from tests.e2e.files import PIECE, Gate, choose, download, noise, offsets, payload, pending, stored
from tests.e2e.person import CUT_OFF, Person
from tests.faults.proxy import UP, FaultProxy


@pytest.fixture
def cutting(server: Server) -> Iterator[FaultProxy]:
    """A way to the site that cuts each connection after 2 MB."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    proxy = FaultProxy(server.port)
    proxy.budgets[UP] = lambda: 2 << 20
    asyncio.run_coroutine_threadsafe(proxy.__aenter__(), loop).result()
    yield proxy
    asyncio.run_coroutine_threadsafe(proxy.__aexit__(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def test_a_cut_in_the_middle_is_gone_on_from_where_it_was(alone: Person) -> None:
    an, body = alone, noise(9_500_000)
    gate = Gate(an)
    choose(an, payload("số liệu.bin", body))
    an.page.get_by_role("checkbox", name="Offer first").uncheck()
    an.box.press("Enter")
    gate.wait()
    small = an.write("after the file")  # waits for it: the order is kept
    an.cut_off()
    gate.held[0].abort("internetdisconnected")
    expect(pending(an).first).to_contain_text("Waiting for the connection")
    gate.open()
    seen = offsets(an)
    an.context.set_offline(False)
    expect(small.get_by_label("Sent", exact=True)).to_be_visible(timeout=60_000)
    assert seen == [PIECE, 2 * PIECE]
    assert gate.offsets == [0, PIECE]
    [file] = stored(an)
    assert hashlib.sha256(download(an, file)).digest() == hashlib.sha256(body).digest()
    assert an.stored(an.conversation)[-1] == "after the file"


@pytest.mark.slow
def test_a_way_that_cuts_every_two_megabytes_brings_the_same_bytes(
    cutting: FaultProxy, visitor: Callable[..., Person]
) -> None:
    an, body = visitor("An", f"http://127.0.0.1:{cutting.port}").join(), noise(9_000_000)
    an.allow(CUT_OFF + "|409|423")  # a piece that comes while the one that was cut is still being put away
    talk = an.post("direct.open", user=an.id)["id"]  # what he keeps for himself
    an.go(f"/c/{talk}/")
    expect(choose(an, payload("bản ghi.bin", body))).to_have_count(1)
    an.box.press("Enter")
    expect(an.log.locator("article[data-seq]", has_text="bin")).to_be_visible(timeout=60_000)
    assert cutting.cuts >= 4
    assert hashlib.sha256(download(an, stored(an)[0])).digest() == hashlib.sha256(body).digest()


def reload_in_the_middle(an: Person, file: Path, kept: bool) -> list[int]:
    """Sends a file, and opens the page anew while its second piece is under way; where the pieces begin from then on."""
    gate = Gate(an)
    choose(an, file)
    an.page.get_by_role("checkbox", name="Offer first").uncheck()
    an.box.press("Enter")
    gate.wait()
    if kept:
        an.allow("opened a dialog")
        with an.page.expect_event("dialog") as asked:
            an.page.evaluate("setTimeout(() => location.reload())")
        assert asked.value.type == "beforeunload"
    else:
        an.page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('chatroom').onblocked = done; })")
    path = an.page.url
    an.context.set_offline(True)
    gate.held[-1].abort("internetdisconnected")  # what is held would be let through when the page goes
    an.page.close()
    an.context.set_offline(False)
    an.page = an.watched(an.context.new_page())
    seen = offsets(an)
    an.go(path)
    return seen


def choose_again(an: Person, file: Any) -> None:
    """For what the page holds no more."""
    with an.page.expect_file_chooser() as chooser:
        pending(an).get_by_role("button", name="Choose the file again to go on").click()
    chooser.value.set_files(file)


def test_a_reload_in_the_middle_goes_on_by_itself(alone: Person, tmp_path: Path) -> None:
    an, file = alone, tmp_path / "kept.bin"
    an.allow(CUT_OFF)
    file.write_bytes(noise(6_000_000))
    seen = reload_in_the_middle(an, file, kept=True)
    expect(an.log.locator("article[data-seq]", has_text="kept.bin")).to_be_visible()
    assert seen == [PIECE]
    assert download(an, stored(an)[-1]) == file.read_bytes()


@pytest.mark.slow
def test_a_file_chosen_again_goes_on_where_it_is_the_same_and_starts_anew_where_it_is_not(
    alone: Person, tmp_path: Path
) -> None:
    an, file = alone, tmp_path / "same.bin"
    an.allow(CUT_OFF)
    file.write_bytes(noise(6_000_000))
    seen = reload_in_the_middle(an, file, kept=False)
    choose_again(an, payload("other.bin", file.read_bytes()[:-1]))
    expect(an.toast).to_have_text("This is another file: its size differs.")
    choose_again(an, file)
    expect(an.log.locator("article[data-seq]", has_text="same.bin")).to_be_visible()
    assert seen == [PIECE]
    assert download(an, stored(an)[-1]) == file.read_bytes()

    seen = reload_in_the_middle(an, file, kept=False)
    file.write_bytes(file.read_bytes()[::-1])  # as large as before
    choose_again(an, file)
    expect(an.toast).to_have_text("“same.bin” is not the same file as before: it is sent from the beginning.")
    expect(an.log.locator("article[data-seq]", has_text="same.bin")).to_have_count(2)
    assert seen == [0, PIECE]
    assert download(an, stored(an)[-1]) == file.read_bytes()


def test_hold_go_on_cancel_and_a_refusal_that_can_be_tried_again(alone: Person) -> None:
    an, body = alone, noise(6_000_001)
    gate = Gate(an)
    choose(an, payload("one.bin", body), payload("two.txt", b"two", "text/plain"))
    an.page.get_by_role("checkbox", name="Offer first").uncheck()
    an.box.fill("both")
    an.box.press("Enter")
    gate.wait()
    card = pending(an).locator(".sending-card", has_text="one.bin")
    card.get_by_role("button", name="Pause").click()
    expect(card).to_contain_text("Paused")
    expect(an.write("meanwhile").get_by_label("Sent", exact=True)).to_be_visible()  # what is held holds nobody back
    gate.open()
    card.get_by_role("button", name="Do not send one.bin").click()
    expect(an.log.locator("article[data-seq]", has_text="two.txt")).to_be_visible()
    assert [f["name"] for f in stored(an)] == ["two.txt"]
    assert an.stored(an.conversation)[-1] == "meanwhile"

    an.allow("507")
    answer = '{"error": {"code": "disk_full", "message": "No room for files is left."}}'
    an.page.route("**/files/uploads/", lambda route: route.fulfill(status=507, body=answer, headers={"Tus-Resumable": "1.0.0"}))  # fmt: skip
    expect(choose(an, payload("three.txt", b"three", "text/plain"))).to_have_count(1)
    an.box.press("Enter")
    failed = an.log.locator("article.failed")
    expect(failed).to_contain_text("No room for files is left.")
    an.page.unroute("**/files/uploads/")
    failed.get_by_role("button", name="Retry").click()
    expect(an.log.locator("article[data-seq]", has_text="three.txt")).to_be_visible()
    assert [f["name"] for f in stored(an)] == ["two.txt", "three.txt"]


KEPT = """() => new Promise((done) => {
  const opening = indexedDB.open("chatroom");
  opening.onsuccess = () => {
    const all = opening.result.transaction("files").objectStore("files").getAllKeys();
    all.onsuccess = () => { opening.result.close(); done(all.result.length); };
  };
})"""


@pytest.mark.slow
def test_what_is_taken_back_in_one_tab_does_not_go_from_another_and_signing_out_leaves_no_files(
    alone: Person, tmp_path: Path
) -> None:
    an, changing = alone, tmp_path / "changing.bin"
    an.allow(CUT_OFF)
    gate = Gate(an)
    choose(an, payload("one.bin", noise(6_000_000)))
    an.page.get_by_role("checkbox", name="Offer first").uncheck()
    an.box.press("Enter")
    gate.wait()
    other = an.watched(an.context.new_page())
    other.goto(an.page.url)
    there = other.locator("article[data-client]")
    expect(there).to_contain_text("one.bin")
    pending(an).get_by_role("button", name="Pause").click()
    expect(there).to_contain_text("Paused")
    pending(an).get_by_role("button", name="Do not send one.bin").click()
    expect(there).to_have_count(0)
    assert an.page.evaluate(KEPT) == 0
    gate.open()

    changing.write_bytes(noise(6_000_001))
    gate = Gate(an)
    choose(an, changing)
    an.page.get_by_role("checkbox", name="Offer first").uncheck()
    an.box.press("Enter")
    gate.wait()
    pending(an).get_by_role("button", name="Pause").click()
    changing.write_bytes(b"written again since")
    pending(an).get_by_role("button", name="Go on").click()
    expect(pending(an)).to_contain_text("Choose the file again to go on")
    pending(an).get_by_role("button", name="Do not send").click()
    gate.open()

    gate = Gate(an)
    choose(an, payload("two.bin", noise(6_000_000)))
    an.page.get_by_role("checkbox", name="Offer first").uncheck()
    an.box.press("Enter")
    gate.wait()
    pending(an).get_by_role("button", name="Pause").click()
    assert an.page.evaluate(KEPT) == 1
    other.close()
    an.page.locator("#me").click()
    an.page.get_by_role("button", name="Sign out").click()
    an.page.wait_for_url("**/accounts/**")
    assert an.page.evaluate(KEPT) == 0


READY = """() => {
  const style = new URL(document.getElementById("app").dataset.uploads, location.href).href;
  return [...document.styleSheets].some(({href}) => href === style);
}"""


@pytest.mark.slow
def test_the_first_file_of_a_page_is_taken_without_a_connection_and_a_tray_is_not_lost_unasked(alone: Person) -> None:
    an = alone
    an.page.wait_for_function(READY)
    an.cut_off()
    expect(choose(an, payload("ngoại tuyến.txt", b"offline", "text/plain"))).to_have_count(1)
    expect(an.page.locator(".tray-file")).to_have_css("display", "flex")
    an.allow("opened a dialog")
    with an.page.expect_event("dialog") as asked:
        an.page.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    an.box.press("Enter")
    expect(pending(an)).to_contain_text("Waiting for the connection")
    an.context.set_offline(False)
    expect(an.log.locator("article[data-seq]", has_text=".txt")).to_be_visible()
    assert download(an, stored(an)[0]) == b"offline"
