"""Sending: what is accepted, what is refused, how a batch is numbered and answered."""

from concurrent.futures import Future
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Block
from core.refusal import Refusal
from messaging import actions
from messaging.actions import SendRequest
from messaging.models import Conversation, Message, Mute
from realtime.executors import Committer
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db


def request(who: Person, where: int, client_id: str, body: str = "你好 bạn 👋", **fields) -> SendRequest:
    return SendRequest(who.caller, where, client_id, body, **fields)


def code(answer) -> str:
    return answer.code if isinstance(answer, Refusal) else "ok"


def test_a_member_sends_and_a_stranger_does_not(cast: Cast):
    answer = cast.send(cast.member, "Chào cả nhà! 大家好 🎉")
    message = Message.objects.get(pk=answer["id"])
    assert (message.conversation_id, message.seq, message.change, message.sender_id) == (
        cast.group,
        answer["seq"],
        answer["change"],
        cast.member.id,
    )
    assert (message.body, message.html, message.kind) == ("Chào cả nhà! 大家好 🎉", None, "text")
    before = Message.objects.count()
    assert code(cast.send(cast.stranger, "Chào cả nhà!")) == "not_found"
    assert code(cast.send(cast.former, "Chào cả nhà!")) == "not_found"
    assert code(cast.send(cast.member, "Chào cả nhà!", where=10**9)) == "not_found"
    assert Message.objects.count() == before


def test_the_same_client_id_gives_the_same_answer(cast: Cast):
    first = cast.send(cast.member, "một", client_id="abcdefgh")
    again = cast.send(cast.member, "một", client_id="abcdefgh")
    assert again == first
    assert Message.objects.filter(client_id="abcdefgh").count() == 1


def test_the_same_client_id_with_another_text_or_place_is_an_error(cast: Cast):
    cast.say(cast.member, "một", client_id="abcdefgh")
    before = Message.objects.count()
    other_text = cast.send(cast.member, "hai", client_id="abcdefgh")
    other_place = cast.send(cast.member, "một", where=cast.direct, client_id="abcdefgh")
    assert (other_text.code, other_text.status) == ("client_id_reused", 409)
    assert other_place.code == "client_id_reused"
    assert Message.objects.count() == before


def test_client_ids_are_each_persons_own(cast: Cast):
    one, other = (
        cast.send(cast.member, "một", client_id="abcdefgh"),
        cast.send(cast.manager, "hai", client_id="abcdefgh"),
    )
    assert one["id"] != other["id"]


def test_the_original_answer_also_after_a_mute_and_a_removal(cast: Cast):
    first = cast.send(cast.member, "một", client_id="abcdefgh")
    Mute.objects.create(conversation_id=cast.group, user=cast.member.user, until=timezone.now() + timedelta(hours=1))
    assert cast.send(cast.member, "một", client_id="abcdefgh") == first
    actions.remove_member(cast.master.user, cast.group, cast.member.id)
    assert cast.send(cast.member, "một", client_id="abcdefgh") == first
    assert code(cast.send(cast.member, "hai")) == "not_found"


def test_the_original_answer_also_after_an_edit(cast: Cast):
    first = cast.send(cast.member, "một", client_id="abcdefgh")
    actions.edit_message(cast.member.user, cast.group, first["seq"], "hai")
    again = cast.send(cast.member, "một", client_id="abcdefgh")
    assert (again["id"], again["seq"]) == (first["id"], first["seq"])


def test_a_reply_names_a_message_that_is_there(cast: Cast):
    seq = cast.say(cast.manager)
    answer = cast.send(cast.member, "đúng rồi", reply_to=seq)
    assert Message.objects.get(pk=answer["id"]).reply_to == seq
    assert code(cast.send(cast.member, "đúng rồi", reply_to=10_000)) == "not_found"
    elsewhere = [cast.say(cast.member, f"riêng {n}", where=cast.direct) for n in range(9)][-1]
    assert not Message.objects.filter(conversation=cast.group, seq=elsewhere).exists()
    assert code(cast.send(cast.member, "đúng rồi", reply_to=elsewhere)) == "not_found"


def test_a_reply_to_a_message_of_the_same_batch_is_decided_by_what_was_there_before(cast: Cast):
    last = Conversation.objects.get(pk=cast.group).last_seq
    answers = actions.send_messages([
        request(cast.member, cast.group, "abcdefg1"), request(cast.manager, cast.group, "abcdefg2", reply_to=last + 1),
    ])  # fmt: skip
    assert [code(answer) for answer in answers] == ["ok", "not_found"]


@pytest.mark.parametrize("body", ["", " ", "\n\t ", "\u3000", "\u200b\u200d", "\u2060", "\x07", "\ufeff"])
def test_a_blank_text_is_refused(cast: Cast, body: str):
    assert code(cast.send(cast.member, body)) == "blank"


@pytest.mark.parametrize("body", ["a", "好", "🌱", "👨‍👩‍👧‍👦", "ớ", "e\u0301", "."])
def test_one_letter_is_enough(cast: Cast, body: str):
    assert code(cast.send(cast.member, body)) == "ok"


@pytest.mark.parametrize("letter", ["a", "好", "ệ", "🌱"])
def test_ten_thousand_letters_and_not_one_more(cast: Cast, letter: str):
    assert code(cast.send(cast.member, letter * 10_000)) == "ok"
    assert code(cast.send(cast.member, letter * 10_001)) == "too_long"


@pytest.mark.parametrize("body", ["a\x00b", "a\ud800b", "\udfff", "\ude00\ud83d"])
def test_what_no_database_can_store_is_refused(cast: Cast, body: str):
    assert code(cast.send(cast.member, body)) == "bad_text"


def test_text_is_cleaned_once(cast: Cast):
    seq = cast.say(cast.member, " \n e\u0301te\u0301 \r\n\u202eevil\u2066 \x1b[31mred\r ")
    assert Message.objects.get(conversation=cast.group, seq=seq).body == "été \nevil [31mred"


def test_a_muted_member_does_not_send_and_an_old_mute_is_over(cast: Cast):
    mute = Mute.objects.create(
        conversation_id=cast.group, user=cast.member.user, until=timezone.now() + timedelta(hours=1)
    )
    assert code(cast.send(cast.member, "ừ")) == "muted"
    assert code(cast.send(cast.member, "ừ", where=cast.direct)) == "ok"
    assert code(cast.send(cast.manager, "ừ")) == "ok"
    mute.until = timezone.now() - timedelta(seconds=1)
    mute.save()
    assert code(cast.send(cast.member, "ừ")) == "ok"


def test_a_mute_survives_leaving_and_joining_again(cast: Cast):
    Mute.objects.create(conversation_id=cast.group, user=cast.member.user, until=timezone.now() + timedelta(hours=1))
    actions.leave_group(cast.member.user, cast.group)
    actions.add_members(cast.manager.user, cast.group, [cast.member.id])
    assert code(cast.send(cast.member, "ừ")) == "muted"


@pytest.mark.parametrize("who", ["master", "member"])
def test_a_block_silences_a_direct_conversation_both_ways(cast: Cast, who: str):
    sender = getattr(cast, who)
    assert code(cast.send(sender, "ừ", where=cast.direct)) == "ok"
    Block.objects.create(blocker=cast.master.user, blocked=cast.member.user)
    assert code(cast.send(sender, "ừ", where=cast.direct)) == "blocked"
    assert code(cast.send(sender, "ừ")) == "ok"


def test_saved_messages_are_a_conversation_with_oneself(cast: Cast):
    own = actions.open_direct(cast.stranger.user, cast.stranger.id)
    assert code(cast.send(cast.stranger, "购物单 🥬", where=own["id"])) == "ok"
    assert code(cast.send(cast.member, "购物单 🥬", where=own["id"])) == "not_found"


def test_slow_mode_holds_members_and_not_managers(cast: Cast):
    Conversation.objects.filter(pk=cast.group).update(slow_mode=60)
    assert code(cast.send(cast.member, "một")) == "ok"
    refused = cast.send(cast.member, "hai")
    assert (refused.code, refused.status) == ("slow_mode", 429)
    assert [code(cast.send(cast.manager, "một")), code(cast.send(cast.manager, "hai"))] == ["ok", "ok"]
    Message.objects.filter(sender=cast.member.user).update(sent_at=timezone.now() - timedelta(seconds=61))
    assert code(cast.send(cast.member, "ba")) == "ok"


def test_slow_mode_does_not_hold_for_as_long_as_the_clock_was_put_back(cast: Cast):
    Conversation.objects.filter(pk=cast.group).update(slow_mode=60)
    assert code(cast.send(cast.member, "một")) == "ok"
    Message.objects.filter(sender=cast.member.user).update(sent_at=timezone.now() + timedelta(hours=1))
    assert code(cast.send(cast.member, "hai")) == "ok"
    assert code(cast.send(cast.member, "ba")) == "slow_mode"


def test_slow_mode_holds_within_one_batch_too(cast: Cast):
    Conversation.objects.filter(pk=cast.group).update(slow_mode=60)
    answers = actions.send_messages([request(cast.member, cast.group, f"abcdefg{n}") for n in range(3)])
    assert [code(answer) for answer in answers] == ["ok", "slow_mode", "slow_mode"]


def test_where_only_managers_post_a_member_is_told_so(cast: Cast):
    Conversation.objects.filter(pk=cast.group).update(who_may_post="managers")
    assert code(cast.send(cast.member, "ừ")) == "closed"
    assert [code(cast.send(cast.manager, "ừ")), code(cast.send(cast.master, "ừ"))] == ["ok", "ok"]
    Conversation.objects.filter(pk=cast.everyone).update(who_may_post="managers")
    assert code(cast.send(cast.stranger, "ừ", where=cast.everyone)) == "closed"
    assert code(cast.send(cast.administrator, "ừ", where=cast.everyone)) == "ok"


def test_an_ended_session_and_a_blocked_account_do_not_send(cast: Cast):
    accounts.close_session(cast.manager.login_session)
    accounts.block_user(cast.administrator.user, cast.member.user)
    assert code(cast.send(cast.manager, "ừ")) == "signed_out"
    assert code(cast.send(cast.member, "ừ")) == "signed_out"
    assert code(cast.send(cast.master, "ừ")) == "ok"


def test_a_batch_answers_each_on_its_own(cast: Cast):
    answers = actions.send_messages([
        request(cast.member, cast.group, "abcdefg1", "một"),
        request(cast.stranger, cast.group, "abcdefg2", "không"),
        request(cast.manager, cast.group, "abcdefg3", ""),
        request(cast.member, cast.direct, "abcdefg4", "riêng"),
        request(cast.member, cast.group, "abcdefg1", "một"),
        request(cast.member, cast.group, "abcdefg1", "khác"),
        request(cast.master, cast.group, "abcdefg5", "hai"),
    ])  # fmt: skip
    assert [code(answer) for answer in answers] == ["ok", "not_found", "blank", "ok", "ok", "client_id_reused", "ok"]
    assert answers[4] == answers[0]
    assert answers[6]["seq"] == answers[0]["seq"] + 1


def test_numbers_have_no_holes(cast: Cast):
    for n in range(5):
        actions.send_messages(
            [
                request(who, where, f"batch-{n}-{who.id}-{where}")
                for who in cast
                for where in (cast.group, cast.direct, cast.everyone)
            ]
        )
        cast.send(cast.stranger, "không")
    actions.edit_message(cast.member.user, cast.group, cast.say(cast.member), "khác")
    actions.recall_message(cast.member.user, cast.group, cast.say(cast.member))
    for conversation in Conversation.objects.all():
        seqs = list(Message.objects.filter(conversation=conversation).order_by("seq").values_list("seq", flat=True))
        changes = list(Message.objects.filter(conversation=conversation).values_list("change", flat=True))
        assert seqs == list(range(1, conversation.last_seq + 1))
        assert max(changes, default=0) == conversation.last_change
        assert len(set(changes)) == len(changes)
    group = Conversation.objects.get(pk=cast.group)
    assert group.last_change == group.last_seq + 2


@pytest.mark.django_db(transaction=True)
def test_a_poisoned_batch_falls_back_to_one_by_one(cast: Cast):
    """One request makes the database driver itself fail: the others still get through, each with its own answer."""
    committer = Committer("test", actions.send_messages)
    ids = ["abcdefg1", "poison-\ud800", "abcdefg3", "abcdefg4"]
    waiting: list[Future] = [Future() for _ in ids]
    for client_id, future in zip(ids, waiting, strict=True):
        committer.waiting.put((request(cast.member, cast.group, client_id), future))
    last = committer.submit(
        request(cast.manager, cast.group, "abcdefg5")
    )  # starts the thread: all of them are one batch
    results = [future.exception(10) or future.result() for future in [*waiting, last]]
    committer.stop()
    assert [code(result) for result in results] == ["ok", "server_error", "ok", "ok", "ok"]
    seqs = list(Message.objects.filter(conversation=cast.group).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.parametrize("size", [1, 64])
def test_a_batch_costs_the_same_queries_whatever_its_size(cast: Cast, django_assert_max_num_queries, size: int):
    requests = [
        request(who, cast.group if n % 2 else cast.everyone, f"batch-{n:04}", f"số {n}")
        for n, who in zip(range(size), [cast.member, cast.manager, cast.master] * 30, strict=False)
    ]
    with django_assert_max_num_queries(10):
        answers = actions.send_messages(requests)
    assert {code(answer) for answer in answers} == {"ok"}
