import re

import pytest
from django.contrib.sessions.models import Session

from accounts import access, actions
from accounts.events import me
from accounts.models import LoginSession, User
from accounts.policies import Registration, Site
from accounts.tests.factories import PASSWORD, person, signed_in
from audit.models import Event
from core import policies
from realtime.models import UserHead

pytestmark = pytest.mark.django_db
USERS, POLICIES = "/admin/accounts/user/", "/admin/core/policy/"


@pytest.fixture
def admin(client):
    user = person("admin", is_admin=True)
    client.login(username="admin", password=PASSWORD)
    return user


def do(client, action, *users, **answers):
    return client.post(
        USERS, {"action": action, "_selected_action": [user.pk for user in users], **answers}, follow=True
    )


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
    assert client.get("/admin/accounts/loginsession/add/").status_code == 403
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
    assert "Reason" in do(client, "block", user).content.decode()
    assert access.account_verdict(User.objects.get(pk=user.pk)) is None
    do(client, "block", user, answered=1, reason="Spam")
    assert access.account_verdict(User.objects.get(pk=user.pk)) == "blocked"
    assert User.objects.get(pk=user.pk).blocked_reason == "Spam"
    do(client, "unblock", user)
    assert access.account_verdict(User.objects.get(pk=user.pk)) is None
    password = re.search(r'data-copy="(\w{12})"', do(client, "reset_password", user).content.decode())[1]
    assert User.objects.get(pk=user.pk).check_password(password)
    stored = "".join(str(session.get_decoded()) for session in Session.objects.all())
    assert password not in stored + str(list(Event.objects.values()))
    assert password not in client.get(USERS).content.decode()
    assert access.account_verdict(User.objects.get(pk=user.pk)) == "must_change_password"
    assert set(
        Event.objects.filter(actor_id=admin.pk, target_id__in=[user.pk, waiting.pk]).values_list("action", flat=True)
    ) == {
        "account.approved",
        "sessions.ended",
        "account.blocked",
        "account.unblocked",
        "password.reset",
    }


def test_the_admins_own_password_page_is_ours(client, admin):
    for method in (client.get, client.post):
        assert method("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_what_an_action_refuses_is_told(client, admin):
    assert "only administrator" in do(client, "block", admin, answered=1).content.decode()
    person("second", is_admin=True)
    assert "himself" in do(client, "block", admin, answered=1).content.decode()
    assert "himself" in do(client, "set_role", admin, answered=1, role="member").content.decode()
    assert "himself" in do(client, "delete_account", admin, answered=1, name="admin").content.decode()
    assert User.objects.get(pk=admin.pk).is_active and User.objects.get(pk=admin.pk).is_admin


def test_policies_are_changed_on_one_page_and_written_down(client, admin):
    page = client.get(POLICIES)
    data = {
        name: field.initial if field.initial is not None else page.context["form"].initial[name]
        for name, field in page.context["form"].fields.items()
    }
    data = {name: value for name, value in data.items() if value is not False}
    assert client.post(POLICIES, {**data, "registration.mode": "closed", "site.name": "Lớp 10A"}).status_code == 302
    assert (policies.get(Registration).mode, policies.get(Site).name) == ("closed", "Lớp 10A")
    assert Event.objects.get(action="policies.changed").detail == {
        "registration.mode": "closed",
        "site.name": "Lớp 10A",
    }
    told = set()
    for language in ("en", "vi", "zh-hans"):
        User.objects.filter(pk=admin.pk).update(language=language)
        page = client.post(POLICIES, {**data, "passwords.minimum_length": "3"})
        assert page.status_code == 200
        told.add(
            re.search(r'id="id_passwords.minimum_length_error".*?<li>(.*?)</li>', page.content.decode(), re.DOTALL)[1]
        )
    assert len(told) == 3
    assert Event.objects.filter(action="policies.changed").count() == 1


def test_one_account_is_made_with_a_password_shown_once(client, admin):
    assert "one-time password" in client.get(f"{USERS}add/").content.decode()
    sent = {
        "username": "王 小明",
        "display_name": "小明",
        "language": "zh-hans",
        "role": "moderator",
        "is_superuser": "on",
    }
    assert "letters and figures" in client.post(f"{USERS}add/", sent).content.decode()
    page = client.post(f"{USERS}add/", {**sent, "username": "王小明"})
    user = User.objects.get(username="王小明")
    assert user.check_password(re.search(r'data-copy="(\w{12})"', page.content.decode())[1])
    assert (user.site_role, user.language, user.must_change_password) == ("moderator", "zh-hans", True)
    assert "no-store" in page["Cache-Control"]
    assert "is taken" in client.post(f"{USERS}add/", {**sent, "username": "王小明"}).content.decode()


def test_roles_are_given_and_the_page_of_a_person_offers_what_can_be_done(client, admin):
    user = person("user", display_name="<b>U</b>")
    page = client.get(f"{USERS}{user.pk}/change/").content.decode()
    assert "delete_account" in page and "&lt;b&gt;U&lt;/b&gt;" in page and "<b>U</b>" not in page
    assert 'value="delete_account"' not in client.get(f"{USERS}{admin.pk}/change/").content.decode()
    assert 'type="radio"' in do(client, "set_role", user).content.decode()
    do(client, "set_role", user, answered=1, role="moderator")
    assert User.objects.get(pk=user.pk).site_role == "moderator"
    assert "already" in do(client, "set_role", user, answered=1, role="moderator").content.decode()
    assert Event.objects.get(action="site_role.changed").detail == {"from": "member", "to": "moderator"}


def test_an_account_goes_when_its_name_is_typed(client, admin):
    user, other = person("user"), person("other")
    assert "one by one" in do(client, "delete_account", user, other).content.decode()
    for name in ("", "other"):
        assert (
            "user name of the account" in do(client, "delete_account", user, answered=1, name=name).content.decode()
            or not name
        )
    assert User.objects.get(pk=user.pk).deleted_at is None
    do(client, "delete_account", user, answered=1, name="user")
    assert User.objects.get(pk=user.pk).deleted_at is not None


def test_who_waits_is_told_on_the_first_page(client, admin):
    assert "approval" not in client.get("/admin/").content.decode()
    person("waiting", approved=False)
    assert "1 person waits for approval" in client.get("/admin/").content.decode()
    page = client.get(f"{USERS}?state=waiting").content.decode()
    assert page.count("_selected_action") == 1 and ">waiting<" in page


def test_moderators_see_the_frame_of_the_admin_and_nothing_of_accounts(client, admin):
    person("moderator", is_moderator=True)
    client.login(username="moderator", password=PASSWORD)
    first = client.get("/admin/").content.decode()
    assert "/admin/messaging/report/" in first and "/admin/accounts/" not in first and "/admin/audit/" not in first
    for path in (USERS, f"{USERS}add/", f"{USERS}import/", f"{USERS}import/1/", f"{USERS}import/1/progress/", POLICIES):
        assert client.get(path).status_code == 403, path
    for path in (f"{USERS}add/", f"{USERS}import/", f"{USERS}import/1/start/", f"{USERS}import/1/report/"):
        assert client.post(path, {"username": "new", "role": "member"}).status_code == 403, path
    assert User.objects.count() == 2


def test_sessions_are_found_by_person_and_by_address(client, admin):
    signed_in(person("lan", display_name="Trần Thị Lan"))
    LoginSession.objects.filter(user__username="lan").update(ip="10.1.2.3")

    def found(query):
        return client.get("/admin/accounts/loginsession/", {"q": query}).content.decode().count("field-person")

    assert (found("tran lan"), found("10.1.2.3"), found("10.1.2"), found("nobody")) == (1, 1, 0, 0)
    assert found("") == 2


def test_administrators_and_nobody_else_are_told_who_waits():
    admin, moderator = person("admin", is_admin=True), person("mod", is_moderator=True)

    def told():
        heads = dict(UserHead.objects.values_list("user_id", "number"))
        return [(me(user)["waiting"], heads.get(user.pk, 0)) for user in (admin, moderator)]

    (_, first), (_, quiet) = told()
    waits = actions.make_account(None, "waits", PASSWORD, approved=False)
    assert told() == [(1, first + 1), (0, quiet)]
    actions.approve_user(admin, waits)
    assert told() == [(0, first + 2), (0, quiet)]
