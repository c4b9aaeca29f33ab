"""What keeps a table from being held, flooded or lost: the muted, texts no database takes, doubled orders, tables that nobody comes back to."""

from __future__ import annotations

import pytest
from django.db import transaction

from core.refusal import Refusal
from games import access, actions, heard
from games.actions.desk import open_desks
from games.actions.follow import _do
from games.actions.open import LATELY, OPENINGS
from games.models import GameTable, Seat
from games.tests.at_table import Time, code_of, do, opened, started, tried
from messaging import actions as messaging
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db


def row(table: int) -> GameTable:
    return GameTable.objects.get(pk=table)


def test_who_is_muted_opens_no_table_and_may_play(cast: Cast, table_time: Time):
    messaging.mute_member(cast.master.user, cast.group, cast.member.id, 60)
    assert refusal_of(actions.open_table, cast.member.user, cast.group) == "muted"
    assert do(cast.member, opened(cast), "sit")["done"]


def test_a_conversation_is_not_filled_with_tables_opened_and_closed(cast: Cast, table_time: Time):
    for _ in range(OPENINGS):
        do(cast.master, opened(cast), "close")
    assert refusal_of(actions.open_table, cast.member.user, cast.group) == "too_fast"
    table_time.pass_by(LATELY + 1)
    assert actions.open_table(cast.member.user, cast.group)


def test_a_closing_that_is_repeated_has_the_same_answer(cast: Cast, table_time: Time):
    table = opened(cast)
    first = do(cast.master, table, "close", client_id="close-it-1", seq=1)
    assert do(cast.master, table, "close", client_id="close-it-1", seq=1) == first
    assert code_of(cast.master, table, "close", client_id="close-it-2", seq=1) == "not_found"


def test_texts_for_the_shuffle_can_be_stored(cast: Cast, table_time: Time):
    table = opened(cast)
    for text in ("a\x00b", "\ud800"):
        assert code_of(cast.master, table, "ready", text=text) == "bad_request"
    assert do(cast.master, table, "ready", text="gà 🐔")["done"]


def test_who_sat_down_in_another_tab_keeps_his_seat_when_the_first_one_goes(cast: Cast, table_time: Time):
    table = opened(cast)
    actions.follow(cast.member.user, table)
    do(cast.member, table, "sit")
    _do(cast.member.user, table, "stand")  # it was asked for while he still watched
    assert Seat.objects.get(user=cast.member.user).index == 1


def test_following_and_leaving_has_a_pace(cast: Cast, table_time: Time):
    table = opened(cast)
    codes = set()
    for _ in range(10):
        try:
            actions.follow(cast.member.user, table)
            actions.unfollow(cast.member.user, table)
        except Refusal as refusal:
            codes.add(refusal.code)
    assert codes == {"too_fast"}


def test_a_table_that_its_players_forgot_is_cleared_away(cast: Cast, table_time: Time):
    table = opened(cast)
    do(cast.member, table, "sit")
    table_time.pass_by(3500)
    assert not isinstance(actions.heartbeat([(cast.member.caller, table)])[0], Exception)
    table_time.pass_by(3500)
    actions.attend(actions.find_work())
    assert row(table).closed_at is None  # one of them was there
    table_time.pass_by(200)
    actions.attend(actions.find_work())
    assert row(table).closed_at is None
    table_time.pass_by(3500)
    actions.attend(actions.find_work())
    assert row(table).closed_at is not None
    assert tried(cast.master, opened(cast), "ready")  # his seat is free again


def test_a_match_that_was_called_off_leaves_the_first_one_to_be_played(
    cast: Cast, table_time: Time, plain_deck: list[int]
):
    table = started(cast, cast.manager)
    for who in (cast.master, cast.manager):
        do(who, table, "vote", what="cancel")
    for who in (cast.master, cast.manager):
        do(who, table, "ready")
    if row(table).phase != "playing":
        do(cast.master, table, "start")
    view = access.get_snapshot(cast.manager.user, table)["view"]
    assert (view["match"], view["first"]) == (2, True)  # pages know by it that 3♠ has to be played
    assert code_of(cast.master, table, "play", cards=(4,)) == "must_include_3s"


def test_what_is_printed_of_a_table_tells_no_card(cast: Cast, table_time: Time, plain_deck: list[int]):
    table = started(cast, cast.manager)
    with transaction.atomic():
        desk = open_desks([table], table_time.at)[table]
    desk.hands[cast.manager.id] = {"hands": {str(table): {"cards": [*desk.table.game.hands[1]]}}}
    text = repr(desk)
    assert "Table(" in text and "State(" in text
    assert not any(secret in text for secret in ("must", "9, 13, 17", "seed", desk.table.seed.hex()))


def test_the_sweep_looks_at_a_table_once_where_nothing_can_be_done(cast: Cast, table_time: Time):
    table = opened(cast)
    table_time.pass_by(61)  # the host is gone, and nobody is there to follow him
    actions.attend(actions.find_work())
    heard.forget()
    assert actions.find_work() == [] and row(table).deadline is None
