"""Files in messages: who may send which, who reads them, and what becomes of them."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts import actions as accounts
from accounts import data_export
from core import policies, registry
from core.refusal import Refusal
from files.access import get_file
from messaging import actions
from messaging.access import get_page
from messaging.actions.erase import erase_messages
from messaging.file_list import get_files
from messaging.models import MessageFile, RemovedText
from messaging.search import find
from messaging.summary import get_object
from tests.cast import Cast, Person, refusal_of
from tests.stored import message_at, picture, stored

pytestmark = pytest.mark.django_db


def shown(cast: Cast, seq: int, where: int | None = None, who: Person | None = None) -> dict:
    """A message as a member reads it."""
    page = get_page((who or cast.member).user, where or cast.group)
    return next(message for message in page["messages"] if message["seq"] == seq)


def test_files_come_back_as_they_were_sent(cast: Cast) -> None:
    voice = stored(cast.member, "voice.webm", kind="audio", content_type="audio/webm", duration=4200, peaks=[7] * 64)
    sent = [picture(cast.member), stored(cast.member, status="processing"), voice]
    seq = cast.say(cast.member, "xem này @master", files=[file.token for file in sent])
    message = shown(cast, seq, who=cast.master)
    assert (message["kind"], message["body"], message["mentions"]) == ("file", "xem này @master", [cast.master.id])
    assert message["files"] == [
        {
            "token": sent[0].token, "name": "ảnh.jpg", "size": 1200, "kind": "image", "status": "ready", "type": "image/jpeg",
            "width": 640, "height": 480, "color": "#336699", "preview": True,
        },
        {"token": sent[1].token, "name": "Bài tập 作业.pdf", "size": 1200, "kind": "file", "status": "processing", "type": "application/pdf"},
        {
            "token": voice.token, "name": "voice.webm", "size": 1200, "kind": "audio", "status": "ready", "type": "audio/webm",
            "duration": 4200, "peaks": [7] * 64,
        },
    ]  # fmt: skip
    place = get_object(cast.master.user, cast.group)
    assert (place["unread"], place["mentions"]) == (1, 1)  # of a message that was all there is to read
    assert (place["preview"]["files"], place["preview"]["file"]) == (["image", "file", "voice"], "ảnh.jpg")
    assert "files" not in shown(cast, cast.say(cast.member, "chỉ chữ"))
    assert "files" not in get_object(cast.master.user, cast.group)["preview"]


def test_with_files_the_text_may_be_empty_and_without_it_may_not(cast: Cast) -> None:
    file = stored(cast.member)
    assert shown(cast, cast.say(cast.member, " \n", files=[file.token]))["body"] == ""
    assert refusal_of(cast.send, cast.member, " \n") == "blank"
    assert refusal_of(cast.send, cast.member, "x" * 10_001, files=[file.token]) == "too_long"


def test_only_ones_own_files_at_most_ten_each_once(cast: Cast) -> None:
    own = [stored(cast.member).token for _ in range(11)]
    assert cast.say(cast.member, "", files=own[:10])
    assert refusal_of(cast.send, cast.member, "", files=own) == "too_many"
    assert refusal_of(cast.send, cast.member, "", files=[own[0], own[0]]) == "too_many"
    theirs = stored(cast.master).token
    assert cast.say(cast.master, "", files=[theirs])
    for tokens in ([theirs], [own[0], theirs], ["nothing-like-it"]):
        assert refusal_of(cast.send, cast.member, "", files=tokens) == "not_found"
    assert cast.say(cast.member, "lần nữa", files=own[:1], where=cast.everyone)  # the same file twice


def test_rights_are_those_of_text(cast: Cast) -> None:
    token = [stored(cast.member).token]
    seq = cast.say(cast.member, "", files=token)
    assert refusal_of(cast.send, cast.stranger, "", files=[stored(cast.stranger).token]) == "not_found"
    assert refusal_of(cast.send, cast.member, "", files=token, reply_to=999) == "not_found"
    actions.change_settings(cast.master.user, cast.group, slow_mode=60)
    assert refusal_of(cast.send, cast.member, "", files=token) == "slow_mode"
    actions.mute_member(cast.manager.user, cast.group, cast.member.id, 60)
    assert refusal_of(cast.send, cast.member, "", files=token) == "muted"
    actions.mute_member(cast.manager.user, cast.group, cast.member.id, 0)
    actions.change_settings(cast.master.user, cast.group, slow_mode=0, posting="managers")
    assert refusal_of(cast.send, cast.member, "", files=token) == "closed"
    accounts.block_person(cast.master.user, cast.member.id)
    assert refusal_of(cast.send, cast.member, "", where=cast.direct, files=token) == "blocked"
    assert cast.say(cast.manager, "nhận rồi", reply_to=seq)


def test_a_repeat_is_answered_and_another_content_is_refused(cast: Cast) -> None:
    one, other = stored(cast.member).token, stored(cast.member).token
    first = cast.send(cast.member, "", files=[one], client_id="file-0001")
    assert cast.send(cast.member, "", files=[one], client_id="file-0001") == first
    assert MessageFile.objects.count() == 1
    assert refusal_of(cast.send, cast.member, "", files=[other], client_id="file-0001") == "client_id_reused"
    assert refusal_of(cast.send, cast.member, "", files=[one, other], client_id="file-0001") == "client_id_reused"
    assert refusal_of(cast.send, cast.member, "chữ", client_id="file-0001") == "client_id_reused"
    both = [actions.SendRequest(cast.member.caller, cast.group, "file-0002", "", files=[one]) for _ in range(2)]
    answers = actions.send_messages(both)
    assert answers[0] == answers[1] and MessageFile.objects.count() == 2
    actions.recall_message(cast.member.user, cast.group, first["seq"])
    assert cast.send(cast.member, "", files=[one], client_id="file-0001") == {**first, "change": first["change"] + 2}


def reads(who: Person, token: str) -> bool:
    try:
        get_file(who.user, token)
    except Refusal as refusal:
        assert refusal.code == "not_found"
        return False
    return True


def test_who_reads_the_message_reads_the_file(cast: Cast) -> None:
    file = picture(cast.member)
    everybody = [cast.master, cast.manager, cast.member, cast.stranger, cast.former]
    assert [reads(who, file.token) for who in everybody] == [False, False, True, False, False]  # not yet sent
    seq = cast.say(cast.member, "", files=[file.token])
    assert [reads(who, file.token) for who in everybody] == [True, True, True, False, False]
    actions.clear_conversation(cast.master.user, cast.group, seq)
    assert reads(cast.master, file.token)
    actions.remove_member(cast.master.user, cast.group, cast.manager.id)
    assert not reads(cast.manager, file.token)
    actions.add_members(cast.master.user, cast.group, [cast.manager.id])
    assert reads(cast.manager, file.token)
    actions.recall_message(cast.member.user, cast.group, seq)
    assert [reads(who, file.token) for who in everybody] == [False, False, True, False, False]


def test_a_forwarded_file_is_the_same_and_outlives_the_first_message(cast: Cast) -> None:
    file = picture(cast.member)
    seq = cast.say(cast.member, "**ảnh**", files=[file.token])
    sent = actions.forward_message(cast.master.caller, cast.group, seq, cast.everyone, "forward-1")
    assert actions.forward_message(cast.master.caller, cast.group, seq, cast.everyone, "forward-1") == sent
    assert reads(cast.stranger, file.token)
    actions.recall_message(cast.member.user, cast.group, seq)
    copy = shown(cast, sent["seq"], cast.everyone)
    assert copy["files"][0]["token"] == file.token and copy["forwarded_from"]["id"] == cast.member.id
    assert refusal_of(actions.edit_message, cast.master.user, cast.everyone, sent["seq"], "x") == "not_allowed"
    # who has passed it on does not own it
    assert refusal_of(cast.send, cast.master, "", files=[file.token]) == "not_found"


def test_a_caption_is_edited_like_a_text_and_may_become_empty(cast: Cast) -> None:
    seq = cast.say(cast.member, "chú thích @master", files=[stored(cast.member, "Đề thi.docx").token])
    assert refusal_of(actions.edit_message, cast.master.user, cast.group, seq, "x") == "not_allowed"
    actions.edit_message(cast.member.user, cast.group, seq, "")
    message = shown(cast, seq)
    assert (message["body"], message["html"], message["files"][0]["name"]) == ("", None, "Đề thi.docx")
    assert message["edited_at"] and "mentions" not in message
    text = cast.say(cast.member, "chữ")
    assert refusal_of(actions.edit_message, cast.member.user, cast.group, text, " ") == "blank"


def test_a_recall_takes_the_files_and_keeps_their_names_for_moderators(cast: Cast) -> None:
    seq = cast.say(cast.member, "bí mật", files=[stored(cast.member, "Lương 工资.xlsx").token])
    actions.recall_message(cast.manager.user, cast.group, seq)
    assert "files" not in shown(cast, seq) and not MessageFile.objects.exists()
    assert RemovedText.objects.get(message__seq=seq, message__conversation=cast.group).body == "bí mật\nLương 工资.xlsx"
    preview = get_object(cast.master.user, cast.group)["preview"]
    assert preview["recalled"] and "files" not in preview


def test_erased_messages_lose_their_files(cast: Cast) -> None:
    file = stored(cast.member)
    seqs = [cast.say(cast.member, text, files=[file.token]) for text in ("một", "")]
    while erase_messages(cast.member.user, 10):
        pass
    assert not MessageFile.objects.exists() and not reads(cast.master, file.token)
    assert all("files" not in shown(cast, seq, who=cast.master) for seq in seqs)


def test_a_file_that_was_processed_is_told_in_every_message(cast: Cast) -> None:
    file = stored(cast.member, "clip.gif", status="processing")
    here, there = (cast.say(cast.member, "", where=where, files=[file.token]) for where in (cast.group, cast.everyone))
    recalled = cast.say(cast.member, "", files=[file.token])
    actions.recall_message(cast.member.user, cast.group, recalled)
    before = message_at(cast.group, recalled).change
    file.status, file.kind, file.width, file.height, file.animated = "ready", "image", 64, 48, True
    file.save()
    for told in registry.file_changed:
        told(file)
    for where, seq in ((cast.group, here), (cast.everyone, there)):
        message = shown(cast, seq, where)
        place = get_object(cast.member.user, where)
        assert (message["files"][0]["status"], message["files"][0]["animated"]) == ("ready", True)
        assert message["change"] == place["last_change"] > place["last_seq"]
    assert message_at(cast.group, recalled).change == before


def found(who: Person, q: str, **options) -> list[int]:
    return [hit["message"]["seq"] for hit in find(who.user, q, **options)["hits"]]


@pytest.mark.parametrize("deep", [False, True])
def test_names_of_files_are_found(cast: Cast, deep: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if deep:
        monkeypatch.setattr("messaging.search._newest", lambda search, below, most: ([], below))
    seq = cast.say(cast.member, "nộp bài", files=[stored(cast.member, "Luận văn_毕业论文.docx").token])
    plain = cast.say(cast.member, "luận văn của ai")
    assert found(cast.master, "luan van", conversation=cast.group) == [plain, seq]
    assert found(cast.master, "毕业论文") == found(cast.master, "nop docx") == [seq]
    assert found(cast.master, "luận has:file") == found(cast.master, "has:file") == [seq]
    assert found(cast.stranger, "毕业论文") == []
    (hit,) = find(cast.master.user, "nop docx")["hits"]
    whole = "nộp bài\nLuận văn_毕业论文.docx"  # the ranges go on through the names
    assert [whole[start:stop] for start, stop in hit["ranges"]] == ["nộp", "docx"]
    actions.edit_message(cast.member.user, cast.group, seq, "đã sửa")
    assert found(cast.master, "nop docx") == [] and found(cast.master, "sua docx") == [seq]
    actions.recall_message(cast.member.user, cast.group, seq)
    assert found(cast.master, "毕业论文") == found(cast.master, "has:file") == []


def test_files_and_links_of_a_conversation(cast: Cast) -> None:
    seqs = [
        cast.say(cast.member, "", files=[picture(cast.member, f"{n}.jpg").token for n in range(3)]) for _ in range(3)
    ]
    mixed = [
        stored(cast.member, "a.ogg", kind="audio"),
        stored(cast.member, "b.mp4", kind="video"),
        stored(cast.member),
    ]
    other = cast.say(cast.member, "", files=[file.token for file in mixed])
    broken = cast.say(cast.member, "", files=[picture(cast.member, "x.jpg", status="failed").token])

    def listed(kind: str, **options) -> tuple[list, bool]:
        page = get_files(cast.master.user, cast.group, kind, **options)
        return [(item["seq"], item["file"]["name"]) for item in page["items"]], page["more"]

    names = ["2.jpg", "1.jpg", "0.jpg"]
    assert listed("image") == ([(seq, name) for seq in seqs[::-1] for name in names], False)
    assert listed("image", limit=4) == ([(seq, name) for seq in seqs[:0:-1] for name in names], True)
    assert listed("image", before=seqs[1]) == ([(seqs[0], name) for name in names], False)
    assert listed("media") == ([(other, "b.mp4"), (other, "a.ogg")], False)
    assert listed("file") == ([(broken, "x.jpg"), (other, "Bài tập 作业.pdf")], False)
    actions.recall_message(cast.member.user, cast.group, seqs[2])
    actions.clear_conversation(cast.master.user, cast.group, seqs[0])
    assert listed("image") == ([(seqs[1], name) for name in names], False)
    links = [cast.say(cast.member, text) for text in ("https://a.vn/?x=1&y=2 và https://b.cn", "[c](https://c.vn)")]
    cast.say(cast.member, "[thư](mailto:an@a.vn) `https://code.vn`")
    page = get_files(cast.master.user, cast.group, "link", limit=1)
    assert [(item["seq"], item["url"]) for item in page["items"]] == [(links[1], "https://c.vn")] and page["more"]
    page = get_files(cast.master.user, cast.group, "link", before=links[1])
    assert [item["url"] for item in page["items"]] == ["https://b.cn", "https://a.vn/?x=1&y=2"] and not page["more"]
    assert page["items"][0]["text"].startswith("https://a.vn") and page["items"][0]["sender"] == cast.member.id
    for kind in ("image", "link"):
        assert refusal_of(get_files, cast.stranger.user, cast.group, kind) == "not_found"


def test_the_list_of_links_reads_an_index(cast: Cast) -> None:
    from messaging.file_list import HERE, LINKED

    sql = f"SELECT m.seq FROM messaging_message m WHERE {HERE} AND {LINKED[connection.vendor]} ORDER BY m.seq DESC LIMIT 51"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table of a test is small
            cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(
            ("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql, [cast.group, 0, 2**53]
        )
        plan = str(cursor.fetchall())
    assert "message_with_links" in plan, plan


def test_messages_without_files_cost_no_query_more(cast: Cast, django_assert_num_queries) -> None:
    for n in range(3):
        cast.say(cast.member, f"chữ {n}")
    with django_assert_num_queries(4):  # membership, messages, reactions and mentions, faces
        get_page(cast.master.user, cast.group)
    for _ in range(3):
        cast.say(cast.member, "", files=[picture(cast.member).token, stored(cast.member).token])
    with django_assert_num_queries(5):  # and what they carry, once
        get_page(cast.master.user, cast.group)


def test_ones_own_data_names_the_files(cast: Cast) -> None:
    cast.say(cast.member, "", files=[stored(cast.member, "Nhật ký.txt").token])
    assert '"files": [{"name": "Nhật ký.txt"' in "".join(data_export.pieces(cast.member.user))


def test_what_may_be_sent_is_a_policy_at_upload_not_at_sending(cast: Cast) -> None:
    token = stored(cast.member).token
    policies.store("files.kinds", "images")
    assert cast.say(cast.member, "", files=[token])
