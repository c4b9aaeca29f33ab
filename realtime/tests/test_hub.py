"""The hub: every fact once, in order, without a hole, whatever happens to hints; and rights in force from the number on that changes them."""

import asyncio

import pytest
from django.db import DatabaseError, InterfaceError

from core import registry
from realtime import hub as hub_module
from realtime.hints import Hint
from realtime.tests.desk import Desk
from tests.tabs import settled

SECONDS = 5


async def test_the_next_number_goes_out_as_it_comes(desk: Desk):
    one, other = desk.socket(1), desk.socket(2, ["x:2"])
    desk.start()
    for _ in range(3):
        desk.tell(desk.facts.write(1, {"text": "Chào 你好 👋"}))
    assert desk.heard[one.number] == [
        {"type": "message", "feed": "x:1", "number": n, "prev": n - 1, "data": {"text": "Chào 你好 👋"}}
        for n in (1, 2, 3)
    ]
    assert desk.heard[other.number] == []
    assert desk.facts.reads == []


async def test_old_and_doubled_hints_are_ignored(desk: Desk):
    one = desk.socket(1)
    desk.start()
    hints = [desk.facts.write(1) for _ in range(3)]
    desk.tell(*hints)
    desk.tell(*reversed(hints))
    desk.tell(hints[1], hints[1])
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1, 2, 3]
    assert desk.facts.reads == []


async def test_a_number_ahead_waits_for_those_between(desk: Desk):
    one = desk.socket(1)
    desk.start()
    a, b, c, d = (desk.facts.write(1) for _ in range(4))
    desk.tell(c)
    desk.tell(d, b)
    assert desk.numbers_of(one) == []
    desk.tell(a)
    assert desk.numbers_of(one) == [1, 2, 3, 4]
    await settled(desk.hub)
    assert desk.facts.reads == []


async def test_what_is_lost_is_read_from_the_source_once(desk: Desk):
    one = desk.socket(1)
    desk.start()
    desk.facts.write(1)
    later = [desk.facts.write(1) for _ in range(3)]
    desk.tell(*later)
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1, 2, 3, 4]
    assert desk.facts.reads == [(1, 0)]


async def test_a_hint_without_data_is_read_at_once(desk: Desk):
    one = desk.socket(1)
    desk.start()
    hint = desk.facts.write(1, {"text": "x"})
    desk.tell(hint._replace(data=None))
    await settled(desk.hub)
    assert [frame["data"] for frame in desk.heard[one.number]] == [{"text": "x"}]


async def test_hints_that_come_while_the_source_is_read_are_not_given_twice(desk: Desk):
    one = desk.socket(1)
    desk.start()
    desk.facts.write(1)
    desk.tell(desk.facts.write(1)._replace(data=None))
    feed = desk.hub.feeds["x:1"]
    async with asyncio.timeout(SECONDS):
        while not feed.reading:  # noqa: ASYNC110 - the hub has no event for its tests
            await asyncio.sleep(0)
    for _ in range(3):
        desk.tell(desk.facts.write(1))
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1, 2, 3, 4, 5]
    assert desk.chain_is_whole(one)


async def test_numbers_with_holes_are_followed_to_the_head(desk: Desk):
    """A row that was changed has moved to a higher number: the one it had is gone."""
    one = desk.socket(1)
    desk.start()
    desk.tell(desk.facts.write(1), desk.facts.write(1), desk.facts.write(1))
    desk.facts.write(1, moved=2)
    desk.facts.write(1, moved=3)
    desk.tell(desk.facts.write(1))
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1, 2, 3, 4, 5, 6]
    two = desk.socket(2, ["x:1"])
    desk.hub.feeds["x:1"].delivered = 0
    await desk.hub.sweep()
    await settled(desk.hub)
    assert desk.numbers_of(two) == [1, 4, 5, 6]
    assert desk.chain_is_whole(two)
    assert desk.hub.feeds["x:1"].delivered == 6


async def test_more_missing_than_a_page_comes_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub_module, "PAGE", 10)
    one = desk.socket(1)
    desk.start()
    for _ in range(95):
        desk.facts.write(1)
    await desk.hub.sweep()
    await settled(desk.hub)
    assert desk.numbers_of(one) == list(range(1, 96))
    assert desk.chain_is_whole(one)


async def test_the_sweep_finds_what_a_muted_hub_did_not_hear(desk: Desk):
    one = desk.socket(1)
    desk.start()
    desk.hub.muted = True
    desk.tell(desk.facts.write(1))
    await settled(desk.hub)
    assert desk.numbers_of(one) == []
    await desk.hub.sweep()
    await settled(desk.hub)
    assert desk.numbers_of(one) == [1]
    reads = len(desk.facts.reads)
    await desk.hub.sweep()
    await settled(desk.hub)
    assert len(desk.facts.reads) == reads


async def test_facts_between_attaching_and_the_first_head_are_not_lost(desk: Desk):
    one = desk.socket(1, held=True)
    first = desk.facts.write(1)
    heads = {"x:1": desk.facts.heads([1])[1]}
    second = desk.facts.write(1)
    desk.tell(first, second)
    desk.hub.start(heads)
    assert desk.heard[one.number] == []
    one.release()
    await settled(desk.hub)
    assert desk.numbers_of(one) == [2]


async def test_who_is_removed_hears_that_and_nothing_after(desk: Desk):
    desk.facts.members[1] = {1, 2}
    removed, second_tab, other = (
        desk.socket(1, ["x:1", "u:1"]),
        desk.socket(1, ["x:1", "u:1"]),
        desk.socket(2, ["x:1", "u:2"]),
    )
    desk.start()
    fact = desk.facts.write(1, {"text": "removed"}, removes=(1,))
    desk.facts.members[1] = {2}
    desk.tell(fact, desk.facts.write(1, {"text": "bí mật 秘密"}))
    await settled(desk.hub)
    assert desk.numbers_of(removed) == desk.numbers_of(second_tab) == [1]
    assert desk.numbers_of(other) == [1, 2]


async def test_the_same_when_the_fact_is_read_from_the_source(desk: Desk):
    desk.facts.members[1] = {2}
    removed, other = desk.socket(1, ["x:1", "u:1"]), desk.socket(2, ["x:1", "u:2"])
    desk.start()
    desk.facts.write(1, {"text": "removed"}, removes=(1,))
    desk.facts.write(1, {"text": "bí mật 秘密"})
    await desk.hub.sweep()
    await settled(desk.hub)
    assert desk.numbers_of(removed) == [1]
    assert desk.numbers_of(other) == [1, 2]


async def test_who_was_removed_and_is_back_follows_again(desk: Desk):
    """The fact that removed him is read late, when he is a member again."""
    desk.facts.members[1] = {1, 2}
    one = desk.socket(1, ["x:1", "u:1"])
    desk.socket(2, ["x:1"])
    desk.start()
    desk.facts.write(1, {"text": "removed"}, removes=(1,))
    desk.facts.write(1, {"text": "joined"})
    await desk.hub.sweep()
    await settled(desk.hub)
    desk.tell(desk.facts.write(1, {"text": "mới 新"}))
    await settled(desk.hub)
    assert desk.numbers_of(one)[-1] == 3
    assert 2 in desk.numbers_of(one)  # the head by which the client resumes


async def test_a_change_of_rights_attaches_and_cuts(desk: Desk):
    desk.facts.members = {1: {1}, 2: set()}
    one = desk.socket(1, ["x:1", "u:1"])
    desk.start()
    desk.facts.write(2)
    desk.facts.members = {1: set(), 2: {1}}
    desk.users.write(1)
    desk.tell(Hint("u:1", 1, "private", "{}", (), True))
    await settled(desk.hub)
    desk.tell(desk.facts.write(1), desk.facts.write(2))
    await settled(desk.hub)
    assert desk.numbers_of(one, "x:1") == []
    heads = [frame for frame in desk.heard[one.number] if frame["type"] == "head"]
    assert heads == [{"type": "head", "feed": "x:2", "number": 1, "prev": 1}]
    assert desk.numbers_of(one, "x:2") == [1, 2]


async def test_an_ended_session_is_closed_and_its_neighbour_is_not(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    ended, alive = desk.socket(1, ["x:1", "u:1"]), desk.socket(2, ["x:1", "u:2"])
    desk.start()
    monkeypatch.setattr(registry, "gates", [lambda sessions: {10: (4003, "session_ended")} if 10 in sessions else {}])
    desk.users.write(1)
    desk.tell(Hint("u:1", 1, "private", None, (), True))
    await settled(desk.hub)
    assert desk.closed == {ended.number: (4003, "session_ended", False)}
    desk.tell(desk.facts.write(1))
    assert (desk.numbers_of(ended), desk.numbers_of(alive)) == ([], [1])
    assert 1 not in desk.hub.by_user


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
async def test_while_rights_cannot_be_read_nothing_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
):
    asked: list[list[int]] = []
    failed = asyncio.Event()

    def gate(sessions: list[int]) -> dict:
        asked.append(sessions)
        if len(asked) == 1:
            desk.hub.loop.call_soon_threadsafe(failed.set)
            raise error
        return {10: (4003, "session_ended")}

    monkeypatch.setattr(registry, "gates", [gate])
    monkeypatch.setattr(hub_module, "RETRY_SECONDS", 0.2)
    ended, alive = desk.socket(1), desk.socket(2)
    desk.start()
    desk.hub.refresh(1)
    await failed.wait()
    desk.tell(desk.facts.write(1))
    await settled(desk.hub)
    assert len(asked) == 2
    assert desk.closed == {ended.number: (4003, "session_ended", False)}
    assert (desk.numbers_of(ended), desk.numbers_of(alive)) == ([], [1])


async def test_who_goes_leaves_nothing_behind(desk: Desk):
    one = desk.socket(1, ["x:1", "x:2", "u:1"])
    desk.start()
    desk.tell(desk.facts.write(1)._replace(number=9))
    desk.hub.show(one, 1)
    desk.hub.remove(one)
    desk.hub.remove(one)
    await settled(desk.hub)
    assert (desk.hub.feeds, dict(desk.hub.by_user), dict(desk.hub.opened), desk.hub.sockets) == ({}, {}, {}, {})


async def test_who_went_while_his_feeds_were_looked_up_follows_nothing(desk: Desk):
    one, stays = desk.socket(1), desk.socket(2)
    desk.hub.remove(one)
    assert desk.hub.attach(one, ["x:1", "x:7"]) == []
    assert "x:7" not in desk.hub.feeds and desk.hub.feeds["x:1"].sockets == {stays}


async def test_which_tabs_show_a_conversation(desk: Desk):
    one, other = desk.socket(1), desk.socket(2)
    desk.hub.show(one, 7)
    desk.hub.show(other, 7)
    assert desk.hub.opened[7] == {one, other}
    desk.hub.show(one, 8)
    desk.hub.show(other, None)
    assert dict(desk.hub.opened) == {8: {one}}
