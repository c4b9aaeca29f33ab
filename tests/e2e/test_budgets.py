"""What the page may weigh and hold: sizes and counts only, times are for bin/bench page."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from bench.process import ROOT
from bench.screen import SCRIPT
from tests.e2e.house import MEMBERS, READ, House, ready

pytestmark = pytest.mark.timeout(600)  # whichever comes first builds the full house

MODULES, JS, CSS, CHUNK = 14, 50_000, 15_000, 25_000  # files; bytes as sent
NODES, ROWS = 15_000, 260
COUNT = "() => { let n = 0; const all = document.createNodeIterator(document); while (all.nextNode()) n++; return n; }"


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    """The administrator's page, with what bench/page.js notes."""
    house.speak("en")
    context = house.enter(viewport={"width": 1280, "height": 800})
    context.add_init_script(SCRIPT)
    yield context.new_page()
    context.close()


@pytest.mark.slow
def test_the_first_visit_is_light_and_asks_nobody_else(house: House, page: Page) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).netloc))
    ready(page, f"/c/{house.group}/")
    page.evaluate("bench.until(() => bench.render)")
    weights = page.evaluate("bench.weights()")
    assert hosts == {urlsplit(house.base).netloc}
    assert 0 < weights["files"] <= MODULES, weights
    assert 0 < weights["js"] <= JS, weights
    assert 0 < weights["css"] <= CSS, weights


def test_what_is_loaded_later_comes_in_small_pieces() -> None:
    sizes = {
        str(file.relative_to(ROOT)): len(gzip.compress(file.read_bytes(), 9))
        for file in (ROOT / "static" / "js").rglob("*.js")
    }
    assert len(sizes) > 10
    assert not {name: size for name, size in sizes.items() if size > CHUNK}


@pytest.mark.slow
def test_long_reading_does_not_fill_the_page(house: House, page: Page) -> None:
    ready(page, f"/c/{house.long}/")
    page.evaluate("bench.until(() => bench.render)")
    first, last = page.evaluate("[bench.first(), Number(bench.rows().at(-1).dataset.seq)]")
    assert last == READ and first > READ // 2
    step = {"first": first}
    for _ in range(READ // 10):
        step = page.evaluate("bench.older()")
        if step["first"] == 1:
            break
    assert step["first"] == 1
    rows = page.evaluate("bench.rows().map((row) => Number(row.dataset.seq))")
    assert rows[0] == 1 and len(rows) <= ROWS
    assert page.evaluate(COUNT) <= NODES
    marks = page.evaluate("[...document.querySelector('#log').childNodes].filter((node) => node.nodeType === 8).length")
    assert marks <= 3 * len(rows) + 20  # rows that went left nothing behind


@pytest.mark.slow
def test_five_hundred_members_are_shown_and_searched(house: House, page: Page) -> None:
    ready(page, f"/c/{house.group}/")
    page.locator("#header [aria-controls=info]").click()
    rows = page.locator("#info .members li")
    expect(rows).to_have_count(MEMBERS)
    assert rows.last.evaluate("(row) => getComputedStyle(row).contentVisibility") == "auto"
    field = page.locator("#info").get_by_label("Find a member")
    for query, found in (("load 0049", 10), ("nguyen", 1), ("@load00007", 0), ("load00007", 1)):
        field.fill(query)
        expect(rows).to_have_count(found)
    field.fill("nobody")
    expect(page.locator("#info")).to_contain_text("Nobody found")
