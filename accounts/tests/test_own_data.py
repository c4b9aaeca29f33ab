"""One's own data taken along, and one's own account deleted."""

import json

import pytest

from accounts import actions, leaving
from accounts.models import Block, Friendship, LoginSession, User
from accounts.tests.factories import PASSWORD, person
from audit.models import Event
from core import policies
from messaging.actions import open_direct
from messaging.models import Message, RemovedText
from tests.answers import text_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db
DELETE, DATA = "/accounts/delete/", "/accounts/data/"


@pytest.fixture
def lan(client):
    user = person("lan", display_name="Trần Lan")
    client.login(username="lan", password=PASSWORD)
    return user


@pytest.fixture
def sent(monkeypatch):
    """What was handed to the workers."""
    calls = []
    monkeypatch.setattr(leaving, "soon", lambda task, id: calls.append((task, id)))
    return calls


def document(client):
    return json.loads(text_of(client.get(DATA)))


def test_everything_of_mine_and_nothing_of_others(cast: Cast):
    cast.say(cast.member, "của tôi 我的")
    cast.say(cast.master, "of somebody else")
    Friendship.objects.create(low=cast.master.user, high=cast.member.user, asked_by=cast.member.user)
    Block.objects.create(blocker=cast.stranger.user, blocked=cast.member.user)
    found = document(cast.member.client)
    assert found["profile"]["username"] == "member" and found["profile"]["role"] == "member"
    assert [message["text"] for message in found["messages"]] == ["của tôi 我的"]
    assert {place["kind"] for place in found["conversations"]} == {"direct", "group", "everyone"}
    assert [friend["username"] for friend in found["friends"]] == ["master"] and found["blocked"] == []
    assert found["options"]["theme"] == "system" and found["sessions"][0]["device"]
    text = json.dumps(found)
    secrets = [cast.member.user.password, cast.member.cookie, cast.member.browser_session.key, "of somebody else"]
    assert not [secret for secret in secrets if secret in text]
    assert Event.objects.filter(action="data.exported", actor_id=cast.member.id).count() == 1


def test_the_export_is_read_while_it_is_sent(cast: Cast, django_assert_max_num_queries):
    conversation = open_direct(cast.member.user, cast.member.id)["id"]
    rows = [
        Message(
            conversation_id=conversation,
            seq=n,
            change=n,
            sender=cast.member.user,
            body="x" * 200,
            sent_at="2026-01-01T00:00Z",
        )
        for n in range(1, 1201)
    ]
    Message.objects.bulk_create(rows)
    from accounts.data_export import pieces

    with django_assert_max_num_queries(12):  # pages of 500
        found = list(pieces(cast.member.user))
    assert len(found) > 8 and max(map(len, found)) < 64 * 1024
    assert len(json.loads("".join(found))["messages"]) == 1200


def test_only_the_signed_in_get_data(client):
    assert client.get(DATA)["Location"].startswith("/accounts/login/")


def test_an_account_goes_after_the_password_and_the_name(client, lan, sent):
    assert "stay, as “Deleted account”" in client.get(DELETE).content.decode()
    for wrong in ({"password": "wrong", "name": "lan"}, {"password": PASSWORD, "name": "lam"}, {"password": PASSWORD}):
        assert client.post(DELETE, wrong).status_code == 200
        assert User.objects.get(pk=lan.pk).deleted_at is None
    response = client.post(DELETE, {"password": PASSWORD, "name": "lan"}, follow=True)
    assert "Your account is deleted." in response.content.decode()
    assert User.objects.get(pk=lan.pk).deleted_at is not None and sent == []
    assert not LoginSession.objects.filter(user=lan, ended_at=None).exists()
    assert not client.login(username="lan", password=PASSWORD)
    event = Event.objects.get(action="account.deleted")
    assert (event.actor_id, event.detail) == (lan.pk, {"username": "lan", "messages_go": False})


def test_administrators_and_people_of_sites_that_forbid_it_stay(client, lan):
    person("other", is_admin=True)
    User.objects.filter(pk=lan.pk).update(is_superuser=True, is_staff=True)
    right = {"password": PASSWORD, "name": "lan"}
    assert (
        "himself" in client.post(DELETE, right).content.decode()
        or "administrator" in client.get(DELETE).content.decode()
    )
    User.objects.filter(pk=lan.pk).update(is_superuser=False, is_staff=False)
    actions.set_policies(None, {"accounts.own_deletion": False})
    assert "only administrators" in client.get(DELETE).content.decode()
    assert client.post(DELETE, right).status_code == 200
    assert User.objects.get(pk=lan.pk).deleted_at is None
    actions.set_policies(None, {"accounts.own_deletion": True})
    policies.forget()
    assert client.post(DELETE, right).status_code == 302


def test_messages_go_with_the_account_where_the_policy_says_so(cast: Cast, sent):
    mine, theirs = cast.say(cast.member, "xoá tôi đi"), cast.say(cast.master, "tôi ở lại")
    actions.set_policies(None, {"accounts.deleted_messages": "recall"})
    cast.member.client.post(DELETE, {"password": "green-Tea-4711", "name": "member"})
    assert sent == [("accounts.erase_messages", cast.member.id)] and actions.to_erase() == [cast.member.id]
    assert actions.erase_messages(cast.member.id, some=1) >= 1
    gone, stays = (Message.objects.get(conversation=cast.group, seq=seq) for seq in (mine, theirs))
    assert (gone.body, gone.recalled_at is not None) == ("", True) and gone.change > stays.change
    assert (stays.body, stays.recalled_at) == ("tôi ở lại", None)
    assert RemovedText.objects.get(message=gone).body == "xoá tôi đi"
    assert actions.to_erase() == [] and actions.erase_messages(cast.member.id) == 0
    assert Event.objects.get(action="messages.erased").target_id == cast.member.id


def test_messages_stay_without_a_name_where_the_policy_says_so(cast: Cast):
    seq = cast.say(cast.member, "ở lại")
    actions.delete_account(cast.member.user, cast.member.user)
    page = cast.master.client.get(f"/api/conversations/{cast.group}/messages").json()["messages"]
    found = next(message for message in page if message["seq"] == seq)
    assert (found["body"], found["sender_name"]) == ("ở lại", "")
    assert actions.erase_messages(cast.member.id) == 0
