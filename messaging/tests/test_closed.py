"""Who may not write to whom: blocks, and people or a site that let only friends write."""

from __future__ import annotations

import pytest

from accounts import actions as accounts
from messaging import actions
from messaging.access import get_page
from messaging.models import Conversation
from messaging.summary import conversation_objects
from realtime import snapshot
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db


def befriend(cast: Cast) -> None:
    accounts.request_friend(cast.member.user, cast.master.id)
    accounts.accept_friend(cast.master.user, cast.member.id)


def seen(cast: Cast, who: str) -> tuple[bool, str]:
    """Whether this one may write in the direct conversation, as his page has it."""
    (found,) = conversation_objects(getattr(cast, who).id, [cast.direct])
    return found["can_post"], found["closed"]


def test_a_block_closes_a_direct_conversation_for_both_and_nothing_else(cast: Cast):
    cast.say(cast.member, where=cast.direct)
    assert seen(cast, "member") == seen(cast, "master") == (True, "")
    accounts.block_person(cast.master.user, cast.member.id)
    for one, other in ((cast.member, cast.master), (cast.master, cast.member)):
        assert refusal_of(cast.send, one, "một", cast.direct) == "blocked"
        assert refusal_of(actions.edit_message, cast.member.user, cast.direct, 1, "sửa") == "blocked"
        assert refusal_of(actions.react, one.user, cast.direct, 1, "👍", True) == "blocked"
        assert refusal_of(actions.open_direct, one.user, other.id) == "not_found"
        assert get_page(one.user, cast.direct)["messages"]  # reading stays
        cast.say(one, "trong nhóm")  # and so do groups
    assert seen(cast, "member") == seen(cast, "master") == (False, "person")
    cast.say(cast.master, "cho mình", where=actions.open_direct(cast.master.user, cast.master.id)["id"])
    accounts.unblock_person(cast.master.user, cast.member.id)
    cast.say(cast.member, "lại được", where=cast.direct)


def test_who_takes_messages_of_friends_only(cast: Cast):
    accounts.set_options(cast.master.user, {"who_may_write": "friends"})
    assert refusal_of(cast.send, cast.member, "chào", cast.direct) == "friends_only"
    assert seen(cast, "member") == (False, "friends")
    cast.say(cast.master, "chào em", where=cast.direct)  # he may write himself
    assert seen(cast, "master") == (True, "")
    assert actions.open_direct(cast.member.user, cast.master.id)["id"] == cast.direct  # what is there may be read
    before = Conversation.objects.count()
    assert refusal_of(actions.open_direct, cast.stranger.user, cast.master.id) == "friends_only"
    assert Conversation.objects.count() == before
    befriend(cast)
    assert seen(cast, "member") == (True, "")
    cast.say(cast.member, "chào anh", where=cast.direct)
    accounts.remove_friend(cast.master.user, cast.member.id)
    assert refusal_of(cast.send, cast.member, "chào", cast.direct) == "friends_only"


def test_the_site_lets_only_friends_write_to_each_other(cast: Cast):
    accounts.set_policies(None, {"people.direct": "friends"})
    assert seen(cast, "member") == seen(cast, "master") == (False, "friends")
    assert refusal_of(cast.send, cast.master, "chào", cast.direct) == "friends_only"
    assert refusal_of(actions.open_direct, cast.stranger.user, cast.master.id) == "friends_only"
    cast.say(cast.stranger, "ghi nhớ", where=actions.open_direct(cast.stranger.user, cast.stranger.id)["id"])
    cast.say(cast.member, "trong nhóm")
    befriend(cast)
    cast.say(cast.master, "chào", where=cast.direct)
    assert snapshot.build(cast.member.user)[0]["site"]["friends_only"] is True


def test_a_message_that_was_sent_before_the_block_is_answered_as_it_was(cast: Cast):
    first = cast.send(cast.member, "chào", cast.direct, client_id="once-only")
    accounts.block_person(cast.master.user, cast.member.id)
    assert cast.send(cast.member, "chào", cast.direct, client_id="once-only") == first


def test_the_snapshot_says_whom_i_know_and_brings_those_who_ask(cast: Cast):
    accounts.request_friend(cast.stranger.user, cast.member.id, "Chào bạn")
    accounts.block_person(cast.member.user, cast.former.id)
    befriend(cast)
    made, _ = snapshot.build(cast.member.user)
    (asked,) = made["relations"].pop("incoming")
    assert (asked["user"], asked["words"]) == (cast.stranger.id, "Chào bạn")
    assert made["relations"] == {"friends": [cast.master.id], "outgoing": [], "blocked": [cast.former.id]}
    assert cast.stranger.id in {person["id"] for person in made["people"]}
    assert "relations" not in snapshot.build(cast.former.user)[0]["me"]
    assert snapshot.build(cast.former.user)[0]["relations"]["blocked"] == []  # he is not told


def test_a_page_of_history_brings_names_and_pictures_of_who_wrote(cast: Cast):
    cast.say(cast.manager)
    people = get_page(cast.member.user, cast.group)["people"]
    assert {"id": cast.manager.id, "username": "经理", "name": "王小明", "avatar": ""} in people
