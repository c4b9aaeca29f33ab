"""Steps about groups: how people come in, how groups are governed, how they end."""

from __future__ import annotations

from accounts import actions as accounts
from core.tests.pictures import photo
from messaging import actions
from messaging.models import Conversation, Invitation, JoinRequest
from tests.cast import Cast, Person, person
from tests.steps import step


def meeting(cast: Cast, **settings: object) -> int:
    """A group of the master that others may find; the manager manages it, the member is in it."""
    name = f"Tìm được {Conversation.objects.count()} 可以找到"
    group = actions.create_group(cast.master.user, name, [cast.manager.id, cast.member.id])["id"]
    actions.set_role(cast.master.user, group, cast.manager.id, "manager")
    actions.change_settings(cast.master.user, group, discoverable=True, **settings)
    return group


def request_of(who: Person, group: int) -> int:
    """The request of somebody that waits."""
    return JoinRequest.objects.get(conversation=group, user=who.id, status="pending").pk


def invitation_of(who: Person, group: int) -> int:
    """The invitation of somebody that waits."""
    return Invitation.objects.get(conversation=group, user=who.id, status="pending").pk


@step
def join_an_open_group(cast: Cast) -> None:
    group = meeting(cast, join_policy="open")
    actions.join_group(cast.stranger.user, group)
    cast.say(cast.stranger, "chào", where=group)


@step
def ask_to_be_let_in(cast: Cast) -> None:
    group = meeting(cast, join_policy="request")
    actions.join_group(cast.stranger.user, group, "Cho tôi vào với 让我进")
    actions.join_group(cast.former.user, group)
    actions.join_group(cast.administrator.user, group)
    actions.answer_request(cast.manager.user, request_of(cast.stranger, group), True)
    actions.answer_request(cast.manager.user, request_of(cast.former, group), False, "Lớp đầy rồi 满了")
    actions.withdraw_join_request(cast.administrator.user, request_of(cast.administrator, group))
    actions.dismiss_answer(cast.former.user, "request", JoinRequest.objects.filter(user=cast.former.id).latest("pk").pk)


@step
def requests_wait_for_new_managers(cast: Cast) -> None:
    group = meeting(cast, join_policy="request")
    actions.join_group(cast.stranger.user, group, "chờ")
    actions.set_role(cast.master.user, group, cast.manager.id, "member")
    actions.set_role(cast.master.user, group, cast.member.id, "manager")
    actions.set_role(cast.master.user, group, cast.manager.id, "master")
    actions.rename_group(cast.manager.user, group, f"Đổi tên {Conversation.objects.count()}")
    actions.leave_group(cast.member.user, group)


@step
def invite_and_answer(cast: Cast) -> None:
    group = meeting(cast)
    actions.invite_people(cast.member.user, group, [cast.stranger.id, cast.former.id, cast.administrator.id])
    actions.answer_invitation(cast.stranger.user, invitation_of(cast.stranger, group), True)
    actions.answer_invitation(cast.former.user, invitation_of(cast.former, group), False)
    actions.withdraw_invitation(cast.manager.user, invitation_of(cast.administrator, group))
    actions.dismiss_answer(
        cast.member.user, "invitation", Invitation.objects.filter(user=cast.former.id).latest("pk").pk
    )


@step
def request_and_invitation_meet(cast: Cast) -> None:
    group = meeting(cast, join_policy="request")
    actions.join_group(cast.stranger.user, group)
    actions.invite_people(cast.member.user, group, [cast.stranger.id, cast.former.id])
    actions.join_group(cast.former.user, group)
    actions.remove_member(cast.manager.user, group, cast.former.id)
    actions.join_group(cast.former.user, group)
    _, token = actions.make_link(cast.manager.user, group)
    actions.join_by_link(cast.former.user, token)


@step
def invitations_end_with_their_maker(cast: Cast) -> None:
    group = meeting(cast)
    actions.invite_people(cast.member.user, group, [cast.stranger.id])
    actions.invite_people(cast.manager.user, group, [cast.former.id])
    actions.leave_group(cast.member.user, group)
    actions.remove_member(cast.master.user, group, cast.manager.id)


@step
def what_waits_ends_with_an_account(cast: Cast) -> None:
    group = meeting(cast, join_policy="request")
    one, other = (person(f"waits-{group}-{n}", display_name=f"Người chờ {n}") for n in range(2))
    for someone in (one, other):
        actions.join_group(someone.user, group)
    accounts.delete_account(one.user, one.user)
    accounts.block_user(None, other.user)


@step
def settings_of_a_group(cast: Cast) -> None:
    group = meeting(cast)
    actions.change_settings(cast.master.user, group, join_policy="open", slow_mode=30, members_invite=False)
    actions.change_settings(cast.master.user, group, posting="managers", slow_mode=0)
    actions.set_role(cast.master.user, group, cast.member.id, "manager")
    actions.set_role(cast.master.user, group, cast.manager.id, "member")
    actions.add_members(cast.master.user, group, [cast.stranger.id])


@step
def a_notice(cast: Cast) -> None:
    actions.set_notice(cast.manager.user, cast.group, "Nộp bài trước thứ Sáu 周五之前交作业")
    actions.set_notice(cast.master.user, cast.group, "")
    actions.set_notice(cast.master.user, cast.group, "Hạn mới\nhai dòng")


@step
def everyone_is_closed_and_opened(cast: Cast) -> None:
    actions.change_settings(cast.administrator.user, cast.everyone, posting="managers")
    accounts.set_policies(cast.administrator.user, {"groups.everyone_posting": "all"})
    actions.set_notice(cast.administrator.user, cast.everyone, "Chào mừng 欢迎")


@step
def mute_and_unmute(cast: Cast) -> None:
    actions.mute_member(cast.manager.user, cast.group, cast.member.id, 60)
    actions.mute_member(cast.master.user, cast.group, cast.manager.id, 5)
    actions.mute_member(cast.master.user, cast.group, cast.manager.id, 0)


@step
def a_mute_survives_leaving(cast: Cast) -> None:
    group = meeting(cast, join_policy="open")
    actions.mute_member(cast.manager.user, group, cast.member.id, 43_200)
    actions.leave_group(cast.member.user, group)
    actions.join_group(cast.member.user, group)
    actions.mute_member(cast.master.user, group, cast.manager.id, 600)
    actions.remove_member(cast.master.user, group, cast.manager.id)
    actions.add_members(cast.master.user, group, [cast.manager.id, cast.stranger.id])


@step
def dissolve(cast: Cast) -> None:
    group = meeting(cast, join_policy="request")
    actions.join_group(cast.stranger.user, group)
    actions.invite_people(cast.member.user, group, [cast.former.id])
    actions.save_draft(cast.member.user, group, "chưa gửi")
    actions.dissolve_group(cast.master.user, group)


@step
def people_are_asked_first(cast: Cast) -> None:
    accounts.set_policies(None, {"groups.add_directly": False})
    name = f"Được mời {Conversation.objects.count()} 邀请"
    group = actions.create_group(cast.master.user, name, [cast.member.id, cast.stranger.id])["id"]
    actions.add_members(cast.master.user, group, [cast.member.id, cast.former.id])
    accounts.set_policies(None, {"groups.add_directly": True})
    actions.answer_invitation(cast.member.user, invitation_of(cast.member, group), True)
    actions.leave_group(cast.member.user, group)


@step
def change_the_picture_of_a_group(cast: Cast) -> None:
    actions.set_group_avatar(cast.manager.user, cast.group, photo((90, 60)))
    cast.say(cast.manager, "đẹp quá 好看")  # the member may be muted
    actions.remove_group_avatar(cast.master.user, cast.group)
    actions.set_group_avatar(cast.master.user, cast.group, photo((60, 90), "PNG"))
