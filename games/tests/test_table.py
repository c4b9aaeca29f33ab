"""Around the matches: seats, host, start, rules, points, rematch, watchers."""

from __future__ import annotations

from games.tests.tables import ANNA, BINH, CHI, DECK, DUNG, EM, PLAIN, SEED, finished, refused, seated, started
from games.tienlen import match, seating
from games.tienlen.options import PRESETS, Options
from games.tienlen.status import IN, READY, WATCHING, pack, unpack
from games.tienlen.table_view import status_of_table, table_view


def test_seats_are_taken_once_and_the_first_is_host():
    table = seated(ANNA, BINH)
    assert (table.seats, table.host) == ([ANNA, BINH, None, None], ANNA)
    refused("already_seated", seating.sit, table, ANNA, 0.0)
    refused("seat_taken", seating.sit, table, CHI, 0.0, 1)
    seating.sit(table, CHI, 0.0, 3)
    seating.sit(table, DUNG, 0.0)
    assert table.seats == [ANNA, BINH, DUNG, CHI]
    refused("table_full", seating.sit, table, EM, 0.0)
    assert seating.watch(table, EM, 0.0) == [{"kind": "watchers", "count": 1}]
    refused("already_seated", seating.watch, table, ANNA, 0.0)
    assert {"kind": "host", "user": BINH} in seating.leave(table, ANNA, 1.0)
    seating.sit(table, EM, 1.0)
    assert (table.seats, table.watchers) == ([EM, BINH, DUNG, CHI], [])
    refused("not_here", seating.leave, table, ANNA, 1.0)


def test_only_so_many_watch():
    table = seated(ANNA)
    for user in range(100, 100 + seating.MOST_WATCHERS):
        seating.watch(table, user, 0.0)
    refused("too_many_watchers", seating.watch, table, 99, 0.0)
    seating.watch(table, 100, 1.0)
    seating.leave(table, 100, 1.0)
    seating.watch(table, 99, 1.0)


def test_who_may_start_and_when():
    table = seated(ANNA, BINH, CHI)
    refused("not_seated", seating.be_ready, table, DUNG, 0.0)
    refused("text_too_long", seating.be_ready, table, BINH, 0.0, True, "ă" * 33)
    refused("no_promise", seating.be_ready, table, BINH, 0.0, True, "mine")
    refused("too_few", match.start, table, ANNA, 0.0, deck=DECK)
    seating.be_ready(table, BINH, 0.0)
    refused("not_host", match.start, table, BINH, 0.0, deck=DECK)
    refused("not_all_ready", match.start, table, ANNA, 0.0, deck=DECK)
    refused("not_all_ready", match.start, table, None, 0.0, deck=DECK)
    seating.be_ready(table, CHI, 0.0)
    refused("no_promise", match.start, table, ANNA, 0.0)
    seating.be_ready(table, ANNA, 0.0)
    assert not match.all_ready(table), "three wait for the host, a fourth may come"
    assert match.start(table, ANNA, 0.0, deck=DECK)[0]["players"] == [0, 1, 2]
    refused("match_running", match.start, table, ANNA, 0.0, deck=DECK)
    refused("match_running", seating.be_ready, table, BINH, 0.0)
    refused("match_running", seating.set_options, table, ANNA, PLAIN, 0.0)
    refused("match_running", seating.reset_scores, table, ANNA, 0.0)
    refused("match_running", seating.unseat, table, ANNA, CHI, 0.0)
    refused("match_running", seating.promise, table, SEED)


def test_four_who_are_ready_need_no_host():
    table = seated(ANNA, BINH, CHI, DUNG)
    for user in (ANNA, BINH, CHI, DUNG):
        assert not match.all_ready(table)
        seating.be_ready(table, user, 0.0)
    assert match.all_ready(table)
    for _ in range(2):
        seating.be_ready(table, BINH, 0.0, ready=False)
        assert not match.all_ready(table)
    for _ in range(2):
        seating.be_ready(table, BINH, 0.0)
        assert match.all_ready(table)
    match.start(table, None, 0.0, deck=DECK)
    assert table.phase == "playing"


def test_what_one_does_around_a_match_is_a_sign_of_life_too():
    table = seated(ANNA, BINH, CHI)
    seating.promise(table, SEED)
    seating.be_ready(table, BINH, 1.0, text="ă" * 32)
    seating.watch(table, EM, 2.0)
    seating.watch(table, EM, 3.0)
    assert table.last_seen == {ANNA: 0.0, BINH: 1.0, CHI: 0.0, EM: 3.0}
    seating.unseat(table, ANNA, CHI, 4.0)
    assert table.last_seen[ANNA] == 4.0
    seating.set_options(table, ANNA, PLAIN, 5.0)
    assert table.last_seen[ANNA] == 5.0
    seating.reset_scores(table, ANNA, 6.0)
    seating.leave(table, BINH, 9.0)
    seating.leave(table, EM, 9.0)
    assert table.last_seen == {ANNA: 6.0, CHI: 0.0}, "who is gone is forgotten"
    seating.sit(table, CHI, 10.0)
    assert table.last_seen[CHI] == 10.0


def test_rules_change_between_matches_and_all_agree_anew():
    table = seated(ANNA, BINH)
    seating.be_ready(table, BINH, 0.0)
    refused("not_host", seating.set_options, table, BINH, PRESETS["family"], 0.0)
    seating.set_options(table, ANNA, PRESETS["family"], 0.0)
    assert (table.options, table.ready) == (PRESETS["family"], [])


def test_the_host_makes_room_of_who_is_not_ready():
    table = seated(ANNA, BINH, CHI)
    seating.be_ready(table, BINH, 0.0)
    refused("not_host", seating.unseat, table, BINH, CHI, 0.0)
    refused("not_allowed", seating.unseat, table, ANNA, BINH, 0.0)
    refused("not_allowed", seating.unseat, table, ANNA, ANNA, 0.0)
    seating.unseat(table, ANNA, CHI, 0.0)
    assert (table.seats, table.watchers) == ([ANNA, BINH, None, None], [CHI])


def test_a_latecomer_watches_from_his_seat():
    table = started(ANNA, BINH, CHI)
    seating.sit(table, DUNG, 1.0)
    assert unpack(pack(status_of_table(table))).states == (IN, IN, IN, WATCHING)
    refused("not_playing", match.move, table, DUNG, "pass", 1.0)
    assert table_view(table, DUNG, 1.0)["game"]["hand"] is None
    finished(table, 1.0)
    assert unpack(pack(status_of_table(table))).states == (IN, WATCHING, WATCHING, IN), "the two others are cóng"


def test_points_are_kept_and_the_first_leads_next_time():
    table = started(ANNA, BINH, CHI, DUNG)
    now = finished(table, 0.0)
    first = table.players[table.game.places[0]]
    assert table.phase == "result" and table.leader == first and table.due == {"result": now + match.RESULT}
    assert sum(table.scores.values()) == 0 and table.scores[first] > 0
    before = dict(table.scores)
    for user in (ANNA, BINH, CHI, DUNG):
        seating.be_ready(table, user, now)
    assert unpack(pack(status_of_table(table))).left == (READY,) * 4
    match.start(table, None, now, deck=DECK)
    assert (table.match, table.players[table.game.turn], table.game.must) == (2, first, None)
    finished(table, now)
    assert table.scores != before
    refused("not_host", seating.reset_scores, table, BINH, now)
    seating.reset_scores(table, ANNA, now)
    assert set(table.scores.values()) == {0}


def test_who_wins_at_the_deal_leads_next_time():
    table = seated(ANNA, BINH, options=Options())
    seating.be_ready(table, BINH, 0.0)
    events = match.start(table, ANNA, 0.0, deck=[*range(26, 52), *range(26)])
    assert events[-1] == {"kind": "over", "places": [1], "instant": "four_twos"}
    assert (table.phase, table.leader, table.scores) == ("result", BINH, {ANNA: -4, BINH: 4})
    assert table.due == {"result": match.RESULT} and table_view(table, None, 0.0)["number"] == 12
    seating.set_options(table, ANNA, PLAIN, 1.0)
    for user in (ANNA, BINH):
        seating.be_ready(table, user, 1.0)
    match.start(table, None, 1.0, deck=DECK)
    assert table.game.turn == 1 and table.game.must is None


def test_after_the_result_sheet_the_host_need_not_wait():
    table = started(ANNA, BINH, CHI, DUNG)
    now = finished(table, 0.0)
    seating.leave(table, DUNG, now)
    seating.sit(table, EM, now)
    for user in (ANNA, BINH):
        seating.be_ready(table, user, now)
    refused("not_all_ready", match.start, table, ANNA, now, deck=DECK)
    assert match.tick(table, now + match.RESULT) == [{"kind": "waiting"}]
    match.start(table, ANNA, now + match.RESULT, deck=DECK)
    assert [*table.players.values()] == [ANNA, BINH]
    assert unpack(pack(status_of_table(table))).states == (IN, IN, WATCHING, WATCHING)


def test_the_same_players_start_again_without_the_host():
    table = started(ANNA, BINH)
    now = finished(table, 0.0)
    seating.be_ready(table, ANNA, now)
    assert not match.all_ready(table)
    seating.be_ready(table, BINH, now)
    assert match.all_ready(table)
    match.tick(table, now + match.RESULT)
    assert not match.all_ready(table), "the result sheet is gone: the host's word again"
    table = started(ANNA, BINH, CHI)
    now = finished(table, 0.0)
    seating.leave(table, CHI, now)
    for user in (ANNA, BINH):
        seating.be_ready(table, user, now)
    assert not match.all_ready(table), "others than before"


def test_a_silent_host_passes_the_table_on():
    table = seated(ANNA, BINH, CHI)
    match.heartbeat(table, CHI, 50.0)
    assert match.next_due(table, 50.0) == match.HOST_GONE
    assert match.tick(table, 59.0) == []
    assert match.tick(table, 60.0) == [{"kind": "host", "user": CHI}], "the next one who is there"
    alone = seated(ANNA, BINH)
    assert match.tick(alone, 60.0) == [] and alone.host == ANNA, "nobody is there"
    assert match.next_due(alone, 60.0) is None
    assert match.heartbeat(alone, BINH, 61.0) == [{"kind": "host", "user": BINH}]
