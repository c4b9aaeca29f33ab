"""Conflicting actions at the same moment: one of them wins, and whatever wins, the group is in a legal state (C16)."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts import actions as accounts
from core import policies
from core.refusal import Refusal
from messaging import actions
from messaging.actions.joining import asking
from messaging.models import Conversation, Invitation, JoinRequest, Membership, Message
from tests.cast import Cast, make_cast, person
from tests.steps_groups import invitation_of, meeting, request_of

numbers = iter(range(10**6))
Act = Callable[[], object]
WAYS: dict[str, Callable[[Cast], tuple[int, list[Act]]]] = {}


def way(run: Callable[[Cast], tuple[int, list[Act]]]) -> Callable[[Cast], tuple[int, list[Act]]]:
    """A group in some state, and what is done to it all at once."""
    WAYS[run.__name__] = run
    return run


@way
def the_last_master_leaves_while_roles_change(cast: Cast) -> tuple[int, list[Act]]:
    group = meeting(cast)
    return group, [
        lambda: actions.leave_group(cast.master.user, group),
        lambda: actions.set_role(cast.master.user, group, cast.manager.id, "member"),
        lambda: actions.set_role(cast.master.user, group, cast.manager.id, "master"),
        lambda: actions.set_role(cast.manager.user, group, cast.master.id, "member"),
        lambda: actions.leave_group(cast.manager.user, group),
        lambda: actions.remove_member(cast.manager.user, group, cast.master.id),
        lambda: actions.leave_group(cast.member.user, group),
    ]


@way
def two_transfers(cast: Cast) -> tuple[int, list[Act]]:
    group = meeting(cast)
    return group, [
        lambda: actions.set_role(cast.master.user, group, cast.manager.id, "master"),
        lambda: actions.set_role(cast.master.user, group, cast.member.id, "master"),
        lambda: actions.set_role(cast.manager.user, group, cast.master.id, "master"),
        lambda: actions.set_role(cast.member.user, group, cast.manager.id, "master"),
    ]


@way
def a_request_is_answered_and_withdrawn(cast: Cast) -> tuple[int, list[Act]]:
    group = meeting(cast, join_policy="request")
    actions.join_group(cast.stranger.user, group)
    request = request_of(cast.stranger, group)
    return group, [
        lambda: actions.answer_request(cast.master.user, request, True),
        lambda: actions.answer_request(cast.manager.user, request, False, "không"),
        lambda: actions.withdraw_join_request(cast.stranger.user, request),
        lambda: actions.join_group(cast.stranger.user, group),
        lambda: actions.invite_people(cast.member.user, group, [cast.stranger.id]),
    ]


@way
def an_invitation_is_accepted_twice_and_withdrawn(cast: Cast) -> tuple[int, list[Act]]:
    group = meeting(cast)
    actions.invite_people(cast.member.user, group, [cast.stranger.id])
    invitation = invitation_of(cast.stranger, group)
    return group, [
        lambda: actions.answer_invitation(cast.stranger.user, invitation, True),
        lambda: actions.join_group(cast.stranger.user, group),
        lambda: actions.answer_invitation(cast.stranger.user, invitation, False),
        lambda: actions.withdraw_invitation(cast.member.user, invitation),
        lambda: actions.leave_group(cast.member.user, group),
        lambda: actions.invite_people(cast.manager.user, group, [cast.stranger.id]),
    ]


@way
def somebody_joins_and_is_removed(cast: Cast) -> tuple[int, list[Act]]:
    group = meeting(cast, join_policy="open")
    _, token = actions.make_link(cast.master.user, group)
    return group, [
        lambda: actions.join_group(cast.stranger.user, group),
        lambda: actions.remove_member(cast.manager.user, group, cast.stranger.id),
        lambda: actions.join_by_link(cast.stranger.user, token),
        lambda: actions.add_members(cast.master.user, group, [cast.stranger.id, cast.former.id]),
        lambda: actions.leave_group(cast.former.user, group),
    ]


@way
def a_group_is_dissolved_while_people_come(cast: Cast) -> tuple[int, list[Act]]:
    group = meeting(cast, join_policy=random.choice(["open", "request"]))
    _, token = actions.make_link(cast.master.user, group)
    return group, [
        lambda: actions.dissolve_group(cast.master.user, group),
        lambda: actions.join_group(cast.stranger.user, group),
        lambda: actions.join_by_link(cast.former.user, token),
        lambda: actions.invite_people(cast.member.user, group, [cast.administrator.id]),
        lambda: actions.set_role(cast.master.user, group, cast.manager.id, "master"),
        lambda: actions.change_settings(cast.master.user, group, join_policy="open"),
        lambda: actions.mute_member(cast.manager.user, group, cast.member.id, 5),
    ]


@way
def an_account_is_closed_while_it_is_let_in(cast: Cast) -> tuple[int, list[Act]]:
    group, other, guest = meeting(cast, join_policy="request"), meeting(cast), person(f"guest-{next(numbers)}")
    actions.join_group(guest.user, group)
    actions.invite_people(cast.member.user, other, [guest.id])
    request, invitation = request_of(guest, group), invitation_of(guest, other)
    return group, [
        lambda: accounts.block_user(None, guest.user),
        lambda: actions.answer_request(cast.master.user, request, True),
        lambda: actions.answer_invitation(guest.user, invitation, True),
        lambda: actions.withdraw_join_request(guest.user, request),
        lambda: actions.add_members(cast.manager.user, group, [guest.id]),
    ]


def all_at_once(acts: list[Act], count: int) -> list[str]:
    """Each of the acts in turn, in that many threads that begin together; how each ended."""
    gate = threading.Barrier(count)

    def run(number: int) -> str:
        try:
            gate.wait(100)
            acts[number % len(acts)]()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def legal(group: int) -> None:
    """Fail unless the group's rows fit together, and nothing waits for what is finished."""
    row = Conversation.objects.get(pk=group)
    members = dict(Membership.objects.filter(conversation=group).values_list("user_id", "role"))
    masters = [user for user, role in members.items() if role == "master"]
    assert len(masters) == (1 if members else 0)
    assert (row.name_key is None) == (not members)
    messages = list(Message.objects.filter(conversation=group).order_by("seq").values_list("seq", "body", "sender"))
    assert [seq for seq, *_ in messages] == list(range(1, row.last_seq + 1))
    told: dict[int, str] = {}
    for _, body, sender in messages:
        fact = json.loads(body)
        ids = [user["id"] for user in fact.get("users", ())]
        match fact["code"]:
            case "created":
                told[sender] = "master"
            case "joined":
                assert not told.keys() & set(ids), "he was in already"
                told |= dict.fromkeys(ids, "member")
            case "left" | "removed":
                told = {user: role for user, role in told.items() if user not in ids}
            case "role":
                if fact["role"] == "master":
                    told = {user: "manager" if role == "master" else role for user, role in told.items()}
                told[fact["user"]["id"]] = fact["role"]
            case "dissolved":
                told = {}
    assert told == members  # what was told is what is so
    for model in (JoinRequest, Invitation):
        for waiting in model.objects.filter(status="pending"):
            place = Conversation.objects.get(pk=waiting.conversation_id)
            assert place.name_key is not None, "it waits for a group that is gone"
            assert not Membership.objects.filter(conversation=place, user=waiting.user_id).exists(), "he is in"
            assert waiting.user.blocked_at is None, "nobody will answer"
            if isinstance(waiting, Invitation):
                assert Membership.objects.filter(conversation=place, user=waiting.inviter_id).exists(), "he has left"


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", WAYS)
def test_one_of_them_wins(
    transactional_db: None, fast_passwords: None, fresh_policies: None, ended_threads: None, name: str, full: bool
) -> None:
    cast, ends = make_cast(), set()
    for _ in range(100 if full else 2):
        group, acts = WAYS[name](cast)
        asking.held.clear()
        policies.get(policies.sections["groups"])  # read once, not by all of them
        found = all_at_once(acts, 50 if full else 2 * len(acts))
        ends |= set(found)
        legal(group)
    assert "done" in ends and len(ends) > 1  # some won, some came too late


@pytest.mark.django_db(transaction=True)
def test_numbers_and_times_rise_together(
    transactional_db: None, fast_passwords: None, fresh_policies: None, ended_threads: None
) -> None:
    cast = make_cast()
    policies.get(policies.sections["moderation"])  # read once, not by all of them
    people = (cast.master, cast.manager, cast.member)
    found = all_at_once([lambda who=who: [cast.send(who, "cùng lúc") for _ in range(5)] for who in people], 12)
    sent = Message.objects.filter(conversation=cast.group, kind="text").order_by("seq")
    times = list(sent.values_list("sent_at", flat=True))
    assert (set(found), len(times)) == ({"done"}, 60)
    assert times == sorted(times)


@pytest.mark.django_db
def test_the_check_sees_what_is_illegal(cast: Cast) -> None:
    group = meeting(cast, join_policy="request")
    legal(group)
    actions.join_group(cast.stranger.user, group)
    legal(group)
    for spoil in (
        lambda: Membership.objects.filter(conversation=group, role="master").update(role="manager"),
        lambda: Membership.objects.filter(conversation=group, role="master").delete(),
        lambda: Membership.objects.create(conversation_id=group, user=cast.stranger.user),
        lambda: Membership.objects.filter(conversation=group).delete(),
    ):
        before = list(Membership.objects.filter(conversation=group).values())
        spoil()
        with pytest.raises(AssertionError):
            legal(group)
        Membership.objects.filter(conversation=group).delete()
        Membership.objects.bulk_create([Membership(**row) for row in before])
    legal(group)
