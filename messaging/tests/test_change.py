"""Editing, recalling, reacting: who may, until when, and what is left of a text that was taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from audit.models import Event
from messaging import access, actions
from messaging.models import Message, Reaction, RemovedText
from messaging.summary import get_object
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db


def row(cast: Cast, seq: int) -> Message:
    return Message.objects.get(conversation=cast.group, seq=seq)


def grow_old(cast: Cast, seq: int, minutes: float) -> None:
    Message.objects.filter(conversation=cast.group, seq=seq).update(sent_at=timezone.now() - timedelta(minutes=minutes))


def test_one_edits_ones_own_message_and_nobody_elses(cast: Cast):
    seq = cast.say(cast.member, "**đậm** 粗")
    edited = actions.edit_message(cast.member.user, cast.group, seq, "*nghiêng* 斜 🙂")
    fresh = row(cast, seq)
    assert (fresh.body, fresh.html) == ("*nghiêng* 斜 🙂", "<p><em>nghiêng</em> 斜 🙂</p>")
    assert fresh.edited_at is not None
    assert (fresh.seq, fresh.change) == (seq, edited.change)
    assert fresh.change == fresh.conversation.last_change > fresh.conversation.last_seq
    for who, code in [
        ("master", "not_allowed"),
        ("manager", "not_allowed"),
        ("stranger", "not_found"),
        ("former", "not_found"),
        ("administrator", "not_found"),
    ]:
        assert refusal_of(actions.edit_message, getattr(cast, who).user, cast.group, seq, "khác") == code
    assert row(cast, seq).body == fresh.body


def test_the_text_before_an_edit_is_kept_for_moderators(cast: Cast):
    seq = cast.say(cast.member, "trước 之前")
    actions.edit_message(cast.member.user, cast.group, seq, "sau 之后")
    kept = RemovedText.objects.get(message=row(cast, seq))
    assert (kept.body, kept.removed_by_id) == ("trước 之前", cast.member.id)
    assert "trước" not in repr(access.get_page(cast.master.user, cast.group))


def test_an_edit_that_changes_nothing_is_no_change(cast: Cast):
    seq = cast.say(cast.member, "như cũ")
    before = row(cast, seq).change
    assert actions.edit_message(cast.member.user, cast.group, seq, "như cũ ").change == before
    assert (row(cast, seq).edited_at, RemovedText.objects.count()) == (None, 0)


@pytest.mark.parametrize(("minutes", "code"), [(14.9, "ok"), (15.1, "too_late")])
def test_the_window_of_editing(cast: Cast, minutes: float, code: str):
    seq = cast.say(cast.member)
    grow_old(cast, seq, minutes)
    if code == "ok":
        assert actions.edit_message(cast.member.user, cast.group, seq, "khác").edited_at
    else:
        assert refusal_of(actions.edit_message, cast.member.user, cast.group, seq, "khác") == code


def test_the_windows_are_the_sites_policy(cast: Cast):
    seq = cast.say(cast.member)
    grow_old(cast, seq, 600)
    assert refusal_of(actions.edit_message, cast.member.user, cast.group, seq, "khác") == "too_late"
    assert refusal_of(actions.recall_message, cast.member.user, cast.group, seq) == "too_late"
    accounts.set_policies(cast.administrator.user, {"messages.edit_minutes": -1, "messages.recall_minutes": 601})
    assert actions.edit_message(cast.member.user, cast.group, seq, "khác")
    assert actions.recall_message(cast.member.user, cast.group, seq)


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "blank"), ("\u3000", "blank"), ("a" * 10_001, "too_long"), ("a\x00", "bad_text"), ("\ud800", "bad_text")],
)
def test_a_bad_text_is_no_edit(cast: Cast, body: str, code: str):
    seq = cast.say(cast.member, "còn đây")
    assert refusal_of(actions.edit_message, cast.member.user, cast.group, seq, body) == code
    assert row(cast, seq).body == "còn đây"


def test_what_is_missing_and_what_is_a_system_message_is_not_edited(cast: Cast):
    assert refusal_of(actions.edit_message, cast.master.user, cast.group, 10_000, "khác") == "not_found"
    assert refusal_of(actions.edit_message, cast.master.user, 10**9, 1, "khác") == "not_found"
    assert (row(cast, 1).kind, row(cast, 1).sender_id) == ("system", cast.master.id)
    assert refusal_of(actions.edit_message, cast.master.user, cast.group, 1, "khác") == "not_allowed"


def test_a_recalled_text_is_gone_from_row_page_quote_and_preview_and_kept_for_moderators(cast: Cast):
    seq = cast.say(cast.member, "bí mật 秘密 **x**")
    actions.react(cast.master.user, cast.group, seq, "👍", True)
    for n in range(3):
        reply = cast.say(cast.manager, f"trả lời {n}", reply_to=seq)
    last = cast.say(cast.member, "bí mật 秘密 2")
    recalled = actions.recall_message(cast.member.user, cast.group, seq)
    actions.recall_message(cast.member.user, cast.group, last)
    fresh = row(cast, seq)
    assert (fresh.body, fresh.html, fresh.recalled_by_id) == ("", None, cast.member.id)
    assert fresh.recalled_at is not None
    assert fresh.change == recalled.change
    for who in (cast.master, cast.member):
        assert "秘密" not in repr(access.get_page(who.user, cast.group))
        page = access.get_page(who.user, cast.group, before=last, limit=1)
        assert page["messages"][0]["seq"] == reply
        assert [(quote["seq"], quote["body"]) for quote in page["quoted"]] == [(seq, "")]
        preview = get_object(who.user, cast.group)["preview"]
        assert (preview["seq"], preview["text"], preview["recalled"]) == (last, "", True)
    assert access.get_page(cast.member.user, cast.group, around=seq, limit=2)["messages"][1]["reactions"] == []
    assert list(RemovedText.objects.order_by("pk").values_list("body", "removed_by")) == [
        ("bí mật 秘密 **x**", cast.member.id),
        ("bí mật 秘密 2", cast.member.id),
    ]
    assert "秘密" not in repr(list(Event.objects.values_list("detail", flat=True)))


def test_a_recall_is_in_the_log_and_the_reaction_is_not(cast: Cast):
    seq = cast.say(cast.member)
    actions.react(cast.member.user, cast.group, seq, "👍", True)
    actions.recall_message(cast.manager.user, cast.group, seq)
    assert [(event.action, event.actor_id) for event in Event.objects.filter(target_type="message")] == [
        ("message.recalled", cast.manager.id)
    ]


@pytest.mark.parametrize(("minutes", "code"), [(1.9, "ok"), (2.1, "too_late")])
def test_members_recall_their_own_within_the_window(cast: Cast, minutes: float, code: str):
    seq = cast.say(cast.member)
    grow_old(cast, seq, minutes)
    if code == "ok":
        assert actions.recall_message(cast.member.user, cast.group, seq).recalled_at
    else:
        assert refusal_of(actions.recall_message, cast.member.user, cast.group, seq) == code


@pytest.mark.parametrize("who", ["manager", "master"])
def test_managers_recall_anybodys_at_any_time(cast: Cast, who: str):
    seq = cast.say(cast.member)
    grow_old(cast, seq, 10_000)
    assert actions.recall_message(getattr(cast, who).user, cast.group, seq).recalled_by_id == getattr(cast, who).id


def test_nobody_recalls_what_is_not_his_to_recall(cast: Cast):
    seq = cast.say(cast.master)
    assert refusal_of(actions.recall_message, cast.member.user, cast.group, seq) == "not_allowed"
    assert refusal_of(actions.recall_message, cast.stranger.user, cast.group, seq) == "not_found"
    assert refusal_of(actions.recall_message, cast.former.user, cast.group, seq) == "not_found"
    assert refusal_of(actions.recall_message, cast.moderator.user, cast.group, seq) == "not_found"
    assert refusal_of(actions.recall_message, cast.master.user, cast.group, 1) == "not_allowed"
    direct = cast.say(cast.master, where=cast.direct)
    assert refusal_of(actions.recall_message, cast.member.user, cast.direct, direct) == "not_allowed"
    assert row(cast, seq).recalled_at is None


def test_a_recalled_message_is_past_everything(cast: Cast):
    seq = cast.say(cast.member)
    actions.recall_message(cast.member.user, cast.group, seq)
    assert refusal_of(actions.recall_message, cast.manager.user, cast.group, seq) == "recalled"
    assert refusal_of(actions.edit_message, cast.member.user, cast.group, seq, "lại") == "recalled"
    assert refusal_of(actions.react, cast.member.user, cast.group, seq, "👍", True) == "recalled"


def reactions(cast: Cast, seq: int) -> dict[str, list[int]]:
    page = access.get_page(cast.member.user, cast.group, around=seq, limit=1)
    return {found["emoji"]: found["users"] for found in page["messages"][-1]["reactions"]}


def test_members_put_reactions_and_take_their_own_away(cast: Cast):
    seq = cast.say(cast.member)
    first = actions.react(cast.master.user, cast.group, seq, "👍", True).change
    assert actions.react(cast.member.user, cast.group, seq, "👍", True).change == first + 1
    actions.react(cast.member.user, cast.group, seq, "❤️", True)
    assert reactions(cast, seq) == {"👍": [cast.master.id, cast.member.id], "❤️": [cast.member.id]}
    actions.react(cast.member.user, cast.group, seq, "👍", False)
    assert reactions(cast, seq) == {"👍": [cast.master.id], "❤️": [cast.member.id]}
    assert refusal_of(actions.react, cast.stranger.user, cast.group, seq, "👍", True) == "not_found"
    assert refusal_of(actions.react, cast.former.user, cast.group, seq, "👍", False) == "not_found"


def test_a_reaction_put_twice_or_taken_away_twice_is_no_change(cast: Cast):
    seq = cast.say(cast.member)
    once = actions.react(cast.member.user, cast.group, seq, "🎉", True).change
    assert actions.react(cast.member.user, cast.group, seq, "🎉", True).change == once
    gone = actions.react(cast.member.user, cast.group, seq, "🎉", False).change
    assert actions.react(cast.member.user, cast.group, seq, "🎉", False).change == gone == once + 1


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "👨‍👩‍👧", "❤️", "🇻🇳", "🇨🇳", "1️⃣", "©️", "☕"])
def test_an_emoji_is_a_reaction(cast: Cast, emoji: str):
    assert actions.react(cast.member.user, cast.group, cast.say(cast.member), emoji, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "好",
        "1",
        "👍 ",
        "👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍",
        "<b>",
        "\u200d",
        "👍\x00",
        "\ud83d",
        "👍👍",
        "👍\u202e",
    ],
)
def test_a_word_is_no_reaction(cast: Cast, text: str):
    assert refusal_of(actions.react, cast.member.user, cast.group, cast.say(cast.member), text, True) == "bad_request"
    assert not Reaction.objects.exists()


def test_twenty_different_reactions_are_enough(cast: Cast):
    seq = cast.say(cast.member)
    for n in range(20):
        actions.react(cast.member.user, cast.group, seq, chr(0x1F600 + n), True)
    assert refusal_of(actions.react, cast.manager.user, cast.group, seq, "🍵", True) == "too_many"
    assert actions.react(cast.manager.user, cast.group, seq, chr(0x1F600), True)


def test_system_messages_take_no_reactions(cast: Cast):
    assert refusal_of(actions.react, cast.member.user, cast.group, 1, "👍", True) == "not_allowed"
