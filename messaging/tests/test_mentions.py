"""Mentions: who is named by a text, who is told, and what edits and recalls do to it."""

import pytest

from accounts import actions as accounts
from messaging import actions
from messaging.access import get_page
from messaging.actions import SendRequest, mentions
from messaging.mentions import MENTIONS_MAX, names_in
from messaging.models import Membership, Mention, Message
from messaging.summary import get_object
from tests.cast import Cast, Person, person


def count(who: Person, where: int) -> tuple[int, int]:
    known = get_object(who.user, where)
    return known["unread"], known["mentions"]


def named(cast: Cast, seq: int, where: int | None = None) -> tuple[list[int], bool]:
    page = get_page(cast.master.user, where or cast.group, around=seq, limit=4)
    (found,) = [message for message in page["messages"] if message["seq"] == seq]
    return found.get("mentions", []), found.get("mentions_all", False)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("chào @an.", ["an."]), ("@An-Bình ơi", ["an-bình"]), ("你好@小明，看一下", ["小明"]), ("@小明看一下", ["小明看一下"]),
        ("(@an)", ["an"]), ("@ＡＮ", ["an"]), ("@an_2!", ["an_2"]), ("a@b.com", None), ("x_@an", None), ("ạ@an", ["an"]), ("@ @@", None),
        ("`@an`", None), ("```\n@an\n```", None), ("@bình `@an`", ["bình"]), ("\\@an", ["an"]), ("@all", ["all"]),
    ],
)  # fmt: skip
def test_where_a_name_may_stand(text: str, meant: list[str] | None):
    assert [keys[0] for keys in names_in(text)] == (meant or [])


def test_a_name_ends_at_a_word_but_chinese_has_no_blanks():
    assert names_in("@小明看一下") == [["小明看一下", "小明看一", "小明看", "小明", "小"]]
    assert "an" not in names_in("@anh")[0] and "an" in names_in("@an你好")[0] and "小明" in names_in("@小明ok")[0]
    assert names_in("@an.bình") == [["an.bình", "an"]]
    assert len(names_in("@a " * 80)) == MENTIONS_MAX


@pytest.mark.django_db
def test_members_are_named_and_told_others_are_plain_text(cast: Cast):
    before = count(cast.master, cast.group)[1]
    seq = cast.say(cast.member, "@Master @经理看一下 @stranger @khong-co @member")
    assert named(cast, seq) == ([cast.master.id, cast.manager.id], False)
    assert count(cast.master, cast.group)[1] == before + 1 and count(cast.member, cast.group)[1] == 0
    assert not Mention.objects.filter(user=cast.stranger.id).exists()
    frames = Message.objects.get(conversation=cast.group, seq=seq)
    assert frames.mentions_all is False


@pytest.mark.django_db
def test_the_longest_name_wins(cast: Cast):
    long = person("master.2")
    actions.add_members(cast.master.user, cast.group, [long.id])
    assert named(cast, cast.say(cast.member, "@master.2 @master, @master.")) == ([long.id, cast.master.id], False)


@pytest.mark.django_db
def test_all_is_for_managers_where_many_are(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    assert named(cast, cast.say(cast.member, "@all họp")) == ([], True)
    assert named(cast, cast.say(cast.master, "@所有人开会")) == ([], True)
    assert count(cast.manager, cast.group)[1] == 2 and count(cast.master, cast.group)[1] == 1  # his own does not count
    monkeypatch.setattr(mentions, "EVERYBODY_MAX", 2)
    assert named(cast, cast.say(cast.member, "@all họp")) == ([], False)
    assert named(cast, cast.say(cast.manager, "@all @master họp")) == ([cast.master.id], True)
    assert count(cast.master, cast.group)[1] == 2  # by name and with all: once
    assert named(cast, cast.say(cast.member, "@all", where=cast.direct), cast.direct) == ([], False)


@pytest.mark.django_db
def test_an_edit_names_others_and_a_recall_nobody(cast: Cast):
    seq = cast.say(cast.member, "@master xem")
    actions.edit_message(cast.member.user, cast.group, seq, "@经理 xem")
    assert named(cast, seq) == ([cast.manager.id], False)
    assert (count(cast.master, cast.group)[1], count(cast.manager, cast.group)[1]) == (0, 1)
    actions.edit_message(cast.member.user, cast.group, seq, "@all @master xem")
    assert named(cast, seq) == ([cast.master.id], True)
    assert (count(cast.master, cast.group)[1], count(cast.manager, cast.group)[1]) == (1, 1)
    actions.recall_message(cast.member.user, cast.group, seq)
    assert named(cast, seq) == ([], False) and not Mention.objects.filter(seq=seq).exists()
    assert (count(cast.master, cast.group)[1], count(cast.manager, cast.group)[1]) == (0, 0)


@pytest.mark.django_db
def test_mentions_go_with_the_messages_of_a_deleted_account(cast: Cast):
    actions.add_members(cast.master.user, cast.group, [cast.stranger.id])
    cast.say(cast.stranger, "@master tạm biệt @all")
    assert count(cast.master, cast.group)[1] == 1
    accounts.set_policies(None, {"accounts.deleted_messages": "recall"})
    accounts.delete_account(cast.stranger.user, cast.stranger.user)
    accounts.erase_messages(cast.stranger.id)
    assert count(cast.master, cast.group)[1] == 0 and not Mention.objects.exists()


@pytest.mark.django_db
def test_reading_and_clearing_count_mentions_too(cast: Cast):
    seqs = [cast.say(cast.member, "@master") for _ in range(4)]
    assert count(cast.master, cast.group) == (4, 4)
    actions.mark_read([(cast.master.caller, cast.group, seqs[0])])
    assert count(cast.master, cast.group) == (3, 3)
    actions.clear_conversation(cast.master.user, cast.group, seqs[1])
    assert count(cast.master, cast.group) == (2, 2)
    actions.clear_conversation(cast.master.user, cast.group, 0)
    actions.mark_read([(cast.master.caller, cast.group, 0, True)])
    assert count(cast.master, cast.group) == (4, 4)


@pytest.mark.django_db
def test_no_query_more_without_an_at_and_two_with_many(cast: Cast, django_assert_max_num_queries):
    def batch(body: str, number: int) -> None:
        who = (cast.master, cast.manager, cast.member)
        requests = [SendRequest(who[n % 3].caller, cast.group, f"count-{number}-{n:03}", body) for n in range(40)]
        assert all(isinstance(answer, dict) for answer in actions.send_messages(requests))

    def queries(body: str, number: int) -> int:
        with django_assert_max_num_queries(20) as found:
            batch(body, number)
        return len(found)

    batch("xin chào", 0)
    plain = queries("xin chào", 1)
    assert queries("thư về a@b.com nhé", 2) == plain
    assert queries("@master @经理 @member @khong-co", 3) <= plain + 2
    assert queries("@all", 4) <= plain + 2
    assert Membership.objects.filter(conversation=cast.group).count() == 3
