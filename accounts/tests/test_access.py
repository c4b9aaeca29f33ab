from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts import access, actions
from accounts.models import Block, LoginSession, User
from accounts.tests.factories import PASSWORD, person, signed_in
from core import policies
from core.refusal import Refusal

pytestmark = pytest.mark.django_db


def identify(key):
    identity = access.socket_identity(key)
    assert identity is not None
    return identity


def senders(sessions):
    return access.senders(sessions, connection.ops.adapt_datetimefield_value(timezone.now()))


def sign_in(client, user):
    assert client.login(username=user.username, password=PASSWORD)
    return client.session.session_key


def test_a_socket_is_the_person_of_its_cookie(client, django_assert_max_num_queries):
    user = person(display_name="Lan Anh", language="vi")
    key = sign_in(client, user)
    with django_assert_max_num_queries(2):
        identity = identify(key)
    assert (identity.user_id, identity.username, identity.name, identity.language, identity.verdict) == (
        user.pk,
        "lan",
        "Lan Anh",
        "vi",
        None,
    )
    assert identity.login_session_id == LoginSession.objects.get().pk


def test_a_socket_without_or_with_a_made_up_cookie_is_nobody():
    assert access.socket_identity(None) is None
    assert access.socket_identity("") is None
    assert access.socket_identity("x" * 32) is None


def test_a_cookie_from_before_a_password_change_is_nobody(client):
    user = person()
    key = sign_in(client, user)
    assert access.socket_identity(key)
    User.objects.filter(pk=user.pk).update(password="argon2$other")
    assert access.socket_identity(key) is None


def test_a_cookie_without_a_session_of_ours_is_nobody(client):
    key = sign_in(client, person())
    session = client.session
    del session[access.LOGIN_SESSION]
    session.save()
    assert access.socket_identity(key) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"deleted_at": timezone.now()}, "session_ended"),
        ({"blocked_at": timezone.now()}, "blocked"),
        ({"approved_at": None}, "not_approved"),
        ({"must_change_password": True}, "must_change_password"),
        (
            {"must_change_password": True, "password_expires": timezone.now() + timedelta(hours=1)},
            "must_change_password",
        ),
        ({"must_change_password": True, "password_expires": timezone.now() - timedelta(hours=1)}, "password_expired"),
    ],
)
def test_every_entrance_gets_the_same_verdict(client, change, code):
    user = person()
    key = sign_in(client, user)
    User.objects.filter(pk=user.pk).update(**change)
    session_id = LoginSession.objects.get().pk
    assert identify(key).verdict == code
    assert (session_id in access.actors([session_id])) == (code is None)
    assert (session_id in senders([session_id])) == (code is None)
    assert access.gate([session_id]) == ({} if code is None else {session_id: (4003, code)})


@pytest.mark.parametrize(
    ("reason", "code", "close"),
    [("displaced", "displaced", 4001), ("ended", "session_ended", 4003), ("password", "session_ended", 4003)],
)
def test_an_ended_session_closes_with_its_reason(reason, code, close):
    ended, live = signed_in(person("a")), signed_in(person("b"))
    actions.end_all_sessions(ended.user, reason)
    assert access.gate([ended.pk, live.pk]) == {ended.pk: (close, code)}
    assert set(access.actors([ended.pk, live.pk])) == {live.pk}
    assert senders([ended.pk, live.pk]) == {live.pk: (live.user_id, "b", "")}


def test_a_session_that_never_was_closes(django_assert_num_queries):
    policies.refresh()  # a server does so on its clock
    with django_assert_num_queries(2):  # one more than when all may stay: why
        assert access.gate([99]) == {99: (4003, "session_ended")}


def test_actors_come_in_one_query_with_their_session(django_assert_num_queries):
    sessions = [signed_in(person(name)) for name in "abc"]
    with django_assert_num_queries(1):
        people = access.actors(session.pk for session in sessions)
        assert [people[session.pk]._login_session for session in sessions] == sessions


def test_everybody_usable_is_seen_and_nobody_else():
    me, other = person("me"), person("other")
    blocked, deleted, waiting = person("blocked"), person("deleted"), person("waiting", approved=False)
    actions.block_user(None, blocked)
    actions.delete_account(None, deleted)
    assert access.people_for(me) == [me, other]
    assert access.get_person(me, other.pk) == other
    for hidden in (blocked, deleted, waiting):
        with pytest.raises(Refusal) as refusal:
            access.get_person(me, hidden.pk)
        assert refusal.value.code == "not_found"


def test_a_block_hides_both_from_each_other():
    one, other, third = person("one"), person("other"), person("third")
    assert other in access.people_for(one)
    Block.objects.create(blocker=one, blocked=other)
    assert access.people_for(one) == [one, third]
    assert access.people_for(other) == [other, third]
    pairs = [(one.pk, other.pk), (other.pk, one.pk), (one.pk, third.pk)]
    assert access.is_blocked_between(pairs) == set(pairs[:2])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("lan", True),
        ("LAN", True),
        ("duong", True),
        ("Đường", True),
        ("dường thi", True),
        ("王", False),
        ("%", False),
        ("", True),
        ("nobody", False),
    ],
)
def test_people_are_found_by_either_name_in_any_case_and_without_marks(query, found):
    user = person("Lan.2008", display_name="Đường Thị Lan")
    assert (user in access.people_for(user, query)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("小明", True),
        ("wangxiaoming", True),
        ("ming", True),
        ("wxm", True),
        ("XM", True),
        ("mw", False),
        ("王明", False),
    ],
)
def test_people_are_found_by_the_sound_of_a_chinese_name(query, found):
    user = person("u2008", display_name="王小明")
    assert (user in access.people_for(user, query)) == found


def test_marks_that_are_typed_have_to_be_in_the_name():
    one, other = person("one", display_name="Đường"), person("other", display_name="Dưỡng")
    assert access.people_for(one, "duong") == [one, other]
    assert access.people_for(one, "đường") == [one]


def test_people_can_be_asked_for_by_id():
    one, other, third = person("one"), person("other"), person("third")
    assert access.people_for(one, ids=[other.pk, third.pk, 99]) == [other, third]


def test_names_are_one_whatever_their_case_or_width():
    user = person("Straße")
    for spelling in ("straße", "STRASSE", "ＳＴＲＡＳＳＥ"):
        assert User.objects.get_by_natural_key(spelling) == user
        with pytest.raises(Refusal) as refusal:
            person(spelling)
        assert refusal.value.code == "name_taken"
