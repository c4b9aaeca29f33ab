"""Invite links: who may make them, what they open, when they stop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import User
from audit.models import Event
from core import policies
from messaging import actions
from messaging.invites import find_invite, links_of
from messaging.models import InviteLink, Membership, Message
from tests.cast import Cast, refusal_of

NEW = {"password1": "xanh-Lá-4711", "display_name": "Khách"}


def in_group(cast: Cast, user: User) -> bool:
    return Membership.objects.filter(conversation=cast.group, user=user).exists()


def sign_up(token: str, name: str) -> int:
    """A stranger opens the link and makes an account; the status of the answer."""
    return Client().post(f"/join/{token}/", {**NEW, "username": name}).status_code


def mode(value: str, invites: str = "managers") -> None:
    accounts.set_policies(None, {"registration.mode": value, "registration.invites": invites})


def test_masters_and_managers_make_list_and_withdraw_links(cast: Cast) -> None:
    for who in (cast.master, cast.manager):
        link, token = actions.make_link(who.user, cast.group)
        assert len(token) == 22 and token not in str(InviteLink.objects.filter(pk=link.pk).values())
        assert timedelta(days=6.9) < link.expires_at - timezone.now() < timedelta(days=7.1)
    assert {found["maker"] for found in links_of(cast.manager.user, cast.group)} == {
        cast.master.user.name,
        cast.manager.user.name,
    }
    actions.revoke_link(cast.master.user, cast.group, link.pk)
    assert refusal_of(actions.revoke_link, cast.master.user, cast.group, link.pk) == "not_found"
    assert [found["maker"] for found in links_of(cast.manager.user, cast.group)] == [cast.master.user.name]
    found = Event.objects.filter(action__startswith="invite.").order_by("id")
    assert [event.action for event in found] == ["invite.made", "invite.made", "invite.revoked"]


def test_others_do_not(cast: Cast) -> None:
    link, _ = actions.make_link(cast.master.user, cast.group)
    for who, code in ((cast.member, "not_allowed"), (cast.stranger, "not_found"), (cast.administrator, "not_found")):
        assert refusal_of(actions.make_link, who.user, cast.group) == code
        assert refusal_of(links_of, who.user, cast.group) == code
        assert refusal_of(actions.revoke_link, who.user, cast.group, link.pk) == code
    assert refusal_of(actions.make_link, cast.administrator.user, cast.everyone) == "not_allowed"
    for who in (cast.master, cast.moderator):
        assert refusal_of(actions.make_site_link, who.user) == "not_allowed"
        assert refusal_of(actions.revoke_site_link, who.user, link.pk) == "not_allowed"
    assert refusal_of(actions.make_site_link, cast.administrator.user, cast.direct) == "not_found"
    assert InviteLink.objects.count() == 1


def test_a_link_of_another_group_is_not_withdrawn(cast: Cast) -> None:
    other = actions.create_group(cast.stranger.user, "Khác", [])["id"]
    link, _ = actions.make_link(cast.stranger.user, other)
    assert refusal_of(actions.revoke_link, cast.master.user, cast.group, link.pk) == "not_found"
    actions.revoke_site_link(cast.administrator.user, link.pk)


def test_somebody_with_an_account_joins_once(cast: Cast) -> None:
    link, token = actions.make_link(cast.manager.user, cast.group, max_uses=1)
    assert actions.join_by_link(cast.stranger.user, token) == cast.group
    assert in_group(cast, cast.stranger.user)
    last = Message.objects.filter(conversation=cast.group).latest("seq")
    assert last.sender_id == cast.stranger.id and '"joined"' in last.body
    assert Event.objects.latest("id").action == "member.joined"
    link.refresh_from_db()
    assert link.uses == 1
    assert refusal_of(actions.join_by_link, cast.former.user, token) == "invite_gone"
    assert not in_group(cast, cast.former.user)


def test_a_member_does_not_use_a_link_up(cast: Cast) -> None:
    link, token = actions.make_link(cast.manager.user, cast.group, max_uses=1)
    assert actions.join_by_link(cast.member.user, token) == cast.group
    link.refresh_from_db()
    assert link.uses == 0


@pytest.mark.parametrize("end", ["expired", "used", "revoked", "demoted", "blocked", "left", "unknown"])
def test_a_link_that_is_not_good_any_more_never_was(cast: Cast, end: str) -> None:
    link, token = actions.make_link(cast.manager.user, cast.group)
    assert find_invite(token) is not None
    if end == "expired":
        InviteLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "used":
        InviteLink.objects.update(max_uses=2, uses=2)
    elif end == "revoked":
        actions.revoke_link(cast.manager.user, cast.group, link.pk)
    elif end == "demoted":
        actions.set_role(cast.master.user, cast.group, cast.manager.id, "member")
    elif end == "blocked":
        accounts.block_user(None, cast.manager.user)
    elif end == "left":
        actions.leave_group(cast.manager.user, cast.group)
    else:
        token = "x" * 22
    assert find_invite(token) is None
    assert refusal_of(actions.join_by_link, cast.stranger.user, token) == "invite_gone"
    pages = [Client().get(f"/join/{token}/"), cast.stranger.client.get(f"/join/{token}/")]
    assert [page.status_code for page in pages] == [404, 404]
    assert all(b"This link has expired" in page.content for page in pages)
    assert Client().get(f"/join/{token}/qr.svg").status_code == 404
    assert sign_up(token, "nobody") == 404 and not User.objects.filter(username="nobody").exists()


def test_a_group_has_only_so_many_links(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.actions.invites.LINKS_MAX", 1)
    link, _ = actions.make_link(cast.manager.user, cast.group)
    assert refusal_of(actions.make_link, cast.master.user, cast.group) == "too_many"
    actions.revoke_link(cast.master.user, cast.group, link.pk)
    actions.make_link(cast.master.user, cast.group)


@pytest.mark.parametrize(
    ("value", "maker", "invites", "made", "approved"),
    [
        ("open", "manager", "managers", True, True),
        ("invite", "manager", "managers", True, True),
        ("invite", "manager", "administrators", False, False),
        ("invite", "administrator", "administrators", True, True),
        ("approval", "manager", "managers", True, False),
        ("approval", "administrator", "managers", True, True),
        ("closed", "manager", "managers", False, False),
        ("closed", "administrator", "managers", False, False),
    ],
)
def test_sign_up_by_link(cast: Cast, value: str, maker: str, invites: str, made: bool, approved: bool) -> None:
    if maker == "manager":
        link, token = actions.make_link(cast.manager.user, cast.group)
    else:
        link, token = actions.make_site_link(cast.administrator.user, cast.group)
    mode(value, invites)
    browser = Client()
    assert browser.get(f"/join/{token}/").status_code == (200 if made else 403)
    answer = browser.post(f"/join/{token}/", {**NEW, "username": "khách"})
    link.refresh_from_db()
    user = User.objects.filter(username="khách").first()
    assert (user is not None, link.uses) == (made, int(made))
    if user is not None:
        assert (user.approved_at is not None) == approved and in_group(cast, user)
        assert answer.status_code == (302 if approved else 403)
        assert not approved or (
            answer["Location"] == f"/c/{cast.group}/" and browser.get(f"/c/{cast.group}/").status_code == 200
        )
        assert Event.objects.filter(action="account.made").latest("id").detail["invite"] == link.pk


def test_without_a_link_nobody_signs_up_where_one_is_needed(cast: Cast) -> None:
    mode("invite")
    page = Client().get("/accounts/signup/")
    assert b"By invitation only" in page.content
    Client().post("/accounts/signup/", {**NEW, "username": "nobody"})
    assert not User.objects.filter(username="nobody").exists()


def test_a_taken_name_costs_no_use(cast: Cast) -> None:
    link, token = actions.make_link(cast.manager.user, cast.group, max_uses=1)
    assert sign_up(token, "stranger") == 200
    link.refresh_from_db()
    assert link.uses == 0
    assert sign_up(token, "khách") == 302


def test_whoever_is_signed_in_joins_with_a_click(cast: Cast) -> None:
    _, token = actions.make_link(cast.manager.user, cast.group)
    browser = cast.stranger.client
    assert browser.get(f"/join/{token}/").status_code == 200 and not in_group(cast, cast.stranger.user)
    assert browser.post(f"/join/{token}/")["Location"] == f"/c/{cast.group}/"
    assert in_group(cast, cast.stranger.user)


def test_the_picture_leads_to_the_page(cast: Cast) -> None:
    _, token = actions.make_link(cast.manager.user, cast.group)
    answer = Client().get(f"/join/{token}/qr.svg")
    assert answer.status_code == 200 and answer["Content-Type"] == "image/svg+xml" and b"<path" in answer.content


def test_administrators_make_links_in_the_admin(cast: Cast) -> None:
    admin = cast.administrator.client
    page = admin.post("/admin/messaging/invitelink/add/", {"conversation": cast.group, "days": 30, "max_uses": 2})
    token = page.content.decode().partition("/join/")[2].partition("/")[0]
    offer = find_invite(token)
    assert offer and (offer.conversation, offer.trusted) == (cast.group, True)
    assert token not in admin.get("/admin/messaging/invitelink/").content.decode()
    admin.post("/admin/messaging/invitelink/", {"action": "revoke", "_selected_action": [offer.id]})
    assert find_invite(token) is None
    assert cast.moderator.client.get("/admin/messaging/invitelink/add/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_parallel_sign_ups_never_use_a_link_more_often_than_it_allows(transactional_db: None, cast: Cast) -> None:
    _, token = actions.make_link(cast.manager.user, cast.group, max_uses=3)
    policies.forget()

    def come(number: int) -> int:
        try:
            return sign_up(token, f"guest{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(come, range(8)))
    assert answers.count(302) == 3, answers
    assert User.objects.filter(username__startswith="guest").count() == 3
    assert InviteLink.objects.get().uses == 3
