"""Every action that changes what somebody sees, as steps of a script: each stands alone and can follow any other."""

from __future__ import annotations

from collections.abc import Callable

from accounts import actions as accounts
from accounts.models import Block
from messaging import actions
from messaging.models import Conversation
from tests.cast import GROUP, Cast

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
def mention(cast: Cast) -> None:
    cast.say(cast.member, "@经理看一下，@master xem nhé @stranger @khong-ai")
    cast.say(cast.manager, "@所有人开会")
    cast.say(cast.member, "@all trong nhóm nhỏ")
    cast.say(cast.member, "@all trong nhóm lớn", where=cast.everyone)
    cast.say(cast.manager, "@member và `@master` ở đây", where=cast.everyone)


@step
def mention_others_by_an_edit(cast: Cast) -> None:
    seqs = [cast.say(cast.member, "@master @经理 xem này") for _ in range(3)]
    actions.mark_read([(cast.master.caller, cast.group, seqs[0])])
    for seq in seqs:
        actions.edit_message(cast.member.user, cast.group, seq, "@master xem lại")
    actions.edit_message(cast.member.user, cast.group, seqs[2], "@all xem lại")
    cast.say(cast.manager, "@member rồi")


@step
def recall_mentions(cast: Cast) -> None:
    for body in ("@master @经理 nhầm", "@all nhầm"):
        cast.say(cast.member, "trước")
        actions.recall_message(cast.member.user, cast.group, cast.say(cast.member, body))


@step
def pin_messages(cast: Cast) -> None:
    seqs = [cast.say(cast.member, f"ghim {n} 置顶") for n in range(3)]
    for seq in seqs:
        actions.pin_message(cast.manager.user, cast.group, seq, True)
    actions.pin_message(cast.master.user, cast.group, seqs[0], False)
    actions.recall_message(cast.member.user, cast.group, seqs[1])
    if not Block.objects.filter(blocker=cast.member.id).exists():
        actions.pin_message(cast.member.user, cast.direct, cast.say(cast.master, "nhớ nhé", where=cast.direct), True)


@step
def forward(cast: Cast) -> None:
    seq = cast.say(cast.member, "**hay** @master")
    saved = actions.open_direct(cast.manager.user, cast.manager.id)["id"]
    for to in (cast.group, cast.everyone, saved):
        sent = actions.forward_message(cast.manager.caller, cast.group, seq, to, f"forward-{to}-{seq}")
    actions.forward_message(cast.manager.caller, saved, sent["seq"], cast.group, f"forward-again-{seq}")
    actions.recall_message(cast.member.user, cast.group, seq)


@step
def clear_and_undo(cast: Cast) -> None:
    seqs = [cast.say(cast.member, f"@master dọn {n}") for n in range(3)]
    actions.clear_conversation(cast.manager.user, cast.group, seqs[2])
    actions.clear_conversation(cast.master.user, cast.group, seqs[1])
    actions.clear_conversation(cast.master.user, cast.group, seqs[2])
    actions.clear_conversation(cast.master.user, cast.group, seqs[0])
    actions.clear_conversation(cast.member.user, cast.group, seqs[2])
    actions.clear_conversation(cast.member.user, cast.group, 0)


@step
def clear_and_more(cast: Cast) -> None:
    seq = cast.say(cast.member, "@master dọn")
    actions.clear_conversation(cast.master.user, cast.group, seq)
    actions.edit_message(cast.member.user, cast.group, seq, "@经理 sửa")
    cast.say(cast.member, "sau đó @master")


@step
def mail_several(cast: Cast) -> None:
    number = f"mailing-{last(cast.everyone)}-{last(cast.group)}"
    wanted = [cast.member.id, cast.manager.id, cast.former.id, cast.blocked.id]
    actions.send_mailing(cast.master.caller, number, wanted, "**Thứ hai** họp 周一开会 @member")


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
    actions.add_members(cast.manager.user, cast.group, [cast.stranger.id])
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
    actions.add_members(cast.manager.user, cast.group, [cast.administrator.id])
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
