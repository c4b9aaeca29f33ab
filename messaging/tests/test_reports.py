"""Reports: who may make one, and what moderators see by it and nothing besides. What they do: test_moderating.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.events import me
from audit.models import Event
from messaging import actions
from messaging.models import Message, Report
from messaging.reports import get_case, get_queue, open_count
from realtime.heads import UserFeed
from tests.cast import Cast, Person, refusal_of
from tests.stored import stored

pytestmark = pytest.mark.django_db
QUEUE = "/admin/messaging/report/"


def reported(
    cast: Cast, by: Person | None = None, body: str = "lời xấu 坏话", reason: str = "spam", **where: Any
) -> int:
    """A message of the member's that the master, or somebody, reports; its id."""
    seq = cast.say(cast.member, body, **where)
    place = where.get("where", cast.group)
    actions.report_message((by or cast.master).user, place, seq, reason, "vì sao 为什么")
    return Message.objects.get(conversation=place, seq=seq).pk


def last(message: int) -> int:
    return Report.objects.filter(message=message, state="open").latest("pk").pk


# Reporting


def test_a_member_reports_what_he_sees(cast: Cast) -> None:
    message = reported(cast, reason="harassment")
    report = Report.objects.get()
    assert (report.message_id, report.reporter_id, report.sender_id) == (message, cast.master.id, cast.member.id)
    assert (report.reason, report.words, report.state) == ("harassment", "vì sao 为什么", "open")
    event = Event.objects.latest("id")
    assert (event.action, event.actor_id, event.detail["reason"]) == ("message.reported", cast.master.id, "harassment")
    assert "vì sao" not in str(event.detail)


def test_who_may_not_report_what(cast: Cast) -> None:
    seq = cast.say(cast.member)
    system = Message.objects.filter(conversation=cast.group, kind="system").latest("seq").seq
    report = actions.report_message
    assert refusal_of(report, cast.member.user, cast.group, seq, "spam") == "not_oneself"
    assert refusal_of(report, cast.stranger.user, cast.group, seq, "spam") == "not_found"
    assert refusal_of(report, cast.former.user, cast.group, seq, "spam") == "not_found"
    assert refusal_of(report, cast.master.user, cast.group, seq + 1, "spam") == "not_found"
    assert refusal_of(report, cast.master.user, cast.group, system, "spam") == "not_allowed"
    assert refusal_of(report, cast.master.user, cast.group, seq, "spam", "a" * 501) == "too_long"
    report(cast.master.user, cast.group, seq, "spam", "a" * 500)
    actions.recall_message(cast.member.user, cast.group, seq)
    assert refusal_of(report, cast.manager.user, cast.group, seq, "spam") == "recalled"


def test_a_repeat_changes_nothing_until_the_text_has_changed(cast: Cast) -> None:
    message = reported(cast)
    seq = Message.objects.get(pk=message).seq
    before = Event.objects.count()
    actions.report_message(cast.master.user, cast.group, seq, "other")
    assert (Report.objects.get().reason, Event.objects.count()) == ("spam", before)
    actions.dismiss_reports(cast.moderator.user, message, last(message))
    actions.report_message(cast.master.user, cast.group, seq, "other")
    assert Report.objects.get().state == "dismissed"
    actions.edit_message(cast.member.user, cast.group, seq, "còn xấu hơn 更坏")
    actions.report_message(cast.master.user, cast.group, seq, "other")
    report = Report.objects.get()
    assert (report.state, report.reason, report.handled_by) == ("open", "other", None)


def test_nobody_floods_the_queue(cast: Cast) -> None:
    for _ in range(20):
        reported(cast)
    seq = cast.say(cast.member)
    assert refusal_of(actions.report_message, cast.master.user, cast.group, seq, "spam") == "too_fast"
    actions.report_message(cast.manager.user, cast.group, seq, "spam")  # somebody else may
    Report.objects.update(made_at=timezone.now() - timedelta(minutes=61))
    actions.report_message(cast.master.user, cast.group, seq, "spam")


def test_those_who_look_after_reports_are_told_and_nobody_else(cast: Cast) -> None:
    def told() -> list[tuple[int, int]]:
        people = [cast.administrator, cast.moderator, cast.master, cast.member, cast.stranger]
        heads = UserFeed().heads([someone.id for someone in people])
        return [(me(someone.user)["reports"], heads[someone.id]) for someone in people]

    seq = cast.say(cast.member)
    before = told()
    actions.report_message(cast.master.user, cast.group, seq, "spam")
    after = told()
    assert [count for count, _ in after] == [1, 1, 0, 0, 0]
    assert [new - old for (_, new), (_, old) in zip(after, before, strict=True)] == [1, 1, 0, 0, 0]
    message = Report.objects.get().message_id
    actions.dismiss_reports(cast.moderator.user, message, last(message))
    assert [count for count, _ in told()] == [0, 0, 0, 0, 0]


# The queue


def test_one_entry_for_each_message_the_first_reported_first(cast: Cast) -> None:
    first, second = reported(cast), reported(cast)
    seq = Message.objects.get(pk=first).seq
    actions.report_message(cast.manager.user, cast.group, seq, "other")
    entries, following = get_queue(cast.moderator.user)
    assert [(entry["message"]["id"], len(entry["reports"])) for entry in entries] == [(first, 2), (second, 1)]
    assert following is None and open_count(cast.moderator.user) == 2
    actions.dismiss_reports(cast.moderator.user, first, last(first))
    assert [entry["message"]["id"] for entry in get_queue(cast.moderator.user)[0]] == [second]
    assert [entry["message"]["id"] for entry in get_queue(cast.moderator.user, done=True)[0]] == [first]


def test_pages_of_the_queue_join(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.reports.PAGE", 2)
    wanted = [reported(cast) for _ in range(5)]
    for done, expected in ((False, wanted), (True, wanted[::-1])):
        found, key = [], None
        while True:
            entries, key = get_queue(cast.moderator.user, done=done, after=key)
            found += [entry["message"]["id"] for entry in entries]
            if key is None:
                break
        assert found == expected
        for message in wanted if not done else []:
            actions.dismiss_reports(cast.moderator.user, message, last(message))


def test_a_moderator_does_not_see_what_others_report_of_himself(cast: Cast) -> None:
    actions.add_members(cast.master.user, cast.group, [cast.moderator.id])
    seq = cast.say(cast.moderator, "tôi là ai 我是谁")
    actions.report_message(cast.master.user, cast.group, seq, "harassment")
    message = Report.objects.get().message_id
    assert get_queue(cast.moderator.user) == ([], None) and me(cast.moderator.user)["reports"] == 0
    assert refusal_of(get_case, cast.moderator.user, message) == "not_found"
    assert refusal_of(actions.dismiss_reports, cast.moderator.user, message, last(message)) == "not_found"
    assert [entry["message"]["id"] for entry in get_queue(cast.administrator.user)[0]] == [message]
    actions.dismiss_reports(cast.administrator.user, message, last(message))


# What a moderator sees


def test_five_places_before_and_after_and_no_more(cast: Cast) -> None:
    says = [cast.say(cast.manager, f"trước {n}") for n in range(7)]
    message = reported(cast)
    says += [cast.say(cast.manager, f"sau {n}") for n in range(7)]
    around = get_case(cast.moderator.user, message)["around"]
    seq = Message.objects.get(pk=message).seq
    assert [said["seq"] for said in around] == [*says[2:7], seq, *says[7:12]]
    page = cast.moderator.client.get(f"{QUEUE}{message}/").content.decode()
    assert all(f"{word} {n}" in page for word, n in (("trước", 2), ("sau", 4)))
    assert "trước 1<" not in page and "sau 5<" not in page


def test_files_around_a_report_open_for_moderators_and_those_further_off_do_not(cast: Cast) -> None:
    from files.access import get_file

    files = [stored(cast.manager, f"{n}.pdf") for n in range(7)]
    for file in files:
        cast.say(cast.manager, "", files=[file.token])
    message = reported(cast)
    moderator = cast.moderator.user
    assert [get_file(moderator, file.token).pk for file in files[2:]] == [file.pk for file in files[2:]]
    assert refusal_of(get_file, moderator, files[1].token) == "not_found"
    assert refusal_of(get_file, cast.stranger.user, files[6].token) == "not_found"
    page = cast.moderator.client.get(f"{QUEUE}{message}/").content.decode()
    assert files[6].token in page and files[1].token not in page


def test_a_moderator_reaches_nothing_else(cast: Cast) -> None:
    """Every address of the admin: the queue and the frame around it, and nothing with a name or a text of anybody."""
    message = reported(cast)
    other = Message.objects.get(conversation=cast.direct, seq=cast.say(cast.member, "riêng 私人", where=cast.direct)).pk
    client = cast.moderator.client
    assert client.get(QUEUE).status_code == client.get(f"{QUEUE}{message}/").status_code == 200
    assert client.get(f"{QUEUE}{other}/").status_code == 404
    assert cast.administrator.client.get(f"{QUEUE}{other}/").status_code == 404
    for deed in ("dismiss", "recall", "mute", "block", "view"):
        assert client.post(f"{QUEUE}{other}/", {"deed": deed, "minutes": 60, "reason": "x"}).status_code == 404, deed
    assert refusal_of(get_case, cast.moderator.user, other) == "not_found"
    page = client.get(f"{QUEUE}{message}/").content.decode()
    assert "/admin/accounts/" not in page and "/admin/audit/" not in page and "riêng" not in page
    assert client.get(f"/c/{cast.group}/").status_code == 404
    assert client.get(f"/api/conversations/{cast.group}/messages").status_code == 404


def test_nobody_else_reaches_the_queue(cast: Cast) -> None:
    message = reported(cast)
    for someone in (cast.master, cast.manager, cast.member, cast.stranger):
        assert someone.client.get(QUEUE).status_code == 302
        assert someone.client.post(f"{QUEUE}{message}/", {"deed": "dismiss", "last": last(message)}).status_code == 302
        for action in (get_queue, open_count):
            assert (
                refusal_of(action, someone.user) == "not_allowed"
                if action is get_queue
                else open_count(someone.user) == 0
            )
        assert refusal_of(get_case, someone.user, message) == "not_allowed"
        assert refusal_of(actions.view_removed, someone.user, message) == "not_allowed"
        assert refusal_of(actions.recall_reported, someone.user, message, 0) == "not_allowed"
    assert Report.objects.get().state == "open"
