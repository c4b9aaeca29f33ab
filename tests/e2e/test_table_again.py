"""Who looks on at a card table goes on to see what happens, also when the server had taken him for gone."""

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
