"""Steps about people: roles, accounts, options, friends and blocks."""

from __future__ import annotations

from accounts import actions as accounts
from accounts.people_file import Line
from messaging import actions
from messaging.models import Conversation, Membership
from tests.cast import GROUP, PICTURE, Cast, person
from tests.steps import last, step


@step
def site_roles(cast: Cast) -> None:
    accounts.set_role(cast.administrator.user, cast.member.user, "moderator")
    accounts.set_role(cast.administrator.user, cast.moderator.user, "member")
    accounts.set_role(cast.administrator.user, cast.member.user, "member")


@step
def register_and_be_let_in(cast: Cast) -> None:
    names = [f"{name}-{Membership.objects.count()}" for name in ("waits", "blocked", "leaves", "welcome")]
    made = [accounts.make_account(None, name, "xanh-Lá-4711", approved=False) for name in names]
    accounts.block_user(cast.administrator.user, made[1])
    accounts.block_user(cast.administrator.user, made[0])
    accounts.unblock_user(cast.administrator.user, made[0])
    accounts.delete_account(None, made[2])
    accounts.approve_user(cast.administrator.user, made[3])


@step
def import_people(cast: Cast) -> None:
    number = last(cast.everyone), last(cast.group), Membership.objects.count()
    names = [f"imported-{'-'.join(map(str, number))}-{n}" for n in range(3)]
    lines = [Line(n, name, f"Học sinh {n} 学生", [GROUP, names[0]]) for n, name in enumerate([*names, "stranger"], 2)]
    options = {"create_groups": True, "keep_existing": True}
    there = Conversation.objects.filter(pk=cast.group, name=GROUP).exists()
    for line in lines:
        line.groups = line.groups if there else line.groups[1:]
    accounts.store_people(cast.administrator.user, lines, dict.fromkeys(names, "!"), **options)


@step
def messages_go_with_the_account(cast: Cast) -> None:
    number = last(cast.everyone), last(cast.group), Membership.objects.count()
    leaver = person(f"leaver-{'-'.join(map(str, number))}")
    actions.add_members(cast.manager.user, cast.group, [leaver.id])
    for where in (cast.group, cast.everyone):
        cast.say(leaver, "tạm biệt 再见", where=where)
    accounts.set_policies(None, {"accounts.deleted_messages": "recall"})
    accounts.delete_account(leaver.user, leaver.user)
    accounts.set_policies(None, {"accounts.deleted_messages": "keep"})
    accounts.erase_messages(leaver.id)


@step
def options_and_profile(cast: Cast) -> None:
    accounts.set_options(cast.member.user, {"theme": "dark", "look_back": 20})
    accounts.set_profile(cast.member.user, {"status": "忙", "language": "vi"})


@step
def a_new_name_and_a_picture(cast: Cast) -> None:
    accounts.set_profile(cast.master.user, {"status": "Đang họp 开会"})
    accounts.set_avatar(cast.master.user, PICTURE)
    accounts.remove_avatar(cast.member.user)


@step
def befriend(cast: Cast) -> None:
    accounts.request_friend(cast.stranger.user, cast.member.id, "Chào bạn 你好")
    accounts.request_friend(cast.former.user, cast.member.id)
    accounts.request_friend(cast.member.user, cast.manager.id)
    accounts.accept_friend(cast.member.user, cast.stranger.id)
    accounts.refuse_friend(cast.member.user, cast.former.id)
    accounts.request_friend(cast.manager.user, cast.member.id)  # they meet


@step
def ask_and_withdraw(cast: Cast) -> None:
    accounts.request_friend(cast.administrator.user, cast.master.id, "xin chào")
    accounts.request_friend(cast.administrator.user, cast.member.id)
    accounts.withdraw_request(cast.administrator.user, cast.master.id)


@step
def take_messages_of_friends_only(cast: Cast) -> None:
    accounts.set_options(cast.master.user, {"who_may_write": "friends"})


@step
def end_a_friendship(cast: Cast) -> None:
    accounts.request_friend(cast.master.user, cast.member.id)
    accounts.request_friend(cast.member.user, cast.master.id)
    accounts.remove_friend(cast.member.user, cast.master.id)
    accounts.set_options(cast.master.user, {"who_may_write": "anyone"})


@step
def block(cast: Cast) -> None:
    accounts.block_person(cast.manager.user, cast.stranger.id)
    accounts.block_person(cast.member.user, cast.master.id)


@step
def unblock(cast: Cast) -> None:
    if not cast.member.user.blocks.filter(blocked=cast.master.id).exists():
        accounts.block_person(cast.member.user, cast.master.id)
    accounts.unblock_person(cast.member.user, cast.master.id)


@step
def a_master_deletes_his_account(cast: Cast) -> None:
    group = actions.create_group(
        cast.newcomer.user, f"Của người sắp đi {Conversation.objects.count()}", [cast.member.id]
    )["id"]
    cast.say(cast.member, "tạm biệt", where=group)
    accounts.delete_account(None, cast.newcomer.user)
    assert Membership.objects.get(conversation=group).role == "master"
