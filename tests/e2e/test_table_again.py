"""Who looks on at a card table goes on to see what happens, also when the server had taken him for gone; who plays learns anywhere that it is his turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.person import Person
from tests.e2e.screens import DRAWN

Come = Callable[..., Person]


@pytest.mark.timeout(180)
def test_who_was_taken_for_gone_watches_again(visitor: Come, base: str) -> None:
    an, binh = visitor("An", base).join(), visitor("Bình", base).join()
    group = an.post("group.create", name=f"Again {an.username}", users=[binh.id])["id"]
    table = an.post("table.open", conversation=group, preset="standard")["table"]
    binh.go(f"/c/{group}/table/{table}/")
    expect(binh.page.locator(".watchers")).to_contain_text("1")
    binh.post("table.unfollow", table=table)  # as another tab does when it is closed
    expect(binh.page.locator(".watchers")).to_contain_text("1")
    an.post("table.act", table=table, client_id="again-leaves", seq=0, kind="stand")
    expect(binh.page.locator(".seat.vacant")).to_have_count(4)
    binh.page.get_by_role("button", name="Sit down").click()
    expect(binh.page.locator("#table .lobby")).to_contain_text("I am ready")
    # who leaves before the table's code has come does not find it over the chat
    held: list[Route] = []
    an.page.route("**/js/games/table*.js", lambda route: held.append(route))
    an.go(f"/c/{group}/")
    with an.page.expect_request("**/js/games/table*.js"):
        an.page.locator(f'a[href="/c/{group}/table/{table}/"]').last.click()
    an.page.wait_for_url(f"**/table/{table}/")
    an.page.go_back()
    an.page.wait_for_url(f"**/c/{group}/")
    held[0].continue_()
    an.page.evaluate("(url) => import(url).then(() => null)", held[0].request.url)
    an.page.evaluate(DRAWN)
    expect(an.page.locator("#table")).to_have_count(0)


@pytest.mark.timeout(180)
def test_who_reads_elsewhere_learns_that_it_is_his_turn(visitor: Come, base: str) -> None:
    an, binh = visitor("An", base).join(), visitor("Bình", base).join()
    group = an.post("group.create", name=f"Turns {an.username}", users=[binh.id])["id"]
    table = an.post("table.open", conversation=group, preset="standard", options={"instant": []})["table"]
    for who in (an, binh):  # neither has the table on his page
        who.go("/")
    for number, (who, kind) in enumerate(((binh, "sit"), (binh, "ready"), (an, "ready"), (an, "start"))):
        who.post("table.act", table=table, client_id=f"turns-{number:04}", seq=0, kind=kind)
    snapshot = {who: who.page.request.get(f"/api/v1/tables/{table}").json() for who in (an, binh)}
    view = snapshot[an]["view"]
    first, second = (an, binh) if view["players"][view["game"]["turn"]] == an.id else (binh, an)
    second.post("table.act", table=table, client_id="turns-wait", seq=0, kind="vote", what="wait")  # a minute more
    cue = {who: who.page.locator(".turn-cue") for who in (an, binh)}
    expect(cue[first]).to_be_visible()
    first.page.reload()
    expect(cue[first]).to_be_visible()
    assert first.page.title().startswith("♥ Your turn · ")
    expect(cue[second]).to_have_count(0)
    lowest = min(snapshot[first]["hand"])
    first.post("table.act", table=table, client_id="turns-play", seq=view["moved"], kind="play", cards=[lowest])
    expect(cue[first]).to_have_count(0)
    assert "Your turn" not in first.page.title()
    cue[second].click()
    expect(second.page.locator(".hand [role=option]")).to_have_count(13)
    expect(cue[second]).to_have_count(0)
