"""Conflicting acts at the same moment, from several threads: one of them wins, and the table is in a legal state (C16, C37)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from core import policies
from core.refusal import Refusal
from games import actions
from games.actions import Act
from games.actions.acting import acts
from games.models import GameTable, Match, MatchEvent, Seat
from games.policies import Games
from games.tests.at_table import Time, do, opened, started, state
from messaging import actions as messaging
from messaging.models import Conversation, Message
from tests.cast import Cast, Person, make_cast

pytestmark = pytest.mark.django_db(transaction=True)
Try = Callable[[], Any]


@pytest.fixture
def fresh(
    transactional_db: None, fast_passwords: None, fresh_policies: None, ended_threads: None, table_time: Time
) -> Cast:
    policies.get(Games)  # read once, not by all of them
    return make_cast()


def at_once(tries: list[Try]) -> list[str]:
    """Run them in as many threads, all let go together; what came of each."""
    gate = threading.Barrier(len(tries))

    def run(one: Try) -> str:
        try:
            gate.wait(60)
            found = one()
            return found.code if isinstance(found, Refusal) else "stale" if found == "stale" else "done"
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(run, tries))


def acting(who: Person, table: int, kind: str, client_id: str, seq: int = 2**40, **fields: Any) -> Try:
    def run() -> Any:
        acts.held.clear()
        (answer,) = actions.act([(who.caller, Act(table, kind, client_id, seq, **fields))])
        return "stale" if isinstance(answer, dict) and not answer["done"] else answer

    return run


def legal(table: int) -> None:
    """Fail unless rows and state fit together."""
    row, now = GameTable.objects.get(pk=table), state(table)
    steps = list(MatchEvent.objects.filter(table=table).order_by("seq").values_list("seq", flat=True))
    assert steps == list(range(2, row.seq + 1))  # the first number is the opening
    seats = {seat.user_id: seat.index for seat in Seat.objects.filter(table=table)}
    wanted = {user: index for index, user in enumerate(now.seats) if user is not None}
    assert seats == {**dict.fromkeys(now.watchers), **wanted}
    assert (row.phase, row.match_no) == (now.phase, now.match)
    assert Match.objects.filter(table=table, ended_at=None).count() == (now.phase == "playing")
    place = Conversation.objects.get(pk=row.conversation_id)
    seqs = list(Message.objects.filter(conversation=place).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, place.last_seq + 1))


def test_the_same_move_from_many_tabs(fresh: Cast, plain_deck: list[int]):
    table = started(fresh, fresh.manager, fresh.member)
    seq = GameTable.objects.get(pk=table).seq
    one_id = [acting(fresh.master, table, "play", "the-very-same", seq, cards=(0,)) for _ in range(3)]
    own_ids = [acting(fresh.master, table, "play", f"tab-{n}-move", seq, cards=(0,)) for n in range(3)]
    found = at_once(one_id + own_ids)
    assert found.count("stale") in (3, 5) and set(found) <= {"done", "stale"}
    assert state(table).game.played == [1, 0, 0, 0] and GameTable.objects.get(pk=table).seq == seq + 1
    legal(table)


def test_two_for_one_seat_and_one_for_two(fresh: Cast):
    one, other = opened(fresh, fresh.master), opened(fresh, fresh.manager)
    tries = [acting(fresh.member, table, "sit", f"sit-at-{table:04}") for table in (one, other)]
    found = at_once([*tries, acting(fresh.member, one, "sit", "sit-again", seat=2)])
    assert found.count("done") == 1 and set(found) <= {"done", "seated_elsewhere", "already_seated", "conflict"}
    assert Seat.objects.filter(user=fresh.member.id, index__isnull=False).count() == 1
    legal(one)
    legal(other)


def test_a_move_a_clock_and_a_removal(fresh: Cast, table_time: Time, plain_deck: list[int]):
    table = started(fresh, fresh.manager, fresh.member)
    do(fresh.master, table, "play", cards=(0,))
    table_time.pass_by(20.1)
    found = at_once(
        [
            acting(fresh.manager, table, "pass", "just-too-late"),
            lambda: actions.tick_tables([table]),
            lambda: actions.tick_tables([table]),
            lambda: messaging.remove_member(fresh.master.user, fresh.group, fresh.manager.id),
            lambda: actions.attend([table]),
        ]
    )
    assert found.count("done") >= 4
    actions.attend(actions.find_work())
    now = state(table)
    assert now.game.turn in (0, 2) and 1 in now.game.left
    legal(table)


def test_closing_while_others_play_sit_and_watch(fresh: Cast, plain_deck: list[int]):
    table = started(fresh, fresh.manager)
    found = at_once(
        [
            acting(fresh.master, table, "play", "a-last-play", cards=(0,)),
            lambda: actions.follow(fresh.member.user, table),
            acting(fresh.member, table, "sit", "sit-down-now"),
            acting(fresh.manager, table, "close", "close-it-now"),
            acting(fresh.master, table, "close", "close-it-too"),
        ]
    )
    assert "done" in found and set(found) <= {"done", "not_found", "stale", "already_seated"}
    assert GameTable.objects.get(pk=table).closed_at is not None
    assert not Seat.objects.filter(table=table).exists()
    bodies = [
        json.loads(body)["code"]
        for body in Message.objects.filter(conversation=fresh.group).values_list("body", flat=True)
    ]
    assert bodies.count("game_closed") == 1 and bodies.count("game_ended") == 1
    legal(table)


def test_many_people_chat_and_play_in_one_group(fresh: Cast, plain_deck: list[int]):
    """The two lock the same conversation, in the same order."""
    table = started(fresh, fresh.manager)
    say = [lambda n=n: fresh.say(fresh.member, f"tin {n}") and None for n in range(6)]
    found = at_once([*say, acting(fresh.manager, table, "quit", "i-have-to-go"), lambda: actions.attend([table])])
    assert set(found) == {"done"}
    assert state(table).phase == "result"
    legal(table)
