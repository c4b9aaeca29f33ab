"""Clearing one's screen, and who has read a message."""

import pytest

from accounts import actions as accounts
from messaging import actions
from messaging.access import get_page
from messaging.summary import get_object, get_readers
from realtime.heads import UserFeed
from tests.cast import Cast, Person, person, refusal_of


def seqs(who: Person, where: int, **page: int) -> list[int]:
    return [message["seq"] for message in get_page(who.user, where, **page)["messages"]]


@pytest.mark.django_db
def test_what_is_cleared_is_gone_for_oneself_alone_until_it_is_undone(cast: Cast):
    one, two, three = (cast.say(cast.member, f"@master tin {n}") for n in range(3))
    actions.clear_conversation(cast.master.user, cast.group, two)
    page = get_page(cast.master.user, cast.group)
    assert [m["seq"] for m in page["messages"]] == [three] and not page["more_before"]
    assert seqs(cast.master, cast.group, after=0) == [three] == seqs(cast.master, cast.group, around=one)
    assert seqs(cast.master, cast.group, before=three) == []
    mine, his = get_object(cast.master.user, cast.group), get_object(cast.manager.user, cast.group)
    assert (mine["cleared_seq"], mine["unread"], mine["mentions"], mine["preview"]["seq"]) == (two, 1, 1, three)
    assert (his["cleared_seq"], his["unread"], his["preview"]["seq"]) == (0, 3, three)
    actions.clear_conversation(cast.master.user, cast.group, 10_000)
    mine = get_object(cast.master.user, cast.group)
    assert (mine["cleared_seq"], mine["unread"], mine["preview"]) == (three, 0, None)
    assert seqs(cast.master, cast.group) == [] and not get_page(cast.master.user, cast.group, before=9)["more_before"]
    actions.clear_conversation(cast.master.user, cast.group, 0)
    assert seqs(cast.master, cast.group)[-3:] == [one, two, three] == seqs(cast.manager, cast.group)[-3:]
    assert get_object(cast.master.user, cast.group)["unread"] == 3
    assert refusal_of(actions.clear_conversation, cast.stranger.user, cast.group, 1) == "not_found"


@pytest.mark.django_db
def test_clearing_is_told_once_to_oneself(cast: Cast):
    seq, heads = cast.say(cast.member), UserFeed().heads([cast.master.id, cast.member.id])
    for _ in range(2):
        actions.clear_conversation(cast.master.user, cast.group, seq)
    after = UserFeed().heads([cast.master.id, cast.member.id])
    assert after == {**heads, cast.master.id: heads[cast.master.id] + 1}


@pytest.mark.django_db
def test_readers_are_those_who_take_part(cast: Cast):
    seq = cast.say(cast.member)
    assert get_readers(cast.member.user, cast.group, seq) == {"read": [], "of": 2}
    for who in (cast.master, cast.manager):
        actions.mark_read([(who.caller, cast.group, seq)])
    assert get_readers(cast.member.user, cast.group, seq) == {
        "read": sorted([cast.master.id, cast.manager.id]),
        "of": 2,
    }
    accounts.set_options(cast.master.user, {"receipts": False})
    assert get_readers(cast.member.user, cast.group, seq) == {"read": [cast.manager.id], "of": 1}
    accounts.set_options(cast.manager.user, {"invisible": True})
    assert get_readers(cast.member.user, cast.group, seq) == {"read": [], "of": 0}
    assert refusal_of(get_readers, cast.stranger.user, cast.group, seq) == "not_found"
    assert refusal_of(get_readers, cast.member.user, cast.group, 10_000) == "not_found"


@pytest.mark.django_db
def test_readers_on_demand_where_receipts_are_not_told(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """Also in groups above 200: here one above two."""
    monkeypatch.setattr("messaging.actions.marks.RECEIPTS_MAX", 2)
    actions.add_members(cast.master.user, cast.group, [person(f"more-{n}").id for n in range(3)])
    seq = cast.say(cast.member)
    actions.mark_read([(cast.master.caller, cast.group, seq)])
    assert get_readers(cast.member.user, cast.group, seq) == {"read": [cast.master.id], "of": 5}
