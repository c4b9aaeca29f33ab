"""The user's feed: a number for each private fact, given and announced with the transaction that writes it."""

import pytest
from django.db import transaction

from messaging import actions
from realtime import heads, hints
from realtime.heads import UserFeed, bump_user, bump_users
from realtime.models import UserHead
from tests.cast import Cast
from tests.tabs import Site

pytestmark = pytest.mark.django_db


def test_each_fact_has_the_next_number(cast: Cast):
    before = UserFeed().heads([cast.member.id, cast.master.id])
    bump_user(cast.member.id, {"options": {}})
    bump_users({cast.member.id: {"options": {}}, cast.master.id: None})
    after = UserFeed().heads([cast.member.id, cast.master.id])
    assert after == {cast.member.id: before[cast.member.id] + 2, cast.master.id: before[cast.master.id] + 1}


def test_who_had_no_fact_stands_at_nought(cast: Cast):
    UserHead.objects.filter(user=cast.member.user).delete()
    assert UserFeed().heads([cast.member.id]) == {cast.member.id: 0}
    bump_user(cast.member.id, {})
    assert UserFeed().heads([cast.member.id]) == {cast.member.id: 1}
    bump_users({})


def test_reading_gives_the_present_state_whatever_the_number(cast: Cast):
    head = UserFeed().heads([cast.member.id])[cast.member.id]
    assert UserFeed().read(cast.member.id, head, 10) == []
    ((number, type, state, removes),) = UserFeed().read(cast.member.id, 0, 10)
    assert (number, type, removes) == (head, "private", ())
    assert {c["id"] for c in state["conversations"]} == {cast.group, cast.direct, cast.everyone}
    assert state["all"] is True
    assert UserFeed().read(cast.member.id, head - 1, 10)[0][2] == state


def test_facts_of_many_cost_few_queries(cast: Cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        bump_users({person.id: {"options": {}} for person in cast})


@pytest.mark.django_db(transaction=True)
def test_hints_go_out_after_the_commit_and_not_without_it(cast: Cast, site: Site):
    told: list = []
    site.hub.signals["hints"] = told.extend
    with transaction.atomic():
        bump_user(cast.member.id, {"options": {}})
        hints.publish("c:1", 5, "message", {"a": 1}, [7])
        site.settle()
        assert told == []
    site.settle()
    assert [(hint[0], hint[2], hint[4]) for hint in told] == [
        (f"u:{cast.member.id}", "private", ()),
        ("c:1", "message", (7,)),
    ]
    told.clear()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        bump_user(cast.member.id, {"options": {}})
        actions.save_draft(cast.member.user, cast.group, "x")
        raise ZeroDivisionError
    site.settle()
    assert told == []
    assert (
        heads.UserFeed().heads([cast.member.id])[cast.member.id] == UserHead.objects.get(user=cast.member.user).number
    )
