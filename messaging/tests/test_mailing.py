"""One text to several people: who gets it, who does not and why, and who has read it."""

import pytest

from accounts import actions as accounts
from audit.models import Event
from core.refusal import Refusal
from messaging import actions
from messaging.access import get_page
from messaging.actions import mailing
from messaging.mailings import mailings_of, status_of
from messaging.models import Conversation, Mailing, Message
from tests.cast import Cast, refusal_of
from tests.stored import stored


def send(cast: Cast, users: list[int], body: str = "**Thứ hai** 周一", client_id: str = "mailing-one") -> list[dict]:
    answer = actions.send_mailing(cast.master.caller, client_id, users, body)
    for row in answer["results"]:
        if isinstance(row.get("error"), Refusal):
            row["error"] = row["error"].code
    return answer["results"]


@pytest.mark.django_db
def test_each_gets_it_in_the_direct_conversation_with_the_sender(cast: Cast):
    people = [cast.member.id, cast.stranger.id, cast.manager.id, cast.member.id]
    before = Conversation.objects.count()
    results = send(cast, people)
    assert [row["user"] for row in results] == people[:3] and Conversation.objects.count() == before + 2
    assert results[0]["conversation"] == cast.direct
    for row in results:
        (seen,) = get_page(cast.master.user, row["conversation"])["messages"][-1:]
        assert (seen["body"], seen["seq"], seen["sender"]) == ("**Thứ hai** 周一", row["seq"], cast.master.id)
    assert send(cast, people) == results and Message.objects.filter(mailing__isnull=False).count() == 3
    assert refusal_of(send, cast, people, "khác") == "client_id_reused"
    assert [e.detail for e in Event.objects.filter(action="mailing.sent")] == [{"receivers": 3, "refused": 0}]


@pytest.mark.django_db
def test_who_may_not_be_written_to_is_named_and_the_others_get_it(cast: Cast):
    accounts.block_person(cast.member.user, cast.master.id)
    accounts.set_options(cast.manager.user, {"who_may_write": "friends"})
    results = send(cast, [cast.member.id, cast.manager.id, cast.blocked.id, 10_000, cast.stranger.id])
    assert [row.get("error") for row in results] == ["blocked", "friends_only", "not_found", "not_found", None]
    assert not Conversation.objects.filter(pair_key__contains=str(cast.manager.id), kind="direct").exists()
    accounts.unblock_person(cast.member.user, cast.master.id)
    people = [cast.member.id, cast.manager.id, cast.blocked.id, 10_000, cast.stranger.id]
    assert send(cast, people) == results  # the original answer
    assert send(cast, people, client_id="mailing-two")[0]["conversation"] == cast.direct


@pytest.mark.django_db
def test_what_is_no_mailing(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    assert refusal_of(send, cast, []) == "bad_request"
    assert refusal_of(send, cast, [cast.member.id], " ") == "blank"
    monkeypatch.setattr(mailing, "RECEIVERS_MAX", 1)
    assert refusal_of(send, cast, [cast.member.id, cast.manager.id]) == "too_many"
    assert not Mailing.objects.exists()
    send(cast, [cast.member.id])
    monkeypatch.setattr(mailing.mailings, "burst", 0)
    mailing.mailings.held.clear()
    assert refusal_of(send, cast, [cast.member.id], client_id="mailing-two") == "too_fast"
    assert len(send(cast, [cast.member.id])) == 1  # the same again is none


@pytest.mark.django_db
def test_the_table_says_who_has_read_it_and_forgets_a_recalled_text(cast: Cast):
    rows = send(cast, [cast.member.id, cast.manager.id, cast.stranger.id])
    actions.mark_read([(cast.member.caller, rows[0]["conversation"], rows[0]["seq"])])
    accounts.set_options(cast.manager.user, {"receipts": False})
    actions.mark_read([(cast.manager.caller, rows[1]["conversation"], rows[1]["seq"])])
    (mine,) = mailings_of(cast.master.user)
    assert (mine["text"], mine["receivers"], mine["read"]) == ("**Thứ hai** 周一", 3, 1)
    table = status_of(cast.master.user, mine["id"])
    assert [(row["user"], row["read"]) for row in table] == [(r["user"], r["user"] == cast.member.id) for r in rows]
    assert mailings_of(cast.member.user) == [] and refusal_of(status_of, cast.member.user, mine["id"]) == "not_found"
    for row in rows:
        assert mailings_of(cast.master.user)[0]["text"]
        actions.recall_message(cast.master.user, row["conversation"], row["seq"])
    assert mailings_of(cast.master.user)[0]["text"] == ""


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_receivers(cast: Cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(60) as few:
        send(cast, [cast.member.id])
    with django_assert_max_num_queries(60) as many:
        send(cast, [cast.manager.id, cast.stranger.id, cast.former.id, cast.moderator.id], client_id="mailing-two")
    assert len(many) <= len(few) + 4  # conversations and memberships are made, their people told


@pytest.mark.django_db
def test_files_may_be_sent_to_several_and_then_need_no_text(cast: Cast):
    file, other = stored(cast.master), stored(cast.master)
    people = [cast.member.id, cast.manager.id]
    answer = actions.send_mailing(cast.master.caller, "mailing-one", people, "", [file.token])
    for who, row in zip((cast.member, cast.manager), answer["results"], strict=True):
        (seen,) = get_page(who.user, row["conversation"])["messages"][-1:]
        assert (seen["body"], [found["token"] for found in seen["files"]]) == ("", [file.token])
    again = actions.send_mailing(cast.master.caller, "mailing-one", people, "", [file.token])
    assert again["mailing"] == answer["mailing"]
    mail = (actions.send_mailing, cast.master.caller, "mailing-one", people, "")
    assert refusal_of(*mail, [other.token]) == "client_id_reused"
    assert refusal_of(*mail) == "blank"
    theirs = stored(cast.member)
    results = actions.send_mailing(cast.master.caller, "mailing-two", people, "", [theirs.token])["results"]
    assert [row["error"].code for row in results] == ["not_found", "not_found"]
