"""A match over real sockets: what each tab is told, and that a move costs one hint."""

from __future__ import annotations

from typing import Any

import pytest

from games.models import GameTable
from games.tests.at_table import Time, do, started, state
from realtime import hints
from tests.cast import Cast
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
    assert [hand[str(table)]["cards"] for hand in hands["manager"]] == [list(range(1, 52, 4))]
    assert hands["member"] == hands["stranger"] == []
    told = [tab.of("table") for tab in tabs.values()]
    assert told[3] == [] and told[2][-1] == told[1][-1] == told[0][-1]
    assert [event["kind"] for event in told[0][-1]["data"]["events"]] == ["started"]
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
