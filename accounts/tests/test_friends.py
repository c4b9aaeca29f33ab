from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions, relations
from accounts.actions import friends
from accounts.models import Block, Friendship, User
from accounts.tests.factories import person
from audit.models import Event
from core.buckets import Buckets
from realtime.heads import UserFeed
from tests.cast import refusal_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def full_buckets(monkeypatch):
    monkeypatch.setattr(friends, "requests", Buckets(10, 1 / 30))


@pytest.fixture
def lan() -> User:
    return person("lan")


@pytest.fixture
def minh() -> User:
    return person("minh")


def of(user: User) -> dict[str, list]:
    """His relations; of incoming requests only by whom."""
    found = relations.relations_of(user.pk)
    return {**found, "incoming": [asked["user"] for asked in found["incoming"]]}


def heads(*users: User) -> list[int]:
    return list(UserFeed().heads([user.pk for user in users]).values())


def grown(before: list[int], *users: User) -> list[int]:
    return [now - then for now, then in zip(heads(*users), before, strict=True)]


NOBODY: dict[str, list] = {"friends": [], "incoming": [], "outgoing": [], "blocked": []}


def test_a_request_waits_for_its_answer_and_becomes_a_friendship(lan, minh):
    before = heads(lan, minh)
    actions.request_friend(lan, minh.pk, "  Chung lớp\n10A ")
    assert of(lan) == {**NOBODY, "outgoing": [minh.pk]}
    (asked,) = relations.relations_of(minh.pk)["incoming"]
    assert asked == {"user": lan.pk, "words": "Chung lớp 10A", "at": asked["at"]} and asked["at"].endswith("Z")
    assert refusal_of(actions.accept_friend, lan, minh.pk) == "not_found"  # one's own
    actions.accept_friend(minh, lan.pk)
    assert of(lan) == {**NOBODY, "friends": [minh.pk]}
    assert of(minh) == {**NOBODY, "friends": [lan.pk]}
    assert grown(before, lan, minh) == [2, 2]
    actions.request_friend(lan, minh.pk)  # friends already: nothing happens
    assert grown(before, lan, minh) == [2, 2]
    assert list(Event.objects.order_by("-pk").values_list("action", flat=True)[:2]) == [
        "friend.accepted",
        "friend.requested",
    ]


def test_requests_that_meet_are_a_friendship(lan, minh):
    actions.request_friend(lan, minh.pk)
    actions.request_friend(minh, lan.pk)
    assert of(lan)["friends"] == [minh.pk] and of(minh)["friends"] == [lan.pk]


def test_a_refused_request_may_be_made_again_after_a_day_or_by_the_other_at_once(lan, minh):
    actions.request_friend(lan, minh.pk, "xin chào")
    assert refusal_of(actions.refuse_friend, lan, minh.pk) == "not_found"
    actions.refuse_friend(minh, lan.pk)
    assert of(lan) == of(minh) == NOBODY
    assert refusal_of(actions.request_friend, lan, minh.pk) == "ask_later"
    Friendship.objects.update(answered_at=timezone.now() - timedelta(days=1))
    actions.request_friend(lan, minh.pk)
    actions.refuse_friend(minh, lan.pk)
    actions.request_friend(minh, lan.pk)
    assert of(lan)["incoming"] == [minh.pk]


def test_a_request_is_withdrawn_by_who_made_it(lan, minh):
    actions.request_friend(lan, minh.pk)
    assert refusal_of(actions.withdraw_request, minh, lan.pk) == "not_found"
    actions.withdraw_request(lan, minh.pk)
    assert of(lan) == of(minh) == NOBODY
    assert refusal_of(actions.accept_friend, minh, lan.pk) == "not_found"


def test_either_may_end_a_friendship(lan, minh):
    for ender, other in ((lan, minh), (minh, lan)):
        actions.request_friend(lan, minh.pk)
        assert refusal_of(actions.remove_friend, ender, other.pk) == "not_found"
        actions.accept_friend(minh, lan.pk)
        actions.remove_friend(ender, other.pk)
        assert of(lan) == of(minh) == NOBODY


def test_oneself_strangers_and_closed_accounts_are_no_friends(lan, minh):
    assert refusal_of(actions.request_friend, lan, lan.pk) == "bad_request"
    assert refusal_of(actions.request_friend, lan, 10**9) == "not_found"
    actions.block_user(None, minh)
    assert refusal_of(actions.request_friend, lan, minh.pk) == "not_found"


def test_open_requests_and_their_pace_have_limits(lan):
    others = [person(f"p{n}") for n in range(12)]
    actions.set_policies(None, {"people.open_requests": 2})
    actions.request_friend(lan, others[0].pk)
    actions.request_friend(lan, others[1].pk)
    assert refusal_of(actions.request_friend, lan, others[2].pk) == "too_many"
    actions.withdraw_request(lan, others[0].pk)
    actions.request_friend(lan, others[2].pk)
    actions.set_policies(None, {"people.open_requests": 500})
    for other in others[3:10]:
        actions.request_friend(lan, other.pk)
    assert refusal_of(actions.request_friend, lan, others[10].pk) == "too_fast"


def test_a_block_ends_a_friendship_and_hides_both_ways(lan, minh):
    User.objects.update(status="ở thư viện")
    actions.request_friend(lan, minh.pk)
    actions.accept_friend(minh, lan.pk)
    assert relations.people_objects(minh.pk, [lan.pk])[0]["status"] == "ở thư viện"
    before = heads(lan, minh)
    actions.block_person(lan, minh.pk)
    actions.block_person(lan, minh.pk)  # twice is once
    assert grown(before, lan, minh) == [1, 1]
    assert of(lan) == {**NOBODY, "blocked": [minh.pk]} and of(minh) == NOBODY
    for one, other in ((lan, minh), (minh, lan)):
        assert refusal_of(actions.request_friend, one, other.pk) == "not_found"
        assert relations.people_objects(one.pk, [other.pk])[0]["status"] == ""
        assert relations.closed_between([(one.pk, other.pk)]) == {(one.pk, other.pk): "person"}
    assert relations.blocked_by(lan) == [minh] and relations.blocked_by(minh) == []
    assert refusal_of(actions.unblock_person, minh, lan.pk) == "not_found"
    actions.unblock_person(lan, minh.pk)
    assert relations.closed_between([(lan.pk, minh.pk), (minh.pk, lan.pk)]) == {}
    actions.request_friend(minh, lan.pk)
    assert of(lan)["incoming"] == [minh.pk]


def test_who_is_blocked_may_block_too(lan, minh):
    actions.block_person(lan, minh.pk)
    actions.block_person(minh, lan.pk)
    actions.unblock_person(lan, minh.pk)
    assert relations.closed_between([(lan.pk, minh.pk)])
    assert refusal_of(actions.block_person, lan, lan.pk) == "bad_request"
    assert refusal_of(actions.block_person, lan, 10**9) == "not_found"


def test_a_block_ends_a_request(lan, minh):
    actions.request_friend(lan, minh.pk)
    actions.block_person(minh, lan.pk)
    assert of(lan) == NOBODY
    assert refusal_of(actions.accept_friend, minh, lan.pk) == "not_found"


def test_who_takes_messages_of_friends_only_is_closed_to_others_and_writes_himself(lan, minh):
    both = [(lan.pk, minh.pk), (minh.pk, lan.pk)]
    assert relations.closed_between(both) == {}
    actions.set_options(lan, {"who_may_write": "friends"})
    assert relations.closed_between(both) == {(minh.pk, lan.pk): "friends"}
    actions.request_friend(minh, lan.pk)
    assert relations.closed_between(both) == {(minh.pk, lan.pk): "friends"}  # asked is not granted
    actions.accept_friend(lan, minh.pk)
    assert relations.closed_between(both) == {}


def test_the_site_may_let_only_friends_write_to_each_other(lan, minh):
    both = [(lan.pk, minh.pk), (minh.pk, lan.pk), (lan.pk, lan.pk)]
    actions.set_policies(None, {"people.direct": "friends"})
    assert relations.closed_between(both) == dict.fromkeys(both[:2], "friends")
    actions.request_friend(minh, lan.pk)
    actions.accept_friend(lan, minh.pk)
    assert relations.closed_between(both) == {}


def test_reading_costs_one_query_each(lan, minh, django_assert_num_queries):
    others = [person(f"p{n}").pk for n in range(5)]
    actions.set_policies(None, {"people.direct": "friends"})
    relations.closed_between([(lan.pk, minh.pk)])
    with django_assert_num_queries(2):
        relations.relations_of(lan.pk)
        relations.closed_between([(lan.pk, other) for other in others])


def test_a_deleted_account_leaves_no_relations(lan, minh):
    third = person("third")
    actions.request_friend(lan, minh.pk)
    actions.block_person(third, lan.pk)
    before = heads(minh, third)
    actions.delete_account(None, lan)
    assert of(minh) == of(third) == NOBODY
    assert not Friendship.objects.exists() and not Block.objects.exists()
    assert min(grown(before, minh, third)) >= 1
