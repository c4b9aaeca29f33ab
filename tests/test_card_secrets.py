"""C37: no card of another hand in any frame, page, answer, log line, error, export or page of the admin, until the match is over.

The canary is the deck: each hand is four steps from card to card, so three cards of a hand in a row are a text that nothing else makes.
Beside it every list of cards that anybody is given is held against what he may know: his own hand, and what was played.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.data_export import document
from audit import actions as log
from audit.formats import FORMATS
from games import actions
from games.actions import acting
from games.models import GameTable
from games.tests.at_table import Time, do, state
from messaging import actions as messaging
from tests.answers import text_of
from tests.cast import Cast, Person
from tests.tabs import Site, Tab

pytestmark = pytest.mark.django_db(transaction=True)
SEATS = ("master", "manager", "member", "stranger")  # hands: ♠, ♣, ♦, ♥
OTHERS = ("moderator", "administrator", "former")  # watches; the site's staff; nobody here
NO_CARDS = {"by", "seq", "match", "seat", "units", "from", "to"}
CARDS = {"cards", "hand", "hands", "deck", "top", "must", "chain", "proof", "entries"}


def hand(seat: int) -> list[int]:
    return list(range(seat, 52, 4))


def runs(seat: int) -> re.Pattern[str]:
    """Three cards of a hand in a row, however they are written."""
    cards = hand(seat)
    triples = ["[^0-9]{1,4}".join(map(str, cards[at : at + 3])) for at in range(len(cards) - 2)]
    return re.compile(rf"(?<![0-9])(?:{'|'.join(triples)})(?![0-9])")


def shown(data: Any, inside: bool = False) -> Iterator[int]:
    """All numbers below the keys that hold cards."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from shown(value, key in CARDS or (inside and key not in NO_CARDS))
    elif isinstance(data, list):
        for value in data:
            yield from shown(value, inside)
    elif inside and type(data) is int:
        yield data


class Told:
    """Everything that each of the people was told, as text and as data."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []

    def add(self, who: str, what: Any) -> None:
        self.texts.append((who, what if isinstance(what, str) else json.dumps(what)))

    def check(self, played: set[int]) -> int:
        """Nobody was told what he may not know; how much was looked at."""
        for who, text in self.texts:
            own = SEATS.index(who) if who in SEATS else None
            for seat in range(4):
                if seat != own:
                    assert not runs(seat).search(text), (who, seat, text[:2000])
            try:
                data = json.loads(text)
            except ValueError:
                continue
            known = {*played, *(hand(own) if own is not None else ())}
            assert set(shown(data)) <= known, (who, sorted(set(shown(data)) - known), text[:2000])
        return sum(len(text) for _, text in self.texts)


def take_a_look(cast: Cast, table: int, told: Told) -> None:
    """Each of them asks for every page and answer that there is about the table."""
    for name in (*SEATS, *OTHERS):
        browser = getattr(cast, name).client
        base = f"/api/v1/tables/{table}"
        for path in (
            *(base, f"{base}/matches", f"{base}/matches/1", f"{base}/match_broadcast", f"{base}/match_detail"),
            *(
                f"/api/v1/conversations/{cast.group}/tables",
                "/api/snapshot",
                f"/api/conversations/{cast.group}/messages",
            ),
            *("/", f"/c/{cast.group}/", f"/c/{cast.group}/table/{table}/", f"/c/{cast.group}/table/{table}/match/1/"),
            *(f"/c/{cast.group}/export/{form}/" for form in ("text", "xml")),
            *("/admin/games/gametable/", f"/admin/games/gametable/{table}/change/", "/admin/games/match/", "/metrics"),
            *("/admin/games/match/1/change/", "/admin/audit/event/", "/admin/dashboard/"),
        ):
            response = browser.get(path)
            told.add(name, text_of(response))
        told.add(name, "".join(document(getattr(cast, name).user)))


def misbehave(cast: Cast, table: int, tabs: dict[str, Tab], monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards of others are played, turns are jumped, moves replayed, feeds asked for from the beginning; and the server breaks."""
    for number, (name, tab) in enumerate(tabs.items()):
        for seat in range(4):
            cards = hand(seat)[:1]
            data = {"table": table, "client_id": f"peek-{number}-{seat}", "seq": 2**40, "kind": "play", "cards": cards}
            if name != SEATS[seat]:
                assert not tab.ask("table.act", data)["ok"]
        tab.ask("table.act", {"table": table, "client_id": f"stale-{number}", "seq": 0, "kind": "pass"})
        tab.ask("feed.resume", {"feed": f"table:{table}", "after": 0})
        tab.ask("table.follow", {"table": table})
    with monkeypatch.context() as broken:
        broken.setattr(acting, "flush_all", lambda desks: 1 / 0)
        data = {"table": table, "client_id": "broken-001", "seq": 2**40, "kind": "quit"}
        assert tabs["member"].ask("table.act", data)["error"]["code"] == "server_error"


def test_no_card_of_another_hand(
    cast: Cast,
    site: Site,
    table_time: Time,
    plain_deck: list[int],
    prompt_batches: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)  # the database is told all hands
    messaging.add_members(cast.master.user, cast.group, [cast.stranger.id, cast.moderator.id])
    people: dict[str, Person] = {name: getattr(cast, name) for name in (*SEATS, *OTHERS)}
    tabs = {name: site.enter(person) for name, person in people.items()}
    table = actions.open_table(cast.master.user, cast.group, options={"instant": []})
    for name in SEATS[1:]:
        do(people[name], table, "sit")
    tabs["moderator"].ask("table.follow", {"table": table})
    site.settle()
    for name in SEATS:
        do(people[name], table, "ready")
    played: set[int] = set()
    for name in SEATS[:3]:
        card = state(table).game.hands[SEATS.index(name)][0]
        do(people[name], table, "play", cards=(card,))
        played.add(card)
    do(people["stranger"], table, "pass")
    assert state(table).game.turn == 0
    site.settle()
    misbehave(cast, table, tabs, monkeypatch)
    tabs |= {f"{name} again": site.enter(people[name], cursors={f"table:{table}": 1}) for name in SEATS}
    site.settle()
    told = Told()
    take_a_look(cast, table, told)
    for name, tab in tabs.items():
        for frame in tab.frames:
            told.add(name.removesuffix(" again"), frame)
    for form in FORMATS:
        call_command("export_log", "--format", form, "--out", str(tmp_path / form), stderr=io.StringIO())
        text = (tmp_path / form).read_text()
        assert "table" in text  # what was done there
        told.add("administrator", text)
    export = log.begin_export(cast.administrator.user, "text")
    log.run_export(export.pk)
    told.add("administrator", "\n".join(record.getMessage() for record in caplog.records))
    told.add("administrator", caplog.text)
    told.add("administrator", repr(GameTable.objects.get(pk=table)) + repr(state(table)))
    assert told.check(played) > 300_000
    # The positive case: each was given his own, and all are shown when it is over
    own = [
        sum(runs(seat).search(text) is not None for who, text in told.texts if who == name)
        for seat, name in enumerate(SEATS)
    ]
    assert min(own) >= 4, own
    for name in SEATS[1:]:
        do(people[name], table, "quit")
    site.settle()
    assert state(table).phase == "result"
    last = tabs["moderator"].of("table")[-1]["data"]["view"]
    assert [sorted(cards) for cards in last["game"]["hands"]] == [
        [c for c in hand(s) if c not in played] for s in range(4)
    ]
    replay = people["moderator"].client.get(f"/api/v1/tables/{table}/matches/1").json()
    assert replay["deck"] == plain_deck
