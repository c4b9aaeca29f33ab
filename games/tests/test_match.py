"""A match at a table: who may move, clocks, absence, votes, proof of the shuffle, what each person sees; whole evenings."""

from __future__ import annotations

import json
import random

from games.tests.dealing import midway, next_move
from games.tests.tables import ANNA, BINH, CHI, DECK, DUNG, EM, GIANG, SEED, finished, refused, seated, started
from games.tienlen import match, seating
from games.tienlen.options import PRESETS, Options
from games.tienlen.shuffle import verify
from games.tienlen.state import Illegal
from games.tienlen.status import EMPTY, IN, NO_CARDS, WATCHING, Record, from_record, pack, to_char, unpack
from games.tienlen.table import Table
from games.tienlen.table_view import command_of_table, record_for, status_of_table, table_view


def test_moves_come_from_the_player_whose_seat_it_is():
    table = started(ANNA, BINH, CHI, DUNG)
    seating.watch(table, EM, 0.0)
    assert table.game.turn == 0 and table.game.must == 0
    refused("not_your_turn", match.move, table, BINH, "play", 1.0, [1])
    refused("not_playing", match.move, table, EM, "play", 1.0, [0])
    refused("not_allowed", match.move, table, ANNA, "timeout", 1.0)
    refused("not_allowed", match.move, table, ANNA, "cancel", 1.0)
    refused("must_include_3s", match.move, table, ANNA, "play", 1.0, [4])
    match.move(table, ANNA, "play", 1.0, [0])
    assert table.due == {"turn": 1.0 + match.TURN}


def test_absent_once_is_a_pass_absent_twice_is_out_of_the_room():
    table = started(ANNA, BINH, CHI, DUNG)
    match.move(table, ANNA, "play", 0.0, [0])
    assert match.heartbeat(table, CHI, 19.9) == [], "it is not late yet"
    events = match.heartbeat(table, CHI, 20.0)
    assert [event["kind"] for event in events] == ["absent", "pass"]
    assert match.heartbeat(table, DUNG, 20.0) == [], "asked twice, done once"
    assert table.due == {"turn": 40.0}
    for user in (CHI, DUNG):
        match.move(table, user, "pass", 21.0)
    match.move(table, ANNA, "play", 22.0, [4])
    events = match.tick(table, 300.0)
    assert [event["kind"] for event in events] == ["absent", "left", "stood_up"]
    assert table.seats == [ANNA, None, CHI, DUNG] and BINH not in table.last_seen
    assert unpack(pack(status_of_table(table))).states[1] == EMPTY
    assert table.game.turn == 2 and table.due == {"turn": 320.0}, "the next one has his whole time, however late it is"
    refused("table_full", seating.sit, table, EM, 300.0)
    refused("not_playing", match.move, table, BINH, "pass", 300.0)


def test_a_player_may_leave_the_match_and_stay_or_leave_the_table():
    table = started(ANNA, BINH, CHI, DUNG)
    match.quit_match(table, BINH, 1.0)
    assert table.seats[1] == BINH
    assert unpack(pack(status_of_table(table))).states == (IN, WATCHING, IN, IN)
    assert match.quit_match(table, BINH, 1.0) == [], "he is out already"
    assert table.due == {"turn": match.TURN}, "no more time for the one to move"
    three = started(ANNA, BINH, CHI)
    match.quit_match(three, ANNA, 5.0)
    assert three.due == {"turn": 5.0 + match.TURN} and three.game.turn == 1
    seating.leave(table, CHI, 2.0)
    assert unpack(pack(status_of_table(table))).states == (IN, WATCHING, EMPTY, IN)
    seating.leave(table, ANNA, 3.0)
    assert (table.phase, table.host) == ("result", BINH)
    assert [table.players[seat] for seat in table.game.places] == [DUNG, ANNA, CHI, BINH]
    assert sum(table.scores.values()) == 0 and table.scores[DUNG] > 0 > table.scores[BINH]


def test_a_trick_under_a_2_is_held_open_for_two_and_a_half_seconds():
    table = started(ANNA, BINH, CHI, DUNG)
    match.move(table, ANNA, "play", 0.0, [0])
    match.move(table, BINH, "play", 0.0, [49])
    for user in (CHI, DUNG, ANNA):
        match.move(table, user, "pass", 1.0)
    assert table.game.closing and table.due == {"close": 3.5}
    refused("not_your_turn", match.move, table, BINH, "play", 2.0, [1])
    assert match.tick(table, 3.4) == []
    assert match.tick(table, 3.5) == [{"kind": "trick", "seat": 1}]
    assert table.due == {"turn": 23.5}
    match.move(table, BINH, "play", 4.0, [1])


def test_clocks_stand_still_after_a_restart():
    table = started(ANNA, BINH, CHI, DUNG)
    match.after_restart(table, 500.0)
    assert table.due == {"turn": 530.0}
    assert match.tick(table, 529.0) == []
    assert table.host == ANNA and not table.is_silent(BINH, 529.0)
    assert match.tick(table, 530.0)[0]["kind"] == "absent"


def test_the_others_may_grant_a_minute_once():
    table = started(ANNA, BINH, CHI, DUNG)
    refused("not_allowed", match.agree, table, ANNA, "wait", 1.0)
    refused("not_allowed", match.agree, table, BINH, "nap", 1.0)
    assert match.agree(table, BINH, "wait", 1.0)[0]["kind"] == "agreed"
    assert match.agree(table, BINH, "wait", 1.0)[0]["kind"] == "agreed", "one voice each"
    assert match.agree(table, CHI, "wait", 1.0) == [{"kind": "waits", "seat": 0}]
    assert table.due == {"turn": match.TURN + match.PATIENCE}
    match.move(table, ANNA, "play", 70.0, [0])
    refused("not_allowed", match.agree, table, CHI, "wait", 70.0)
    match.cancel(table, 71.0)
    for user in (ANNA, BINH, CHI):
        seating.be_ready(table, user, 71.0)
    seating.leave(table, DUNG, 71.0)
    match.start(table, ANNA, 71.0, deck=DECK)
    assert match.agree(table, BINH, "wait", 72.0)[0]["kind"] == "agreed", (
        "once in each match; one of two is not more than half"
    )
    match.move(table, ANNA, "play", 73.0, [0])
    match.move(table, BINH, "play", 73.0, [49])
    assert match.agree(table, ANNA, "wait", 73.0)[0]["kind"] == "agreed", "the voices were for the turn before"
    for user in (CHI, ANNA):
        match.move(table, user, "pass", 74.0)
    refused("not_allowed", match.agree, table, CHI, "wait", 74.0)


def test_only_who_plays_has_a_voice():
    table = started(ANNA, BINH, CHI, DUNG)
    match.quit_match(table, BINH, 1.0)
    refused("not_allowed", match.agree, table, BINH, "cancel", 1.0)
    refused("not_playing", match.agree, table, EM, "cancel", 1.0)
    refused("not_playing", match.quit_match, table, EM, 1.0)
    for user in (ANNA, CHI):
        match.agree(table, user, "cancel", 1.0)
    assert match.agree(table, DUNG, "cancel", 1.0) == [{"kind": "cancelled"}]


def test_everything_one_does_is_a_sign_of_life():
    table = seated(ANNA, BINH, CHI)
    seating.watch(table, EM, 0.0)
    for user in (ANNA, BINH, CHI):
        seating.be_ready(table, user, 0.0)
    match.start(table, ANNA, 10.0, deck=DECK)
    match.move(table, ANNA, "play", 20.0, [0])
    match.agree(table, BINH, "cancel", 20.0)
    match.quit_match(table, CHI, 20.0)
    match.heartbeat(table, EM, 20.0)
    match.heartbeat(table, GIANG, 20.0)
    assert table.last_seen == {ANNA: 20.0, BINH: 20.0, CHI: 20.0, EM: 20.0}, "a stranger leaves no trace"
    assert not table.is_silent(BINH, 45.0) and table.is_silent(BINH, 45.1)
    assert table_view(table, EM, 45.1)["seats"][1] == {"user": BINH, "ready": False, "silent": True}


def test_a_match_is_called_off_by_all_or_by_a_manager():
    table = started(ANNA, BINH, CHI)
    match.move(table, ANNA, "play", 0.0, [0])
    for user in (ANNA, BINH):
        match.agree(table, user, "cancel", 1.0)
    assert match.agree(table, CHI, "cancel", 1.0) == [{"kind": "cancelled"}]
    assert (table.phase, table.game, table.due, set(table.scores.values())) == ("waiting", None, {}, {0})
    assert unpack(pack(status_of_table(table))).left == (NO_CARDS,) * 4
    refused("not_playing", match.cancel, table, 1.0)
    seating.be_ready(table, BINH, 2.0)
    refused("not_all_ready", match.start, table, ANNA, 2.0, deck=DECK)
    seating.be_ready(table, CHI, 2.0)
    match.start(table, ANNA, 2.0, deck=DECK)
    assert table.game.must == 0, "still the first game"
    match.cancel(table, 3.0)
    assert table.phase == "waiting"


def test_the_shuffle_can_be_checked_after_the_match_and_not_before():
    table = seated(ANNA, BINH)
    promised = seating.promise(table, SEED)
    refused("match_running", seating.promise, table, bytes(32))
    seating.be_ready(table, ANNA, 0.0, text="của tôi")
    seating.be_ready(table, BINH, 0.0)
    match.start(table, ANNA, 0.0)
    view = table_view(table, BINH, 0.0)
    assert (view["promise"], view["proof"]) == (promised, None)
    hashed = view["hash"]
    finished(table, 0.0)
    proof = json.loads(json.dumps(table_view(table, EM, 0.0)["proof"]))
    texts = {int(seat): text for seat, text in proof["texts"].items()}
    assert verify(bytes.fromhex(proof["seed"]), texts, proof["deck"], promised, hashed)
    assert texts == {0: "của tôi", 1: ""}
    assert table.seed is None and seating.promise(table, bytes(32)) != promised


def test_who_sees_which_hand():
    table = started(ANNA, BINH, CHI)
    seating.watch(table, EM, 0.0)
    for user, seat in ((ANNA, 0), (BINH, 1), (CHI, 2)):
        view = table_view(table, user, 0.0)
        assert view["game"]["hand"] == [*table.game.hands[seat]] and view["game"]["hands"] is None
    for user in (EM, GIANG, None):
        assert table_view(table, user, 0.0)["game"]["hand"] is None
    text = json.dumps([table_view(table, None, 0.0), table_view(table, EM, 0.0)])
    assert SEED.hex() not in text and '"deck"' not in text
    table.seed = SEED
    for secret in ("hands=", "seed=", "deck"):
        assert secret not in repr(table), "it may come into a log"


def test_a_snapshot():
    table = seated(ANNA, BINH)
    seating.be_ready(table, BINH, 0.0)
    view = table_view(table, EM, 1.5)
    assert view["seats"] == [
        {"user": ANNA, "ready": False, "silent": False}, {"user": BINH, "ready": True, "silent": False}, None, None,
    ]  # fmt: skip
    assert (view["status"], view["char"], view["number"], view["players"]) == (0x0050FEFF, "w", 0, [None] * 4)
    assert (view["game"], view["proof"], view["promise"], view["hash"], view["due"]) == (None, None, None, None, {})
    match.start(table, ANNA, 1.0, deck=DECK)
    view = table_view(table, EM, 1.5)
    assert (view["status"], view["char"], view["players"]) == (0x0050DDFF, "a", [ANNA, BINH, None, None])
    assert view["due"] == {"turn": 19.5} and table_view(table, EM, 60.0)["due"] == {"turn": 0.0}
    assert view["scores"] == {"1": 0, "2": 0} and view["proof"] is None


def test_who_is_out_may_stand_up_and_is_still_out():
    table = started(ANNA, BINH, CHI)
    table.game = midway("B", A="", B="4s 5s", C="6s 7s 8s")
    table.game.out = [0]
    seating.leave(table, ANNA, 1.0)
    status = unpack(pack(status_of_table(table)))
    assert (status.states, status.left) == ((IN, IN, IN, EMPTY), (0, 2, 3, 15))
    refused("seat_taken", seating.sit, table, EM, 1.0, 0)
    seating.leave(table, BINH, 2.0)
    status = unpack(pack(status_of_table(table)))
    assert (table.phase, status.states) == ("result", (EMPTY, EMPTY, IN, EMPTY))
    assert table.scores[ANNA] > 0, "his points are kept"


def test_the_forms_of_the_note():
    names = {ANNA: "anna@chat.lan", BINH: "binh@chat.lan", CHI: "chi@chat.lan"}
    table = seated(ANNA, BINH, CHI)
    commands = [command_of_table(table)]
    for user in names:
        seating.be_ready(table, user, 0.0)
    match.start(table, ANNA, 0.0, deck=DECK)
    commands.append(command_of_table(table))
    assert from_record(record_for(table, BINH, names)) == Record(
        ("anna@chat.lan", "binh@chat.lan", "chi@chat.lan", None), pack(table.game), 0, tuple(range(1, 52, 4))
    )
    assert from_record(record_for(table, EM, names)).cards == ()
    finished(table, 0.0)
    commands.append(command_of_table(table))
    assert [to_char(command) for command in commands] == ["w", "a", "1"]
    assert from_record(record_for(table, ANNA, names)).score == table.scores[ANNA] == 4 + 1 + 4 + 2, (
        "both are cóng with a 2"
    )


def test_any_evening(full: bool):
    """People do what they like at any time: data stay data, statuses valid, a refused call changes nothing, clocks never stand."""
    for seed in range(400 if full else 12):
        evening(random.Random(seed))


def evening(chance: random.Random) -> None:
    table, now, played = Table(Options(instant=()) if chance.random() < 0.7 else PRESETS["count"]), 0.0, 0
    users = [*range(1, 8)]
    for _ in range(300):
        now += chance.choice([0.0, 0.1, 1.0, 3.0, 25.0])
        before = json.dumps(table.to_json())
        try:
            anything(table, chance, chance.choice(users), now)
        except Illegal:
            assert json.dumps(table.to_json()) == before
        table = Table.from_json(json.loads(json.dumps(table.to_json())))
        while (due := match.next_due(table, now)) is not None and due <= now:
            match.tick(table, now)
        value = pack(status_of_table(table))
        assert pack(unpack(value)) == value
        assert sum(table.scores.values()) == 0 or any(user not in table.sitting() for user in table.scores)
        assert len({*table.sitting(), *table.watchers}) == len([*table.sitting(), *table.watchers])
        assert set(table.ready) <= set(table.sitting())
        assert (table.host in table.seats) if table.sitting() else table.host is None
        assert (table.phase == "playing") == bool(table.game and not table.game.over)
        assert table.phase != "playing" or table.due
        for user in (None, chance.choice(users)):
            view = table_view(table, user, now)
            hand = view["game"]["hand"] if view["game"] else None
            mine = [seat for seat, player in table.players.items() if player == user]
            assert hand is None or hand == [*table.game.hands[mine[0]]]
            json.dumps(view)
        played = table.match
    assert played > 1


def anything(table: Table, chance: random.Random, user: int, now: float) -> None:
    game = table.game
    if table.phase == "playing" and game and chance.random() < 0.85:
        move = next_move(game, chance)
        if move.kind in ("play", "pass"):
            match.move(table, table.players[move.seat], move.kind, now, move.cards)
        else:
            match.tick(table, now)
        return
    calls = [
        lambda: seating.sit(table, user, now), lambda: seating.sit(table, user, now, chance.randrange(4)), lambda: seating.watch(table, user, now),
        lambda: seating.leave(table, user, now), lambda: match.quit_match(table, user, now), lambda: match.heartbeat(table, user, now),
        lambda: match.agree(table, user, chance.choice(["wait", "cancel"]), now), lambda: seating.unseat(table, user, chance.randrange(1, 8), now),
        lambda: seating.promise(table, bytes(chance.randrange(256) for _ in range(32))), lambda: match.after_restart(table, now),
        *[lambda: seating.be_ready(table, user, now, chance.random() < 0.9)] * 8, *[lambda: match.start(table, table.host, now)] * 4,
        lambda: match.start(table, None, now), lambda: seating.reset_scores(table, user, now),
    ]  # fmt: skip
    chance.choice(calls)()
