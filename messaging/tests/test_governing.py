"""Settings, notices, mutes, the end of a group, and the site's policies on groups."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import actions as accounts
from audit.models import Event
from core import policies
from messaging import access, actions
from messaging.invites import find_invite
from messaging.joining import joining_of
from messaging.models import Conversation, Invitation, InviteLink, JoinRequest, Membership, Message, Mute
from messaging.policies import Groups
from messaging.summary import get_object
from tests.cast import Cast, Person, refusal_of
from tests.steps_groups import invitation_of, meeting, request_of

pytestmark = pytest.mark.django_db


def last_fact(conversation: int) -> dict:
    body = Message.objects.filter(conversation=conversation, kind="system").latest("seq").body
    return json.loads(body)


def code(cast: Cast, who: Person, where: int | None = None) -> str:
    """`ok`, or why this person cannot write now."""
    sent: Any = cast.send(who, "thử 试", where)
    return "ok" if isinstance(sent, dict) else sent.code


def test_the_master_changes_settings(cast: Cast) -> None:
    actions.change_settings(cast.master.user, cast.group, join_policy="request", discoverable=True, slow_mode=60)
    assert last_fact(cast.group) == {
        "code": "settings",
        "join_policy": "request",
        "discoverable": True,
        "slow_mode": 60,
    }
    mine = get_object(cast.member.user, cast.group)
    assert (mine["join_policy"], mine["discoverable"], mine["slow_mode"]) == ("request", True, 60)
    assert Event.objects.latest("id").action == "group.changed"
    before = Conversation.objects.get(pk=cast.group).last_seq
    actions.change_settings(cast.master.user, cast.group, join_policy="request")  # as it is
    assert Conversation.objects.get(pk=cast.group).last_seq == before


@pytest.mark.parametrize(
    "wanted", [{"posting": "managers"}, {"slow_mode": 5}, {"discoverable": True}, {"members_invite": False}]
)
def test_others_do_not(cast: Cast, wanted: dict) -> None:
    for who, why in ((cast.manager, "not_allowed"), (cast.member, "not_allowed"), (cast.stranger, "not_found")):
        assert refusal_of(actions.change_settings, who.user, cast.group, **wanted) == why
    assert refusal_of(actions.change_settings, cast.master.user, cast.direct, **wanted) == "not_allowed"
    assert refusal_of(actions.change_settings, cast.master.user, cast.everyone, **wanted) == "not_allowed"
    if "posting" not in wanted:
        assert refusal_of(actions.change_settings, cast.administrator.user, cast.everyone, **wanted) == "not_allowed"


def test_slow_mode_is_of_a_sensible_length(cast: Cast) -> None:
    for seconds in (1, 4, 21_601):
        assert refusal_of(actions.change_settings, cast.master.user, cast.group, slow_mode=seconds) == "bad_request"
    assert refusal_of(actions.change_settings, cast.master.user, cast.group) == "bad_request"
    actions.change_settings(cast.master.user, cast.group, slow_mode=21_600)
    cast.say(cast.member)
    assert (code(cast, cast.member), code(cast, cast.manager), code(cast, cast.manager)) == ("slow_mode", "ok", "ok")
    actions.change_settings(cast.master.user, cast.group, slow_mode=0)
    assert code(cast, cast.member) == "ok"


def test_who_may_post(cast: Cast) -> None:
    actions.change_settings(cast.master.user, cast.group, posting="managers")
    assert (code(cast, cast.member), code(cast, cast.manager), code(cast, cast.master)) == ("closed", "ok", "ok")
    assert not get_object(cast.member.user, cast.group)["can_post"]
    actions.set_role(cast.master.user, cast.group, cast.member.id, "manager")
    assert code(cast, cast.member) == "ok" and get_object(cast.member.user, cast.group)["can_post"]


def test_everyones_posting_is_the_sites_policy(cast: Cast) -> None:
    actions.change_settings(cast.moderator.user, cast.everyone, posting="managers")
    assert policies.get(Groups).everyone_posting == "managers"
    assert (code(cast, cast.member, cast.everyone), code(cast, cast.moderator, cast.everyone)) == ("closed", "ok")
    accounts.set_policies(cast.administrator.user, {"groups.everyone_posting": "all"})
    assert last_fact(cast.everyone) == {"code": "settings", "posting": "all"}
    assert Conversation.objects.get(pk=cast.everyone).who_may_post == "all"
    assert code(cast, cast.member, cast.everyone) == "ok"
    assert refusal_of(accounts.set_policies, None, {"groups.everyone_posting": "nobody"}) == "bad_request"
    assert Conversation.objects.get(pk=cast.everyone).who_may_post == policies.get(Groups).everyone_posting == "all"


def test_a_notice(cast: Cast) -> None:
    for who in (cast.master, cast.manager):
        actions.set_notice(who.user, cast.group, f" Nộp bài {who.id} \n\n周五 ")
        mine = get_object(cast.member.user, cast.group)
        last = Message.objects.filter(conversation=cast.group).latest("seq")
        assert (mine["notice"], mine["notice_seq"]) == (f"Nộp bài {who.id} \n\n周五", last.seq)
    assert refusal_of(actions.set_notice, cast.member.user, cast.group, "tôi") == "not_allowed"
    assert refusal_of(actions.set_notice, cast.stranger.user, cast.group, "tôi") == "not_found"
    assert refusal_of(actions.set_notice, cast.member.user, cast.direct, "tôi") == "not_allowed"
    assert refusal_of(actions.set_notice, cast.member.user, cast.everyone, "tôi") == "not_allowed"
    assert refusal_of(actions.set_notice, cast.master.user, cast.group, "x" * 2001) == "too_long"
    actions.set_notice(cast.moderator.user, cast.everyone, "Chào")
    actions.set_notice(cast.master.user, cast.group, "  \n ")
    mine = get_object(cast.member.user, cast.group)
    assert (mine["notice"], mine["notice_seq"], last_fact(cast.group)) == ("", 0, {"code": "notice", "notice": ""})


def test_a_long_notice_is_short_in_the_list(cast: Cast) -> None:
    actions.set_notice(cast.master.user, cast.group, "Thông báo " * 200)
    assert len(get_object(cast.member.user, cast.group)["preview"]["text"]) < 200


def test_a_mute_takes_the_word_and_ends_by_itself(cast: Cast) -> None:
    actions.mute_member(cast.manager.user, cast.group, cast.member.id, 5)
    fact = last_fact(cast.group)
    assert (fact["code"], fact["user"]["id"]) == ("muted", cast.member.id)
    assert get_object(cast.member.user, cast.group)["muted_until"] == fact["until"]
    assert get_object(cast.member.user, cast.group)["can_post"]
    assert code(cast, cast.member) == "muted" and code(cast, cast.member, cast.direct) == "ok"
    assert refusal_of(actions.react, cast.member.user, cast.group, cast.say(cast.master), "👍", True) == "muted"
    Mute.objects.update(until=timezone.now() - timedelta(milliseconds=1))
    assert code(cast, cast.member) == "ok"
    assert get_object(cast.member.user, cast.group)["muted_until"] is None
    before = Conversation.objects.get(pk=cast.group).last_seq
    actions.mute_member(cast.manager.user, cast.group, cast.member.id, 0)  # it is over
    assert Conversation.objects.get(pk=cast.group).last_seq == before


def test_a_mute_is_ended_by_hand(cast: Cast) -> None:
    actions.mute_member(cast.manager.user, cast.group, cast.member.id, 43_200)
    actions.mute_member(cast.master.user, cast.group, cast.member.id, 5)
    assert Mute.objects.get().until < timezone.now() + timedelta(minutes=6)
    actions.mute_member(cast.manager.user, cast.group, cast.member.id, 0)
    assert last_fact(cast.group)["code"] == "unmuted" and code(cast, cast.member) == "ok"
    events = Event.objects.order_by("-id").values_list("action", flat=True)[:3]
    assert list(events) == ["member.unmuted", "member.muted", "member.muted"]


def test_who_mutes_whom(cast: Cast) -> None:
    for who, target, why in (
        (cast.member, cast.manager, "not_allowed"),
        (cast.manager, cast.master, "not_allowed"),
        (cast.manager, cast.manager, "not_allowed"),
        (cast.master, cast.master, "not_allowed"),
        (cast.master, cast.stranger, "not_found"),
        (cast.stranger, cast.member, "not_found"),
    ):
        assert refusal_of(actions.mute_member, who.user, cast.group, target.id, 5) == why
    assert refusal_of(actions.mute_member, cast.member.user, cast.direct, cast.master.id, 5) == "not_allowed"
    assert refusal_of(actions.mute_member, cast.member.user, cast.everyone, cast.stranger.id, 5) == "not_allowed"
    assert (
        refusal_of(actions.mute_member, cast.moderator.user, cast.everyone, cast.administrator.id, 5) == "not_allowed"
    )
    for minutes in (1, 4, 43_201):
        assert refusal_of(actions.mute_member, cast.master.user, cast.group, cast.member.id, minutes) == "bad_request"
    assert not Mute.objects.exists()
    actions.mute_member(cast.master.user, cast.group, cast.manager.id, 5)
    actions.mute_member(cast.moderator.user, cast.everyone, cast.member.id, 5)
    assert (code(cast, cast.manager), code(cast, cast.member, cast.everyone)) == ("muted", "muted")


@pytest.mark.parametrize("way", ["open", "add", "link", "invitation"])
def test_a_mute_survives_leaving_and_joining_again(cast: Cast, way: str) -> None:
    group = meeting(cast, join_policy="open")
    actions.mute_member(cast.manager.user, group, cast.member.id, 60)
    until = get_object(cast.member.user, group)["muted_until"]
    actions.leave_group(cast.member.user, group)
    if way == "open":
        actions.join_group(cast.member.user, group)
    elif way == "add":
        actions.add_members(cast.master.user, group, [cast.member.id, cast.stranger.id])
    elif way == "link":
        actions.join_by_link(cast.member.user, actions.make_link(cast.master.user, group)[1])
    else:
        actions.invite_people(cast.master.user, group, [cast.member.id])
        actions.answer_invitation(cast.member.user, invitation_of(cast.member, group), True)
    assert get_object(cast.member.user, group)["muted_until"] == until and code(cast, cast.member, group) == "muted"


def test_those_who_may_mute_see_who_is_muted(cast: Cast) -> None:
    actions.mute_member(cast.master.user, cast.group, cast.member.id, 60)
    for who in (cast.master, cast.manager):
        muted = [m["id"] for m in access.get_members(who.user, cast.group) if m.get("muted_until")]
        assert muted == [cast.member.id]
    assert not any("muted_until" in member for member in access.get_members(cast.member.user, cast.group))


def test_a_group_is_dissolved(cast: Cast) -> None:
    group = meeting(cast, join_policy="request")
    name = Conversation.objects.get(pk=group).name
    actions.join_group(cast.stranger.user, group)
    actions.invite_people(cast.member.user, group, [cast.former.id])
    request, invitation = request_of(cast.stranger, group), invitation_of(cast.former, group)
    _, token = actions.make_link(cast.manager.user, group)
    _, of_the_site = actions.make_site_link(cast.administrator.user, group)
    for who, why in ((cast.manager, "not_allowed"), (cast.member, "not_allowed"), (cast.administrator, "not_found")):
        assert refusal_of(actions.dissolve_group, who.user, group) == why
    assert refusal_of(actions.dissolve_group, cast.master.user, cast.direct) == "not_allowed"
    assert refusal_of(actions.dissolve_group, cast.administrator.user, cast.everyone) == "not_allowed"
    assert Membership.objects.filter(conversation=group).count() == 3
    actions.dissolve_group(cast.master.user, group)
    assert last_fact(group) == {"code": "dissolved"} and not Membership.objects.filter(conversation=group).exists()
    assert Event.objects.latest("id").action == "group.dissolved"
    for who in (cast.master, cast.manager, cast.member):
        assert refusal_of(access.get_page, who.user, group) == "not_found"
        assert joining_of([who.id])[who.id]["requests"] == []
    assert {JoinRequest.objects.get(pk=request).status, Invitation.objects.get(pk=invitation).status} == {"closed"}
    assert refusal_of(actions.answer_invitation, cast.former.user, invitation, True) == "answered"
    assert refusal_of(actions.answer_request, cast.master.user, request, True) == "not_found"
    assert refusal_of(actions.join_group, cast.stranger.user, group) == "not_found"
    assert find_invite(token) is None and find_invite(of_the_site) is None
    assert not InviteLink.objects.filter(conversation=group, revoked_at=None).exists()
    assert actions.create_group(cast.stranger.user, name, [])["id"] != group  # the name is free
    assert Message.objects.filter(conversation=group).exists()  # the rows stay


def test_the_last_one_who_leaves_ends_it_too(cast: Cast) -> None:
    group = actions.create_group(cast.stranger.user, "Một mình 一个人", [])["id"]
    actions.invite_people(cast.stranger.user, group, [cast.member.id])
    actions.leave_group(cast.stranger.user, group)
    assert Invitation.objects.get().status == "closed" and Conversation.objects.get(pk=group).name_key is None
    assert joining_of([cast.member.id])[cast.member.id]["invitations"] == []


def test_who_may_create_groups_is_a_policy(cast: Cast) -> None:
    accounts.set_policies(None, {"groups.creators": "staff"})
    assert refusal_of(actions.create_group, cast.member.user, "Không được", []) == "not_allowed"
    for who in (cast.moderator, cast.administrator):
        actions.create_group(who.user, f"Của {who.id}", [])


def test_people_may_have_to_be_asked_first(cast: Cast) -> None:
    accounts.set_policies(None, {"groups.add_directly": False})
    group = actions.create_group(cast.master.user, "Mời trước 先邀请", [cast.member.id])["id"]
    assert list(Membership.objects.filter(conversation=group).values_list("user_id", flat=True)) == [cast.master.id]
    taken = actions.add_members(cast.master.user, group, [cast.member.id, cast.stranger.id])
    assert taken == {"joined": [], "invited": sorted([cast.member.id, cast.stranger.id])}
    actions.answer_invitation(cast.member.user, invitation_of(cast.member, group), True)
    assert Membership.objects.filter(conversation=group).count() == 2
    accounts.set_policies(None, {"groups.add_directly": True})
    taken = actions.add_members(cast.master.user, group, [cast.stranger.id])
    assert taken == {"joined": [cast.stranger.id], "invited": []}
    assert not Invitation.objects.filter(status="pending").exists()
