"""Every action that changes what somebody sees, as steps of a script: each stands alone and can follow any other."""

from __future__ import annotations

from collections.abc import Callable

from accounts import actions as accounts
from accounts.people_file import Line
from messaging import actions
from messaging.models import Conversation, Membership
from tests.cast import GROUP, PICTURE, Cast, person

Step = Callable[[Cast], None]
STEPS: dict[str, Step] = {}


def step(run: Step) -> Step:
    """One more step, by its name."""
    STEPS[run.__name__] = run
    return run


def last(conversation: int) -> int:
    """The number of the last message."""
    return Conversation.objects.get(pk=conversation).last_seq


@step
def send(cast: Cast) -> None:
    cast.say(cast.member, "**Chào** cả nhà 大家好 🎉")


@step
def send_in_all_places(cast: Cast) -> None:
    for where in (cast.group, cast.direct, cast.everyone):
        cast.say(cast.master, "một 一", where=where)
        cast.say(cast.member, "hai 二", where=where)


@step
def reply(cast: Cast) -> None:
    cast.say(cast.manager, "đúng vậy", reply_to=cast.say(cast.member, "phải không?"))


@step
def edit(cast: Cast) -> None:
    actions.edit_message(cast.member.user, cast.group, cast.say(cast.member, "trước"), "`sau` 之后")


@step
def edit_an_older_one(cast: Cast) -> None:
    seq = cast.say(cast.member, "cũ")
    cast.say(cast.manager, "mới")
    actions.edit_message(cast.member.user, cast.group, seq, "cũ mà mới")


@step
def recall_the_last_one(cast: Cast) -> None:
    actions.recall_message(cast.member.user, cast.direct, cast.say(cast.member, "nhầm 错了", where=cast.direct))


@step
def recall_of_another(cast: Cast) -> None:
    seq = cast.say(cast.member, "xấu")
    cast.say(cast.member, "thêm")
    actions.recall_message(cast.manager.user, cast.group, seq)


@step
def react(cast: Cast) -> None:
    seq = cast.say(cast.member)
    actions.react(cast.master.user, cast.group, seq, "👍", True)
    actions.react(cast.manager.user, cast.group, seq, "👍", True)
    actions.react(cast.manager.user, cast.group, seq, "❤️", True)
    actions.react(cast.master.user, cast.group, seq, "👍", False)


@step
def read(cast: Cast) -> None:
    seq = cast.say(cast.member, "đọc đi")
    cast.say(cast.member, "chưa đọc")
    actions.mark_read(
        [
            (cast.master.caller, cast.group, seq),
            (cast.manager.caller, cast.group, seq + 1),
            (cast.member.caller, cast.group, seq),
        ]
    )


@step
def read_and_more(cast: Cast) -> None:
    cast.say(cast.member, "một", where=cast.direct)
    actions.mark_read([(cast.master.caller, cast.direct, last(cast.direct))])
    cast.say(cast.member, "hai", where=cast.direct)


@step
def leave_unread(cast: Cast) -> None:
    seqs = [cast.say(cast.member, f"tin {n} 消息") for n in range(3)]
    actions.mark_read([(who.caller, cast.group, seqs[2]) for who in (cast.master, cast.manager)])
    actions.mark_read([(cast.master.caller, cast.group, seqs[0], True), (cast.manager.caller, cast.group, 0, True)])
    actions.mark_read([(cast.manager.caller, cast.group, seqs[1])])
    cast.say(cast.member, "thêm")


@step
def draft(cast: Cast) -> None:
    actions.save_draft(cast.member.user, cast.group, "chưa xong 没写完")
    actions.save_draft(cast.member.user, cast.direct, "bỏ")
    actions.save_draft(cast.member.user, cast.direct, "")


@step
def pin_and_level(cast: Cast) -> None:
    actions.pin_conversation(cast.member.user, cast.group, True)
    actions.set_level(cast.member.user, cast.group, "mentions")
    actions.set_level(cast.manager.user, cast.everyone, "none")
    actions.pin_conversation(cast.member.user, cast.direct, True)
    actions.pin_conversation(cast.member.user, cast.direct, False)


@step
def open_direct(cast: Cast) -> None:
    cast.say(cast.stranger, "chào bạn", where=actions.open_direct(cast.stranger.user, cast.member.id)["id"])


@step
def open_direct_with_oneself(cast: Cast) -> None:
    cast.say(cast.manager, "nhớ mua sữa 🥛", where=actions.open_direct(cast.manager.user, cast.manager.id)["id"])


@step
def create(cast: Cast) -> None:
    name = f"Nhóm {Conversation.objects.count()} 组"
    group = actions.create_group(cast.stranger.user, name, [cast.member.id, cast.master.id])["id"]
    cast.say(cast.stranger, "chào mừng 欢迎", where=group)


@step
def add(cast: Cast) -> None:
    actions.add_members(cast.manager.user, cast.group, [cast.former.id, cast.stranger.id])
    cast.say(cast.former, "tôi lại vào rồi")


@step
def remove(cast: Cast) -> None:
    actions.add_members(cast.member.user, cast.group, [cast.stranger.id])
    actions.remove_member(cast.manager.user, cast.group, cast.stranger.id)
    cast.say(cast.manager, "đã xoá 秘密")


@step
def remove_and_add_again(cast: Cast) -> None:
    actions.remove_member(cast.manager.user, cast.group, cast.member.id)
    cast.say(cast.manager, "giữa chừng")
    actions.add_members(cast.manager.user, cast.group, [cast.member.id])
    cast.say(cast.manager, "lại thêm")


@step
def leave(cast: Cast) -> None:
    actions.add_members(cast.member.user, cast.group, [cast.administrator.id])
    actions.leave_group(cast.administrator.user, cast.group)


@step
def leave_alone(cast: Cast) -> None:
    actions.leave_group(cast.stranger.user, actions.create_group(cast.stranger.user, "一个人", [])["id"])


@step
def join_by_a_link(cast: Cast) -> None:
    _, token = actions.make_link(cast.manager.user, cast.group, max_uses=2)
    actions.join_by_link(cast.stranger.user, token)
    actions.join_by_link(cast.former.user, token)


@step
def come_by_a_link(cast: Cast) -> None:
    link, token = actions.make_link(cast.master.user, cast.group)
    accounts.make_account(None, f"invited-{link.pk}", "xanh-Lá-4711", display_name="Khách 客", invite=token)


@step
def rename(cast: Cast) -> None:
    actions.rename_group(cast.manager.user, cast.group, "Tên mới 新名字")
    actions.rename_group(cast.manager.user, cast.group, GROUP)
    actions.rename_group(cast.manager.user, cast.group, "Tên mới 新名字")


@step
def appoint_and_dismiss(cast: Cast) -> None:
    actions.set_role(cast.master.user, cast.group, cast.member.id, "manager")
    actions.set_role(cast.master.user, cast.group, cast.manager.id, "member")
    actions.set_role(cast.master.user, cast.group, cast.manager.id, "manager")
    actions.set_role(cast.master.user, cast.group, cast.member.id, "member")


@step
def hand_over(cast: Cast) -> None:
    actions.set_role(cast.master.user, cast.group, cast.member.id, "master")
    cast.say(cast.member, "tôi là trưởng nhóm")
    actions.set_role(cast.member.user, cast.group, cast.master.id, "master")
    actions.set_role(cast.master.user, cast.group, cast.member.id, "member")


@step
def site_roles(cast: Cast) -> None:
    accounts.set_role(cast.administrator.user, cast.member.user, "moderator")
    accounts.set_role(cast.administrator.user, cast.moderator.user, "member")
    accounts.set_role(cast.administrator.user, cast.member.user, "member")


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
