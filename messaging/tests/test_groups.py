"""Groups and direct conversations: names, members, roles; and Everyone."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Block
from messaging import access, actions
from messaging.models import Conversation, Membership, Message
from messaging.summary import get_object
from tests.cast import GROUP, Cast, Person, person, refusal_of

pytestmark = pytest.mark.django_db


def roles(conversation: int) -> dict[int, str]:
    return dict(Membership.objects.filter(conversation=conversation).values_list("user_id", "role"))


def last_fact(conversation: int) -> dict:
    return json.loads(
        Message.objects.filter(conversation=conversation, kind="system")
        .order_by("-seq")
        .values_list("body", flat=True)[0]
    )


def named(who: Person) -> dict:
    return {"id": who.id, "name": who.user.name}


def test_a_group_is_made_with_its_maker_as_master(cast: Cast):
    made = actions.create_group(cast.stranger.user, "  Lớp  10A1 📚 ", [cast.member.id, cast.manager.id])
    assert (made["kind"], made["name"], made["role"], made["members"], made["can_post"]) == (
        "group",
        "Lớp 10A1 📚",
        "master",
        3,
        True,
    )
    assert roles(made["id"]) == {cast.stranger.id: "master", cast.member.id: "member", cast.manager.id: "member"}
    facts = [
        json.loads(body)
        for body in Message.objects.filter(conversation=made["id"]).order_by("seq").values_list("body", flat=True)
    ]
    assert facts == [{"code": "created", "name": "Lớp 10A1 📚"}, {"code": "joined", "users": facts[1]["users"]}]
    assert sorted(user["id"] for user in facts[1]["users"]) == sorted([cast.member.id, cast.manager.id])


def test_a_group_of_one_is_a_group(cast: Cast):
    made = actions.create_group(cast.stranger.user, "我自己", [])
    assert (made["members"], made["last_seq"]) == (1, 1)


@pytest.mark.parametrize(
    "name", [GROUP, GROUP.upper(), f" {GROUP} ", "研究组  NHÓM NGHIÊN CỨU 🌱", "研究组\u3000nhóm nghiên cứu 🌱"]
)
def test_a_name_is_taken_however_it_is_written(cast: Cast, name: str):
    assert refusal_of(actions.create_group, cast.stranger.user, name, []) == "name_taken"
    other = actions.create_group(cast.stranger.user, "khác", [])["id"]
    assert refusal_of(actions.rename_group, cast.stranger.user, other, name) == "name_taken"
    assert get_object(cast.stranger.user, other)["name"] == "khác"
    assert get_object(cast.stranger.user, other)["last_seq"] == 1


@pytest.mark.parametrize(
    "name", ["", "  ", "\u3000", "\u200b", "#x", "a~b", "x" * 65, "Everyone", "所有人", "a\x00", "\ud800", "\u0301"]
)
def test_a_name_that_is_no_name_is_refused(cast: Cast, name: str):
    before = Conversation.objects.count()
    assert refusal_of(actions.create_group, cast.stranger.user, name, []) == "bad_name"
    assert refusal_of(actions.rename_group, cast.master.user, cast.group, name) == "bad_name"
    assert Conversation.objects.count() == before


@pytest.mark.parametrize("name", ["x" * 64, "好" * 64, "🌱", "Nhóm #1", "ệ"])
def test_a_name_of_any_script_is_a_name(cast: Cast, name: str):
    assert actions.create_group(cast.stranger.user, name, [])["name"] == name


def test_people_who_cannot_be_seen_cannot_be_put_into_a_group(cast: Cast):
    before = Conversation.objects.count()
    for unseen in (cast.blocked.id, 10**9):
        assert refusal_of(actions.create_group, cast.stranger.user, "nhóm", [cast.member.id, unseen]) == "not_found"
        assert refusal_of(actions.add_members, cast.manager.user, cast.group, [unseen]) == "not_found"
    Block.objects.create(blocker=cast.administrator.user, blocked=cast.stranger.user)
    assert refusal_of(actions.create_group, cast.stranger.user, "nhóm", [cast.administrator.id]) == "not_found"
    assert Conversation.objects.count() == before


@pytest.mark.parametrize("who", ["manager", "master"])
def test_masters_and_managers_add_people_and_others_do_not(cast: Cast, who: str):
    actor = getattr(cast, who)
    actions.add_members(actor.user, cast.group, [cast.stranger.id, cast.member.id])
    assert roles(cast.group)[cast.stranger.id] == "member"
    assert last_fact(cast.group) == {"code": "joined", "users": [named(cast.stranger)]}
    assert Message.objects.filter(conversation=cast.group).latest("seq").sender_id == actor.id
    assert refusal_of(actions.add_members, cast.member.user, cast.group, [cast.former.id]) == "not_allowed"
    assert refusal_of(actions.add_members, cast.former.user, cast.group, [cast.former.id]) == "not_found"
    assert refusal_of(actions.add_members, cast.administrator.user, cast.group, [cast.administrator.id]) == "not_found"


def test_adding_who_is_there_already_changes_nothing(cast: Cast):
    before = Conversation.objects.get(pk=cast.group).last_change
    actions.add_members(cast.manager.user, cast.group, [cast.member.id, cast.master.id])
    assert (roles(cast.group)[cast.manager.id], Conversation.objects.get(pk=cast.group).last_change) == (
        "manager",
        before,
    )


def test_a_newcomer_sees_the_whole_history_and_has_nothing_unread(cast: Cast):
    cast.say(cast.member, "trước khi vào 之前")
    actions.add_members(cast.manager.user, cast.group, [cast.stranger.id])
    assert "之前" in repr(access.get_page(cast.stranger.user, cast.group))
    assert get_object(cast.stranger.user, cast.group)["unread"] == 0
    cast.say(cast.member, "sau khi vào")
    assert get_object(cast.stranger.user, cast.group)["unread"] == 1


def test_who_left_sees_nothing_any_more(cast: Cast):
    assert access.get_page(cast.member.user, cast.group)["messages"]
    actions.leave_group(cast.member.user, cast.group)
    assert last_fact(cast.group) == {"code": "left", "users": [named(cast.member)]}
    assert cast.member.id not in roles(cast.group)
    for run in (access.get_page, access.get_members, actions.leave_group, actions.save_draft):
        extra = ("x",) if run is actions.save_draft else ()
        assert refusal_of(run, cast.member.user, cast.group, *extra) == "not_found"


def test_the_master_hands_over_before_he_leaves(cast: Cast):
    assert refusal_of(actions.leave_group, cast.master.user, cast.group) == "transfer_first"
    actions.set_role(cast.master.user, cast.group, cast.member.id, "master")
    assert roles(cast.group) == {cast.master.id: "manager", cast.manager.id: "manager", cast.member.id: "master"}
    actions.leave_group(cast.master.user, cast.group)
    assert roles(cast.group) == {cast.manager.id: "manager", cast.member.id: "master"}


def test_the_last_one_may_leave_and_the_name_is_free_again(cast: Cast):
    alone = actions.create_group(cast.stranger.user, "Một mình", [])["id"]
    actions.leave_group(cast.stranger.user, alone)
    assert roles(alone) == {}
    assert actions.create_group(cast.stranger.user, "một mình", [])["id"] != alone


REMOVALS = [
    ("master", "manager", "ok"), ("master", "member", "ok"), ("manager", "member", "ok"),
    ("manager", "master", "not_allowed"), ("manager", "manager", "not_allowed"), ("member", "member", "not_allowed"), ("member", "manager", "not_allowed"),
    ("member", "master", "not_allowed"), ("master", "master", "not_allowed"), ("stranger", "member", "not_found"), ("former", "member", "not_found"),
    ("moderator", "member", "not_found"), ("administrator", "member", "not_found"), ("master", "stranger", "not_found"), ("manager", "former", "not_found"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "whom", "code"), REMOVALS)
def test_lower_roles_are_removed_and_higher_ones_not(cast: Cast, who: str, whom: str, code: str):
    actor, target = getattr(cast, who), getattr(cast, whom)
    before = roles(cast.group)
    if code == "ok":
        actions.remove_member(actor.user, cast.group, target.id)
        assert roles(cast.group) == {user: role for user, role in before.items() if user != target.id}
        assert last_fact(cast.group) == {"code": "removed", "users": [named(target)]}
    else:
        assert refusal_of(actions.remove_member, actor.user, cast.group, target.id) == code
        assert roles(cast.group) == before


def test_masters_and_managers_rename_and_members_do_not(cast: Cast):
    actions.rename_group(cast.manager.user, cast.group, "Tên mới 新名字 ✨")
    assert last_fact(cast.group) == {"code": "renamed", "name": "Tên mới 新名字 ✨"}
    actions.rename_group(cast.master.user, cast.group, GROUP)
    assert get_object(cast.member.user, cast.group)["name"] == GROUP
    before = Conversation.objects.get(pk=cast.group).last_change
    actions.rename_group(cast.master.user, cast.group, GROUP)
    assert Conversation.objects.get(pk=cast.group).last_change == before
    for who, code in [("member", "not_allowed"), ("stranger", "not_found"), ("administrator", "not_found")]:
        assert refusal_of(actions.rename_group, getattr(cast, who).user, cast.group, "khác") == code
    assert refusal_of(actions.rename_group, cast.master.user, cast.direct, "khác") == "not_allowed"
    assert refusal_of(actions.rename_group, cast.administrator.user, cast.everyone, "khác") == "not_allowed"


def test_the_old_name_is_free_after_a_renaming(cast: Cast):
    actions.rename_group(cast.master.user, cast.group, "khác")
    assert actions.create_group(cast.stranger.user, GROUP, [])["name"] == GROUP


ROLES = [
    ("master", "member", "manager", "ok"), ("master", "manager", "member", "ok"), ("master", "member", "master", "ok"), ("master", "manager", "master", "ok"),
    ("master", "master", "manager", "bad_request"), ("master", "master", "master", "bad_request"), ("master", "member", "member", "bad_request"),
    ("master", "stranger", "manager", "not_found"), ("manager", "member", "manager", "not_allowed"), ("manager", "manager", "master", "not_allowed"),
    ("member", "member", "manager", "not_allowed"), ("stranger", "member", "manager", "not_found"), ("administrator", "member", "manager", "not_found"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "whom", "role", "code"), ROLES)
def test_only_the_master_gives_roles_and_there_is_exactly_one(cast: Cast, who: str, whom: str, role: str, code: str):
    actor, target, before = getattr(cast, who), getattr(cast, whom), roles(cast.group)
    if code == "ok":
        actions.set_role(actor.user, cast.group, target.id, role)
        assert roles(cast.group)[target.id] == role
        assert last_fact(cast.group) == {"code": "role", "user": named(target), "role": role}
    else:
        assert refusal_of(actions.set_role, actor.user, cast.group, target.id, role) == code
        assert roles(cast.group) == before
    assert list(roles(cast.group).values()).count("master") == 1


def test_a_direct_conversation_is_one_whoever_opens_it(cast: Cast):
    one = actions.open_direct(cast.stranger.user, cast.member.id)
    other = actions.open_direct(cast.member.user, cast.stranger.id)
    assert (one["id"], one["peer"], other["peer"]) == (other["id"], cast.member.id, cast.stranger.id)
    assert (one["kind"], one["name"], one["role"], one["members"]) == ("direct", "", "member", 2)
    own = actions.open_direct(cast.member.user, cast.member.id)
    assert (own["peer"], own["members"]) == (cast.member.id, 1)
    assert actions.open_direct(cast.member.user, cast.member.id)["id"] == own["id"]


def test_a_direct_conversation_with_somebody_unseen_is_not_opened(cast: Cast):
    before = Conversation.objects.count()
    for unseen in (cast.blocked.id, 10**9):
        assert refusal_of(actions.open_direct, cast.member.user, unseen) == "not_found"
    Block.objects.create(blocker=cast.stranger.user, blocked=cast.member.user)
    assert refusal_of(actions.open_direct, cast.member.user, cast.stranger.id) == "not_found"
    assert refusal_of(actions.open_direct, cast.stranger.user, cast.member.id) == "not_found"
    assert Conversation.objects.count() == before


def test_nobody_is_added_to_or_leaves_what_is_no_group(cast: Cast):
    for where, who in ((cast.direct, cast.master), (cast.everyone, cast.administrator), (cast.everyone, cast.member)):
        before = roles(where)
        assert refusal_of(actions.add_members, who.user, where, [cast.stranger.id]) == "not_allowed"
        assert refusal_of(actions.leave_group, who.user, where) == "not_allowed"
        assert refusal_of(actions.remove_member, who.user, where, cast.member.id) == "not_allowed"
        assert refusal_of(actions.set_role, who.user, where, cast.member.id, "manager") == "not_allowed"
        assert roles(where) == before


def test_every_new_account_is_in_everyone_without_noise(cast: Cast):
    before = Conversation.objects.get(pk=cast.everyone)
    new = person("tân-binh-新兵", display_name="Tân binh")
    assert roles(cast.everyone)[new.id] == "member"
    assert roles(cast.everyone)[cast.administrator.id] == "manager"
    assert Conversation.objects.get(pk=cast.everyone).last_seq == before.last_seq
    cast.say(cast.member, "chào mừng 欢迎", where=cast.everyone)
    assert get_object(new.user, cast.everyone)["unread"] == 1
    assert Conversation.objects.filter(kind="everyone").count() == 1
    first = Message.objects.get(conversation=cast.everyone, seq=1)
    assert (json.loads(first.body), first.sender_id) == ({"code": "welcome"}, None)


def test_the_group_of_a_deleted_master_goes_to_the_oldest_manager_else_member(cast: Cast):
    accounts.delete_account(None, cast.master.user)
    assert roles(cast.group) == {cast.manager.id: "master", cast.member.id: "member"}
    assert last_fact(cast.group) == {"code": "role", "user": named(cast.manager), "role": "master"}
    Membership.objects.create(conversation_id=cast.group, user=cast.stranger.user)
    Membership.objects.filter(user=cast.stranger.user, conversation=cast.group).update(
        joined_at=timezone.now() - timedelta(days=9)
    )
    accounts.delete_account(None, cast.manager.user)
    assert roles(cast.group) == {cast.stranger.id: "master", cast.member.id: "member"}
    assert cast.manager.id not in roles(cast.everyone)
