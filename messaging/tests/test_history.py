"""Pages of history: older, newer, around a message, and what lies beyond them."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging import access, actions
from messaging.models import Conversation, Message
from tests.cast import Cast, person, refusal_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(cast: Cast) -> int:
    """A conversation with 30 messages and nothing else."""
    direct = actions.open_direct(cast.stranger.user, cast.member.id)["id"]
    for n in range(1, 31):
        assert cast.say(cast.member if n % 2 else cast.stranger, f"tin số {n} 第{n}条", where=direct) == n
    return direct


def seqs(page: dict) -> list[int]:
    return [message["seq"] for message in page["messages"]]


def span(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


@pytest.mark.parametrize(
    ("asked", "expected", "more_before", "more_after"),
    [
        ({}, span(1, 30), False, False),
        ({"limit": 10}, span(21, 30), True, False),
        ({"limit": 30}, span(1, 30), False, False),
        ({"before": 21, "limit": 10}, span(11, 20), True, True),
        ({"before": 11, "limit": 10}, span(1, 10), False, True),
        ({"before": 5, "limit": 10}, span(1, 4), False, True),
        ({"after": 10, "limit": 5}, span(11, 15), True, True),
        ({"after": 25, "limit": 10}, span(26, 30), True, False),
        ({"after": 0, "limit": 3}, span(1, 3), False, True),
        ({"around": 15, "limit": 10}, span(10, 19), True, True),
        ({"around": 1, "limit": 10}, span(1, 5), False, True),
        ({"around": 30, "limit": 10}, span(25, 30), True, False),
        ({"around": 15, "limit": 1}, [15], True, True),
        ({"limit": 0}, [30], True, False),
        ({"limit": 10_000}, span(1, 30), False, False),
    ],
)
def test_a_page_is_what_was_asked_for(
    cast: Cast, place: int, asked: dict, expected: list, more_before: bool, more_after: bool
):
    page = access.get_page(cast.member.user, place, **asked)
    assert seqs(page) == expected
    assert (page["more_before"], page["more_after"]) == (more_before, more_after)
    assert page["head"] == 30


def test_a_page_at_a_moment_begins_around_the_first_message_sent_then(cast: Cast, place: int):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for seq in span(1, 30):
        Message.objects.filter(conversation=place, seq=seq).update(sent_at=start + timedelta(hours=seq))
    for moment, first in ((start, 1), (start + timedelta(hours=9, minutes=30), 10), (start + timedelta(hours=10), 10)):
        assert seqs(access.get_page(cast.member.user, place, at=moment, limit=10)) == span(max(1, first - 5), first + 4)
    assert seqs(access.get_page(cast.member.user, place, at=start.replace(tzinfo=None), limit=2)) == [1]
    assert seqs(access.get_page(cast.member.user, place, at=start + timedelta(days=9), limit=10)) == span(25, 30)


def test_pages_join_without_a_hole(cast: Cast, place: int):
    found: list[int] = []
    before = None
    while True:
        page = access.get_page(cast.stranger.user, place, before=before, limit=7)
        found = seqs(page) + found
        if not page["more_before"]:
            break
        before = found[0]
    assert found == span(1, 30)


def test_an_empty_conversation_has_an_empty_page(cast: Cast):
    empty = actions.open_direct(cast.stranger.user, cast.manager.id)["id"]
    page = access.get_page(cast.manager.user, empty)
    assert (page["messages"], page["quoted"], page["head"], page["more_before"], page["more_after"]) == (
        [],
        [],
        0,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("asked", "more_before", "more_after"),
    [({"after": 30}, True, False), ({"before": 1}, False, True), ({"after": 99}, True, False)],
)
def test_beyond_the_ends_there_is_nothing_and_the_page_says_where_the_rest_is(
    cast: Cast, place: int, asked: dict, more_before: bool, more_after: bool
):
    page = access.get_page(cast.member.user, place, **asked)
    assert page["messages"] == []
    assert (page["more_before"], page["more_after"]) == (more_before, more_after)


@pytest.mark.parametrize("asked", [{}, {"before": 9}, {"after": 3}, {"around": 5}])
def test_members_read_and_others_find_nothing(cast: Cast, place: int, asked: dict):
    assert access.get_page(cast.member.user, place, **asked)["messages"]
    for who in (cast.master, cast.administrator, cast.moderator):
        assert refusal_of(access.get_page, who.user, place, **asked) == "not_found"
    assert refusal_of(access.get_page, cast.member.user, 10**9, **asked) == "not_found"
    assert refusal_of(access.get_page, cast.former.user, cast.group, **asked) == "not_found"


def test_a_page_brings_what_it_quotes(cast: Cast, place: int):
    cast.say(cast.member, "xem lại", where=place, reply_to=3)
    cast.say(cast.member, "xem cái này", where=place, reply_to=31)
    page = access.get_page(cast.stranger.user, place, limit=2)
    assert [(quote["seq"], quote["body"]) for quote in page["quoted"]] == [(3, "tin số 3 第3条")]
    assert page["messages"][1]["reply_to"] == 31


def test_the_head_is_the_last_change_not_the_last_message(cast: Cast, place: int):
    actions.edit_message(cast.member.user, place, 29, "sửa 改")
    actions.react(cast.stranger.user, place, 1, "👍", True)
    page = access.get_page(cast.member.user, place, around=29, limit=2)
    assert page["head"] == Conversation.objects.get(pk=place).last_change == 32
    assert [message["change"] for message in page["messages"]] == [28, 31]


def test_a_message_is_told_whole(cast: Cast, place: int):
    seq = cast.say(cast.member, "**Chào** 你好 👋", where=place, client_id="client-one")
    actions.react(cast.stranger.user, place, seq, "👍", True)
    message = access.get_page(cast.stranger.user, place, limit=1)["messages"][0]
    assert set(message) == {
        "id", "conversation", "seq", "change", "sender", "sender_name", "client_id", "kind", "body", "html", "reply_to", "sent_at", "edited_at", "recalled_at",
        "recalled_by", "reactions",
    }  # fmt: skip
    assert (message["sender"], message["sender_name"], message["client_id"]) == (
        cast.member.id,
        "Đỗ Văn Em 🐼",
        "client-one",
    )
    assert message["html"] == "<p><strong>Chào</strong> 你好 👋</p>"
    assert message["reactions"] == [{"emoji": "👍", "users": [cast.stranger.id]}]
    assert message["sent_at"].endswith("Z") and len(message["sent_at"]) == len("2026-11-21T09:00:00.123Z")


@pytest.mark.parametrize("limit", [1, 200])
def test_a_page_costs_the_same_queries_whatever_its_length(cast: Cast, django_assert_max_num_queries, limit: int):
    for n in range(60):
        seq = cast.say(cast.member, f"tin {n}", reply_to=1)
        actions.react(cast.master.user, cast.group, seq, "👍", True)
    with django_assert_max_num_queries(6):
        access.get_page(cast.member.user, cast.group, limit=limit)
    with django_assert_max_num_queries(7):
        access.get_page(cast.member.user, cast.group, around=30, limit=limit)


def test_members_are_listed_by_name_with_roles_to_members_only(cast: Cast):
    listed = {member["id"]: member["role"] for member in access.get_members(cast.member.user, cast.group)}
    assert listed == {cast.master.id: "master", cast.manager.id: "manager", cast.member.id: "member"}
    for who in (cast.stranger, cast.former, cast.administrator):
        assert refusal_of(access.get_members, who.user, cast.group) == "not_found"
    person("zoé")
    names = [member["username"] for member in access.get_members(cast.member.user, cast.everyone)]
    assert names == sorted(names)
