from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import access
from accounts.models import LoginSession, User
from accounts.policies import Registration, Site
from accounts.tests.factories import PASSWORD, person, signed_in
from audit.models import Event
from core import policies

pytestmark = pytest.mark.django_db
USERS, POLICIES = "/admin/accounts/user/", "/admin/core/policy/"


@pytest.fixture
def admin(client):
    user = person("admin", is_admin=True)
    client.login(username="admin", password=PASSWORD)
    return user


def do(client, action, *users):
    return client.post(USERS, {"action": action, "_selected_action": [user.pk for user in users]}, follow=True)


def test_administrators_reach_the_admin_and_others_do_not(client):
    assert client.get("/admin/", follow=True).redirect_chain == [] or client.get("/admin/").status_code == 302
    person("admin", is_admin=True)
    person("member")
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/")["Location"].startswith("/accounts/login/")
    client.login(username="member", password=PASSWORD)
    assert client.get(USERS, follow=True).status_code == 403
    client.login(username="admin", password=PASSWORD)
    for page in (USERS, "/admin/accounts/loginsession/", "/admin/audit/event/", POLICIES):
        assert client.get(page).status_code == 200, page


def test_rows_cannot_be_changed_but_through_actions(client, admin):
    user = person("user")
    page = f"{USERS}{user.pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"username": "other", "is_superuser": "on"}).status_code == 403
    assert client.post(f"{USERS}{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{USERS}add/").status_code == 403
    assert (
        client.post(f"/admin/audit/event/{Event.objects.latest('id').pk}/delete/", {"post": "yes"}).status_code == 403
    )
    assert not User.objects.get(pk=user.pk).is_superuser


def test_actions_of_the_admin_are_the_actions_of_the_app(client, admin):
    user, waiting = person("user"), person("waiting", approved=False)
    session = signed_in(user)
    do(client, "approve", waiting)
    assert User.objects.get(pk=waiting.pk).is_active
    do(client, "end_sessions", user)
    assert LoginSession.objects.get(pk=session.pk).ended_reason == "ended"
    do(client, "block", user)
    assert access.account_verdict(User.objects.get(pk=user.pk)) == "blocked"
    do(client, "unblock", user)
    assert access.account_verdict(User.objects.get(pk=user.pk)) is None
    page = do(client, "reset_password", user).content.decode()
    assert "One-time password of user: " in page
    assert access.account_verdict(User.objects.get(pk=user.pk)) == "must_change_password"
    assert set(
        Event.objects.filter(actor_id=admin.pk, target_id__in=[user.pk, waiting.pk]).values_list("action", flat=True)
    ) == {
        "account_approved",
        "sessions_ended",
        "account_blocked",
        "account_unblocked",
        "password_reset",
    }


def test_the_admins_own_password_page_is_ours(client, admin):
    for method in (client.get, client.post):
        assert method("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_what_an_action_refuses_is_told(client, admin):
    assert "only administrator" in do(client, "block", admin).content.decode()
    assert User.objects.get().is_active


def test_policies_are_changed_on_one_page_and_written_down(client, admin):
    page = client.get(POLICIES)
    data = {
        name: field.initial if field.initial is not None else page.context["form"].initial[name]
        for name, field in page.context["form"].fields.items()
    }
    data = {name: value for name, value in data.items() if value is not False}
    assert client.post(POLICIES, {**data, "registration.mode": "closed", "site.name": "Lớp 10A"}).status_code == 302
    assert (policies.get(Registration).mode, policies.get(Site).name) == ("closed", "Lớp 10A")
    assert Event.objects.get(action="policies_changed").detail == {
        "registration.mode": "closed",
        "site.name": "Lớp 10A",
    }
    assert client.post(POLICIES, {**data, "passwords.minimum_length": "3"}).status_code == 200
    assert Event.objects.filter(action="policies_changed").count() == 1


def test_the_command_prints_a_one_time_password():
    user = person("Lan")
    out = StringIO()
    call_command("reset_password", "LAN", stdout=out)
    assert User.objects.get(pk=user.pk).check_password(out.getvalue().strip())
    with pytest.raises(CommandError):
        call_command("reset_password", "nobody")
