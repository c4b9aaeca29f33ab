import threading

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import identify_hasher
from django.db import connection

from accounts import access, actions
from accounts.models import Block, Friendship, LoginSession, SignInGuard, Token, User
from accounts.tests.factories import PASSWORD, many_sessions, person, signed_in
from audit.chain import verify
from audit.models import Event
from core import registry
from core.refusal import Refusal
from realtime.models import UserHead

pytestmark = pytest.mark.django_db


def code_of(call, *args, **kwargs):
    with pytest.raises(Refusal) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


def head(user):
    row = UserHead.objects.filter(user=user).first()
    return row.number if row else 0


def test_an_account_is_made_told_to_upper_apps_and_written_down(monkeypatch):
    told: list[User] = []
    monkeypatch.setattr(registry, "accounts_made", [told.extend])
    user = person("王小明", display_name="  Tiểu   Minh ")
    assert (user.username, user.name, user.is_active, user.is_admin) == ("王小明", "Tiểu Minh", True, False)
    assert told == [user]
    event = Event.objects.get(action="account.made")
    assert (event.actor_name, event.target_id, event.detail) == ("王小明", user.pk, {"admin": False, "approved": True})
    assert PASSWORD not in str(list(Event.objects.values()))


def test_an_account_that_an_upper_app_refuses_is_not_made(monkeypatch):
    def refuse(user):
        raise Refusal("conflict")

    monkeypatch.setattr(registry, "accounts_made", [refuse])
    assert code_of(person, "lan") == "conflict"
    assert not User.objects.exists() and not Event.objects.exists()


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "system", "Everyone", "所有人", "a" * 33, "x\x00", "~3", "a@b", "\u0301a"]
)
def test_a_name_that_cannot_be_is_refused(name):
    assert code_of(person, name) == "bad_username"


def test_only_administrators_make_accounts_for_others():
    admin, member = person("admin", is_admin=True), person("member")
    assert actions.make_account(admin, "new", PASSWORD).username == "new"
    assert code_of(actions.make_account, member, "newer", PASSWORD) == "not_allowed"


def test_the_hash_is_argon2id_with_46_mib(real_hash):
    encoded = person().password
    assert identify_hasher(encoded).algorithm == "argon2" and "$argon2id$" in encoded and "m=47104,t=1,p=1" in encoded


def test_a_right_password_signs_in_under_any_spelling_of_the_name():
    user = person("Lan")
    assert authenticate(username="LAN", password=PASSWORD) == user
    assert authenticate(username="Lan", password="wrong") is None
    assert authenticate(username="nobody", password=PASSWORD) is None


def test_a_very_long_password_is_refused_before_it_is_hashed(monkeypatch):
    person("lan")
    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.verify", lambda *args: pytest.fail("hashed"))
    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.encode", lambda *args: pytest.fail("hashed"))
    assert authenticate(username="lan", password="x" * 257) is None
    assert authenticate(username="nobody", password="x" * 5_000_000) is None
    assert not SignInGuard.objects.exists()
    assert code_of(actions.make_account, None, "long", "x" * 257) == "bad_password"


def test_blocking_ends_all_sessions_and_unblocking_lets_in_again():
    admin, member, user = person("admin", is_admin=True), person("member"), person("user")
    session = signed_in(user)
    assert code_of(actions.block_user, member, user) == "not_allowed"
    assert session.pk in access.actors([session.pk])
    before = head(user)
    actions.block_user(admin, user, "Spam")
    assert access.gate([session.pk]) == {session.pk: (4003, "session_ended")}
    assert head(user) == before + 1
    assert (user.blocked_reason, user.is_active) == ("Spam", False)
    assert code_of(actions.block_user, admin, user) == "conflict"
    assert code_of(actions.unblock_user, member, user) == "not_allowed"
    actions.unblock_user(admin, user)
    assert user.is_active and user.blocked_reason == ""
    assert list(
        Event.objects.filter(target_id=user.pk, action__contains="block")
        .values_list("action", "actor_name")
        .order_by("id")
    ) == [
        ("account.blocked", "admin"),
        ("account.unblocked", "admin"),
    ]


def test_the_last_administrator_stays():
    admin = person("admin", is_admin=True)
    assert code_of(actions.block_user, admin, admin) == "last_administrator"
    assert code_of(actions.delete_account, admin, admin) == "last_administrator"
    second = person("second", is_admin=True)
    actions.block_user(second, admin)
    assert code_of(actions.delete_account, second, second) == "last_administrator"


def test_approval_lets_a_registered_person_in():
    admin, user = person("admin", is_admin=True), person("user", approved=False)
    assert access.account_verdict(user) == "not_approved"
    assert code_of(actions.approve_user, user, user) == "not_allowed"
    actions.approve_user(admin, user)
    assert access.account_verdict(user) is None
    assert code_of(actions.approve_user, admin, user) == "conflict"


def test_deleting_frees_the_name_and_removes_what_is_personal(monkeypatch):
    told: list[User] = []
    monkeypatch.setattr(registry, "account_deleted", [lambda user: told.append(user) or ()])
    user, other, admin = person("user", display_name="U"), person("other"), person("admin", is_admin=True)
    Friendship.objects.create(low=user, high=other, asked_by=other)
    Block.objects.create(blocker=admin, blocked=user)
    Token.objects.create(user=user, name="t", digest="d")
    session = signed_in(user)
    assert code_of(actions.delete_account, other, user) == "not_allowed"
    assert not told
    actions.delete_account(user, user)
    assert told == [user]
    assert (user.display_name, user.is_active, user.has_usable_password()) == ("", False, False)
    assert not Friendship.objects.exists() and not Block.objects.exists() and not Token.objects.exists()
    assert access.gate([session.pk]) == {session.pk: (4003, "session_ended")}
    assert person("user").pk != user.pk
    assert code_of(actions.delete_account, admin, user) == "conflict"
    assert (
        Event.objects.filter(action="account.deleted", detail={"username": "user", "messages_go": False}).count() == 1
    )


def test_changing_the_password_ends_all_other_sessions():
    user = person()
    many_sessions()
    here, there = signed_in(user), signed_in(user)
    assert code_of(actions.change_password, user, "short") == "bad_password"
    assert code_of(actions.change_password, user, PASSWORD) == "bad_password"
    assert set(access.actors([here.pk, there.pk])) == {here.pk, there.pk}
    actions.change_password(user, "another-Tea-4711", keep=here)
    assert set(access.actors([here.pk, there.pk])) == {here.pk}
    assert authenticate(username="lan", password="another-Tea-4711") == user
    assert authenticate(username="lan", password=PASSWORD) is None


def test_a_reset_gives_a_one_time_password_that_must_be_changed():
    admin, user = person("admin", is_admin=True), person("user")
    session = signed_in(user)
    assert code_of(actions.reset_password, user, user) == "not_allowed"
    password = actions.reset_password(admin, user)
    assert len(password) == 12 and password.isalnum()
    assert access.account_verdict(user) == "must_change_password"
    assert session.pk in access.gate([session.pk])
    assert authenticate(username="user", password=password) == user
    actions.change_password(user, "another-Tea-4711")
    assert access.account_verdict(user) is None and user.password_expires is None


def test_ones_own_session_can_be_ended_and_that_of_others_not():
    user, stranger, admin = person("user"), person("stranger"), person("admin", is_admin=True)
    many_sessions()
    session, second = signed_in(user), signed_in(user)
    assert code_of(access.get_login_session, stranger, session.pk) == "not_found"
    assert code_of(actions.end_session, stranger, session) == "not_found"
    actions.end_session(user, access.get_login_session(user, session.pk))
    assert code_of(actions.end_session, user, session) == "not_found"
    actions.end_session(admin, second)
    assert list(LoginSession.objects.values_list("ended_reason", flat=True)) == ["ended", "ended"]


def test_ending_all_others_keeps_this_one():
    user = person()
    here = signed_in(user)
    for kind in ("phone", "gateway"):
        signed_in(user, kind)
    assert actions.end_other_sessions(user, here) == 2
    assert list(access.live_sessions(user)) == [here]
    assert actions.end_other_sessions(user, here) == 0


def test_signing_out_twice_is_signing_out_once():
    session = signed_in(person())
    actions.close_session(session)
    actions.close_session(session)
    assert Event.objects.filter(action="session.closed").count() == 1


def test_seen_moves_on_at_most_once_a_minute():
    session = signed_in(person())
    actions.seen([session.pk])
    unchanged = LoginSession.objects.get()
    assert unchanged.last_seen == session.last_seen
    LoginSession.objects.update(last_seen=session.last_seen - actions.SEEN_EVERY * 2)
    actions.seen([session.pk])
    assert LoginSession.objects.get().last_seen >= session.last_seen
    last_seen = User.objects.get().last_seen
    assert last_seen is not None and last_seen >= session.last_seen


def test_all_this_leaves_the_chain_of_the_log_whole():
    user = person()
    signed_in(user)
    actions.set_options(user, {"theme": "dark"})
    assert code_of(actions.sign_in, "x\x00\ud800y", "wrong", ip="::ffff:10.0.0.1") == "wrong_credentials"
    assert verify().broken_at is None
    assert Event.objects.get(action="signin.failed").ip == "10.0.0.1"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_name_at_once_one_gets_it():
    start, results = threading.Barrier(2), []

    def take(name):
        start.wait()
        try:
            results.append(person(name).username_key)
        except Refusal as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    takers = [threading.Thread(target=take, args=(name,)) for name in ("Lan", "LAN")]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert sorted(results) == ["lan", "name_taken"]
    assert User.objects.count() == 1
