"""What moderators do about reported messages, who wins when two do, and who looks at text that was taken away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import User
from audit.models import Event
from core import registry
from messaging import actions
from messaging.models import Message, Mute, RemovedText, Report
from messaging.tests.test_parallel import all_at_once
from messaging.tests.test_reports import QUEUE, last, reported
from tests.cast import Cast, person, refusal_of

pytestmark = pytest.mark.django_db


def events(*names: str) -> list[str]:
    return list(Event.objects.filter(action__in=names).order_by("id").values_list("action", flat=True))


@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_dismissed(cast: Cast, role: str) -> None:
    message, who = reported(cast), getattr(cast, role)
    assert who.client.post(f"{QUEUE}{message}/", {"deed": "dismiss", "last": last(message)}).status_code == 302
    report = Report.objects.get()
    assert (report.state, report.outcome, report.handled_by_id) == ("dismissed", "", who.id)
    assert Message.objects.get(pk=message).recalled_at is None
    assert events("report.dismissed", "report.upheld") == ["report.dismissed"]


@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_recalled(cast: Cast, role: str) -> None:
    message, who = reported(cast, body="xấu @master"), getattr(cast, role)
    assert who.client.post(f"{QUEUE}{message}/", {"deed": "recall", "last": last(message)}).status_code == 302
    gone = Message.objects.get(pk=message)
    assert gone.body == "" and gone.recalled_at is not None and RemovedText.objects.get().removed_by_id == who.id
    told = next(data for _, _, data, _ in registry.feeds["c"].read(cast.group, gone.change - 1, 1))
    assert told["recalled_at"] and told["recalled_by"] is None  # members do not learn which moderator it was
    assert Report.objects.get().outcome == "recalled"
    assert events("message.recalled", "report.upheld") == ["message.recalled", "report.upheld"]
    assert refusal_of(actions.recall_reported, who.user, message, 0) == "recalled"


@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_muted(cast: Cast, role: str) -> None:
    message, who = reported(cast), getattr(cast, role)
    assert (
        who.client.post(f"{QUEUE}{message}/", {"deed": "mute", "last": last(message), "minutes": 60}).status_code == 302
    )
    assert refusal_of(cast.send, cast.member, "tôi") == "muted"
    assert isinstance(cast.send(cast.member, "ở chỗ khác", where=cast.direct), dict)
    said = Message.objects.filter(conversation=cast.group, kind="system").latest("seq")
    assert '"muted"' in said.body and said.sender is None
    assert Report.objects.get().outcome == "muted" and events("report.upheld") == ["report.upheld"]


def test_how_long_and_where_a_mute_may_be(cast: Cast) -> None:
    message, moderator = reported(cast), cast.moderator.user
    for minutes in (0, 4, 43_201):
        assert refusal_of(actions.mute_reported, moderator, message, last(message), minutes) == "bad_request"
    actions.mute_reported(moderator, message, last(message), 43_200)
    between_two = reported(cast, where=cast.direct)
    assert refusal_of(actions.mute_reported, moderator, between_two, last(between_two), 60) == "not_allowed"
    assert Mute.objects.count() == 1


@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_blocked(cast: Cast, role: str) -> None:
    message, who = reported(cast), getattr(cast, role)
    form = {"deed": "block", "last": last(message), "reason": "Quấy rối 骚扰"}
    assert who.client.post(f"{QUEUE}{message}/", form).status_code == 302
    member = User.objects.get(pk=cast.member.id)
    assert member.blocked_at is not None and member.blocked_reason == "Quấy rối 骚扰"
    assert Report.objects.get().outcome == "blocked"
    assert events("account.blocked", "report.upheld")[-2:] == ["account.blocked", "report.upheld"]


def test_moderators_have_no_power_over_those_who_look_after_the_site(cast: Cast) -> None:
    colleague = person("colleague", is_moderator=True)
    actions.add_members(cast.master.user, cast.group, [colleague.id, cast.administrator.id])
    for target in (colleague, cast.administrator):
        seq = cast.say(target, "xấu")
        actions.report_message(cast.master.user, cast.group, seq, "spam")
        message = Report.objects.latest("pk").message_id
        for action, more in ((actions.block_reported, "vì"), (actions.mute_reported, 60)):
            assert refusal_of(action, cast.moderator.user, message, last(message), more) == "not_allowed"
        page = cast.moderator.client.get(f"{QUEUE}{message}/").content.decode()
        assert 'value="block"' not in page and 'value="mute"' not in page and 'value="recall"' in page
        assert Report.objects.get(message=message).state == "open"
        actions.recall_reported(cast.moderator.user, message, last(message))
    assert refusal_of(accounts.block_user, cast.moderator.user, colleague.user) == "not_allowed"
    accounts.block_user(cast.moderator.user, cast.stranger.user)
    assert User.objects.get(pk=cast.stranger.id).blocked_at is not None


def test_a_moderator_cannot_raise_himself(cast: Cast) -> None:
    moderator = cast.moderator.user
    assert refusal_of(accounts.set_role, moderator, moderator, "administrator") == "not_allowed"
    form = {"action": "set_role", "_selected_action": [moderator.pk], "answered": 1, "role": "administrator"}
    assert cast.moderator.client.post("/admin/accounts/user/", form).status_code == 403
    assert refusal_of(accounts.set_policies, moderator, {"moderation.words": ""}) == "not_allowed"
    assert User.objects.get(pk=moderator.pk).site_role == "moderator"


def test_of_two_moderators_one_wins_and_the_other_is_told(cast: Cast) -> None:
    message, other = reported(cast), person("colleague", is_moderator=True)
    seen = last(message)
    actions.recall_reported(cast.moderator.user, message, seen)
    for action, more in (
        (actions.dismiss_reports, ()),
        (actions.recall_reported, ()),
        (actions.mute_reported, (60,)),
        (actions.block_reported, ("x",)),
    ):
        assert refusal_of(action, other.user, message, seen, *more) == "conflict"
    assert User.objects.get(pk=cast.member.id).blocked_at is None and not Mute.objects.exists()
    page = other.client.post(f"{QUEUE}{message}/", {"deed": "dismiss", "last": seen}, follow=True).content.decode()
    assert "Somebody else has dealt with this report already." in page
    actions.block_reported(other.user, message, 0, "x")  # who has seen that it was dealt with may go further


DEEDS: dict[str, Callable[[User, int, int], None]] = {
    "dismissed": lambda who, message, seen: actions.dismiss_reports(who, message, seen),
    "recalled": lambda who, message, seen: actions.recall_reported(who, message, seen),
    "muted": lambda who, message, seen: actions.mute_reported(who, message, seen, 60),
    "blocked": lambda who, message, seen: actions.block_reported(who, message, seen, "vì"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("one", "other"),
    [("dismissed", "recalled"), ("blocked", "recalled"), ("muted", "blocked"), ("blocked", "dismissed"), ("blocked", "blocked")],
)  # fmt: skip
def test_of_two_at_the_same_moment_one_wins(transactional_db: None, cast: Cast, one: str, other: str) -> None:
    for number in range(5):
        guest = person(f"guest-{number}")  # whose invitation waits: a block withdraws it, and needs the group for that
        actions.add_members(cast.master.user, cast.group, [guest.id])
        actions.invite_people(guest.user, cast.group, [person(f"friend-{number}").id])
        actions.report_message(cast.master.user, cast.group, cast.say(guest, "lời xấu"), "spam")
        message = Report.objects.latest("pk").message_id
        seen = last(message)
        deeds = [
            partial(DEEDS[one], cast.moderator.user, message, seen),
            partial(DEEDS[other], cast.administrator.user, message, seen),
        ]
        assert sorted(all_at_once(deeds, 2)) == ["conflict", "done"]
        report, user = Report.objects.latest("pk"), User.objects.get(pk=guest.id)
        assert (report.outcome or report.state) in (one, other)
        gone = Message.objects.get(pk=message).recalled_at is not None
        assert gone == (report.outcome == "recalled") and (user.blocked_at is not None) == (report.outcome == "blocked")


def test_names_of_deleted_accounts_are_gone_from_the_pages(cast: Cast) -> None:
    message = reported(cast)
    accounts.delete_account(cast.administrator.user, cast.master.user)
    for page in (QUEUE, f"{QUEUE}{message}/"):
        text = cast.moderator.client.get(page).content.decode()
        assert "Deleted account" in text and f"~{cast.master.id}" not in text and "Ánh" not in text


def test_earlier_blocks_are_on_the_page(cast: Cast) -> None:
    first, second = reported(cast), reported(cast)
    actions.block_reported(cast.moderator.user, first, last(first), "Quấy rối 骚扰")
    page = cast.moderator.client.get(f"{QUEUE}{second}/").content.decode()
    assert "Quấy rối 骚扰" in page and "1 other message of this person was reported, 1 of them rightly." in page


def test_a_report_that_came_meanwhile_is_not_dismissed_unread(cast: Cast) -> None:
    message = reported(cast)
    seen, seq = last(message), Message.objects.get(pk=message).seq
    actions.report_message(cast.manager.user, cast.group, seq, "violence")
    actions.dismiss_reports(cast.moderator.user, message, seen)
    assert [report.reason for report in Report.objects.filter(state="open")] == ["violence"]
    actions.recall_reported(cast.moderator.user, message, last(message))
    assert not Report.objects.filter(state="open").exists()


def test_a_text_that_was_changed_meanwhile_is_not_dismissed_unread(cast: Cast) -> None:
    message, client = reported(cast), cast.moderator.client
    page, seq = f"{QUEUE}{message}/", Message.objects.get(pk=message).seq
    for text in ("còn xấu hơn 更坏", "xấu nhất 最坏"):
        read = client.get(page)
        form = {"deed": "dismiss", "last": read.context["last"], "edited": read.context["edited"]}
        assert f'name="edited" value="{form["edited"]}"' in read.content.decode()
        actions.edit_message(cast.member.user, cast.group, seq, text)
        assert "The sender has changed the message meanwhile." in client.post(page, form, follow=True).content.decode()
        assert Report.objects.get().state == "open"
    client.post(page, {**form, "edited": client.get(page).context["edited"]})
    assert Report.objects.get().state == "dismissed"


def test_forms_that_make_no_sense_change_nothing(cast: Cast) -> None:
    message = reported(cast)
    for form in (
        {},
        {"deed": "raise"},
        {"deed": "mute", "minutes": "7"},
        {"deed": "mute"},
        {"deed": "recall", "last": "x"},
        {"deed": "dismiss"},
    ):
        assert cast.moderator.client.post(f"{QUEUE}{message}/", form).status_code == 302, form
    assert Report.objects.get().state == "open" and Message.objects.get(pk=message).recalled_at is None


# Removed text


def test_a_look_at_removed_text_is_in_the_log_and_the_page_alone_does_not_have_it(cast: Cast) -> None:
    message = reported(cast, body="bản đầu 初稿")
    seq = Message.objects.get(pk=message).seq
    actions.edit_message(cast.member.user, cast.group, seq, "bản hai 二稿")
    actions.recall_reported(cast.moderator.user, message, last(message))
    page = cast.moderator.client.get(f"{QUEUE}{message}/").content.decode()
    assert "bản" not in page and events("removed.viewed") == []
    page = cast.moderator.client.post(f"{QUEUE}{message}/", {"deed": "view"}).content.decode()
    assert "bản đầu 初稿" in page and "bản hai 二稿" in page
    assert events("removed.viewed") == ["removed.viewed"]
    assert "bản" not in str([event.detail for event in Event.objects.all()])


def test_text_of_a_message_that_nobody_reported_is_for_administrators_alone(cast: Cast) -> None:
    seq = cast.say(cast.member, "không ai báo 无人举报")
    message = Message.objects.get(conversation=cast.group, seq=seq).pk
    assert refusal_of(actions.view_removed, cast.administrator.user, message) == "not_found"  # it stands there still
    cast.say(cast.manager, "bên cạnh 旁边")
    actions.recall_message(cast.member.user, cast.group, seq)
    assert refusal_of(actions.view_removed, cast.moderator.user, message) == "not_found"
    assert [text.body for text in actions.view_removed(cast.administrator.user, message)] == ["không ai báo 无人举报"]
    page = cast.administrator.client.get(f"{QUEUE}{message}/").content.decode()
    assert "bên cạnh" not in page and 'value="block"' not in page
    assert refusal_of(actions.block_reported, cast.administrator.user, message, 0, "x") == "not_found"


def test_after_thirty_days_it_is_gone(cast: Cast) -> None:
    message = reported(cast)
    actions.recall_reported(cast.moderator.user, message, last(message))
    RemovedText.objects.update(removed_at=timezone.now() - timedelta(days=29, hours=23))
    actions.purge_removed(timezone.now())
    assert actions.view_removed(cast.moderator.user, message)
    RemovedText.objects.update(removed_at=timezone.now() - timedelta(days=30, minutes=1))
    assert refusal_of(actions.view_removed, cast.moderator.user, message) == "not_found"  # also before the task has run
    actions.purge_removed(timezone.now())
    assert not RemovedText.objects.exists()
