"""Fields that nobody was asked for (C24): each form and each command gets them besides its own, and nothing of them is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts import actions as accounts
from accounts.models import User
from messaging.models import Membership, Message
from tests.test_policy_matrix import (
    BODIES,
    COMMANDS,
    FORMS,
    OWN,
    Scene,
    address,
    code_of,
    fingerprint,
    pages_scene,  # noqa: F401
)

PLANTED = {
    "is_staff": "on", "is_superuser": "on", "is_admin": "on", "is_moderator": "on", "is_active": "on", "is_bot": "on", "site_role": "administrator",
    "approved_at": "2001-02-03", "blocked_at": "2001-02-03", "deleted_at": "2001-02-03", "date_joined": "2001-02-03", "created_at": "2001-02-03",
    "sent_at": "2001-02-03", "must_change_password": "", "password_expires": "2001-02-03", "id": "424242", "pk": "424242", "user_id": "424242",
    "sender": "424242", "seq": "424242", "change": "424242", "username_key": "planted", "html": "<b>planted</b>", "older_password": "planted",
    "erase_messages": "on",
}  # fmt: skip
OF_EVERYBODY = (
    "is_staff",
    "is_superuser",
    "is_bot",
    "must_change_password",
    "older_password",
    "erase_messages",
    "blocked_at",
    "deleted_at",
)


def planted() -> list[str]:
    """What a planted field would have left behind."""
    old = {"year__lte": 2002}
    found = [f"{field} of {name}" for field in OF_EVERYBODY for name in users_with(field)]
    for field in ("approved_at", "date_joined", "password_expires"):
        found += [f"{field} of {name}" for name in User.objects.filter(**{f"{field}__{k}": v for k, v in old.items()})]
    found += [f"user {user}" for user in User.objects.filter(pk=424242)]
    found += [
        f"message {m}" for m in Message.objects.filter(sent_at__year__lte=2002) | Message.objects.filter(seq=424242)
    ]
    found += [f"message {m}" for m in Message.objects.filter(html__contains="planted")]
    return found + [f"role {m}" for m in Membership.objects.filter(user=424242)]


def users_with(field: str) -> set[str]:
    """Whose column is not empty."""
    return {
        user.username
        for user in User.objects.exclude(
            **{field: False} if field.startswith(("is_", "must", "erase")) else empty(field)
        )
    }


def empty(field: str) -> dict[str, Any]:
    return {field: "" if field == "older_password" else None}


@pytest.mark.django_db
@pytest.mark.parametrize("route", FORMS)
def test_forms_take_their_own_fields_alone(pages_scene: Scene, route: str):  # noqa: F811
    browser = {role: pages_scene.browser(role) for role in ("anonymous", "newcomer", "stranger", "administrator")}
    before = planted()
    for role, client in browser.items():
        where, sent = address(pages_scene, route, role), FORMS[route](pages_scene, role)
        client.post(where, {**{k: v for k, v in PLANTED.items() if k not in sent}, **sent})
    after = set(planted()) - set(before)
    allowed = (
        {"must_change_password of"}
        if route == "admin/accounts/user/add/"
        else {"deleted_at of"}
        if route == "accounts/delete/"
        else set()
    )
    assert not [fact for fact in after if not any(fact.startswith(start) for start in allowed)]


@pytest.mark.django_db
def test_commands_refuse_fields_they_do_not_have(pages_scene: Scene):  # noqa: F811
    """The same bodies without them are taken: test_policy_matrix.py."""
    accounts.set_policies(None, {"limits.commands_burst": 10_000})
    taken = []
    for name in (name for name in COMMANDS if name not in OWN):
        role = next(role for role in ("member", "master", "stranger") if COMMANDS[name][role] == "ok")
        browser, body = pages_scene.browser(role), BODIES[name](pages_scene, role)
        before = fingerprint(pages_scene)
        for field in ("is_staff", "role", "sender", "seq", "change", "created_at", "user_id", "html"):
            if field not in body:
                sent = json.dumps({**body, field: 1})
                code = code_of(browser.post(f"/api/{name}", sent, content_type="application/json"))
                taken += [f"{name} {field}: {code}"] if code != "bad_request" else []
        assert fingerprint(pages_scene) == before, name
    assert taken == []
