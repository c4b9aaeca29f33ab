"""Exports of the log: whole, in order, in four forms, safe whatever names are like, and never half a file."""

import csv
import io
import json
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import defusedxml.ElementTree
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts
from audit.entries import Position, Wanted, ends, entries, want
from audit.exporting import moment_of, write
from audit.formats import FORMATS
from audit.models import Event
from audit.record import record
from core.refusal import Refusal
from messaging import actions
from messaging.models import Message
from tests.cast import person

ROOT = Path(settings.BASE_DIR)
SPACE = "{urn:chatroom:log:1}"
EVIL = (
    "=cmd|' /C calc'!A1",
    "tab\there",
    "line\nbreak\r",
    "\u202egnp.exe",
    "null\x00\x1b[31m",
    "\ufffe\uffff",
    "back\\slash",
    '<&">]]>',
    "＋1",
    "\u2028\x85",
)
LINE = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]\t[^\t]+\t[^\t]+\t[^\t]*\Z")

pytestmark = pytest.mark.django_db


def exported(form="text", *args):
    """The export as the command prints it."""
    held, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    try:
        call_command("export_log", "--format", form, *args)
        sys.stdout.seek(0)
        return sys.stdout.read()
    finally:
        sys.stdout = held


def lines(*args):
    return [json.loads(line) for line in exported("jsonl", *args).splitlines()]


def test_events_and_messages_come_in_the_order_of_time_each_once(cast):
    for _ in range(5):
        cast.say(cast.member)
        accounts.set_options(cast.member.user, {"sounds": not cast.member.user.get_options().sounds})
    found = lines()
    assert [line["at"] for line in found] == sorted(line["at"] for line in found)
    events = [line["id"] for line in found if line["source"] == "event"]
    assert events == list(Event.objects.exclude(action="log.exported").order_by("id").values_list("id", flat=True))
    messages = {line["id"] for line in found if line["source"] == "message"}
    assert messages == set(Message.objects.exclude(kind="system").values_list("pk", flat=True)) and len(messages) == 5
    tail = [line["action"] for line in found][-10:]
    assert tail == ["message.sent", "options.changed"] * 5


def test_the_export_tells_of_no_text(cast):
    cast.say(cast.member, "điều bí mật 秘密")
    for form in FORMATS:
        found = exported(form)
        assert "bí mật" not in found and "秘密" not in found and "member" in found


def test_the_export_is_itself_logged_and_does_not_tell_of_itself(cast):
    first = exported("jsonl")
    assert "log.exported" not in first
    event = Event.objects.order_by("-id").first()
    assert (event.action, event.actor_name, event.detail) == ("log.exported", "", {"format": "jsonl"})
    assert "log.exported" in exported("jsonl")


def test_text_has_the_form_of_the_notes(cast, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    with transaction.atomic():
        event = record(cast.member.user, "password.changed", cast.member.user, ip="10.0.0.7")
    cast.say(cast.member)
    head, *rest = exported().splitlines()
    assert head == "# Log, times in Asia/Shanghai"
    assert all(LINE.match(line) for line in rest)
    shown = (event.at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    assert rest[-2] == f"[{shown}]\tmember\tchanged the password\tip=10.0.0.7"
    assert rest[-1].split("\t")[1:3] == ["member", "sent"] and "研究组" in rest[-1]


def test_who_failed_to_sign_in_is_named(cast):
    with pytest.raises(Refusal):
        accounts.sign_in("member", "wrong", ip="10.0.0.7")
    assert exported().splitlines()[-1].split("\t")[1:3] == ["member", "sign-in failed"]


def test_in_a_chinese_site_the_words_are_those_of_the_notes(cast):
    from django.utils import translation

    from audit.names import word_of

    with translation.override("zh-hans"):
        names = (
            "session.opened",
            "session.closed",
            "session.displaced",
            "message.sent",
            "signin.failed",
            "password.changed",
        )
        assert [word_of(name) for name in names] == ["登陆", "下线", "退位", "发送", "认证失败", "修改密码"]
    assert "\t登陆\t" in exported("text", "--language", "zh-hans")


@pytest.fixture
def evil(cast):
    """Events with names and details that mean harm; written past the rules that keep them out."""
    for name in EVIL:
        with transaction.atomic():
            event = record(
                cast.administrator.user,
                "account.made",
                detail={"note": name.replace("\x00", ""), name.replace("\x00", "")[:4]: [name.replace("\x00", "")]},
            )
        Event.objects.filter(pk=event.pk).update(
            actor_name=name.replace("\x00", "")[:64], target_name=name.replace("\x00", "")[:64]
        )
    return len(EVIL)


def test_hostile_names_stay_on_their_line(evil):
    _, *rest = exported().rstrip("\n").split("\n")
    assert len(rest) == Event.objects.count() - 1 and all(LINE.match(line) for line in rest)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", "".join(rest))


def test_no_cell_of_the_table_is_a_formula(evil):
    text = exported("csv")
    assert text.startswith("\ufeff")
    table = list(csv.reader(io.StringIO(text[1:], newline="")))
    assert {len(row) for row in table} == {12} and len(table) == Event.objects.count()
    cells = [cell for row in table for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))]
    assert "'=cmd|' /C calc'!A1" in cells and not [cell for cell in cells if re.search("[\x00-\x1f\u202e]", cell)]


def test_json_gives_the_very_letters_back(evil):
    text = exported("jsonl")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]", text)
    notes = [line["detail"]["note"] for line in map(json.loads, text.splitlines()) if "note" in line["detail"]]
    assert notes == [name.replace("\x00", "") for name in EVIL]


def test_xml_is_valid_against_its_schema_and_safe_to_parse(evil, cast, tmp_path):
    cast.say(cast.member, "chào")
    (tmp_path / "log.xml").write_text(exported("xml", "--from", "2020-01-01", "--to", "2099-01-01", "--action", "*"))
    done = subprocess.run(
        ["xmllint", "--noout", "--nonet", "--schema", ROOT / "docs" / "log.xsd", tmp_path / "log.xml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    root = defusedxml.ElementTree.parse(tmp_path / "log.xml", forbid_dtd=True).getroot()
    assert root.tag == f"{SPACE}log" and root.get("zone") == settings.TIME_ZONE
    found = root.findall(f"{SPACE}event")
    assert len(found) == Event.objects.count() - 1 + Message.objects.exclude(kind="system").count()
    assert "back\\\\slash" in {
        event.find(f"{SPACE}actor").get("name") for event in found if event.find(f"{SPACE}actor") is not None
    }


def test_filters(cast):
    cast.say(cast.member)
    cast.say(cast.master)
    accounts.block_person(cast.member.user, cast.stranger.id)
    assert {line["action"] for line in lines("--action", "session.*")} == {"session.opened"}
    mine = lines("--user", "member")
    assert {line["actor_id"] for line in mine if line["source"] == "message"} == {cast.member.id}
    assert all(cast.member.id in (line["actor_id"], line["target_id"]) for line in mine)
    assert {"block.added", "account.made", "message.sent"} <= {line["action"] for line in mine}
    both = lines("--user", "member", "--action", "message.sent", "--action", "block.added")
    assert [line["action"] for line in both] == ["message.sent", "block.added"]
    assert lines("--to", "2020-01-01") == [] == lines("--from", "2099-01-01")
    today = timezone.localtime().date().isoformat()
    assert len(lines("--from", today, "--to", today, "--user", "member")) == len(mine)


def test_who_is_no_more_is_found_by_the_name_of_then(cast):
    accounts.delete_account(cast.administrator.user, cast.stranger.user)
    assert {line["action"] for line in lines("--user", "stranger")} >= {"account.made", "session.opened"}


@pytest.mark.parametrize(
    "args",
    [
        ("--from", "yesterday"),
        ("--from", "0001-01-01"),
        ("--to", "9999-12-31"),
        ("--to", "9999-12-31T23:59:59-12:00"),
        ("--action", "no.such"),
        ("--out", "/no/such/folder/log.txt"),
        ("--from", "2026-02-31"),
    ],
)
def test_what_cannot_be_is_refused_in_words(db, args):
    with pytest.raises(CommandError):
        call_command("export_log", *args)


def test_a_day_counts_whole(settings):
    settings.TIME_ZONE = "Asia/Ho_Chi_Minh"
    assert moment_of("2026-11-21") == datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert moment_of("2026-11-21", end=True) == datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert moment_of("2026-11-21T08:00:00+00:00", end=True) == datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_messages_that_were_numbered_out_of_time_come_in_order(cast):
    seqs = [cast.say(cast.member) for _ in range(4)]
    late = Message.objects.filter(conversation=cast.group, seq=seqs[1])
    late.update(sent_at=timezone.now() + timedelta(seconds=5))
    found = [entry for entry in entries(Wanted(), Position(ends())) if entry.source == "message"]
    assert [entry.detail["seq"] for entry in found] == [seqs[0], seqs[2], seqs[3], seqs[1]]


def test_pages_meet_without_hole_or_twin(cast, monkeypatch):
    for number in range(7):
        with transaction.atomic():
            record(None, "account.made", detail={"n": number})
    same = Event.objects.order_by("-id").first().at
    Event.objects.filter(id__gt=Event.objects.count() - 5).update(at=same)  # as an import writes them
    for _ in range(5):
        cast.say(cast.member)
    whole = list(entries(Wanted(), Position(ends())))
    monkeypatch.setattr("audit.entries.PAGE", 2)
    monkeypatch.setattr("messaging.log.PAGE", 2)
    for wanted in (Wanted(), want(user="member"), want(actions=["account.*", "message.sent"])):
        position = Position(ends())
        found = list(entries(wanted, position))
        assert len({e[:3] for e in found}) == len(found) and position.share == 1
        assert {e[:3] for e in found} <= {e[:3] for e in whole}
    assert list(entries(Wanted(), Position(ends()))) == whole


def test_the_file_is_whole_private_and_named_at_the_end(cast, tmp_path):
    out = tmp_path / "log.txt"
    call_command("export_log", "--out", str(out))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600 and list(tmp_path.iterdir()) == [out]
    assert out.read_text().startswith("# Log, times in ")


def test_an_export_that_fails_leaves_nothing(cast, tmp_path, monkeypatch):
    def broken(self, entry):
        raise OSError("disk full")

    monkeypatch.setattr(FORMATS["text"], "line", broken)
    with pytest.raises(CommandError):
        call_command("export_log", "--out", str(tmp_path / "log.txt"))
    assert list(tmp_path.iterdir()) == []


def test_the_count_is_that_of_the_lines(cast):
    out = io.BytesIO()
    assert write(out, "text", Wanted(), ends()) == out.getvalue().count(b"\n") - 1


def test_a_stranger_to_the_log_exports_nothing(cast):
    from audit import actions as log

    for someone in (cast.member, cast.moderator):
        with pytest.raises(Refusal):
            log.begin_export(someone.user, "text")
    assert log.begin_export(cast.administrator.user, "text").pk


def test_edits_do_not_change_what_was_exported(cast):
    seq = cast.say(cast.member)
    person("later")
    until = timezone.now().isoformat()
    before = exported("jsonl", "--to", until)
    actions.edit_message(cast.member.user, cast.group, seq, "sửa")
    actions.recall_message(cast.member.user, cast.group, seq)
    assert exported("jsonl", "--to", until) == before
