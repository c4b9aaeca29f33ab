"""Every action of the admin for every role, against verdicts that were written by hand; and nobody raises himself through it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import RequestFactory

from accounts import actions as accounts
from accounts.models import SignInGuard, User
from audit.models import Event
from files.models import Upload
from files.tests.made import make_picture
from messaging import actions
from messaging.models import Conversation, Membership
from tests.cast import Cast, person, refusal_of

pytestmark = pytest.mark.django_db
ROLES = ("administrator", "moderator", "member", "stranger")
numbers = itertools.count(1)
Made = tuple[int, dict[str, Any]]  # what the action is done to, and the answer to its question


def read_verdicts() -> dict[str, dict[str, str]]:
    found = {}
    for line in (Path(__file__).parent / "admin_verdicts.txt").read_text().splitlines():
        row = line.partition("  # ")[0].split()
        if row and row[0] == "action":
            assert tuple(row[1:]) == ROLES
        elif row and row[0] != "#":
            found[" ".join(row[:2])] = dict(zip(ROLES, row[2:], strict=True))
    return found


VERDICTS = read_verdicts()


def someone(cast: Cast, how: str = "") -> User:
    """A new account in some state."""
    user = person(f"new-{next(numbers)}").user
    if how == "waits":
        User.objects.filter(pk=user.pk).update(approved_at=None)
    elif how == "blocked":
        accounts.block_user(cast.administrator.user, user, "spam")
    elif how == "locked":
        SignInGuard.objects.create(key=f"name:{user.username_key}", failures=50)
    elif how == "factor":
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    elif how == "signed in":
        accounts.open_session(user, kind="phone")
    return user


def group(cast: Cast) -> int:
    """A new group of master and member."""
    return actions.create_group(cast.master.user, f"Lớp {next(numbers)} 班", [cast.member.id])["id"]


def closed(cast: Cast) -> int:
    """One in which only managers may write."""
    actions.change_settings(cast.master.user, made := group(cast), posting="managers")
    return made


def deleted(cast: Cast) -> Made:
    user = someone(cast)
    return user.pk, {"name": user.username}


def unused(cast: Cast) -> Made:
    """A picture that nothing refers to, not even its upload."""
    picture = make_picture(cast.member)
    Upload.objects.filter(file=picture).delete()
    return picture.pk, {}


MAKE: dict[str, Callable[[Cast], Made]] = {
    "accounts.user approve": lambda cast: (someone(cast, "waits").pk, {}),
    "accounts.user block": lambda cast: (someone(cast).pk, {"reason": "Bán hàng 卖东西"}),
    "accounts.user unblock": lambda cast: (someone(cast, "blocked").pk, {}),
    "accounts.user unlock": lambda cast: (someone(cast, "locked").pk, {}),
    "accounts.user reset_password": lambda cast: (someone(cast).pk, {}),
    "accounts.user reset_second_factor": lambda cast: (someone(cast, "factor").pk, {}),
    "accounts.user end_sessions": lambda cast: (someone(cast, "signed in").pk, {}),
    "accounts.user set_role": lambda cast: (someone(cast).pk, {"role": "moderator"}),
    "accounts.user delete_account": deleted,
    "messaging.conversation rename": lambda cast: (group(cast), {"name": f"Tên {next(numbers)} 名"}),
    "messaging.conversation appoint": lambda cast: (group(cast), {"username": cast.member.user.username}),
    "messaging.conversation close_posting": lambda cast: (group(cast), {}),
    "messaging.conversation open_posting": lambda cast: (closed(cast), {}),
    "messaging.conversation dissolve": lambda cast: (group(cast), {}),
    "messaging.invitelink revoke": lambda cast: (actions.make_link(cast.master.user, group(cast))[0].pk, {}),
    "files.storedfile delete_unused": unused,
}


def registered(cast: Cast) -> set[str]:
    """All actions that the admin offers to an administrator."""
    request = RequestFactory().get("/admin/")
    request.user = cast.administrator.user
    return {
        f"{one.opts.label_lower} {name}" for one in admin.site._registry.values() for name in one.get_actions(request)
    }


def do(cast: Cast, role: str, name: str, pk: int, answer: dict[str, Any]) -> str:
    """What comes of an action."""
    who, (label, action) = getattr(cast, role), name.split()
    browser, his = who.client, Event.objects.filter(actor_id=who.id)
    before = his.count()
    sent = {"action": action, "_selected_action": [pk], "answered": 1, **answer}
    response = browser.post(f"/admin/{label.replace('.', '/')}/", sent)
    mine = his.count() > before
    if response.status_code == 302 and "/login/" in response["Location"]:
        return "login" if not mine else "login, and it happened"
    if response.status_code in (200, 302):
        return "done" if mine else f"{response.status_code}, and nothing happened"
    return str(response.status_code) if not mine else f"{response.status_code}, and it happened"


def test_every_action_of_the_admin_has_a_row(cast: Cast):
    assert set(VERDICTS) == registered(cast) == set(MAKE)


@pytest.mark.parametrize("name", VERDICTS)
def test_action(cast: Cast, name: str):
    assert {role: do(cast, role, name, *MAKE[name](cast)) for role in ROLES} == VERDICTS[name]


def test_an_action_is_for_the_rows_that_were_chosen(cast: Cast):
    pk, _ = MAKE["messaging.conversation close_posting"](cast)
    sent = {"action": "close_posting", "_selected_action": [pk], "index": 0}
    address = "/admin/messaging/conversation/"
    assert cast.administrator.client.post(address, {**sent, "select_across": 1}).status_code == 400
    assert not Conversation.objects.filter(who_may_post="managers").exists()
    assert cast.administrator.client.post(address, {**sent, "select_across": 0}).status_code == 302
    assert list(Conversation.objects.filter(who_may_post="managers").values_list("pk", flat=True)) == [pk]


def test_what_administrators_do_to_groups_is_refused_to_all_others_by_the_actions_themselves(cast: Cast):
    made = group(cast)
    for who in (cast.moderator.user, cast.master.user, cast.stranger.user):
        assert refusal_of(actions.rename_for_all, who, made, "Khác") == "not_allowed"
        assert refusal_of(actions.appoint_master, who, made, cast.member.id) == "not_allowed"
        assert refusal_of(actions.close_posting, who, made, True) == "not_allowed"
        assert refusal_of(actions.dissolve_for_all, who, made) == "not_allowed"
        assert refusal_of(actions.view_message, who, 1) == "not_allowed"
    head = cast.administrator.user
    for place in (cast.direct, cast.everyone):
        assert refusal_of(actions.dissolve_for_all, head, place) == "not_found"
        assert refusal_of(actions.rename_for_all, head, place, "Khác") == "not_found"
    assert refusal_of(actions.appoint_master, head, made, cast.stranger.id) == "not_found"
    actions.appoint_master(head, made, cast.member.id)
    roles = dict(Membership.objects.filter(conversation=made).values_list("user_id", "role"))
    assert roles == {cast.master.id: "manager", cast.member.id: "master"}
    actions.dissolve_for_all(head, made)
    assert refusal_of(actions.dissolve_for_all, head, made) == "not_found"


RAISED = {
    "is_superuser": "on", "is_staff": "on", "is_active": "on", "role": "administrator", "site_role": "administrator", "groups": "1",
    "user_permissions": [1, 2, 3], "_save": "1",
}  # fmt: skip


@pytest.mark.parametrize("role", ["moderator", "member"])
def test_nobody_raises_himself(cast: Cast, role: str):
    """By no form of the admin, by no page of his own, and not even where somebody has given him Django's permissions."""
    who, other = getattr(cast, role), someone(cast)
    before = {user.pk: (user.is_superuser, user.is_staff) for user in User.objects.all()}
    for given in (False, True):
        if given:
            who.user.user_permissions.set(Permission.objects.all())
        for pk in (who.id, other.pk):
            page = f"/admin/accounts/user/{pk}/"
            for address in (f"{page}change/", f"{page}delete/", f"{page}password/"):
                assert who.client.post(address, RAISED).status_code in (302, 403, 404), address
            for action in ("set_role", "approve", "reset_password"):
                sent = {**RAISED, "action": action, "_selected_action": [pk], "answered": 1}
                assert who.client.post("/admin/accounts/user/", sent).status_code in (302, 403)
        made = {"username": f"made-{next(numbers)}", **RAISED}
        assert who.client.post("/admin/accounts/user/add/", made).status_code in (302, 403)
        assert who.client.post("/admin/core/policy/", {"registration.mode": "open"}).status_code in (302, 403)
        for address in (
            "/admin/accounts/user/",
            "/admin/core/policy/",
            "/admin/audit/event/",
            "/admin/messaging/message/",
        ):
            assert who.client.get(address).status_code in (302, 403), address
    own = {"display_name": "Tên 名", "status": "", "language": "vi", "time_zone": ""}
    assert who.client.post("/accounts/settings/", {**RAISED, **own}).status_code in (200, 302)
    for run in (
        lambda: accounts.set_role(who.user, who.user, "administrator"),
        lambda: accounts.set_role(who.user, other, "moderator"),
        lambda: accounts.create_account(who.user, f"made-{next(numbers)}", role="administrator"),
        lambda: accounts.set_policies(who.user, {"registration.mode": "open"}),
        lambda: accounts.block_user(who.user, cast.administrator.user),
    ):
        assert refusal_of(run) == "not_allowed"
    assert {user.pk: (user.is_superuser, user.is_staff) for user in User.objects.all()} == before
    accounts.set_role(cast.administrator.user, who.user, "administrator")  # the same, where it is allowed
    assert User.objects.get(pk=who.id).is_superuser
