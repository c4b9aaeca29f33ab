"""Read marks, unread counts, pins, notification levels and drafts."""

import pytest

from accounts import actions as accounts
from core.refusal import Refusal
from messaging import actions, summary
from messaging.models import Draft, Membership
from messaging.summary import get_object
from realtime.heads import UserFeed
from tests.cast import Cast, Person, refusal_of

pytestmark = pytest.mark.django_db


def mark(cast: Cast, who: Person, seq: int, where: int | None = None, back: bool = False):
    answer = actions.mark_read([(who.caller, where or cast.group, seq, back)])[0]
    return answer.code if isinstance(answer, Refusal) else answer["read_seq"]


def unread(cast: Cast, who: Person, where: int | None = None) -> int:
    return get_object(who.user, where or cast.group)["unread"]


def test_read_marks_only_move_forward(cast: Cast):
    seqs = [cast.say(cast.member, f"tin {n}") for n in range(4)]
    assert mark(cast, cast.master, seqs[2]) == seqs[2]
    assert mark(cast, cast.master, seqs[0]) == seqs[2]
    assert get_object(cast.master.user, cast.group)["read_seq"] == seqs[2]
    assert mark(cast, cast.master, seqs[3]) == seqs[3]


def test_what_was_read_can_be_left_unread_again(cast: Cast):
    seqs = [cast.say(who, f"tin {n}") for n, who in enumerate([cast.member, cast.master, cast.member, cast.member])]
    mark(cast, cast.master, seqs[3])
    assert unread(cast, cast.master) == 0
    assert mark(cast, cast.master, seqs[0], back=True) == seqs[0]
    assert unread(cast, cast.master) == 2  # one's own message between them does not count
    assert mark(cast, cast.master, seqs[2], back=True) == seqs[0]  # it never moves forward by this
    assert mark(cast, cast.stranger, seqs[0], back=True) == "not_found"
    assert mark(cast, cast.former, 0, back=True) == "not_found"
    both = [(cast.master.caller, cast.group, seqs[3]), (cast.master.caller, cast.group, seqs[1], True)]
    assert [answer["read_seq"] for answer in actions.mark_read(both)] == [seqs[1], seqs[1]]
    assert [answer["read_seq"] for answer in actions.mark_read(both[::-1])] == [seqs[3], seqs[3]]


def test_the_partner_hears_that_it_is_unread_again(cast: Cast):
    seqs = [cast.say(cast.member, f"tin {n}", where=cast.direct) for n in range(2)]
    mark(cast, cast.master, seqs[1], where=cast.direct)
    mark(cast, cast.master, seqs[0], where=cast.direct, back=True)
    assert get_object(cast.member.user, cast.direct)["peer_read_seq"] == seqs[0]


def test_a_mark_beyond_the_last_message_stops_there(cast: Cast):
    last = cast.say(cast.member)
    assert mark(cast, cast.master, 2**53 - 1) == last
    cast.say(cast.member)
    assert unread(cast, cast.master) == 1


def test_who_is_not_in_it_marks_nothing(cast: Cast):
    seq = cast.say(cast.member)
    assert mark(cast, cast.stranger, seq) == "not_found"
    assert mark(cast, cast.former, seq) == "not_found"
    assert mark(cast, cast.member, seq, where=10**9) == "not_found"
    accounts.close_session(cast.manager.login_session)
    before = Membership.objects.get(conversation=cast.group, user=cast.manager.user).read_seq
    assert mark(cast, cast.manager, seq) == "signed_out"
    assert Membership.objects.get(conversation=cast.group, user=cast.manager.user).read_seq == before


def test_marks_of_many_people_go_in_one_batch_each_with_its_answer(cast: Cast, django_assert_max_num_queries):
    seq = [cast.say(cast.member, f"tin {n}") for n in range(3)][-1]
    requests = [
        (who.caller, cast.group, n)
        for who, n in [
            (cast.master, seq - 1),
            (cast.master, seq),
            (cast.master, 1),
            (cast.manager, seq),
            (cast.stranger, seq),
        ]
    ]
    with django_assert_max_num_queries(12):
        answers = actions.mark_read(requests)
    assert [a.code if isinstance(a, Refusal) else a["read_seq"] for a in answers] == [seq, seq, seq, seq, "not_found"]


def test_unread_counts_texts_of_others_only(cast: Cast):
    mark(cast, cast.master, 2**50)
    mark(cast, cast.member, 2**50)
    cast.say(cast.member, "một 一")
    cast.say(cast.master, "hai 二")
    actions.rename_group(cast.manager.user, cast.group, "tên khác")
    cast.say(cast.manager, "ba 三")
    assert (unread(cast, cast.master), unread(cast, cast.member)) == (2, 2)
    mark(cast, cast.master, get_object(cast.master.user, cast.group)["last_seq"])
    assert (unread(cast, cast.master), unread(cast, cast.member)) == (0, 2)


def test_unread_is_each_conversations_own(cast: Cast):
    mark(cast, cast.master, 2**50)
    cast.say(cast.member, "một", where=cast.direct)
    cast.say(cast.member, "hai", where=cast.everyone)
    assert [unread(cast, cast.master, where) for where in (cast.group, cast.direct, cast.everyone)] == [0, 1, 1]


def test_the_partners_mark_is_seen_in_a_direct_conversation(cast: Cast):
    seq = cast.say(cast.member, "đọc chưa?", where=cast.direct)
    assert get_object(cast.member.user, cast.direct)["peer_read_seq"] == 0
    mark(cast, cast.master, seq, where=cast.direct)
    assert get_object(cast.member.user, cast.direct)["peer_read_seq"] == seq
    mark(cast, cast.master, 2**50)
    assert get_object(cast.member.user, cast.group)["peer_read_seq"] == 0


@pytest.mark.parametrize("option", [{"receipts": False}, {"invisible": True}])
def test_who_takes_no_part_in_receipts_has_none_in_the_list_either(cast: Cast, option: dict):
    accounts.set_options(cast.master.user, option)
    mark(cast, cast.master, cast.say(cast.member, "đọc chưa?", where=cast.direct), where=cast.direct)
    assert get_object(cast.member.user, cast.direct)["peer_read_seq"] == 0


@pytest.mark.parametrize("option", [{"receipts": False}, {"invisible": True}])
def test_who_tells_nothing_is_told_nothing(cast: Cast, option: dict):
    seq = cast.say(cast.member, "đọc chưa?", where=cast.direct)
    mark(cast, cast.master, seq, where=cast.direct)
    told = [("receipts", {"conversation": cast.direct, "reads": [[cast.master.id, seq]]})]
    assert summary.receipts(cast.member.id, cast.direct) == told
    assert get_object(cast.member.user, cast.direct)["peer_read_seq"] == seq
    accounts.set_options(cast.member.user, option)
    assert summary.receipts(cast.member.id, cast.direct) == []
    assert get_object(cast.member.user, cast.direct)["peer_read_seq"] == 0


def test_a_pin_and_a_level_are_ones_own(cast: Cast):
    def own(who):
        found = get_object(who.user, cast.group)
        return found["pinned"], found["level"]

    actions.pin_conversation(cast.member.user, cast.group, True)
    actions.set_level(cast.member.user, cast.group, "mentions")
    assert (own(cast.member), own(cast.manager)) == ((True, "mentions"), (False, "all"))
    actions.pin_conversation(cast.member.user, cast.group, False)
    assert own(cast.member) == (False, "mentions")
    for run, value in ((actions.pin_conversation, True), (actions.set_level, "none")):
        assert refusal_of(run, cast.stranger.user, cast.group, value) == "not_found"
        assert refusal_of(run, cast.former.user, cast.group, value) == "not_found"
    assert refusal_of(actions.set_level, cast.member.user, cast.group, "loud") == "bad_request"


def test_what_is_so_already_is_no_new_fact(cast: Cast):
    def number():
        return UserFeed().heads([cast.member.id])[cast.member.id]

    actions.pin_conversation(cast.member.user, cast.group, True)
    before = number()
    actions.pin_conversation(cast.member.user, cast.group, True)
    actions.set_level(cast.member.user, cast.group, "all")
    assert number() == before
    actions.set_level(cast.member.user, cast.group, "none")
    assert number() == before + 1


def test_a_draft_is_kept_replaced_and_forgotten(cast: Cast):
    def draft(who):
        return get_object(who.user, cast.group)["draft"]

    actions.save_draft(cast.member.user, cast.group, "chưa xong 还没 ")
    assert (draft(cast.member), draft(cast.manager)) == ("chưa xong 还没 ", "")
    actions.save_draft(cast.member.user, cast.group, "xong rồi")
    assert draft(cast.member) == "xong rồi"
    actions.save_draft(cast.member.user, cast.group, " \n")
    assert (draft(cast.member), Draft.objects.count()) == ("", 0)
    assert refusal_of(actions.save_draft, cast.stranger.user, cast.group, "x") == "not_found"
    assert refusal_of(actions.save_draft, cast.former.user, cast.group, "") == "not_found"


@pytest.mark.parametrize("body", ["x" * 10_001, "a\x00b", "\ud800"])
def test_a_draft_that_cannot_be_kept_is_refused(cast: Cast, body: str):
    actions.save_draft(cast.member.user, cast.group, "cũ")
    assert refusal_of(actions.save_draft, cast.member.user, cast.group, body) == "bad_request"
    assert get_object(cast.member.user, cast.group)["draft"] == "cũ"
