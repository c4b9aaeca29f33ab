"""Tables in conversations: who may do what, what all are told, and what is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accounts import actions as accounts
from audit.models import Event
from games import access, actions
from games.actions import Act
from games.actions.acting import acts
from games.models import GameTable, Match, MatchEvent, Seat
from games.refusals import TEXTS, refuse
from games.tests.at_table import Time, code_of, do, opened, play_on, started, state
from games.tienlen.engine import Move, apply, new_game
from games.tienlen.options import Options
from games.tienlen.shuffle import verify
from messaging import actions as messaging
from messaging.models import Message
from realtime import hints
from tests.cast import Cast, person, refusal_of

pytestmark = pytest.mark.django_db


def test_whoever_opens_a_table_sits_and_is_host(cast: Cast, table_time: Time):
    table = opened(cast, cast.member)
    row = GameTable.objects.get(pk=table)
    assert (row.host_id, row.seq, row.phase) == (cast.member.id, 1, "waiting")
    view = access.get_snapshot(cast.member.user, table)
    assert (view["role"], view["hand"], view["view"]["seats"][0]["user"]) == ("host", None, cast.member.id)
    assert len(view["view"]["promise"]) == 64
    said = Message.objects.filter(conversation=cast.group).latest("pk")
    assert (said.kind, said.sender_id) == ("system", cast.member.id)
    assert said.body == f'{{"code":"game_opened","table":{table},"preset":""}}'
    assert Event.objects.filter(action="table.opened", actor_id=cast.member.id).exists()


def test_a_match_from_the_deal_to_the_next_promise(cast: Cast, table_time: Time, plain_deck):
    table = started(cast, cast.manager, cast.member)
    now = state(table)
    assert now.phase == "playing" and now.game.turn == 0
    promise = access.get_snapshot(cast.member.user, table)["view"]["promise"]
    assert access.get_snapshot(cast.master.user, table)["hand"] == list(range(0, 52, 4))
    assert access.get_snapshot(cast.manager.user, table)["hand"] == list(range(1, 52, 4))
    people = {person.id: person for person in (cast.master, cast.manager, cast.member)}
    assert do(cast.master, table, "play", cards=(0,))["hand"] == list(range(4, 52, 4))
    do(cast.manager, table, "pass")
    do(cast.member, table, "pass")
    play_on(people, table)
    match = Match.objects.get(table=table)
    assert match.promise == promise and match.deck == plain_deck and len(match.seed) == 64
    assert access.get_snapshot(cast.member.user, table)["view"]["promise"] != promise
    assert match.result["places"][0] == 0 and sum(match.result["points"]) == 0
    replay = access.get_replay(cast.member.user, table, 1)
    assert replay["deck"] == plain_deck and replay["events"][0][2][-1]["kind"] == "started"
    bodies = list(Message.objects.filter(conversation=cast.group).order_by("-pk").values_list("body", flat=True)[:2])
    assert '"game_ended"' in bodies[0] and '"game_started"' in bodies[1]
    kinds = Event.objects.filter(action__startswith="match.").values_list("action", flat=True)
    assert sorted(kinds) == ["match.ended", "match.started"]


def test_strangers_find_nothing_and_members_may_watch(cast: Cast, table_time: Time):
    table = opened(cast)
    assert actions.follow(cast.member.user, table)["role"] == "watcher"
    for who in (cast.stranger, cast.former):
        assert refusal_of(actions.follow, who.user, table) == "not_found"
        assert refusal_of(access.get_snapshot, who.user, table) == "not_found"
        assert refusal_of(access.get_tables, who.user, cast.group) == "not_found"
        assert code_of(who, table, "sit") == "not_found"
        assert refusal_of(actions.open_table, who.user, cast.group) == "not_found"
    assert refusal_of(access.get_snapshot, cast.member.user, table + 1) == "not_found"
    actions.unfollow(cast.member.user, table)
    assert not Seat.objects.filter(user=cast.member.user).exists()


def test_only_members_open_tables_and_only_so_many(cast: Cast, table_time: Time):
    first = opened(cast, cast.master)
    assert refusal_of(actions.open_table, cast.master.user, cast.group) == "seated_elsewhere"
    assert refusal_of(actions.open_table, cast.manager.user, cast.everyone) == "not_allowed"
    assert refusal_of(actions.open_table, cast.manager.user, cast.group, "poker") == "bad_options"
    assert refusal_of(actions.open_table, cast.manager.user, cast.group, "count", {"last": 101}) == "bad_options"
    opened(cast, cast.manager)
    opened(cast, cast.member)
    extra = person("extra")
    messaging.add_members(cast.master.user, cast.group, [extra.id])
    assert refusal_of(actions.open_table, extra.user, cast.group) == "too_many_tables"
    do(cast.master, first, "close")
    assert actions.open_table(extra.user, cast.group, "family") > first
    assert GameTable.objects.get(conversation=cast.group, preset="family").host_id == extra.id


def test_one_seat_for_each_person(cast: Cast, table_time: Time):
    one, other = opened(cast, cast.master), opened(cast, cast.manager)
    do(cast.member, one, "sit", seat=2)
    assert code_of(cast.member, other, "sit") == "seated_elsewhere"
    assert code_of(cast.member, one, "sit") == "already_seated"
    do(cast.member, other, "watch")  # looking on is something else
    do(cast.member, one, "stand")
    do(cast.member, other, "sit", seat=3)
    seats = list(Seat.objects.filter(user=cast.member.id).order_by("table").values_list("table", "index"))
    assert seats == [(one, None), (other, 3)]


def test_refusals_of_the_rules_have_their_code_and_change_nothing(cast: Cast, table_time: Time, plain_deck):
    table = started(cast, cast.manager, cast.member)
    before = GameTable.objects.values().get(pk=table)
    assert code_of(cast.manager, table, "play", cards=(1,)) == "not_your_turn"
    assert code_of(cast.master, table, "play", cards=(1,)) == "not_in_hand"
    assert code_of(cast.master, table, "play", cards=(0, 4)) == "not_a_combo"
    assert code_of(cast.master, table, "play", cards=(4,)) == "must_include_3s"
    assert code_of(cast.master, table, "pass") == "leader_cannot_pass"
    assert code_of(cast.manager, table, "start") == "match_running"
    assert code_of(cast.member, table, "set", preset="family") == "not_host"
    assert GameTable.objects.values().get(pk=table) == before
    do(cast.master, table, "play", cards=(0,))
    assert code_of(cast.manager, table, "play", cards=(5, 9)) == "not_a_combo"
    do(cast.manager, table, "play", cards=(5,))


def test_every_refusal_of_the_engine_has_a_text():
    page = Path("docs/tienlen.md").read_text()
    lists = [page.partition("raises `Illegal(code)`: ")[2].partition(", the first")[0]]
    lists.append(page.partition("Beside the engine's codes: ")[2].partition(". Leaving")[0])
    codes = re.findall(r"`([a-z_0-9]+)`", " ".join(lists))
    assert len(codes) > 20 and set(codes) <= set(TEXTS)
    for code in codes:
        refusal = refuse(code)
        assert (refusal.code, refusal.status) == (code, 403 if code == "not_allowed" else 409) and str(refusal.message)


def test_the_same_act_again_has_the_same_answer(cast: Cast, table_time: Time, plain_deck):
    table = started(cast, cast.manager, cast.member)
    seq = GameTable.objects.get(pk=table).seq
    first = do(cast.master, table, "play", cards=(0,), seq=seq, client_id="once-and-again")
    do(cast.manager, table, "pass")
    again = do(cast.master, table, "play", cards=(0,), seq=seq, client_id="once-and-again")
    assert again == first
    assert MatchEvent.objects.filter(table=table, client_id="once-and-again").count() == 1
    assert code_of(cast.master, table, "play", cards=(4,), client_id="once-and-again") == "client_id_reused"
    assert code_of(cast.master, table, "pass", client_id="once-and-again") == "client_id_reused"


def test_a_client_id_that_comes_again_must_ask_for_the_same(cast: Cast, table_time: Time):
    table = opened(cast)
    tries = [
        (cast.member, "sit", {"seat": 2}, {"seat": 3}),
        (cast.master, "ready", {"text": "gà"}, {"text": "vịt"}),
        (cast.master, "set", {"preset": "count"}, {"preset": "family"}),
        (cast.master, "set", {"options": {"last": 3}}, {"options": {"last": 4}}),
        (cast.master, "unseat", {"user": cast.member.id}, {"user": cast.manager.id}),
    ]
    for number, (who, kind, fields, others) in enumerate(tries):
        known = {"client_id": f"the-same-{number}"}
        first = do(who, table, kind, **known, **fields)
        assert code_of(who, table, kind, **known, **others) == "client_id_reused"
        assert code_of(who, table, "close", **known) == "client_id_reused"
        before = GameTable.objects.values().get(pk=table)
        assert do(who, table, kind, **known, **fields) == first
        assert GameTable.objects.values().get(pk=table) == before


def test_the_same_move_of_two_tabs_is_done_once(cast: Cast, table_time: Time, plain_deck):
    table = started(cast, cast.manager, cast.member)
    seq = GameTable.objects.get(pk=table).seq
    acts.held.clear()
    moves = [(cast.master.caller, Act(table, "play", f"tab-{tab}-move", seq, cards=(0,))) for tab in (1, 2)]
    one, other = actions.act(moves)
    assert isinstance(one, dict) and isinstance(other, dict)
    assert (one["done"], other["done"]) == (True, False)
    assert other["seq"] == one["seq"] == seq + 1 and other["hand"] == one["hand"]
    assert other["snapshot"]["view"]["game"]["top"]["cards"] == [0]


def test_who_has_not_seen_the_last_move_gets_a_snapshot(cast: Cast, table_time: Time, plain_deck):
    table = started(cast, cast.manager, cast.member)
    seen = GameTable.objects.get(pk=table).seq
    do(cast.master, table, "play", cards=(0,))
    stale = do(cast.manager, table, "pass", seq=seen)
    assert (stale["done"], stale["snapshot"]["seq"], stale["hand"]) == (False, seen + 1, list(range(1, 52, 4)))
    do(cast.manager, table, "pass")
    watching = GameTable.objects.get(pk=table).seq
    newcomer = person("newcomer-2")
    messaging.add_members(cast.master.user, cast.group, [newcomer.id])
    do(newcomer, table, "watch")  # is no move: what others saw of the match still holds
    assert do(cast.member, table, "play", cards=(2,), seq=watching)["done"]


def test_five_acts_a_second(cast: Cast, table_time: Time):
    table = opened(cast)
    acts.held.clear()
    tries = [(cast.master.caller, Act(table, "ready" if n % 2 else "unready", f"quick-{n:04}")) for n in range(14)]
    answers = actions.act(tries)
    assert [isinstance(answer, dict) for answer in answers] == [True] * 10 + [False] * 4
    assert {answer.code for answer in answers[10:]} == {"too_fast"}


def test_who_may_clear_a_table_away(cast: Cast, table_time: Time, plain_deck):
    table = opened(cast, cast.member)
    extra = person("extra")
    messaging.add_members(cast.master.user, cast.group, [extra.id])
    assert code_of(extra, table, "close") == "not_allowed"
    do(extra, table, "sit")
    do(extra, table, "ready")
    do(cast.member, table, "start")
    assert code_of(cast.member, table, "close") == "match_running"  # the host, while others play
    do(cast.manager, table, "close")
    row = GameTable.objects.get(pk=table)
    assert row.closed_at is not None and not Seat.objects.filter(table=table).exists()
    assert Match.objects.get(table=table).result["cancelled"]
    assert refusal_of(access.get_snapshot, cast.member.user, table) == "not_found"
    assert code_of(cast.member, table, "ready") == "not_found"
    idle = opened(cast, cast.member)
    do(cast.member, idle, "close")  # an idle one of his own


def test_all_four_ready_begin_by_themselves(cast: Cast, table_time: Time, plain_deck):
    extra = person("extra")
    messaging.add_members(cast.master.user, cast.group, [extra.id])
    table = opened(cast)
    for who in (cast.manager, cast.member, extra):
        do(who, table, "sit")
    for who in (cast.master, cast.manager, cast.member):
        do(who, table, "ready")
        assert state(table).phase == "waiting"
    assert do(extra, table, "ready")["hand"] == list(range(3, 52, 4))


def test_a_table_for_two(cast: Cast, table_time: Time, plain_deck):
    table = opened(cast, where=cast.direct)
    assert refusal_of(actions.follow, cast.manager.user, table) == "not_found"
    do(cast.member, table, "sit")
    do(cast.master, table, "ready")
    assert len(do(cast.member, table, "ready")["hand"]) == 13
    accounts.block_person(cast.member.user, cast.master.id)
    assert code_of(cast.master, table, "play", cards=(0,)) == "blocked"
    alone = messaging.open_direct(cast.manager.user, cast.manager.id)["id"]
    assert refusal_of(actions.open_table, cast.manager.user, alone) == "not_allowed"


def test_leaving_a_match_is_logged_and_counts_as_last(cast: Cast, table_time: Time, plain_deck):
    table = started(cast, cast.manager, cast.member)
    do(cast.member, table, "quit")
    assert Event.objects.get(action="match.left").detail == {"table": table, "match": 1, "user": cast.member.id}
    assert access.get_snapshot(cast.member.user, table)["role"] == "player"  # the seat stays his
    do(cast.manager, table, "stand")
    result = Match.objects.get(table=table).result
    assert result["places"] == [0, 1, 2]
    assert Seat.objects.get(user=cast.manager.user).index is None


def test_all_agree_to_call_it_off(cast: Cast, table_time: Time, plain_deck):
    table = started(cast, cast.manager)
    do(cast.master, table, "vote", what="cancel")
    assert state(table).phase == "playing"
    do(cast.manager, table, "vote", what="cancel")
    assert state(table).phase == "waiting"
    replay = access.get_replay(cast.member.user, table, 1)
    assert replay["cancelled"] and replay["deck"] is replay["seed"] is replay["hands"] is None


def test_the_deck_and_the_steps_rebuild_the_match(cast: Cast, table_time: Time):
    table = started(cast, cast.manager, cast.member)
    play_on({who.id: who for who in (cast.master, cast.manager, cast.member)}, table)
    replay = access.get_replay(cast.member.user, table, 1)
    texts = {int(seat): text for seat, text in replay["texts"].items()}
    assert verify(bytes.fromhex(replay["seed"]), texts, replay["deck"], replay["promise"], replay["hash"])
    players = [int(seat) for seat in replay["players"]]
    game = new_game(
        Options.make(replay["options"]), deck=replay["deck"], players=players, lead=replay["lead"], first=replay["first"], hold=True
    )  # fmt: skip
    for _, _, events in replay["events"]:
        for event in events:
            if event["kind"] in ("play", "pass"):
                game, _ = apply(game, Move(event["seat"], event["kind"], event.get("cards", ())))
            elif event["kind"] == "trick" and game.closing:
                game, _ = apply(game, Move(-1, "close"))
    assert (game.over, game.places, game.points()) == (True, replay["places"], replay["points"])
    assert [entry.to_json() for entry in game.entries] == replay["entries"]


def test_the_notes_records(cast: Cast, table_time: Time, plain_deck):
    table = started(cast, cast.manager)
    base = f"/api/v1/tables/{table}"
    assert cast.master.client.get(f"{base}/match_broadcast").json() == {"id": table, "command": "a", "number": 1}
    detail = cast.manager.client.get(f"{base}/match_detail").json()
    assert detail["status_hex"] == "0x0050DDFF" and detail["cards"] == list(range(1, 52, 4))
    cards = "".join(f"{card}," for card in range(1, 52, 4))
    assert detail["record"] == f"master@testserver;经理@testserver;;;{0x0050DDFF};0;{cards}"
    watching = cast.member.client.get(f"{base}/match_detail").json()
    assert watching["cards"] == [] and watching["record"].endswith(";0;")
    table_time.pass_by(21)
    asked = cast.member.client.post(f"{base}/match_heartbeat", '{"player": 1}', content_type="application/json")
    assert asked.json() == {"id": table, "player": 1, "ping": 21.0}
    assert state(table).game.played[0] == 1  # he had to lead: the server led his lowest card
    assert cast.member.client.post(f"{base}/match_heartbeat", {"player": "5"}).status_code == 400
    assert cast.stranger.client.get(f"{base}/match_detail").status_code == 404


def test_a_phrase_is_told_and_kept_nowhere(cast: Cast, table_time: Time, monkeypatch: pytest.MonkeyPatch):
    table = opened(cast)
    told: list = []
    monkeypatch.setattr(hints, "signal", lambda kind, payload: told.append((kind, payload)))
    before = GameTable.objects.get(pk=table).seq
    assert isinstance(actions.say(cast.master.caller, table, "nice"), dict)
    text = f'{{"type":"said","data":{{"table":{table},"user":{cast.master.id},"seat":0,"phrase":"nice"}}}}'
    assert told == [("feed", [f"table:{table}", text])]
    assert GameTable.objects.get(pk=table).seq == before and not MatchEvent.objects.filter(kind="say").exists()
    assert actions.say(cast.master.caller, table, "anything else").code == "bad_request"
    assert actions.say(cast.member.caller, table, "nice").code == "bad_request"  # is not at the table
    assert [isinstance(actions.say(cast.master.caller, table, "wow"), dict) for _ in range(3)] == [True, True, False]
    do(cast.member, table, "sit")
    messaging.mute_member(cast.manager.user, cast.group, cast.member.id, 5)
    assert actions.say(cast.member.caller, table, "nice").code == "muted"  # and may go on playing
    do(cast.member, table, "ready")
