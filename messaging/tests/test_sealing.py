"""Seals: whatever is done to rows of messages behind our back is found and named; what actions do is not."""

import io
import itertools
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import actions as accounts
from audit.chain import check, head
from audit.models import Event
from core import policies
from messaging import actions, sealing
from messaging.actions import seal
from messaging.actions.erase import erase_messages
from messaging.models import Message

pytestmark = pytest.mark.django_db


def soon():
    return timezone.now() + timedelta(minutes=11)


@pytest.fixture
def said(cast):
    """Twelve messages in two seals of the members', their ids in order."""
    for number in range(12):
        cast.say([cast.master, cast.member][number % 2], f"tin nhắn 消息 {number}")
    assert actions.seal_messages(soon()) == Message.objects.count()
    return list(Message.objects.filter(kind="text").order_by("pk").values_list("pk", flat=True))


def findings():
    return [str(finding) for finding in check()]


def sql(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        assert cursor.rowcount == 1


def test_what_was_sealed_is_whole_and_sealed_once(said):
    assert findings() == []
    assert actions.seal_messages(soon()) == 0
    seal = Event.objects.get(action="messages.sealed").detail
    assert (seal["count"], seal["last"]) == (Message.objects.count(), said[-1])


def test_young_messages_wait_for_the_next_seal(cast, said):
    cast.say(cast.member)
    assert actions.seal_messages() == 0
    assert actions.seal_messages(soon()) == 1
    assert findings() == []


def test_many_messages_make_several_seals(cast, monkeypatch):
    monkeypatch.setattr("messaging.actions.seal.SEAL_MAX", 4)
    for _ in range(10):
        cast.say(cast.member)
    actions.seal_messages(soon())
    seals = [event.detail for event in Event.objects.filter(action="messages.sealed").order_by("id")]
    assert len(seals) > 3 and all(seal["count"] <= 4 for seal in seals)
    assert all(before["last"] < after["first"] for before, after in itertools.pairwise(seals))
    assert findings() == []


def test_edits_recalls_reactions_and_the_end_of_an_account_are_legal(cast, said):
    policies.store("accounts.deleted_messages", "recall")
    own = Message.objects.filter(sender=cast.member.user, kind="text").order_by("pk")
    edited, recalled, reacted = own[0], own[1], own[2]
    actions.edit_message(cast.member.user, cast.group, edited.seq, "sửa rồi 改了")
    actions.edit_message(cast.member.user, cast.group, edited.seq, "sửa lần nữa 再改")
    actions.recall_message(cast.member.user, cast.group, recalled.seq)
    actions.react(cast.master.user, cast.group, reacted.seq, "👍", True)
    actions.pin_message(cast.master.user, cast.group, reacted.seq, True)
    assert findings() == []
    accounts.delete_account(cast.administrator.user, cast.member.user)
    erase_messages(cast.member.user, 100)
    assert findings() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sender_id", None),
        ("seq", 900),
        ("client_id", "other"),
        ("kind", "game"),
        ("login_session", 1),
        ("reply_to", 1),
        ("sent_at", "2020-01-01 00:00:00"),
    ],
)
def test_a_changed_row_is_named(said, column, value):
    sql(f"UPDATE messaging_message SET {column} = %s WHERE id = %s", value, said[5])
    assert findings() == [f"message {said[5]}: changed"]


def test_a_changed_text_is_named(said):
    sql("UPDATE messaging_message SET body = 'forged' WHERE id = %s", said[5])
    assert findings() == [f"message {said[5]}: text changed"]


def test_a_text_blanked_as_if_recalled_is_named(said):
    sql("UPDATE messaging_message SET body = '', recalled_at = %s WHERE id = %s", timezone.now(), said[5])
    assert findings() == [f"message {said[5]}: text changed"]


def test_a_text_changed_after_a_legal_edit_is_named(cast, said):
    message = Message.objects.get(pk=said[1])
    actions.edit_message(cast.member.user, cast.group, message.seq, "sửa 改")
    assert findings() == []
    sql("UPDATE messaging_message SET body = 'forged' WHERE id = %s", said[1])
    assert findings() == [f"message {said[1]}: text changed since its last edit"]


def test_a_recalled_text_put_back_is_named(cast, said):
    message = Message.objects.get(pk=said[1])
    actions.recall_message(cast.member.user, cast.group, message.seq)
    sql("UPDATE messaging_message SET body = 'again' WHERE id = %s", said[1])
    assert findings() == [f"message {said[1]}: text is there again after its recall"]


def test_a_recalled_text_put_back_as_it_was_is_named(cast, said):
    message = Message.objects.get(pk=said[1])
    actions.recall_message(cast.member.user, cast.group, message.seq)
    sql("UPDATE messaging_message SET body = %s WHERE id = %s", message.body, said[1])
    assert findings() == [f"message {said[1]}: text is there again after its recall"]


def test_a_legal_edit_undone_behind_our_back_is_named(cast, said):
    message = Message.objects.get(pk=said[1])
    actions.edit_message(cast.member.user, cast.group, message.seq, "sửa 改")
    sql("UPDATE messaging_message SET body = %s WHERE id = %s", message.body, said[1])
    assert findings() == [f"message {said[1]}: text changed since its last edit"]


@pytest.mark.parametrize("change", ["edit", "recall"])
def test_a_change_while_the_seal_is_made_is_legal(cast, monkeypatch, change):
    """The texts are read before the chain is held: the event of an edit may come before the seal that has the older text."""
    said = [cast.say(cast.member, f"tin {number}") for number in range(3)]
    hold = seal.hold_chain

    def changed_meanwhile():
        if change == "edit":
            actions.edit_message(cast.member.user, cast.group, said[1], "sửa 改")
        else:
            actions.recall_message(cast.member.user, cast.group, said[1])
        return hold()

    monkeypatch.setattr(seal, "hold_chain", changed_meanwhile)
    actions.seal_messages(soon())
    newest = list(Event.objects.order_by("-id").values_list("action", flat=True)[:2])
    assert newest == ["messages.sealed", f"message.{change}ed"]
    assert findings() == []


@pytest.mark.parametrize("change", ["edit", "recall"])
def test_a_change_while_the_check_runs_is_legal(cast, said, monkeypatch, change):
    message = Message.objects.get(pk=said[1])
    actions.edit_message(cast.member.user, cast.group, message.seq, "sửa 改")
    read = sealing.read

    def changed_meanwhile(after, last):
        monkeypatch.setattr(sealing, "read", read)
        for row in list(read(after, last)):
            if row[0] == said[1] and change == "edit":
                actions.edit_message(cast.member.user, cast.group, message.seq, "sửa lần nữa 再改")
            elif row[0] == said[1]:
                actions.recall_message(cast.member.user, cast.group, message.seq)
            yield row

    monkeypatch.setattr(sealing, "read", changed_meanwhile)
    assert findings() == []


def test_texts_that_fit_cost_no_query_each(cast, said, django_assert_max_num_queries):
    policies.store("accounts.deleted_messages", "recall")
    for message in Message.objects.filter(sender=cast.member.user, kind="text"):
        actions.edit_message(cast.member.user, cast.group, message.seq, "sửa 改")
    accounts.delete_account(cast.administrator.user, cast.member.user)
    erase_messages(cast.member.user, 100)
    with django_assert_max_num_queries(14):
        assert findings() == []


def test_removed_rows_are_named_together(said):
    Message.objects.filter(pk__in=said[3:5]).delete()
    assert findings() == [f"message {said[3]} to {said[4]}: removed"]


def test_a_row_inserted_later_is_named(said):
    Message.objects.filter(pk=said[3]).delete()
    sql("UPDATE messaging_message SET id = %s WHERE id = %s", said[3], said[11])
    assert findings() == [
        f"message {said[3]}: changed",
        f"message {said[3]}: text changed",
        f"message {said[11]}: removed",
    ]


def test_a_row_in_a_gap_is_named(cast, said):
    gone = Message.objects.filter(pk=said[-1])
    Event.objects.all().delete()  # a site whose first seal comes after a rolled back send
    from audit.models import ChainHead

    ChainHead.objects.all().delete()
    row = gone.values().get()
    gone.delete()
    cast.say(cast.member)
    actions.seal_messages(soon())
    assert findings() == []
    Message.objects.create(**{**row, "seq": 900, "change": 900})
    assert findings() == [f"message {row['id']}: inserted later"]


def test_swapped_rows_are_named(said):
    one, two = said[2], said[6]
    for old, new in ((one, 10**9), (two, one), (10**9, two)):
        sql("UPDATE messaging_message SET id = %s WHERE id = %s", new, old)
    assert {line for line in findings() if line.endswith(": changed")} == {
        f"message {id}: changed" for id in (one, two)
    }


def test_a_seal_itself_belongs_to_the_chain(said):
    seal = Event.objects.get(action="messages.sealed")
    Event.objects.filter(pk=seal.pk).update(detail={**seal.detail, "count": 1})
    assert findings() == [f"event {seal.pk}: changed", f"event {seal.pk}: is no seal that can be read"]


def test_another_key_of_the_site_is_told_and_is_no_fault(said, settings):
    settings.SECRET_KEY = "another"
    found = list(check())
    assert found and not any(finding.sure for finding in found)
    assert "another secret_key" in str(found[0])
    settings.SECRET_KEY_FALLBACKS = ["not secret: the key of the tests"]
    assert findings() == []


def test_the_seal_does_not_give_a_recalled_text_away(said, settings):
    """Who has the database alone cannot try texts: the marks differ with the site's key."""
    one = sealing.text_mark(1, "yes", sealing.keys()[0])
    settings.SECRET_KEY = "another"
    assert one != sealing.text_mark(1, "yes", sealing.keys()[0])


def run(*args):
    out = io.StringIO()
    call_command("verify_log", *args, stdout=out)
    return out.getvalue()


def test_the_command_says_so_and_prints_the_head(said):
    number, newest = head()
    assert run() == f"The log is whole: {number} events.\nhead {newest}\n"
    assert run("--head", Event.objects.get(id=2).hash).endswith(f"head {newest}\n")


def test_the_command_fails_and_names_each(said):
    sql("UPDATE messaging_message SET body = 'forged' WHERE id = %s", said[5])
    Event.objects.filter(id=2).update(action="other.done")
    out = io.StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("verify_log", stdout=out)
    assert failed.value.returncode == 1
    assert out.getvalue().splitlines() == ["event 2: changed", f"message {said[5]}: text changed"]


def test_a_chain_written_anew_lacks_the_head_noted_before(said):
    """Whoever can write the database can make a chain that fits; not one that has the old hash."""
    _, noted = head()
    from audit.models import ChainHead

    last = ""
    for event in Event.objects.order_by("id"):
        event.actor_name = event.actor_name.replace("master", "nobody")
        event.previous_hash = last
        event.at = event.at.astimezone(__import__("datetime").UTC)
        last = event.hash = event.digest()
        event.save()
    ChainHead.objects.update(hash=last)
    assert run()
    with pytest.raises(CommandError):
        run("--head", noted)
