"""The site's list of words: what it finds and what it leaves alone, at every entrance of texts."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest

from accounts import actions as accounts
from core import policies
from core.refusal import Refusal
from files.actions.uploads import create_upload
from messaging import actions
from messaging.models import Message, Report
from messaging.words import WordList
from tests.cast import Cast, refusal_of
from tests.stored import numbers, offer, offer_in, stored

LIST = "=con chó\nbad\nworse*\nđồ ngốc\nngu\n傻瓜\nkill you\n牛B\n屌\n\n  \n---"
FOUND = [
    "bad", "That is BAD!", "b a d", "b.a.d", "B-A-D?", "b\u200bad", "ｂａｄ", "ba\nd", "b_a_d",
    "con chó", "Con.Chó!", "worse", "worsening", "w o r s e n", "đồ ngốc", "ĐỒ  NGỐC ơi", "đồ.ngốc", "do\u0302\u0300 đồngốc",
    "ngu", "ngữ", "Ngủ đi", "傻瓜", "你是傻瓜吗", "傻 瓜", "傻，瓜", "kill you", "killyou", "k i l l y o u", "I'll kill  you now", "牛b", "牛 B", "真屌", "屌",
]  # fmt: skip
LEFT = [
    "con cho", "cón chó", "badge", "forbad", "not so ba", "a bade", "abadc", "wors", "do ngoc", "đo ngọc", "đổ ngọc", "nguyên", "nghi ngờ u", "瓜傻", "傻的瓜",
    "skill youth", "kill your", "牛bc", "", "   ", "!!!", "hello",
]  # fmt: skip


@pytest.mark.parametrize("text", FOUND)
def test_it_finds(text: str) -> None:
    assert WordList(LIST).fits(text)


@pytest.mark.parametrize("text", LEFT)
def test_it_leaves(text: str) -> None:
    assert not WordList(LIST).fits(text)


def test_an_empty_list_finds_nothing() -> None:
    assert not WordList("\n --- \n*") and not WordList("").fits("anything")


def test_long_lists_and_long_texts_cost_little() -> None:
    long = WordList("\n".join(["á" * 13 + "*"] * 1000))
    words = WordList("\n".join(f"{chr(97 + n % 26)}{n:03} xấu" for n in range(1000)))
    begun = process_time()
    assert not long.fits("à " * 5000) and not words.fits("không có gì 没有 " * 600)
    assert process_time() - begun < 1


@pytest.fixture
def wanted(cast: Cast) -> Cast:
    """A site with a list."""
    accounts.set_policies(cast.administrator.user, {"moderation.words": LIST})
    return cast


def entrances(cast: Cast, text: str) -> dict[str, Any]:
    """Where texts come in: what each of them answers."""
    seq = cast.say(cast.member, "trước đó")
    member, master = cast.member, cast.master
    return {
        "send": lambda: cast.send(member, text),
        "caption": lambda: cast.send(member, text, where=cast.direct),
        "file": lambda: cast.send(member, "", files=[stored(member, f"{text}.pdf").token]),
        "offer": lambda: actions.offer_file(master.caller, cast.direct, f"offer-{next(numbers):08}", f"{text}.zip", 9),
        "upload": lambda: create_upload(member.user, f"{text}.txt", 9),
        "edit": lambda: actions.edit_message(member.user, cast.group, seq, text),
        "notice": lambda: actions.set_notice(master.user, cast.group, text),
        "group": lambda: actions.create_group(master.user, text, []),
        "rename": lambda: actions.rename_group(master.user, cast.group, f"{text} 2"),
        "name": lambda: accounts.set_profile(member.user, {"display_name": text}),
        "status": lambda: accounts.set_profile(member.user, {"status": text}),
    }


@pytest.mark.django_db
def test_every_entrance_takes_a_good_text_and_refuses_a_bad_one(wanted: Cast) -> None:
    for name, enter in entrances(wanted, "một badge 徽章").items():
        assert not isinstance(enter(), Refusal), name
    before = Message.objects.count()
    for name, enter in entrances(wanted, "một b-a-d 坏").items():
        assert refusal_of(enter) == "words", name
    assert Message.objects.count() == before + 1  # what the edit is tried on
    assert not Report.objects.exists()


@pytest.mark.django_db
def test_the_refusal_does_not_tell_the_word(wanted: Cast) -> None:
    refusal = wanted.send(wanted.member, "you are BAD")
    assert isinstance(refusal, Refusal) and "bad" not in str(refusal.message).lower().split()


@pytest.mark.django_db
def test_of_a_batch_only_the_bad_one_is_refused(wanted: Cast) -> None:
    requests = [
        actions.SendRequest(wanted.member.caller, wanted.group, f"batch-{number:04}", text)
        for number, text in enumerate(["một", "b a d", "ba"])
    ]
    first, second, third = actions.send_messages(requests)
    assert isinstance(second, Refusal) and isinstance(first, dict) and third["seq"] == first["seq"] + 1


@pytest.mark.django_db
def test_a_message_from_before_the_list_is_answered_as_it_was(cast: Cast) -> None:
    first = cast.send(cast.member, "bad", client_id="before-the-list")
    accounts.set_policies(cast.administrator.user, {"moderation.words": LIST})
    assert cast.send(cast.member, "bad", client_id="before-the-list") == first
    assert refusal_of(cast.send, cast.member, "bad") == "words"


@pytest.mark.django_db
def test_a_file_that_was_offered_comes_by_the_name_that_was_agreed_to(wanted: Cast) -> None:
    seq = offer(wanted, name="phim.mp4", size=9)
    actions.answer_offer(wanted.member.user, wanted.direct, seq, True)
    upload = create_upload(wanted.master.user, "khác.mp4", 9, offer=offer_in(wanted.direct, seq).pk)
    assert upload.name == "phim.mp4"
    there = stored(wanted.master, "B A D.mp4")
    assert refusal_of(offer, wanted, name="phim.mp4", file=there) == "words"


@pytest.mark.django_db
def test_a_bad_text_is_not_passed_on(wanted: Cast) -> None:
    policies.store("moderation.words", "")
    seq = wanted.say(wanted.member, "bad")
    policies.store("moderation.words", LIST)
    forward = actions.forward_message
    assert refusal_of(forward, wanted.master.caller, wanted.group, seq, wanted.direct, "passed-on-1") == "words"
    seq = wanted.say(wanted.member, "", files=[stored(wanted.member, "tốt.pdf").token])
    policies.store("moderation.words", "tốt")
    assert refusal_of(forward, wanted.master.caller, wanted.group, seq, wanted.direct, "passed-on-2") == "words"
    policies.store("moderation.words", LIST)
    answer = actions.send_mailing(wanted.master.caller, "mailed-bad-1", [wanted.member.id], "bad")
    assert answer["results"][0]["error"].code == "words"


@pytest.mark.django_db
def test_where_they_are_reported_the_message_goes_out_and_the_site_reports_it(
    wanted: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    accounts.set_policies(wanted.administrator.user, {"moderation.word_action": "report"})
    with django_capture_on_commit_callbacks(execute=True):
        seq, good = wanted.say(wanted.member, "so b.a.d"), wanted.say(wanted.member, "badge")
    report = Report.objects.get()
    assert (report.message.seq, report.reporter, report.reason, report.sender_id) == (
        seq,
        None,
        "words",
        wanted.member.id,
    )
    assert not Report.objects.filter(message__seq=good).exists()
    for text in ("worse", "worse and worse"):  # the second time the report of the site is there already
        actions.edit_message(wanted.member.user, wanted.group, good, text)
    assert Report.objects.filter(message__seq=good).count() == 1
    file = wanted.say(wanted.member, "xem", files=[stored(wanted.member, "bad_photo.jpg").token])
    assert Report.objects.filter(message__seq=file, reporter=None).count() == 1
    create_upload(wanted.member.user, "bad.txt", 9)
    assert refusal_of(actions.rename_group, wanted.master.user, wanted.group, "Bad") == "words"  # nothing to report
