"""Every screen of the card table in each language: axe in both themes, and the boxes of all but the cards themselves at three widths."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from bench.server import Server
from tests.e2e.house import TOUCH, WIDE
from tests.e2e.measure import told
from tests.e2e.person import Person
from tests.e2e.screens import CALM, Screens, stay
from tests.e2e.table_play import fix_deck, script
from tests.e2e.test_axe import look as look_with_axe
from tests.e2e.test_layout import LOCALES
from tests.e2e.test_layout import look as measure

Come = Callable[..., Person]


def screens(an: Person, others: list[Person], group: int, server: Server) -> Iterator[tuple[Screens, bool]]:
    """From the rules to the proof of the shuffle; with each whether its boxes are measured."""
    page, players = an.page, [an, *others]
    an.go(f"/c/{group}/")
    page.add_style_tag(content=CALM)
    page.locator("#header [aria-controls=info]").click()
    page.locator("#info [data-open=tables]").click()
    expect(page.locator("dialog:modal .rules")).to_be_visible()
    yield iter([("rules", stay)]), True
    page.locator("dialog:modal .button-primary").click()
    expect(page.locator("#table .lobby")).to_be_visible()
    table = int(page.url.rstrip("/").split("/")[-1])

    def act(player: Person, number: int, kind: str, **data: object) -> None:
        player.post("table.act", table=table, client_id=f"words-{number:04}", seq=10**6, kind=kind, **data)

    for other in others:
        act(other, 1, "sit")
    expect(page.locator('.seat[data-seat="3"]')).to_contain_text(others[-1].name)
    yield iter([("lobby", stay)]), True
    fix_deck(server, table)
    for player in players:
        act(player, 2, "ready")
    expect(page.locator(".hand [role=option]")).to_have_count(13)
    for number, move in enumerate(script()[0], start=3):
        if move.kind == "close":
            expect(page.locator(".play.top")).to_have_count(0)
        elif move.kind == "pass":
            act(players[move.seat], number, "pass")
        else:
            act(players[move.seat], number, "play", cards=list(move.cards))
        if number == 5:
            expect(page.locator(".play.top .slot").first).to_be_visible()
            yield iter([("match", stay)]), False
    expect(page.locator(".result .places li")).to_have_count(4)
    yield iter([("result", stay)]), True
    page.goto(f"/c/{group}/table/{table}/match/1/")
    expect(page.locator(".proof .good")).to_have_count(3)
    page.add_style_tag(content=CALM)
    yield iter([("replay", stay)]), True


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize(
    "language", ["vi", *(pytest.param(code, marks=pytest.mark.full) for code in ("en", "zh-hans"))]
)
def test_the_table_in_every_language(visitor: Come, base: str, server: Server, language: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, **TOUCH}
    an = visitor("An", base, bypass_csp=True, locale=LOCALES[language], **phone).join()
    others = [visitor(name, base).join() for name in (WIDE[:28], "龘" * 28, "Nguyễnthịtrườngthươngnghiên")]
    group = an.post("group.create", name=f"Words {an.username}", users=[other.id for other in others])["id"]
    found: dict[str, list[str]] = {}
    for shown, measured in screens(an, others, group, server):
        drawn = list(shown)
        look_with_axe(an.page, iter(drawn), found)
        if measured:
            measure(an.page, iter(drawn), True, found)
        an.page.set_viewport_size({"width": 390, "height": 844})
    assert not found, told(found)
