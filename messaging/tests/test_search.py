"""Search: what it finds, whom it lets find it, pages, filters, and that a recalled text is gone."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.query import parse
from core.refusal import Refusal
from core.text import clean_body
from messaging import actions, search, search_index
from messaging.models import Conversation, Membership, Message
from messaging.search import find
from messaging.tasks import compact_search
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db

SENTENCES = [
    "Đường Trường Sơn rất dài", "dưỡng sinh mỗi ngày", "Nguyễn Văn Minh học lớp12A", "Tiền điện tháng này", "我家在上海东边", "请输入有效的电子邮件",
    "今天去吃火锅吧", "我们买了T恤 và giày", "C++ or C#? don’t know", "foo_bar e-mail a.b v1.2", "ok 👍🏽 ❤️", "ＦＵＬＬ width ① Straße", "한국어 がんばる",
]  # fmt: skip


def bodies(user, q: str, **options) -> list[str]:
    return [hit["message"]["body"] for hit in find(user, q, **options)["hits"]]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("nguyẽ", {2}), ("nguyên", {2}), ("điền", set()), ("điên", {3}), ("lớp12", {2}), ("lop1́2", set()), ('"văn minh"', {2}), ('"vân minh"', set()),
        ("duong", {0, 1}), ("đường", {0}), ("dưỡng", {1}), ("DUONG truong", {0}), ("đ", {0, 3}), ("nguyê", {2}), ("nguyển", set()), ("guyen", set()),
        ("12", {2}), ("12a", {2}), ("lop12", {2}), ("火锅", {6}), ("锅", {6}), ("上海东", {4}), ("海上", set()), ("电子邮件", {5}), ("我", {4, 7}),
        ("t恤", {7}), ("我们 giay", {7}), ("c++", {8}), ("C#", {8}), ("don't", {8}), ("foo_bar", {9}), ("bar", {9}), ("e-mail", {9}), ("mail", {9}),
        ("1.2", {9}), ("👍", {10}), ("❤", {10}), ("full", {11}), ("1", {2, 9, 11}), ("strasse", {11}), ("국어", {12}), ("か", {12}), ("が", {12}),
        ('"van minh"', {2}), ('"nguyen minh"', set()), ('"van min"', set()), ("???", set()), ("", set()), ("zzzz", set()),
    ],
)  # fmt: skip
def test_words_are_found_as_people_mean_them(cast: Cast, q: str, expected: set[int]):
    direct = actions.open_direct(cast.stranger.user, cast.member.id)["id"]
    for body in SENTENCES:
        cast.say(cast.member, body, where=direct)
    found = bodies(cast.stranger.user, q)
    assert {SENTENCES.index(body) for body in found} == expected
    search_index_only = {SENTENCES.index(body) for body in deep(cast.stranger.user, q)}
    assert search_index_only == expected, "by the index"


def deep(user, q: str, **options) -> list[str]:
    """The same without looking at the newest messages first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_newest", lambda s, below, most: ([], below))
        return bodies(user, q, **options)


def test_ranges_are_letters_of_the_text(cast: Cast):
    body = unicodedata.normalize("NFC", "Ở Đường ＦＵＬＬ 上海海上 đường")
    cast.say(cast.member, body)
    (hit,) = find(cast.master.user, "duong full 海上")["hits"]
    assert [body[a:b] for a, b in hit["ranges"]] == ["Đường", "ＦＵＬＬ", "海上", "đường"]
    assert find(cast.master.user, "duong")["people"][0]["id"] == cast.member.id


def test_only_members_find_and_only_what_they_have_not_cleared(cast: Cast):
    seq = cast.say(cast.member, "bí mật 秘密")
    for who in (cast.member, cast.manager, cast.master):
        assert bodies(who.user, "bi mat") == deep(who.user, "秘密") == ["bí mật 秘密"]
    for who in (cast.stranger, cast.former, cast.moderator, cast.administrator):
        assert bodies(who.user, "bi mat") == deep(who.user, "秘密") == []
        assert refusal_of(find, who.user, "bi", conversation=cast.group) == "not_found"
    mine = Membership.objects.filter(conversation=cast.group, user=cast.master.user)
    mine.update(cleared_seq=seq)
    assert bodies(cast.master.user, "bi mat") == deep(cast.master.user, "bi mat") == []
    mine.update(cleared_seq=seq - 1)
    assert deep(cast.master.user, "bi mat") == ["bí mật 秘密"]
    actions.remove_member(cast.master.user, cast.group, cast.member.id)
    assert bodies(cast.member.user, "bi mat") == deep(cast.member.user, "bi mat") == []


def test_system_messages_are_not_found(cast: Cast):
    actions.rename_group(cast.master.user, cast.group, "Tên Mới")
    cast.say(cast.master, "tên mới đây")
    assert bodies(cast.master.user, "moi") == deep(cast.master.user, "moi") == ["tên mới đây"]


def index_text() -> bytes:
    """Everything the index has on disk."""
    tables = (
        ["messaging_search_data", "messaging_search_idx"] if connection.vendor == "sqlite" else ["messaging_search"]
    )
    found = b""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            found += b" ".join(bytes(v) if isinstance(v, bytes) else str(v).encode() for row in cursor for v in row)
    return found


def test_a_recalled_or_replaced_text_leaves_nothing_in_the_index(cast: Cast):
    for n in range(5):
        cast.say(cast.member, f"giữ lại {n} other words")
    recalled = cast.say(cast.member, "zqxcanaryone 龘靐 đã gửi")
    edited = cast.say(cast.member, "zqxcanarytwo 齉爩")
    for canary in (b"xcanaryone", "靐".encode()):
        assert canary in index_text()
    actions.recall_message(cast.member.user, cast.group, recalled)
    actions.edit_message(cast.member.user, cast.group, edited, "mới 新的")
    for canary in (b"xcanary", b"canaryone", "龘".encode(), "靐".encode(), "爩".encode()):
        assert canary not in index_text()
    assert deep(cast.master.user, "zqx") == deep(cast.master.user, "龘") == bodies(cast.master.user, "齉") == []
    assert deep(cast.master.user, "新") == ["mới 新的"] and len(deep(cast.master.user, "giu")) == 5


def test_the_messages_of_an_erased_account_are_gone(cast: Cast):
    cast.say(cast.member, "xoá 删除")
    assert deep(cast.master.user, "删除")
    actions_erase(cast)
    assert (
        bodies(cast.master.user, "删除") == deep(cast.master.user, "xoa") == [] and "删除".encode() not in index_text()
    )


def actions_erase(cast: Cast) -> None:
    from messaging.actions.erase import erase_messages

    while erase_messages(cast.member.user, 100):
        pass


@pytest.mark.parametrize(
    "q", ["a AND b", "NOT a", 'a" OR "b', "a* b*", "NEAR(a b)", "words : a", "^a", "a:* | b", "'a' & 'b'", "a\\", "{a}: b", "-a", "·3", "7·a", "%s", "a' --"]
)  # fmt: skip
def test_nothing_that_is_typed_is_an_operator(cast: Cast, q: str):
    cast.say(cast.member, "nothing of it here")
    cast.say(cast.member, f"zz {q} zz")
    for found in (bodies(cast.master.user, q), deep(cast.master.user, q)):
        assert found == [f"zz {q} zz"] or q in {"-a", "^a", "·3"}
        assert "nothing of it here" not in found


def test_filters(cast: Cast):
    direct = actions.open_direct(cast.member.user, cast.master.id)["id"]
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for n, (who, where) in enumerate([(cast.member, cast.group), (cast.master, cast.group), (cast.master, direct)]):
        seq = cast.say(who, f"bữa trưa {n}", where=where)
        Message.objects.filter(conversation=where, seq=seq).update(sent_at=start + timedelta(days=n))
    Message.objects.exclude(body__startswith="bữa").update(sent_at=start - timedelta(days=9))
    me = cast.member.user

    def numbers(q: str, **options) -> list[int]:
        shallow = [int(body[-1]) for body in bodies(me, q, **options)]
        assert shallow == [int(body[-1]) for body in deep(me, q, **options)]
        return shallow

    assert numbers("bua") == [2, 1, 0]
    assert numbers("bua", sender=cast.master.id) == numbers(f"from:{cast.master.user.username} bua") == [2, 1]
    assert numbers("bua from:me") == numbers("bua", sender=me.pk) == [0]
    assert numbers(f"from:{cast.master.user.username}")[:2] == [2, 1]
    assert numbers("bua from:nobody-like-that") == []
    assert numbers("bua", conversation=direct) == [2] and numbers("bua", conversation=cast.group) == [1, 0]
    name = actions.create_group(me, "Bếp 厨房", [])["id"]
    cast.say(cast.member, "bữa 9", where=name)
    assert numbers("bua in:bep") == numbers("bua in:厨") == [9] and numbers("bua in:nowhere") == []
    assert numbers("bua before:2026-03-02", conversation=cast.group) == [0]
    assert numbers("bua", before=start + timedelta(days=2)) == [1, 0]
    assert numbers("bua after:2026-03-02 before:2026-03-03") == [1]
    assert numbers("bua has:file") == []
    seq = cast.say(cast.member, "bữa 8")
    before = search_index.entry_of(Message.objects.get(conversation=cast.group, seq=seq))
    search_index.remove([before])
    Message.objects.filter(conversation=cast.group, seq=seq).update(kind="file")
    search_index.add([before._replace(kind="file")])
    assert numbers("bua has:file") == numbers("has:file") == numbers("bua", files=True) == [8]
    assert numbers("before:yesterday") == []


@pytest.mark.parametrize("newest", [True, False])
def test_pages_join_without_a_hole(cast: Cast, newest: bool, monkeypatch):
    monkeypatch.setattr(search, "READ", 7)
    monkeypatch.setattr(search, "GLANCE", 5)
    monkeypatch.setattr(search, "WINDOW", 9)
    monkeypatch.setattr(search, "FIRST", 4)
    monkeypatch.setattr(search, "MORE", 3)
    expected = [f"trang {n} dài" for n in range(40)]
    for n, body in enumerate(expected):
        cast.say(cast.member, body)
        if n % 3 == 0:
            cast.say(cast.master, "ở giữa trang khác")
    for options in ({}, {"conversation": cast.group}):
        found: list[str] = []
        older = None
        while True:
            page = find(cast.manager.user, "dài trang", limit=4, older=older, **options)
            found += [hit["message"]["body"] for hit in page["hits"]]
            older = page["older"]
            if older is None:
                break
            assert len(page["hits"]) == 4
        assert found == expected[::-1]


def test_over_http(cast: Cast):
    seq = cast.say(cast.member, "qua http 超文本")
    page = cast.master.client.get("/api/search", {"q": "超文", "from": cast.member.id, "limit": 5}).json()
    assert [(hit["message"]["seq"], hit["ranges"]) for hit in page["hits"]] == [(seq, [[9, 11]])]
    assert page["older"] is None and page["people"][0]["id"] == cast.member.id
    assert cast.stranger.client.get("/api/search", {"q": "超文"}).json()["hits"] == []
    for wrong in ({"has": "x"}, {"older": -1}, {"limit": "x"}, {"before": "x"}):
        assert cast.master.client.get("/api/search", {"q": "a", **wrong}).status_code == 400


@pytest.mark.parametrize(
    "moment", ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
def test_times_far_away_find_all_or_nothing(cast: Cast, moment: str):
    cast.say(cast.member, "xin chào")
    early = moment.startswith("0")
    ways = [{"q": "xin", name: moment} for name in ("after", "before")]
    ways += [{"q": f"xin {name}:{moment}"} for name in ("after", "before") if "T" not in moment]
    for way in ways:
        response = cast.master.client.get("/api/search", way)
        assert response.status_code == 200
        assert bool(response.json()["hits"]) == (early == ("after" in str(way)))


def test_a_rare_mark_on_common_letters_is_asked_of_the_index(cast: Cast, monkeypatch):
    for n in range(12):
        cast.say(cast.member, f"nhập điểm {n}")
    cast.say(cast.member, "bản nháp đầu")
    asked: list[int] = []
    read = search._read

    def watched(wanted: search.Search, ids: list[int]) -> list[tuple]:
        asked.extend(ids)
        return read(wanted, ids)

    monkeypatch.setattr(search, "_read", watched)
    for q in ("nháp", "nhá", '"bản nháp"'):
        asked.clear()
        assert deep(cast.master.user, q) == ["bản nháp đầu"] and len(asked) == 1, q


letters = st.text(alphabet="aạáâấđdơờuư bB1２我们火锅👍ße_-'ﬁ", min_size=1, max_size=12)
texts = st.lists(letters, min_size=1, max_size=8)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(texts=texts, q=letters)
def test_the_index_finds_what_reading_everything_finds(cast: Cast, texts: list[str], q: str):
    place = actions.create_group(cast.member.user, f"g {unique()}", [])["id"]
    expected = []
    for text in texts:
        try:
            body = clean_body(text)
        except Refusal:  # a blank one
            continue
        cast.say(cast.member, body, where=place)
        expected.append(body)
    query = parse(q)
    wanted = [body for body in expected if query.terms and query.finds(body)][::-1]
    assert bodies(cast.member.user, q, conversation=place, limit=50) == wanted
    assert deep(cast.member.user, q, conversation=place, limit=50) == wanted


def unique() -> int:
    unique.number = getattr(unique, "number", 0) + 1
    return unique.number


def test_compacting_loses_nothing(cast: Cast):
    for n in range(30):
        cast.say(cast.member, f"mảnh {n} 碎片")
    expected = deep(cast.master.user, "碎片", limit=50)
    assert len(expected) == 30
    for whole in (False, True):
        compact_search(whole)
        assert deep(cast.master.user, "碎片", limit=50) == expected
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(DISTINCT segid) FROM messaging_search_idx")
            assert cursor.fetchone() == (1,)


def test_filling_anew_makes_the_same_index(cast: Cast):
    cast.say(cast.member, "có trước 已有的")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE messaging_search")
        search_index.create(cursor, connection.vendor)
    assert deep(cast.master.user, "已有") == []
    search_index.fill()
    assert deep(cast.master.user, "已有") == deep(cast.master.user, "truoc") == ["có trước 已有的"]


def test_groups_are_found_by_the_same_folding(cast: Cast):
    from messaging.joining import find_groups

    groups = {name: actions.create_group(cast.member.user, name, [])["id"] for name in ("Đội bóng 足球队", "Dồi Bống")}
    Conversation.objects.filter(pk__in=groups.values()).update(discoverable=True)

    def names(q: str) -> set[str]:
        return {group["name"] for group in find_groups(cast.stranger.user, q)}

    assert names("doi bong") == set(groups)
    for q in ("đội", "足球", "zuqiu", "zqd", "bong doi zuqiu"):
        assert names(q) == {"Đội bóng 足球队"}, q
    assert names("球足") == set()
    actions.rename_group(cast.member.user, groups["Dồi Bống"], "游泳")
    assert names("youyong") == {"游泳"} and names("doi") == {"Đội bóng 足球队"}
    actions.create_group(cast.member.user, "Kín 游园", [])
    own = [group["name"] for group in find_groups(cast.member.user, "youyuan", mine=True)]
    assert own == ["Kín 游园"] and find_groups(cast.stranger.user, "youyuan", mine=True) == []
    assert find_groups(cast.member.user, "youyuan") == []
