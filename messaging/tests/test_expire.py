"""What is older than the policies say goes, with all that hangs on it; the log knows, and everything else stays as it was."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import actions as accounts
from audit.chain import check
from audit.models import ChainHead, Event
from chatroom.retention import keep_if_due, keep_to_policy
from core.hold import hold_files
from files import actions as files
from files.models import StoredFile, Upload
from messaging import actions, search, summary
from messaging.access import get_page
from messaging.actions import expire
from messaging.models import Conversation, Mention, Message, MessageFile, Pin, Reaction, RemovedText
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NIGHT = timedelta(days=40)


def findings() -> list[str]:
    return [str(finding) for finding in check()]


def texts(cast: Cast, conversation: int) -> list[str]:
    page = get_page(cast.master.user, conversation, limit=200)
    return [message["body"] for message in page["messages"] if message["kind"] != "system"]


def hits(cast: Cast, words: str) -> int:
    return len(search.find(cast.master.user, words)["hits"])


def seal() -> None:
    actions.seal_messages(timezone.now() + timedelta(minutes=11))


def age() -> None:
    """All there is was said forty days ago, and sealed then."""
    for message in Message.objects.all():
        Message.objects.filter(pk=message.pk).update(sent_at=message.sent_at - NIGHT)
    seal()


@pytest.fixture
def old(cast: Cast) -> list[int]:
    """Old messages with all that may hang on them; their numbers in the group."""
    names = cast.member.user.username
    seqs = [cast.say(cast.master, f"cũ 老 {number} @{names}") for number in range(5)]
    actions.react(cast.member.user, cast.group, seqs[0], "👍", True)
    actions.pin_message(cast.master.user, cast.group, seqs[1], True)
    actions.edit_message(cast.master.user, cast.group, seqs[2], "cũ mà sửa")
    actions.recall_message(cast.master.user, cast.group, seqs[3])
    cast.say(cast.member, "chào riêng", where=cast.direct)
    age()
    return seqs


def days(**values: int) -> None:
    accounts.set_policies(None, {f"retention.{name}": value for name, value in values.items()})


def test_nothing_goes_by_default(cast: Cast, old: list[int]) -> None:
    before = Message.objects.count()
    assert keep_to_policy(timezone.now()) == {}
    assert Message.objects.count() == before


def test_old_messages_go_and_the_log_stays_whole(cast: Cast, old: list[int]) -> None:
    new = cast.say(cast.master, "mới 新", reply_to=old[4])
    assert hits(cast, "cũ") == 4 and hits(cast, "mới") == 1
    head = Conversation.objects.get(pk=cast.group).last_change
    count = Message.objects.count()
    days(messages_days=30)
    assert keep_to_policy(timezone.now()) == {"messages": count - 1}
    assert Message.objects.count() == 1
    assert [model.objects.count() for model in (Reaction, Pin, RemovedText, Mention)] == [0, 0, 0, 0]
    assert texts(cast, cast.group) == ["mới 新"] and texts(cast, cast.direct) == []
    assert hits(cast, "cũ") == 0 and hits(cast, "mới") == 1
    conversation = Conversation.objects.get(pk=cast.group)
    assert (conversation.last_seq, conversation.last_change) == (new, head)
    assert findings() == []
    seal()
    assert findings() == []
    again = Event.objects.filter(action="messages.expired").count()
    assert keep_to_policy(timezone.now()) == {"messages": 0}
    assert Event.objects.filter(action="messages.expired").count() == again == 1


def test_a_clock_that_was_behind_makes_nothing_newer_old(cast: Cast, old: list[int]) -> None:
    cast.say(cast.master, "mới")
    wrong = Message.objects.get(conversation=cast.group, seq=cast.say(cast.master, "lúc đồng hồ sai"))
    Message.objects.filter(pk=wrong.pk).update(sent_at=wrong.sent_at - 20 * NIGHT)
    days(messages_days=30)
    keep_to_policy(timezone.now())
    assert texts(cast, cast.group) == ["mới", "lúc đồng hồ sai"]


def test_a_night_has_its_turn_once(
    cast: Cast, old: list[int], tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    days(messages_days=30)
    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(actions, "expire_messages", _fail)
        keep_if_due()
    assert texts(cast, cast.group)
    with hold_files():
        keep_if_due()
    assert texts(cast, cast.group)  # a backup goes first
    keep_if_due()  # again, because it failed
    assert not texts(cast, cast.group)
    cast.say(cast.master, "cũ")
    Message.objects.update(sent_at=timezone.now() - NIGHT)
    keep_if_due()
    assert texts(cast, cast.group)
    keep_if_due(timezone.now() + timedelta(days=1))
    assert not texts(cast, cast.group)


def _fail(before: object) -> int:
    raise OSError


def test_numbers_go_on_and_what_is_unread_is_what_is_there(cast: Cast, old: list[int]) -> None:
    assert summary.unread_counts(cast.member.id, [cast.group])[cast.group][0] == 5
    new = cast.say(cast.master, "mới")
    days(messages_days=30)
    keep_to_policy(timezone.now())
    assert summary.unread_counts(cast.member.id, [cast.group])[cast.group] == (1, 0)
    assert cast.say(cast.master, "mới nữa") == new + 1
    page = get_page(cast.member.user, cast.group, before=new)
    assert (page["messages"], page["more_before"]) == ([], False)
    at = get_page(cast.member.user, cast.group, at=timezone.now() - timedelta(days=50))
    assert at["messages"][0]["seq"] == new


def test_a_row_taken_away_behind_our_back_is_still_found(cast: Cast, old: list[int]) -> None:
    cast.say(cast.master, "mới 1")
    second = cast.say(cast.master, "mới 2")
    seal()
    days(messages_days=30)
    keep_to_policy(timezone.now())
    id = Message.objects.get(conversation=cast.group, seq=second).pk
    Message.objects.filter(pk=id).delete()
    assert findings() == [f"message {id}: removed"]


def test_a_worker_killed_in_the_middle_raises_no_alarm(
    cast: Cast, old: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Nobody catches it."""

    calls = iter([expire._delete])

    def once(conversation: int, last: int) -> int:
        for run in calls:
            return run(conversation, last)
        raise Killed

    days(messages_days=30)
    monkeypatch.setattr(expire, "BATCH", 3)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(expire, "_delete", once)
        keep_to_policy(timezone.now())
    assert Message.objects.exists() and findings() == []
    keep_to_policy(timezone.now())
    assert not Message.objects.exists() and findings() == []


def test_files_go_out_of_old_messages_and_stay_in_new_ones(cast: Cast) -> None:
    both = files.store_bytes(cast.member.user, "bản đồ.pdf", [b"abc"])
    lone = files.store_bytes(cast.member.user, "ảnh cũ.bin", [b"abcd"])
    seq = cast.say(cast.member, "xem này", files=[both.token, lone.token])
    age()
    cast.say(cast.member, "", files=[both.token])
    assert hits(cast, "bản đồ") == 2
    change = Conversation.objects.get(pk=cast.group).last_change
    days(files_days=30)
    assert keep_to_policy(timezone.now()) == {"files": 1}
    shown = next(m for m in get_page(cast.member.user, cast.group)["messages"] if m["seq"] == seq)
    assert "files" not in shown and shown["body"] == "xem này" and shown["change"] == change + 1
    assert hits(cast, "bản đồ") == 1 and hits(cast, "ảnh cũ") == 0 and hits(cast, "xem") == 1
    assert MessageFile.objects.get().file_id == both.pk
    assert findings() == []
    Upload.objects.update(expires_at=timezone.now() - timedelta(days=2))
    StoredFile.objects.update(created_at=timezone.now() - timedelta(days=2))
    files.delete_unused()
    assert list(StoredFile.objects.values_list("pk", flat=True)) == [both.pk]


def verified() -> str:
    out = io.StringIO()
    call_command("verify_log", stdout=out)
    return out.getvalue()


def age_log(until: int) -> None:
    """Write the first events anew, as they would have been written long ago."""
    previous = ""
    for event in Event.objects.order_by("id"):
        event.at, event.previous_hash = event.at - (NIGHT if event.id <= until else timedelta()), previous
        event.hash = previous = event.digest()
        event.save()
    ChainHead.objects.update(hash=previous)


def test_old_log_goes_and_the_rest_is_proved_from_there_on(cast: Cast, old: list[int]) -> None:
    for _ in range(3):
        cast.say(cast.master, "thêm")
        seal()
    seals = list(Event.objects.filter(action="messages.sealed").order_by("id").values_list("id", flat=True))
    age_log(seals[-2])
    assert findings() == []
    days(log_days=30)
    gone = keep_to_policy(timezone.now())
    assert gone == {"events": seals[-2]} and Event.objects.order_by("id").first().pk == seals[-2] + 1
    assert findings() == [] and "The log is whole" in verified()
    assert keep_to_policy(timezone.now()) == {"events": 0}
    cast.say(cast.master, "sau đó")
    seal()
    assert findings() == []
    last = Message.objects.latest("pk")
    Message.objects.filter(pk=last.pk).update(body="khác")
    assert findings() == [f"message {last.pk}: text changed"]


def test_an_event_of_a_clock_that_was_behind_takes_nothing_with_it(cast: Cast, old: list[int]) -> None:
    for _ in range(2):
        cast.say(cast.master, "thêm")
        seal()
    count = Event.objects.count()
    last = Event.objects.latest("id")
    Event.objects.filter(pk=last.pk).update(at=last.at - NIGHT)
    days(log_days=30)
    assert keep_to_policy(timezone.now()) == {"events": 0} and Event.objects.count() == count + 1  # the policy


def test_the_newest_seal_stays_however_old_it_is(cast: Cast, old: list[int]) -> None:
    count = Event.objects.filter(action="messages.sealed").count()
    assert count == 1
    age_log(Event.objects.latest("id").pk)
    days(log_days=1)
    assert keep_to_policy(timezone.now()) == {"events": 0}
    assert actions.seal_messages(timezone.now() + timedelta(minutes=11)) == 0 and findings() == []


def test_what_was_taken_out_of_the_rest_is_found(cast: Cast, old: list[int]) -> None:
    cast.say(cast.master, "thêm")
    seal()
    seals = list(Event.objects.filter(action="messages.sealed").order_by("id").values_list("id", flat=True))
    age_log(seals[0])
    days(log_days=30)
    keep_to_policy(timezone.now())
    first: Any = Event.objects.order_by("id").first()
    Event.objects.filter(pk=first.pk).delete()
    assert findings() == [f"event {first.pk}: missing"]


def test_messages_and_log_both_go(cast: Cast, old: list[int]) -> None:
    cast.say(cast.master, "thêm")
    seal()
    days(messages_days=30)
    keep_to_policy(timezone.now())
    for _ in range(2):
        cast.say(cast.master, "nữa")
        seal()
    seals = list(Event.objects.filter(action="messages.sealed").order_by("id").values_list("id", flat=True))
    age_log(seals[-2])
    assert findings() == []
    days(log_days=30)
    assert keep_to_policy(timezone.now())["events"] == seals[-2]
    assert not Event.objects.filter(action="messages.expired").exists()
    assert findings() == []
