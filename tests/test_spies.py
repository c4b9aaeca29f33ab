"""The spies themselves: they hear what they should and tell of what they should not."""

import json

import pytest

from messaging import actions
from tests.cast import Cast
from tests.spies import STILL, Spies, history
from tests.tabs import Site

HISTORY = {(7, 1): STILL, (7, 2): 12}  # 1 is in 7, 2 was until number 12


@pytest.mark.parametrize(
    ("user", "frame", "told"),
    [
        (1, {"type": "message", "feed": "c:7", "number": 99, "prev": 98, "data": {"conversation": 7, "change": 99}}, 0),
        (2, {"type": "message", "feed": "c:7", "number": 12, "prev": 11, "data": {"conversation": 7, "change": 12}}, 0),
        (2, {"type": "message", "feed": "c:7", "number": 13, "prev": 12, "data": {"conversation": 7, "change": 13}}, 2),
        (3, {"type": "message", "feed": "c:7", "number": 1, "prev": 0, "data": {"conversation": 7, "change": 1}}, 2),
        (1, {"type": "table", "feed": "table:5", "number": 9, "prev": 8, "data": {"table": 5, "conversation": 7}}, 0),
        (3, {"type": "table", "feed": "table:5", "number": 9, "prev": 8, "data": {"table": 5, "conversation": 7}}, 1),
        (3, {"type": "head", "feed": "c:7", "number": 0, "prev": 0}, 1),
        (3, {"type": "resync", "feed": "c:7"}, 1),
        (3, {"type": "typing", "data": {"conversation": 7, "user": 1, "name": "x"}}, 1),
        (3, {"type": "receipts", "data": {"conversation": 7, "reads": [[1, 5]]}}, 1),
        (3, {"type": "ready", "data": {"conversations": [{"id": 7, "last_change": 3}]}}, 1),
        (2, {"type": "ready", "data": {"conversations": [{"id": 7, "last_change": 13}]}}, 1),
        (
            3,
            {
                "type": "private",
                "feed": "u:3",
                "number": 1,
                "prev": 0,
                "data": {"reads": [{"conversation": 7}], "drafts": [{"conversation": 7}]},
            },
            2,
        ),
        (2, {"type": "private", "feed": "u:2", "number": 1, "prev": 0, "data": {"gone": [7]}}, 0),
        (3, {"type": "reply", "ref": 1, "ok": True, "data": {"conversation": 7, "seq": 1}}, 1),
        (3, {"type": "reply", "ref": 1, "ok": False, "error": {"code": "not_found", "message": "x"}}, 0),
        (3, {"type": "presence", "data": {"people": [{"id": 7, "presence": "online"}]}}, 0),
    ],
)
def test_what_is_told_to_the_wrong_people_is_found(user: int, frame: dict, told: int):
    spies = Spies()
    spies.heard(user, json.dumps(frame))
    assert len(spies.indiscretions(HISTORY)) == told


def test_a_table_that_goes_on_for_a_former_member_is_found():
    def spied(*feeds: tuple[str, int]) -> int:
        spies = Spies()
        for feed, number in feeds:
            spies.heard(2, json.dumps({"type": "x", "feed": feed, "number": number, "data": {"conversation": 7}}))
        return len(spies.indiscretions(HISTORY))

    assert spied(("table:5", 9), ("c:7", 11), ("table:5", 10)) == 0
    assert spied(("table:5", 9), ("c:7", 12)) == 0
    assert spied(("c:7", 12), ("table:5", 10)) == 1


@pytest.mark.parametrize(("user", "told"), [(1, 0), (2, 1)])
def test_a_hand_is_for_who_sits_there(user: int, told: int):
    spies = Spies()
    spies.heard(
        user,
        json.dumps({"type": "private", "feed": f"u:{user}", "number": 1, "prev": 0, "data": {"hands": {"5": [1, 2]}}}),
    )
    assert len(spies.indiscretions(HISTORY, {(5, 1)})) == told


@pytest.mark.django_db
def test_the_history_is_that_of_the_rows(cast: Cast):
    before = history()
    assert (
        before[cast.group, cast.member.id]
        == before[cast.everyone, cast.stranger.id]
        == before[cast.direct, cast.master.id]
        == STILL
    )
    assert 0 < before[cast.group, cast.former.id] < STILL
    assert (cast.group, cast.stranger.id) not in before
    actions.add_members(cast.master.user, cast.group, [cast.former.id])
    assert history()[cast.group, cast.former.id] == STILL


@pytest.mark.django_db(transaction=True)
def test_outsiders_beside_busy_conversations_hear_nothing(cast: Cast, site: Site):
    """The positive case first: the same facts do reach the members."""
    insider, outsider, former = site.enter(cast.member), site.enter(cast.stranger), site.enter(cast.former)
    for tab in (insider, outsider, former):
        tab.code("conversation.open", {"conversation": cast.group})
    assert cast.send(cast.master, "bí mật 秘密 🤫")
    cast.say(cast.master, "riêng 私", where=cast.direct)
    master = site.enter(cast.master)
    assert master.code("conversation.open", {"conversation": cast.group}) == "ok"
    assert master.code("conversation.typing", {"conversation": cast.group}) == "ok"
    insider.wait(lambda: insider.of("typing"))
    actions.react(cast.manager.user, cast.group, cast.say(cast.member), "👍", True)
    actions.mark_read([(cast.master.caller, cast.group, 99)])
    insider.wait(lambda: insider.of("receipts"))
    site.sweep()
    assert "秘密" in json.dumps(insider.frames, ensure_ascii=False)
    for tab in (outsider, former):
        assert "秘密" not in json.dumps(tab.frames, ensure_ascii=False)
        assert {frame.get("feed", "")[:2] for frame in tab.frames} <= {"", "u:"}
