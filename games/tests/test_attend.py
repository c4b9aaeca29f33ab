"""What happens at tables by itself: clocks, people who are gone, switches, restarts; and that all of it may be done twice."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import actions as accounts
from audit.models import Event
from core import policies
from games import access, actions, heard
from games.actions.attend import after_restart
from games.models import GameTable, Match, Seat
from games.tests.at_table import Time, code_of, do, opened, started, state
from messaging import actions as messaging
from messaging.models import Message
from tests.cast import Cast, Person, refusal_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(cast: Cast, table_time: Time, plain_deck: list[int]) -> int:
    """Master, manager and member play; the master leads."""
    return started(cast, cast.manager, cast.member)


def row(table: int) -> GameTable:
    return GameTable.objects.get(pk=table)


def committed(capture: Any, run: Any, *args: Any, **named: Any) -> None:
    """Do something with what follows its commit."""
    with capture(execute=True):
        run(*args, **named)


def beat(who: Person, table: int) -> dict:
    answer = actions.heartbeat([(who.caller, table)])[0]
    assert isinstance(answer, dict)
    return answer


def test_the_turn_runs_out_once(cast: Cast, running: int, table_time: Time):
    assert row(running).deadline == table_time.at + 20
    table_time.pass_by(19.9)
    actions.tick_tables([running])
    assert state(running).game.played == [0, 0, 0, 0]
    table_time.pass_by(0.2)
    seq = row(running).seq
    for _ in range(3):  # as from three processes
        actions.tick_tables([running])
    assert state(running).game.played == [1, 0, 0, 0] and row(running).seq == seq + 1
    assert Event.objects.filter(action="match.timed_out").count() == 1
    assert row(running).deadline == table_time.at + 20


def test_any_heartbeat_does_what_is_overdue(cast: Cast, running: int, table_time: Time):
    table_time.pass_by(21)
    beat(cast.member, running)
    assert state(running).game.turn == 1
    assert actions.heartbeat([(cast.stranger.caller, running)])[0].code == "not_found"


def test_what_is_overdue_happens_before_a_move_and_stays_when_it_is_refused(cast: Cast, running: int, table_time: Time):
    table_time.pass_by(21)
    seq = row(running).seq
    assert do(cast.master, running, "play", cards=(0,))["done"] is False  # his turn was over
    assert row(running).seq == seq + 1 and state(running).game.turn == 1


def test_absent_twice_is_out_of_the_room(cast: Cast, running: int, table_time: Time):
    for _ in range(2):
        for who in (cast.manager, cast.member):
            beat(who, running)
        table_time.pass_by(20.5)
        actions.tick_tables([running])
        if state(running).game.live == [0, 1, 2]:
            do(cast.manager, running, "pass")
            do(cast.member, running, "pass")
    assert not Seat.objects.filter(user=cast.master.user).exists()
    assert state(running).game.gone == [0] and state(running).host == cast.manager.id
    strikes = Event.objects.filter(action="match.timed_out").order_by("pk").values_list("detail", flat=True)
    assert [detail["strikes"] for detail in strikes] == [1, 2]


def test_nobody_pays_for_a_server_that_was_away(cast: Cast, running: int, table_time: Time):
    table_time.pass_by(300)
    actions.tick_tables([running])
    assert state(running).game.strikes == [0] * 4 and row(running).deadline == table_time.at + 30
    table_time.pass_by(10)
    after_restart()
    assert row(running).deadline == table_time.at + 50


def test_silence_is_shown_and_ends(cast: Cast, running: int, table_time: Time):
    table_time.pass_by(15)
    for who in (cast.master, cast.member):
        beat(who, running)
    table_time.pass_by(4)
    assert actions.find_work() == []
    do(cast.master, running, "play", cards=(0,))
    table_time.pass_by(12)  # the manager was last heard 31 s ago
    assert actions.find_work() == [running]
    actions.attend([running])
    seats = access.get_snapshot(cast.member.user, running)["view"]["seats"]
    assert [seat and seat["silent"] for seat in seats] == [False, True, False, None]
    assert actions.find_work() == []
    beat(cast.manager, running)
    heard.store()
    assert actions.find_work() == [running]
    actions.attend([running])
    assert [seat.silent for seat in Seat.objects.filter(table=running).order_by("index")] == [False] * 3


def test_a_watcher_who_is_gone_is_forgotten(cast: Cast, table_time: Time):
    table = opened(cast)
    actions.follow(cast.member.user, table)
    table_time.pass_by(50)
    beat(cast.master, table)
    beat(cast.member, table)
    table_time.pass_by(50)
    beat(cast.master, table)
    actions.attend(actions.find_work())
    assert Seat.objects.filter(user=cast.member.user).exists()
    table_time.pass_by(20)
    actions.attend(actions.find_work())
    assert not Seat.objects.filter(user=cast.member.user).exists()


def test_an_empty_table_is_cleared_away(cast: Cast, table_time: Time):
    table = opened(cast)
    do(cast.master, table, "stand")
    table_time.pass_by(590)
    actions.attend(actions.find_work())
    assert row(table).closed_at is None
    table_time.pass_by(700)
    actions.attend(actions.find_work())
    assert row(table).closed_at is not None


def test_who_is_removed_leaves_the_match(cast: Cast, running: int, django_capture_on_commit_callbacks: Any):
    committed(django_capture_on_commit_callbacks, messaging.remove_member, cast.master.user, cast.group, cast.member.id)
    assert state(running).game.left == [2] and not Seat.objects.filter(user=cast.member.user).exists()
    assert code_of(cast.member, running, "sit") == "not_found"
    assert state(running).phase == "playing"  # two are left


def test_the_group_is_dissolved(cast: Cast, running: int, django_capture_on_commit_callbacks: Any):
    committed(django_capture_on_commit_callbacks, messaging.dissolve_group, cast.master.user, cast.group)
    assert row(running).closed_at is not None and Match.objects.get(table=running).result["cancelled"]
    last = Message.objects.filter(conversation=cast.group).order_by("-pk").values_list("body", flat=True)[:2]
    assert not any("game_closed" in body for body in last)


def test_an_account_is_blocked(cast: Cast, running: int, django_capture_on_commit_callbacks: Any):
    blocked = cast.member.user
    committed(django_capture_on_commit_callbacks, accounts.block_user, cast.administrator.user, blocked, "spam")
    assert state(running).game.left == [2]


def test_the_group_switches_tables_off(cast: Cast, running: int, django_capture_on_commit_callbacks: Any):
    change = messaging.change_settings
    assert refusal_of(change, cast.member.user, cast.group, tables=False) == "not_allowed"
    assert refusal_of(change, cast.manager.user, cast.group, tables=False, discoverable=True) == "not_allowed"
    committed(django_capture_on_commit_callbacks, change, cast.manager.user, cast.group, tables=False)
    assert row(running).closed_at is not None
    assert refusal_of(actions.open_table, cast.member.user, cast.group) == "tables_off"
    change(cast.master.user, cast.group, tables=True)
    assert actions.open_table(cast.member.user, cast.group)


def test_the_site_switches_tables_off(cast: Cast, running: int, django_capture_on_commit_callbacks: Any):
    switch = {"games.tienlen_enabled": False}
    committed(django_capture_on_commit_callbacks, accounts.set_policies, cast.administrator.user, switch)
    assert row(running).closed_at is not None
    assert refusal_of(actions.open_table, cast.member.user, cast.group) == "tables_off"
    policies.store("games.tienlen_enabled", True)
    assert actions.open_table(cast.member.user, cast.group)


def test_a_table_for_two_ends_with_a_block(cast: Cast, table_time: Time, plain_deck: list[int]):
    table = opened(cast, where=cast.direct)
    do(cast.member, table, "sit")
    assert actions.find_work() == []
    accounts.block_person(cast.member.user, cast.master.id)
    assert actions.find_work() == [table]
    actions.attend([table])
    assert row(table).closed_at is not None
