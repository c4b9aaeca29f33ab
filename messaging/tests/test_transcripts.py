"""Transcripts: for members, in four forms, without what was recalled, under names that fit every file system."""

import io
import json
import re
import stat
import zipfile
from datetime import timedelta
from urllib.parse import unquote

import defusedxml.ElementTree
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import actions as accounts
from audit.models import Event
from files.models import StoredFile
from files.storage import stored_name
from messaging import actions
from messaging.copies import Shelf
from messaging.models import Message
from messaging.transcript_forms import FORMS
from tests.answers import bytes_of, text_of
from tests.cast import person

pytestmark = pytest.mark.django_db
SPACE = "{urn:chatroom:conversation:1}"


def fetched(who, where, form="text"):
    response = who.client.get(f"/c/{where}/export/{form}/")
    assert response.status_code == 200
    return text_of(response)


def stored_file(who, name, kind="image", content=b"GIF89a"):
    token = f"token-of-{name.encode().hex()[:20]}"
    default_storage.save(stored_name(token), ContentFile(content))
    return StoredFile.objects.create(
        token=token, owner=who.user, name=name, size=len(content), kind=kind, status="ready", content_type="image/gif"
    )


def test_a_member_takes_the_page_and_its_files_in_one_archive(talk):
    response = talk.member.client.get(f"/c/{talk.direct}/export/zip/")
    assert response["Content-Type"] == "application/zip" and ".zip" in response["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(bytes_of(response))) as made:
        assert made.testzip() is None
        page, picture = made.namelist()
        text = made.read(page).decode()
        assert re.fullmatch(r"files/\d+-1 ảnh 图\.gif", picture) and made.read(picture) == b"GIF89a"
        [address] = re.findall(r'<img src="([^"]+)"', text)
        assert unquote(address) == picture and "bí mật" not in text
    assert talk.stranger.client.get(f"/c/{talk.direct}/export/zip/").status_code == 404
    assert Event.objects.filter(action="conversation.exported", detail__format="zip").count() == 1


@pytest.fixture
def talk(cast):
    """A conversation of two with a recalled, an edited and a hostile text, a file, and a text that looks like a head."""
    cast.say(cast.master, "chào em\nkhỏe không?", cast.direct)
    cast.say(cast.member, "[2018-12-12 22:22:22 master]\nI never wrote this", cast.direct)
    secret = cast.say(cast.member, "bí mật 秘密", cast.direct)
    actions.recall_message(cast.member.user, cast.direct, secret)
    edited = cast.say(cast.member, "erst", cast.direct)
    actions.edit_message(cast.member.user, cast.direct, edited, "zweit **đậm**")
    cast.say(cast.member, "<script>alert(1)</script> & ]]>", cast.direct)
    cast.say(cast.member, "xem này", cast.direct, files=[stored_file(cast.member, "ảnh 图.gif").token])
    return cast


def test_text_has_the_form_of_the_notes(talk, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    text = fetched(talk.member, talk.direct)
    at = Message.objects.filter(conversation=talk.direct).order_by("seq").first().sent_at + timedelta(hours=8)
    assert text.startswith(f"[{at:%Y-%m-%d %H:%M:%S} master]\nchào em\nkhỏe không?\n\n")
    heads = re.findall(r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (.+)\]$", text, re.MULTILINE)
    assert heads == ["master", *["member"] * 5]
    assert "\n [2018-12-12 22:22:22 master]\nI never wrote this" in text and "xem này\n[File] ảnh 图.gif\n" in text


@pytest.mark.parametrize("before", ["", "x\n", "x\u2028", "x\u2029", "\u200b", "x\n\u2060\u200e"])
@pytest.mark.parametrize("blank", [" ", "\u00a0"])
def test_no_text_passes_for_the_head_of_another(cast, before, blank):
    cast.say(cast.member, f"{before}[2018-12-12{blank}22:22:22 master]\nI never wrote this", cast.direct)
    lines = re.split("[\n\u2028\u2029]", fetched(cast.master, cast.direct))
    assert [line for line in lines if re.match("\\W?\\W?\\[2", line) and not line.startswith(" ")] == [lines[0]]


@pytest.mark.parametrize("form", FORMS)
def test_what_was_recalled_or_edited_away_is_nowhere(talk, form):
    text = fetched(talk.member, talk.direct, form)
    assert "chào em" in text and "zweit" in text
    assert "bí mật" not in text and "秘密" not in text and "erst" not in text


def test_html_stands_alone_and_runs_nothing(talk):
    text = fetched(talk.master, talk.direct, "html")
    assert "<script" not in text and "&lt;script&gt;" in text and "<strong>đậm</strong>" in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert not re.search(r'(?:src|href)="(?!#|http://testserver/files/)', text) and "https://" not in text
    assert 'href="http://testserver/files/token-of-' in text and 'dir="auto"' in text


def test_xml_and_json_can_be_read(talk):
    root = defusedxml.ElementTree.fromstring(fetched(talk.master, talk.direct, "xml"), forbid_dtd=True)
    found = root.findall(f"{SPACE}message")
    texts = [message.findtext(f"{SPACE}text") for message in found]
    assert "chào em\nkhỏe không?" in texts and "<script>alert(1)</script> & ]]>" in texts
    assert [file.get("name") for file in root.iter(f"{SPACE}file")] == ["ảnh 图.gif"]
    data = json.loads(fetched(talk.master, talk.direct, "json"))
    assert data["conversation"]["name"] == "master-member"
    assert [m.get("text") for m in data["messages"]][:2] == [
        "chào em\nkhỏe không?",
        "[2018-12-12 22:22:22 master]\nI never wrote this",
    ]
    assert [m["seq"] for m in data["messages"]] == list(range(1, len(found) + 1))


def test_members_only_and_each_time_it_is_logged(talk):
    for outsider in (talk.stranger, talk.former, talk.moderator, talk.administrator):
        assert outsider.client.get(f"/c/{talk.group}/export/text/").status_code == 404
    assert talk.member.client.get(f"/c/{talk.group}/export/pdf/").status_code == 404
    assert not Event.objects.filter(action="conversation.exported").exists()
    response = talk.member.client.get(f"/c/{talk.group}/export/html/")
    assert response.status_code == 200 and response["Cache-Control"] == "private, no-store"
    assert "filename*=utf-8''" in response["Content-Disposition"]
    event = Event.objects.get(action="conversation.exported")
    assert (event.actor_id, event.target_id, event.detail["format"]) == (talk.member.id, talk.group, "html")


def test_what_i_cleared_from_my_screen_is_not_in_mine(talk):
    actions.clear_conversation(talk.member.user, talk.direct, 2)
    assert "chào em" not in fetched(talk.member, talk.direct) and "zweit" in fetched(talk.member, talk.direct)
    assert "chào em" in fetched(talk.master, talk.direct)


def test_not_without_end(talk):
    for _ in range(10):
        fetched(talk.member, talk.direct)
    assert talk.member.client.get(f"/c/{talk.direct}/export/text/").status_code == 429
    fetched(talk.master, talk.direct)


def test_long_conversations_are_read_page_by_page(cast, monkeypatch, django_assert_max_num_queries):
    rows = [
        Message(conversation_id=cast.group, seq=100 + n, change=100 + n, sender=cast.member.user, body=f"dòng {n}", sent_at=timezone.now())
        for n in range(1000)
    ]  # fmt: skip
    Message.objects.bulk_create(rows)
    type(rows[0].conversation).objects.filter(pk=cast.group).update(last_seq=1099, last_change=1099)
    with django_assert_max_num_queries(60):
        text = fetched(cast.member, cast.group)
    assert text.count("\n[") + 1 >= 1000 and "dòng 999" in text


def exported(folder, *args):
    call_command("export_conversation", *args, "--out", str(folder), stderr=io.StringIO())
    return sorted(path.name for path in folder.iterdir())


def test_the_command_writes_one_named_as_in_the_notes(talk, tmp_path):
    one, two = person("张三"), person("李四")
    where = actions.open_direct(one.user, two.id)["id"]
    talk.say(one, "你好", where)
    assert exported(tmp_path / "a", "李四-张三") == ["张三-李四.txt"]
    path = tmp_path / "a" / "张三-李四.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d 张三\]\n你好\n\n", path.read_text())
    assert exported(tmp_path / "b", str(where), "--format", "json") == ["张三-李四.json"]
    assert exported(tmp_path / "c", "研究组 nhóm nghiên cứu 🌱") == ["研究组 Nhóm Nghiên cứu 🌱.txt"]
    event = Event.objects.order_by("-id").first()
    assert (event.action, event.actor_id, event.target_id) == ("conversation.exported", None, talk.group)


def test_all_of_them_each_in_a_file(talk, tmp_path):
    actions.create_group(talk.master.user, "a/b: c", [])
    actions.create_group(talk.master.user, "MASTER-member", [])
    names = exported(tmp_path / "all", "--all")
    assert len(names) == Message.objects.values("conversation").distinct().count() == 5
    assert {"Everyone.txt", "master-member.txt", "MASTER-member (2).txt", "b: c.txt"} <= set(names)


def test_names_that_some_system_would_not_take():
    shelf = Shelf("txt")
    assert [shelf.name(name) for name in ("con", "Con.x", "a", "A", "a (2)", "..")] == [
        "con_",
        "Con.x_",
        "a",
        "A (2)",
        "a (2) (2)",
        "file",
    ]


def test_no_folder_of_copies_has_the_name_of_a_transcript(talk, tmp_path):
    for name in ("a", "a.txt"):
        group = actions.create_group(talk.master.user, name, [])["id"]
        talk.say(talk.master, "xem", group, files=[stored_file(talk.master, f"{name} tệp.gif").token])
    names = exported(tmp_path / "all", "--all", "--files")
    assert {"a", "a.txt", "a.txt (2)", "a.txt (2).txt"} <= set(names)
    assert all((tmp_path / "all" / name).is_file() for name in names if name.endswith(".txt"))


def test_html_with_copies_opens_without_the_site(talk, tmp_path):
    assert exported(tmp_path / "out", "master-member", "--format", "html", "--files") == [
        "master-member",
        "master-member.html",
    ]
    [copy] = (tmp_path / "out" / "master-member").iterdir()
    assert copy.name.endswith("-1 ảnh 图.gif") and copy.read_bytes() == b"GIF89a"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    text = (tmp_path / "out" / "master-member.html").read_text()
    [source] = set(re.findall(r'src="([^"]+)"', text))
    assert (tmp_path / "out" / unquote(source)).read_bytes() == b"GIF89a" and "http" not in source


def test_an_archive_has_both(talk, tmp_path):
    assert exported(tmp_path / "out", "master-member", "--format", "html", "--zip") == ["master-member.zip"]
    with zipfile.ZipFile(tmp_path / "out" / "master-member.zip") as archive:
        assert archive.testzip() is None
        document, copy = sorted(archive.namelist(), reverse=True)
        assert document == "master-member.html" and archive.read(copy) == b"GIF89a"


def test_a_deleted_account_has_no_name(talk, tmp_path):
    accounts.delete_account(talk.administrator.user, talk.member.user)
    text = fetched(talk.master, talk.direct)
    assert " Deleted account]" in text and "~" not in text


@pytest.mark.parametrize("args", [(), ("no such group",), ("--all", "1")])
def test_what_cannot_be_is_said(db, tmp_path, args):
    with pytest.raises(CommandError):
        call_command("export_conversation", *args, "--out", str(tmp_path))


def test_a_transcript_that_fails_leaves_nothing(talk, tmp_path, monkeypatch):
    def broken(*args, **how):
        yield "half"
        raise OSError("disk full")

    monkeypatch.setitem(FORMS, "text", (broken, "txt", "text/plain"))
    with pytest.raises(CommandError):
        call_command("export_conversation", "master-member", "--out", str(tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == []
