"""A match over real sockets: what each tab is told, and that a move costs one hint."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import policies
from games import actions, clocks
from games.actions import Act
from games.models import GameTable
from games.tests.at_table import Time, do, opened, started, state
from messaging import actions as messaging
from realtime import hints
from tests.cast import Cast, person
from tests.tabs import Site, Tab

pytestmark = pytest.mark.django_db(transaction=True)


def asked(tab: Tab, name: str, **data: Any) -> dict:
    """A command that must be done."""
    reply = tab.ask(name, data)
    assert reply["ok"], reply
    return reply["data"]


def test_a_match_over_sockets(cast: Cast, site: Site, table_time: Time, plain_deck, prompt_batches):
    tabs = {name: site.enter(getattr(cast, name)) for name in ("master", "manager", "member", "stranger")}
    table = asked(tabs["master"], "table.open", conversation=cast.group, options={"instant": []})["table"]
    for name in ("manager", "member"):
        assert asked(tabs[name], "table.follow", table=table)["role"] == "watcher"
    site.settle()
    act = {"table": table, "seq": 1}
    asked(tabs["manager"], "table.act", **act, client_id="manager-sits", kind="sit", seat=1)
    for name in ("master", "manager"):
        asked(tabs[name], "table.act", **act, client_id=f"{name}-ready", kind="ready")
    started = asked(tabs["master"], "table.act", **act, client_id="host-starts", kind="start")
    assert started["hand"] == list(range(0, 52, 4))
    site.settle()
    hands = {
        name: [f["data"]["hands"] for f in tab.of("private") if f["data"].get("hands")] for name, tab in tabs.items()
    }
    assert {str(hand[str(table)]["cards"]) for hand in hands["manager"]} == {str(list(range(1, 52, 4)))}
    assert hands["member"] == hands["stranger"] == []
    told = [tab.of("table") for tab in tabs.values()]
    assert told[3] == [] and told[2][-1] == told[1][-1] == told[0][-1]
    assert told[0][-1]["data"]["events"][-1]["kind"] == "started"
    row = GameTable.objects.get(pk=table)
    before = len(told[0])
    played = asked(
        tabs["master"], "table.act", table=table, seq=row.seq, client_id="a-first-play", kind="play", cards=[0]
    )
    assert played == {"seq": row.seq + 1, "done": True, "hand": list(range(4, 52, 4))}
    site.settle()
    assert len(tabs["member"].of("table")) == before + 1 - (len(told[0]) - len(told[2]))
    again = site.enter(cast.manager, cursors={f"table:{table}": row.seq})
    assert [f["number"] for f in again.of("table")] == [row.seq + 1]
    ready = again.of("ready")[0]["data"]
    assert ready["tables"] == [{"table": table, "conversation": cast.group, "seat": 1}]
    assert ready["hands"][str(table)]["cards"] == list(range(1, 52, 4))


def test_a_move_costs_one_hint(cast: Cast, table_time: Time, plain_deck, monkeypatch: pytest.MonkeyPatch):
    table = started(cast, cast.manager, cast.member)
    handed: list[Any] = []
    monkeypatch.setattr(hints, "_hand_over", lambda kind, payload: handed.append((kind, payload)))
    do(cast.master, table, "play", cards=(0,))
    do(cast.manager, table, "pass")
    assert [(kind, [hint[0] for hint in payload]) for kind, payload in handed] == [("hints", [f"table:{table}"])] * 2
    assert state(table).game.turn == 2


def test_moves_of_two_tables_at_once_cost_nine_queries(cast: Cast, table_time: Time, plain_deck):
    tables = [started(cast, cast.manager)]
    extra = [person(f"extra-{number}") for number in (1, 2)]
    messaging.add_members(cast.master.user, cast.group, [one.id for one in extra])
    tables.append(opened(cast, extra[0]))
    do(extra[1], tables[1], "sit")
    do(extra[1], tables[1], "ready")
    do(extra[0], tables[1], "start")
    moves = [
        (who.caller, Act(table, "play", f"at-once-{table:04}", 2**40, cards=(0,)))
        for who, table in zip((cast.master, extra[0]), tables, strict=True)
    ]
    policies.refresh()  # as the server does on its clock
    with CaptureQueriesContext(connection) as asked:
        assert [answer["done"] for answer in actions.act(moves)] == [True, True]
    assert len(asked) <= 9, [query["sql"][:80] for query in asked.captured_queries]  # begin and commit among them


def test_the_server_s_own_clock_ends_a_turn(cast: Cast, site: Site, table_time: Time, plain_deck):
    tab = site.enter(cast.manager)
    table = started(cast, cast.manager)
    site.settle()
    assert tab.of("table")[-1]["data"]["events"][-1]["kind"] == "started"
    table_time.pass_by(20.5)
    clocks.tell(
        table, GameTable.objects.get(pk=table).deadline
    )  # wakes the clock, which looks itself every five seconds
    tab.wait(lambda: any(event["kind"] == "absent" for frame in tab.of("table") for event in frame["data"]["events"]))
    site.settle()
    assert state(table).game.played == [1, 0, 0, 0]
    assert [turn for frame in tab.of("table")[-1:] for turn in [frame["data"]["view"]["game"]["turn"]]] == [1]


def test_a_server_that_begins_gives_all_clocks_half_a_minute(
    transactional_db: None, cast: Cast, table_time: Time, plain_deck, request: pytest.FixtureRequest
):
    table = started(cast, cast.manager)
    table_time.pass_by(19)  # the server was away, and nobody could move
    site: Site = request.getfixturevalue("site")
    tab = site.enter(cast.manager)
    tab.wait(lambda: GameTable.objects.get(pk=table).deadline == table_time.at + 31)
    assert state(table).game.strikes == [0, 0, 0, 0]


def test_who_is_removed_hears_nothing_more(cast: Cast, site: Site, table_time: Time, plain_deck):
    table = started(cast, cast.manager, cast.member)
    tab, other = site.enter(cast.member), site.enter(cast.master)
    do(cast.master, table, "play", cards=(0,))
    tab.wait(lambda: tab.of("table"))
    messaging.remove_member(cast.master.user, cast.group, cast.member.id)
    site.settle()
    heard, told = len(tab.of("table")), len(other.of("table"))
    do(cast.manager, table, "pass")
    other.wait(lambda: len(other.of("table")) > told)
    site.settle()
    assert len(tab.of("table")) == heard
    assert tab.code("feed.resume", {"feed": f"table:{table}", "after": 0}) == "not_found"
    assert tab.code("table.follow", {"table": table}) == "not_found"
