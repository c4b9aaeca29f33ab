"""Coming into groups: open doors, requests, invitations, and where they meet."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Block, User
from audit.models import Event
from messaging import actions
from messaging.joining import find_groups, joining_of, open_invitations
from messaging.models import Invitation, JoinRequest, Membership, Message
from tests.cast import Cast, Person, person, refusal_of
from tests.steps_groups import invitation_of, meeting, request_of
from tests.test_policy_matrix import code_of

pytestmark = pytest.mark.django_db


def is_in(who: Person, group: int) -> bool:
    return Membership.objects.filter(conversation=group, user=who.id).exists()


def waits(who: Person) -> dict[str, Any]:
    return joining_of([who.id])[who.id]


def last_action() -> str:
    return Event.objects.latest("id").action


@pytest.fixture
def by_request(cast: Cast) -> int:
    return meeting(cast, join_policy="request")


def test_an_open_group_is_entered_at_once(cast: Cast) -> None:
    group = meeting(cast, join_policy="open")
    assert actions.join_group(cast.stranger.user, group)
    assert is_in(cast.stranger, group) and last_action() == "member.joined"
    last = Message.objects.filter(conversation=group).latest("seq")
    assert last.sender_id == cast.stranger.id and '"joined"' in last.body
    assert actions.join_group(cast.stranger.user, group)  # again: he is in
    assert Message.objects.filter(conversation=group).latest("seq") == last
    assert not JoinRequest.objects.exists()


@pytest.mark.parametrize("policy", ["open", "request", "invitation"])
def test_a_group_that_is_not_to_be_found_is_not_there(cast: Cast, policy: str) -> None:
    group = meeting(cast, join_policy=policy)
    actions.change_settings(cast.master.user, group, discoverable=False)
    for where in (group, cast.direct, cast.everyone, 10**9):
        if where != cast.everyone:
            assert refusal_of(actions.join_group, cast.stranger.user, where) == "not_found"
    assert group not in [found["id"] for found in find_groups(cast.stranger.user)]
    actions.invite_people(cast.member.user, group, [cast.stranger.id])
    assert actions.join_group(cast.stranger.user, group)


def test_nobody_comes_uninvited_into_a_group_by_invitation(cast: Cast) -> None:
    group = meeting(cast)
    assert refusal_of(actions.join_group, cast.stranger.user, group) == "invitation_only"
    assert not is_in(cast.stranger, group)


def test_a_request_waits_is_told_and_lets_in(cast: Cast, by_request: int) -> None:
    assert not actions.join_group(cast.stranger.user, by_request, "  Cho tôi  vào với ")
    assert not is_in(cast.stranger, by_request) and last_action() == "request.made"
    for governor in (cast.master, cast.manager):
        [waiting] = waits(governor)["requests"]
        assert (waiting["user"], waiting["words"]) == (cast.stranger.id, "Cho tôi vào với")
    assert waits(cast.member)["requests"] == []
    [asked] = waits(cast.stranger)["asked"]
    assert (asked["conversation"], asked["words"]) == (by_request, "Cho tôi vào với")
    actions.answer_request(cast.manager.user, request_of(cast.stranger, by_request), True)
    assert is_in(cast.stranger, by_request) and last_action() == "request.accepted"
    [told] = waits(cast.stranger)["told"]
    assert (told["kind"], told["accepted"], told["user"]) == ("request", True, cast.manager.id)
    assert waits(cast.master)["requests"] == waits(cast.stranger)["asked"] == []


def test_a_refusal_has_a_reason_and_holds_for_a_day(cast: Cast, by_request: int) -> None:
    actions.join_group(cast.stranger.user, by_request)
    actions.answer_request(cast.master.user, request_of(cast.stranger, by_request), False, "Lớp đầy rồi")
    [told] = waits(cast.stranger)["told"]
    assert (told["accepted"], told["reason"], is_in(cast.stranger, by_request)) == (False, "Lớp đầy rồi", False)
    assert refusal_of(actions.join_group, cast.stranger.user, by_request) == "ask_later"
    actions.dismiss_answer(cast.stranger.user, "request", told["id"])
    assert waits(cast.stranger)["told"] == []
    JoinRequest.objects.update(answered_at=timezone.now() - timedelta(hours=25))
    assert not actions.join_group(cast.stranger.user, by_request)


def test_who_may_answer_a_request(cast: Cast, by_request: int) -> None:
    actions.join_group(cast.stranger.user, by_request)
    request = request_of(cast.stranger, by_request)
    for who, code in ((cast.member, "not_allowed"), (cast.administrator, "not_found"), (cast.stranger, "not_found")):
        assert refusal_of(actions.answer_request, who.user, request, True) == code
    assert refusal_of(actions.answer_request, cast.master.user, 10**9, True) == "not_found"
    for who in (cast.master, cast.member, cast.former):
        assert refusal_of(actions.withdraw_join_request, who.user, request) == "not_found"
        assert refusal_of(actions.dismiss_answer, who.user, "request", request) == "not_found"
    actions.withdraw_join_request(cast.stranger.user, request)
    assert refusal_of(actions.answer_request, cast.manager.user, request, True) == "answered"
    assert refusal_of(actions.withdraw_join_request, cast.stranger.user, request) == "answered"
    assert not is_in(cast.stranger, by_request)


def test_asking_twice_is_asking_once(cast: Cast, by_request: int) -> None:
    for words in ("một", "hai"):
        assert not actions.join_group(cast.stranger.user, by_request, words)
    assert [row["words"] for row in waits(cast.stranger)["asked"]] == ["một"]


def test_a_request_reaches_those_appointed_later_and_no_longer_those_dismissed(cast: Cast, by_request: int) -> None:
    actions.join_group(cast.stranger.user, by_request)
    actions.set_role(cast.master.user, by_request, cast.member.id, "manager")
    actions.set_role(cast.master.user, by_request, cast.manager.id, "member")
    assert [len(waits(who)["requests"]) for who in (cast.master, cast.member, cast.manager)] == [1, 1, 0]
    actions.answer_request(cast.member.user, request_of(cast.stranger, by_request), True)


def test_only_so_many_requests(cast: Cast, by_request: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.actions.joining.OPEN_MAX", 1)
    actions.join_group(cast.stranger.user, by_request)
    assert refusal_of(actions.join_group, cast.stranger.user, meeting(cast, join_policy="request")) == "too_many"
    monkeypatch.setattr("messaging.actions.joining.WAITING_MAX", 1)
    assert refusal_of(actions.join_group, cast.former.user, by_request) == "too_many"
    assert not JoinRequest.objects.filter(user=cast.former.id).exists()


def test_an_invitation_is_accepted_or_declined_and_the_inviter_told(cast: Cast) -> None:
    group = meeting(cast)
    assert actions.invite_people(cast.member.user, group, [cast.stranger.id, cast.former.id, cast.manager.id]) == {
        "joined": [],
        "invited": sorted([cast.stranger.id, cast.former.id]),
    }
    [invitation] = waits(cast.stranger)["invitations"]
    assert (invitation["inviter"], invitation["members"]) == (cast.member.id, 3)
    assert invitation["name"].startswith("Tìm được")
    for who in (cast.former, cast.member, cast.master):
        assert refusal_of(actions.answer_invitation, who.user, invitation["id"], True) == "not_found"
    actions.answer_invitation(cast.stranger.user, invitation["id"], True)
    assert last_action() == "invitation.accepted"
    actions.answer_invitation(cast.former.user, invitation_of(cast.former, group), False)
    assert (is_in(cast.stranger, group), is_in(cast.former, group)) == (True, False)
    assert [(t["kind"], t["user"], t["accepted"]) for t in waits(cast.member)["told"]] == [
        ("invitation", cast.stranger.id, True),
        ("invitation", cast.former.id, False),
    ]
    assert refusal_of(actions.answer_invitation, cast.stranger.user, invitation["id"], False) == "answered"
    assert refusal_of(actions.dismiss_answer, cast.stranger.user, "invitation", invitation["id"]) == "not_found"
    actions.dismiss_answer(cast.member.user, "invitation", invitation["id"])
    assert [told["user"] for told in waits(cast.member)["told"]] == [cast.former.id]
    assert refusal_of(actions.invite_people, cast.manager.user, group, [cast.former.id]) == "ask_later"


def test_who_may_invite(cast: Cast) -> None:
    group = meeting(cast)
    for who in (cast.stranger, cast.administrator):
        assert refusal_of(actions.invite_people, who.user, group, [cast.former.id]) == "not_found"
    assert refusal_of(actions.invite_people, cast.master.user, cast.direct, [cast.former.id]) == "not_allowed"
    assert refusal_of(actions.invite_people, cast.administrator.user, cast.everyone, [cast.former.id]) == "not_allowed"
    actions.change_settings(cast.master.user, group, members_invite=False)
    assert refusal_of(actions.invite_people, cast.member.user, group, [cast.former.id]) == "not_allowed"
    assert actions.invite_people(cast.manager.user, group, [cast.former.id])["invited"] == [cast.former.id]
    Block.objects.create(blocker=cast.stranger.user, blocked=cast.manager.user)
    for unseen in (cast.stranger.id, cast.blocked.id, 10**9):
        assert refusal_of(actions.invite_people, cast.manager.user, group, [unseen]) == "not_found"


def test_invitations_are_listed_and_withdrawn_by_those_who_may(cast: Cast) -> None:
    group = meeting(cast)
    actions.invite_people(cast.member.user, group, [cast.stranger.id])
    actions.invite_people(cast.manager.user, group, [cast.former.id])
    assert [row["user"] for row in open_invitations(cast.master.user, group)] == [cast.stranger.id, cast.former.id]
    assert [row["user"] for row in open_invitations(cast.member.user, group)] == [cast.stranger.id]
    assert refusal_of(open_invitations, cast.stranger.user, group) == "not_found"
    theirs, his = invitation_of(cast.former, group), invitation_of(cast.stranger, group)
    assert refusal_of(actions.withdraw_invitation, cast.member.user, theirs) == "not_allowed"
    assert refusal_of(actions.withdraw_invitation, cast.former.user, theirs) == "not_found"
    actions.withdraw_invitation(cast.member.user, his)
    actions.withdraw_invitation(cast.master.user, theirs)
    assert refusal_of(actions.answer_invitation, cast.former.user, theirs, True) == "answered"
    assert waits(cast.former)["invitations"] == open_invitations(cast.master.user, group) == []


def test_a_request_and_an_invitation_meet(cast: Cast, by_request: int) -> None:
    actions.join_group(cast.stranger.user, by_request)
    taken = actions.invite_people(cast.member.user, by_request, [cast.stranger.id, cast.former.id])
    assert taken == {"joined": [cast.stranger.id], "invited": [cast.former.id]}
    assert is_in(cast.stranger, by_request) and waits(cast.stranger)["told"][0]["user"] == cast.member.id
    assert actions.join_group(cast.former.user, by_request)
    assert waits(cast.member)["told"][0]["accepted"]
    assert not JoinRequest.objects.filter(status="pending").exists()
    assert not Invitation.objects.filter(status="pending").exists()


@pytest.mark.parametrize("way", ["link", "add", "open", "import"])
def test_whatever_brings_one_in_answers_what_waited(cast: Cast, by_request: int, way: str) -> None:
    if way == "open":
        actions.join_group(cast.stranger.user, by_request)
        actions.change_settings(cast.master.user, by_request, join_policy="open")
        assert actions.join_group(cast.stranger.user, by_request)
    else:
        actions.join_group(cast.stranger.user, by_request)
        if way == "link":
            actions.join_by_link(cast.stranger.user, actions.make_link(cast.master.user, by_request)[1])
        elif way == "add":
            actions.add_members(cast.master.user, by_request, [cast.stranger.id])
        else:
            name = waits(cast.stranger)["asked"][0]["name"]
            from messaging.actions.enrol import fill_groups

            fill_groups(cast.administrator.user, {name: [cast.stranger.user]})
    assert is_in(cast.stranger, by_request) and not waits(cast.stranger)["asked"] and not waits(cast.master)["requests"]
    assert len(waits(cast.stranger)["told"]) == (1 if way in ("add", "import") else 0)


@pytest.mark.parametrize("way", ["left", "removed", "blocked", "deleted"])
def test_what_somebody_began_ends_with_him(cast: Cast, by_request: int, way: str) -> None:
    inviter = person("người-mời")
    actions.add_members(cast.master.user, by_request, [inviter.id])
    actions.invite_people(inviter.user, by_request, [cast.stranger.id])
    other = meeting(cast, join_policy="request")
    actions.join_group(inviter.user, other)
    if way == "left":
        actions.leave_group(inviter.user, by_request)
    elif way == "removed":
        actions.remove_member(cast.manager.user, by_request, inviter.id)
    elif way == "blocked":
        accounts.block_user(None, inviter.user)
    else:
        accounts.delete_account(inviter.user, inviter.user)
    assert waits(cast.stranger)["invitations"] == []
    assert len(waits(cast.master)["requests"]) == (0 if way in ("blocked", "deleted") else 1)
    closed = Invitation.objects.get(user=cast.stranger.id)
    assert refusal_of(actions.answer_invitation, cast.stranger.user, closed.pk, True) == "answered"
    assert not is_in(cast.stranger, by_request)


def test_an_invitation_to_an_account_that_is_closed_ends(cast: Cast) -> None:
    group, guest = meeting(cast), person("khách")
    actions.invite_people(cast.member.user, group, [guest.id])
    accounts.block_user(None, guest.user)
    assert open_invitations(cast.master.user, group) == []


def test_nobody_but_those_concerned_hears_of_what_waits(cast: Cast, by_request: int) -> None:
    actions.join_group(cast.stranger.user, by_request, "bí mật 秘密")
    actions.invite_people(cast.manager.user, by_request, [cast.former.id])
    nothing: dict[str, list] = {"requests": [], "invitations": [], "asked": [], "told": []}
    for who in (cast.member, cast.administrator, cast.moderator):
        assert waits(who) == nothing


def test_groups_are_found(cast: Cast) -> None:
    group = meeting(cast, join_policy="request")
    actions.set_notice(cast.master.user, group, "Ai cũng vào được")
    [found] = find_groups(cast.stranger.user, "TÌM được")
    assert found == {
        "id": group,
        "name": found["name"],
        "avatar": "",
        "notice": "Ai cũng vào được",
        "members": 3,
        "join_policy": "request",
        "state": "",
    }
    assert find_groups(cast.stranger.user, "không có") == []
    actions.join_group(cast.stranger.user, group)
    actions.invite_people(cast.member.user, group, [cast.former.id])
    states = [find_groups(who.user)[0]["state"] for who in (cast.stranger, cast.former, cast.member)]
    assert states == ["asked", "invited", "member"]
    actions.dissolve_group(cast.master.user, group)
    assert find_groups(cast.stranger.user) == []


def test_a_person_of_another_group_answers_nothing_here(cast: Cast, by_request: int) -> None:
    """The master of one group has no say over what waits for another (C14)."""
    other = actions.create_group(cast.stranger.user, "Nhóm khác", [])["id"]
    actions.join_group(cast.former.user, by_request)
    actions.invite_people(cast.member.user, by_request, [cast.administrator.id])
    request, invitation = request_of(cast.former, by_request), invitation_of(cast.administrator, by_request)
    for name, body in (
        ("request.answer", {"request": request, "accept": True}),
        ("request.withdraw", {"request": request}),
        ("invitation.answer", {"invitation": invitation, "accept": True}),
        ("invitation.withdraw", {"invitation": invitation}),
        ("invitation.list", {"conversation": by_request}),
        ("joining.dismiss", {"kind": "request", "id": request}),
        ("joining.dismiss", {"kind": "invitation", "id": invitation}),
        ("group.mute", {"conversation": other, "user": cast.member.id, "minutes": 5}),
        ("group.remove", {"conversation": other, "user": cast.member.id}),
        ("group.role", {"conversation": other, "user": cast.member.id, "role": "manager"}),
    ):
        answer = cast.stranger.client.post(f"/api/{name}", body, content_type="application/json")
        assert code_of(answer) == "not_found", name
    assert (request, invitation) == (request_of(cast.former, by_request), invitation_of(cast.administrator, by_request))


def test_a_group_of_five_thousand_costs_no_more(cast: Cast, by_request: int, django_assert_max_num_queries) -> None:
    many = User.objects.bulk_create(
        [User(username=f"đông-{n}", username_key=f"đông-{n}", approved_at=timezone.now()) for n in range(4_990)]
    )
    Membership.objects.bulk_create(
        [
            Membership(conversation_id=by_request, user=one, role="manager" if n < 20 else "member")
            for n, one in enumerate(many)
        ],
        batch_size=1000,
    )
    with django_assert_max_num_queries(24):
        actions.join_group(cast.stranger.user, by_request)
    assert waits(cast.master)["requests"] == joining_of([many[19].pk])[many[19].pk]["requests"] != []
    with django_assert_max_num_queries(42):
        actions.answer_request(cast.manager.user, request_of(cast.stranger, by_request), True)
    with django_assert_max_num_queries(34):
        actions.invite_people(cast.member.user, by_request, [cast.former.id, cast.administrator.id, cast.moderator.id])
    start = monotonic()
    with django_assert_max_num_queries(60):  # rows go by the thousand
        actions.dissolve_group(cast.master.user, by_request)
    assert not Membership.objects.filter(conversation=by_request).exists() and monotonic() - start < 10
