"""The ways back in, and what else an operator does without a browser."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from accounts import access, actions
from accounts.models import SignInGuard, User
from accounts.tests.factories import PASSWORD, person, signed_in
from audit.models import Event

pytestmark = pytest.mark.django_db


def said(*arguments, **options):
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue().strip()


def now(user):
    return User.objects.get(pk=user.pk)


def last_action():
    event = Event.objects.latest("id")
    return event.action, event.actor_id, event.target_name


@pytest.mark.parametrize(
    "command",
    [["reset_password"], ["reset_second_factor"], ["unlock"], ["block_user"], ["delete_user", "--yes"], ["set_role"]],
)
def test_a_name_that_nobody_has_is_told(command):
    more = ["moderator"] if command[0] == "set_role" else []
    with pytest.raises(CommandError, match="no account named"):
        call_command(command[0], "nobody", *more, *command[1:])


def test_a_password_is_reset_under_any_spelling_of_the_name():
    user = person("Lan")
    assert now(user).check_password(PASSWORD)
    password = said("reset_password", "LAN")
    assert now(user).check_password(password) and now(user).must_change_password
    assert last_action() == ("password.reset", None, "Lan")


def test_a_lost_second_factor_is_taken_off():
    user = person("lan")
    with pytest.raises(CommandError, match="no second factor"):
        call_command("reset_second_factor", "lan")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    assert access.has_second_factor(user)
    said("reset_second_factor", "lan")
    assert not access.has_second_factor(user)
    assert last_action() == ("second_factor.reset", None, "lan")


def test_a_locked_name_is_unlocked():
    person("lan")
    SignInGuard.objects.create(key="name:lan", failures=50)
    said("unlock", "lan")
    assert not SignInGuard.objects.filter(key="name:lan", failures__gt=0).exists()


def test_blocking_and_unblocking():
    user = person("lan")
    session = signed_in(user)
    said("block_user", "lan", reason="Spam")
    assert (now(user).blocked_reason, access.actors([session.pk])) == ("Spam", {})
    with pytest.raises(CommandError):
        call_command("block_user", "lan")
    said("block_user", "lan", undo=True)
    assert now(user).is_active


def test_an_account_is_deleted_when_its_name_is_typed(monkeypatch):
    user = person("lan")
    monkeypatch.setattr("builtins.input", lambda text: "lam")
    with pytest.raises(CommandError, match="Nothing"):
        call_command("delete_user", "lan")
    monkeypatch.setattr("builtins.input", lambda text: "lan")
    said("delete_user", "lan")
    assert now(user).deleted_at is not None
    person("minh")
    said("delete_user", "minh", yes=True)
    assert not User.objects.filter(username="minh").exists()


def test_roles_and_the_last_administrator():
    admin, user = person("admin", is_admin=True), person("lan")
    for undo in (["set_role", "admin", "member"], ["block_user", "admin"], ["delete_user", "admin", "--yes"]):
        with pytest.raises(CommandError, match="only administrator"):
            call_command(*undo)
    said("set_role", "lan", "administrator")
    assert now(user).is_admin and now(user).is_staff
    said("set_role", "admin", "moderator")
    assert (now(admin).site_role, last_action()) == ("moderator", ("site_role.changed", None, "admin"))


def test_an_account_is_made_and_its_password_printed():
    password = said("create_user", "王小明", display_name="小明", role="administrator")
    user = User.objects.get(username="王小明")
    assert user.check_password(password) and user.must_change_password and user.is_admin and user.name == "小明"
    assert access.account_verdict(user) == "must_change_password"
    assert said("create_user", "mod", "--moderator") and User.objects.get(username="mod").site_role == "moderator"
    for name in ("王小明", "a b", "all"):
        with pytest.raises(CommandError):
            call_command("create_user", name)


def test_site_roles_reach_everyone_and_only_administrators_give_them():
    from core.refusal import Refusal
    from messaging.models import Membership

    admin, moderator, user = person("admin", is_admin=True), person("mod", is_moderator=True), person("lan")
    for actor in (moderator, user):
        with pytest.raises(Refusal, match="not_allowed"):
            actions.set_role(actor, user, "moderator")
    actions.set_role(admin, user, "moderator")
    assert Membership.objects.get(user=user, conversation__kind="everyone").role == "manager"
    actions.set_role(admin, user, "member")
    assert Membership.objects.get(user=user, conversation__kind="everyone").role == "member"
    with pytest.raises(Refusal, match="bad_request"):
        actions.set_role(admin, user, "god")
