"""Tables as they are read: over HTTP, in the admin, in one's own data, in the log."""

from __future__ import annotations

import json

import pytest

from accounts.data_export import document
from audit.models import Event
from games import actions
from games.models import GameTable, Match, Seat
from games.tests.at_table import Time, code_of, do, opened, play_on, started
from games.tienlen.seating import MOST_WATCHERS
from messaging import actions as messaging
from tests.cast import Cast, person, refusal_of

pytestmark = pytest.mark.django_db


def test_the_open_tables_of_a_conversation(cast: Cast, table_time: Time):
    table = opened(cast, cast.member)
    do(cast.manager, table, "sit", seat=3)
    actions.follow(cast.master.user, table)
    address = f"/api/v1/conversations/{cast.group}/tables"
    (found,) = cast.master.client.get(address).json()["tables"]
    assert (found["table"], found["host"], found["phase"], found["watchers"]) == (table, cast.member.id, "waiting", 1)
    assert found["seats"] == [cast.member.id, None, None, cast.manager.id]
    assert cast.master.client.get(address).json()["names"][str(cast.manager.id)]["name"] == "王小明"
    assert cast.stranger.client.get(address).status_code == 404
    do(cast.member, table, "close")
    assert cast.master.client.get(address).json() == {"tables": [], "names": {}}


def test_a_replay_only_when_it_is_over_and_also_of_a_closed_table(cast: Cast, table_time: Time, plain_deck: list[int]):
    table = started(cast, cast.manager)
    address = f"/api/v1/tables/{table}/matches"
    assert cast.member.client.get(address).json()["matches"] == []
    assert cast.member.client.get(f"{address}/1").status_code == 404
    play_on({who.id: who for who in (cast.master, cast.manager)}, table)
    do(cast.manager, table, "close")
    (found,) = cast.member.client.get(address).json()["matches"]
    assert (found["no"], found["players"]) == (1, {"0": cast.master.id, "1": cast.manager.id})
    replay = cast.member.client.get(f"{address}/1").json()
    assert replay["hands"] == {"0": list(range(0, 52, 4)), "1": list(range(1, 52, 4))}
    assert replay["points"] == found["points"] and len(replay["seed"]) == 64
    assert cast.stranger.client.get(f"{address}/1").status_code == 404
    assert cast.member.client.get(f"{address}/2").status_code == 404
    assert cast.member.client.get(f"{address}/{2**40}").status_code == 404


def test_the_log_tells_places_and_the_note_s_status_at_the_end(cast: Cast, table_time: Time, plain_deck: list[int]):
    table = started(cast, cast.manager)
    began = Event.objects.get(action="match.started").detail
    assert began == {"table": table, "match": 1, "players": [cast.master.id, cast.manager.id]}
    play_on({who.id: who for who in (cast.master, cast.manager)}, table)
    ended = Event.objects.get(action="match.ended")
    assert (ended.target_type, ended.target_id) == ("conversation", cast.group)
    assert sorted(ended.detail) == ["match", "places", "points", "status", "table"]
    assert ended.detail["status"] == Match.objects.get().result["status"] and len(ended.detail["status"]) == 10
    assert set(ended.detail["places"]) == {cast.master.id, cast.manager.id} and sum(ended.detail["points"]) == 0


def test_administrators_see_tables_and_matches_but_no_cards(cast: Cast, table_time: Time, plain_deck: list[int]):
    table = started(cast, cast.manager)
    match = Match.objects.get()
    browser = cast.administrator.client
    pages = [
        browser.get(address).content.decode()
        for address in (
            "/admin/games/gametable/",
            f"/admin/games/gametable/{table}/change/",
            f"/admin/games/gametable/?conversation={cast.group}",
            f"/admin/games/match/?table={table}",
            f"/admin/games/match/{match.pk}/change/",
        )
    ]
    assert all(f"{table}" in page for page in pages) and match.deck_hash in pages[-1]
    seed = GameTable.objects.get().state["seed"]
    for page in pages:
        assert seed not in page and "hands" not in page and "[0, 4, 8" not in page
    play_on({who.id: who for who in (cast.master, cast.manager)}, table)
    ended = browser.get(f"/admin/games/match/{match.pk}/change/").content.decode()
    assert "Nguyễn Thị Ánh +" in ended and Match.objects.get().seed not in ended
    assert browser.post(f"/admin/games/gametable/{table}/change/", {"phase": "waiting"}).status_code == 403
    assert browser.get("/admin/games/gametable/?state__contains=1").status_code in (302, 400)


def test_one_s_own_matches_are_in_one_s_own_data(cast: Cast, table_time: Time, plain_deck: list[int]):
    table = started(cast, cast.manager)
    assert json.loads("".join(document(cast.manager.user)))["matches"] == []
    play_on({who.id: who for who in (cast.master, cast.manager)}, table)
    (mine,) = json.loads("".join(document(cast.manager.user)))["matches"]
    assert (mine["table"], mine["match"], mine["place"]) == (table, 1, 2)
    assert json.loads("".join(document(cast.member.user)))["matches"] == []


def test_thirty_look_on(cast: Cast, table_time: Time):
    table = opened(cast)
    people = [person(f"watcher-{number}") for number in range(MOST_WATCHERS + 1)]
    messaging.add_members(cast.master.user, cast.group, [one.id for one in people])
    for one in people[:-1]:
        actions.follow(one.user, table)
    assert refusal_of(actions.follow, people[-1].user, table) == "too_many_watchers"
    assert Seat.objects.filter(table=table, index=None).count() == MOST_WATCHERS
    do(people[-1], table, "sit")  # a seat is still free
    assert code_of(people[-1], table, "watch") == "too_many_watchers"
    actions.unfollow(people[0].user, table)
    do(people[-1], table, "watch")
