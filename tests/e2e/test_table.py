"""The card table in real browsers: a whole match of four, and its screen on a small phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from bench.server import Server
from games.tienlen.engine import Move
from tests.e2e.person import Person
from tests.e2e.screens import DRAWN
from tests.e2e.table_play import deal, fix_deck, script
from tests.e2e.test_axe import RUN

Come = Callable[..., Person]
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
SCROLLS = """() => [document.documentElement, ...document.querySelectorAll('#table, #table *')].filter((e) =>
  (e.id === 'table' || e === document.documentElement || /auto|scroll/.test(getComputedStyle(e).overflow))
  && (e.scrollHeight > e.clientHeight || e.scrollWidth > e.clientWidth)).map((e) => e.className || e.tagName)"""
# Each strip is hit where the eye sees its figure.
STRIPS = """() => [...document.querySelectorAll('.hand [data-card]')].map((e) => { const b = e.getBoundingClientRect();
  const hit = (y) => document.elementFromPoint(b.left + Math.min(12, b.width / 2), b.top + y * b.height)?.closest('[data-card]') === e;
  return [b.width, hit(0.15), hit(0.5), hit(0.9), b.left >= 0 && b.right <= innerWidth && b.bottom <= innerHeight]; })"""


def card(player: Person, number: int) -> Locator:
    """One card of his hand."""
    return player.page.locator(f'.hand [data-card="{number}"]')


def raise_cards(player: Person, cards: list[int]) -> None:
    """Exactly these are raised; a tap may have raised more."""
    hand = player.page.locator(".hand [role=option]")
    for number in cards:
        if card(player, number).get_attribute("aria-selected") != "true":
            card(player, number).click(position={"x": 8, "y": 30})
    for number in (int(option.get_attribute("data-card") or 0) for option in hand.all()):
        if number not in cards and card(player, number).get_attribute("aria-selected") == "true":
            card(player, number).click(position={"x": 8, "y": 30})
    expect(player.page.locator(".hand [aria-selected=true]")).to_have_count(len(cards))


def play(player: Person, move: Move) -> None:
    """Plays or passes with the buttons."""
    button = player.page.locator(".actions-bar")
    if move.kind == "pass":
        expect(player.page.locator(".own-seat.turn")).to_be_visible()
        button.get_by_role("button", name="Pass").click()
        return
    expect(card(player, next(iter(move.cards)))).to_be_visible()
    expect(player.page.locator(".own-seat.turn")).to_be_visible()
    raise_cards(player, list(move.cards))
    button.locator(".go").click()


def sees(watcher: Person, move: Move) -> None:
    """The play lies on his table."""
    shown = watcher.page.locator(f'.play.top[data-by="{move.seat}"] .slot')
    expect(shown).to_have_count(len(list(move.cards)))


@pytest.mark.slow
@pytest.mark.timeout(420)  # five browsers, a whole match, one turn that runs out
def test_four_play_a_whole_match(person: Come, server: Server) -> None:
    players = [person(name, **({} if name == "An" else PHONE)) for name in ("An", "Bình", "Chi", "Dũng")]
    an, binh, chi, dung = players
    late = person("Én")
    name = f"Cards {an.username}"
    group = an.post("group.create", name=name, users=[other.id for other in (binh, chi, dung, late)])["id"]
    # An opens a table from the head of the conversation; the others come by the line in the chat.
    an.open(name)
    an.page.get_by_role("button", name="Play Tiến Lên").click()
    an.page.get_by_role("dialog").get_by_role("button", name="Open the table").click()
    expect(an.page.locator("#table .lobby")).to_be_visible()
    table = int(an.page.url.rstrip("/").split("/")[-1])
    for seat, other in enumerate((binh, chi, dung), start=1):
        other.go(f"/c/{group}/")
        other.log.get_by_role("link", name="opened a table").click()
        other.page.locator(".lobby").get_by_role("button", name="Sit down").click()
        expect(an.page.locator(f'.seat[data-seat="{seat}"]')).to_contain_text(other.name)
    fix_deck(server, table)
    for other in (*players[1:], an):
        other.page.get_by_role("button", name="I am ready").click()
    moves, end = script()
    hands = deal().hands
    for seat, player in enumerate(players):
        expect(player.page.locator(".hand [role=option]")).to_have_count(13)
        held = [
            int(option.get_attribute("data-card") or 0) for option in player.page.locator(".hand [role=option]").all()
        ]
        assert held == sorted(hands[seat])

    chop = next(at for at, move in enumerate(moves) if move.kind == "play" and len(list(move.cards)) == 8)
    absent = next(at for at, move in enumerate(moves) if move.seat == 3 and move.kind == "pass" and at > 2)
    cut = absent - 3  # Chi is away while others play and pass, and is back for her turn
    for at, move in enumerate(moves):
        player = players[move.seat]
        if at == 0:  # what cannot be played says why; the first play needs 3♠
            raise_cards(binh, [list(hands[1])[-1]])
            expect(binh.page.locator("#table-why")).to_have_text("3♠ has to be among them")
            expect(binh.page.locator(".felt-button.go")).to_be_disabled()
        if at == 2:  # a pass can be taken back for a moment
            bar = dung.page.locator(".actions-bar")
            expect(dung.page.locator(".own-seat.turn")).to_be_visible()
            bar.get_by_role("button", name="Pass").click()
            bar.get_by_role("button", name="Undo").click()
            expect(bar.get_by_role("button", name="Pass")).to_be_enabled()
        if at == cut:
            chi.page.locator(".actions-bar").get_by_role("button", name="Sort").click()
            order = chi.page.locator(".hand [role=option]").evaluate_all("(all) => all.map((e) => e.dataset.card)")
            chi.cut_off()
            expect(chi.page.locator(".lost")).to_be_visible()
        if at == cut + 2:
            assert player is chi
            chi.context.set_offline(False)
            expect(chi.page.locator(".lost")).to_have_count(0)
            again = chi.page.locator(".hand [role=option]").evaluate_all("(all) => all.map((e) => e.dataset.card)")
            assert again == order  # the cards lie as she had laid them
        if at == chop - 1:  # somebody comes late and sees the table, and nobody's cards
            late.go(f"/c/{group}/table/{table}/")
            expect(late.page.locator(".seat .held")).to_have_count(4)
            expect(late.page.locator(".hand")).to_have_count(0)
            expect(an.page.locator(".watchers")).to_contain_text("1")
        if move.kind == "close":
            expect(an.page.locator(".play.top")).to_have_count(0)
        elif at == absent:  # nobody moves for Dũng: his time runs out
            expect(dung.page.locator(".own-seat")).to_contain_text("Was absent", timeout=60_000)
        elif at == chop:  # out of turn, after having passed
            expect(binh.page.locator(".own-text")).to_have_text("Passed")
            binh.page.get_by_role("button", name="Chop!").click()
            expect(an.page.locator(".chain")).to_contain_text("3")
        elif at == 4:  # by keys
            expect(player.page.locator(".own-seat.turn")).to_be_visible()
            player.page.keyboard.press("Space")
        else:
            play(player, move)
        if move.kind == "play" and at + 1 < len(moves) and at != cut:
            for other in (an, late) if at >= chop else (an, binh):
                sees(other, move)

    names = [player.name for player in players]
    for person_ in (*players, late):
        sheet = person_.page.locator(".result")
        expect(sheet.locator(".places li")).to_have_count(4)
        for place, seat in enumerate(end.places):
            row = sheet.locator(".places li").nth(place)
            expect(row).to_contain_text("You" if person_ is players[seat] else names[seat])
            expect(row.locator(".points")).to_have_text(f"{end.points()[seat]:+d}".replace("-", "−").replace("+0", "0"))
    lines = an.page.locator(".payments")
    expect(lines).to_contain_text(f"{names[3]} pays {names[1]} 7")
    expect(lines).to_contain_text("played no card (4) + left over: 2♣ (1) + left over: 2♥ (2)")
    expect(an.log).to_contain_text(f"1. {names[1]} (+12)")
    # The next match, and meanwhile the proof of the last one
    for other in players:
        other.page.locator(".result").get_by_role("button", name=re.compile("Play on")).click()
    for other in players:
        expect(other.page.locator(".hand [role=option]")).to_have_count(13)
    expect(binh.page.locator(".own-seat.turn")).to_be_visible()  # who was first leads
    late.go(f"/c/{group}/table/{table}/match/1/")
    expect(late.page.locator(".replay-facts")).to_contain_text("the cards were mixed as promised")
    expect(late.page.locator(".proof .good")).to_have_count(3)


@pytest.mark.timeout(180)
def test_on_a_small_phone_every_card_is_hit_and_nothing_scrolls(visitor: Come, base: str, server: Server) -> None:
    an = visitor("An", base, bypass_csp=True, **PHONE).join()
    others = [visitor(name, base).join() for name in ("Bình", "Chi", "Dũng")]
    group = an.post("group.create", name=f"Small {an.username}", users=[other.id for other in others])["id"]
    table = an.post("table.open", conversation=group, preset="standard")["table"]
    an.go(f"/c/{group}/table/{table}/")
    expect(an.page.locator("#table .lobby")).to_be_visible()

    def axe(screen: str) -> list[str]:
        found = []
        if not an.page.evaluate("'axe' in window"):
            an.page.evaluate(Axe().axe_script)
        for theme in ("light", "dark"):
            an.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            an.page.wait_for_function(f"() => matchMedia('(prefers-color-scheme: {theme})').matches")
            found += [f"{screen}, {theme}: {problem}" for problem in an.page.evaluate(RUN)]
        return found

    found = axe("lobby")
    number = 0

    def act(player: Person, kind: str, **data: object) -> None:
        nonlocal number
        number += 1
        player.post("table.act", table=table, client_id=f"small-{number:04}", seq=10**6, kind=kind, **data)

    for other in others:
        act(other, "sit")
    fix_deck(server, table)
    for player in (an, *others):
        act(player, "ready")
    expect(an.page.locator(".hand [role=option]")).to_have_count(13)

    def turn(width: int, height: int) -> None:
        an.page.set_viewport_size({"width": width, "height": height})
        an.page.wait_for_function("([w, h]) => innerWidth === w && innerHeight === h", arg=[width, height])
        an.page.evaluate(DRAWN)

    for width, height in ((360, 640), (390, 844), (844, 390)):
        turn(width, height)
        strips = an.page.evaluate(STRIPS)
        assert len(strips) == 13 and all(strip[0] >= 24 and all(strip[1:]) for strip in strips), (width, strips)
        assert an.page.evaluate(SCROLLS) == [], width
    turn(320, 640)  # two rows
    expect(an.page.locator(".hand-row")).to_have_count(2)
    assert all(strip[0] >= 24 and strip[1] and strip[4] for strip in an.page.evaluate(STRIPS))
    assert an.page.evaluate(SCROLLS) == []
    turn(360, 640)
    moves, _ = script()
    for player, move in zip((others[0], others[1]), moves, strict=False):
        act(player, "play", cards=list(move.cards))
    expect(an.page.locator(".play.top .slot")).to_have_count(4)
    found += axe("match")
    first = an.page.locator(".hand [role=option]").first
    expect(first).to_have_accessible_name("3 of hearts")
    # by touch, sliding over several, and by keys
    first.tap(position={"x": 8, "y": 30})
    expect(an.page.locator(".hand [aria-selected=true]").first).to_be_visible()
    an.page.keyboard.press("Escape")
    expect(an.page.locator(".hand [aria-selected=true]")).to_have_count(0)
    boxes = [option.bounding_box() for option in an.page.locator(".hand [role=option]").all()]
    start, stop = boxes[2], boxes[5]
    assert start and stop
    an.page.mouse.move(start["x"] + 8, start["y"] + 40)
    an.page.mouse.down()
    an.page.mouse.move(stop["x"] + 8, stop["y"] + 40, steps=12)
    an.page.mouse.up()
    expect(an.page.locator(".hand [aria-selected=true]")).to_have_count(4)
    an.page.keyboard.press("Escape")
    an.page.keyboard.press("9")
    expect(an.page.locator(".hand [aria-selected=true]")).to_have_count(1)
    # the chat lies over the table and goes; what came meanwhile is counted until it is seen
    others[0].post("message.send", conversation=group, client_id="meanwhile", body="Nhanh lên nào")
    chat = an.page.locator(".chat-button")
    expect(chat.locator(".badge")).to_have_text("1")
    chat.click()
    expect(an.box).to_be_visible()
    expect(an.bubble("Nhanh lên nào")).to_be_visible()
    expect(chat.locator(".badge")).to_have_count(0)
    found += axe("chat over the table")
    an.page.get_by_role("button", name="Back to the table").click(position={"x": 40, "y": 40})
    expect(an.box).to_be_hidden()
    assert found == [], "\n".join(found)
