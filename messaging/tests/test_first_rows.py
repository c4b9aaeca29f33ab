"""The rows that come with the page: escaped, only of what this person may read, grouped as the browser groups them."""

from __future__ import annotations

import re

import pytest

from accounts.actions import set_options
from accounts.models import User
from messaging import actions
from messaging.access import get_page
from messaging.first_rows import Face, Row, first_rows, room_of
from messaging.models import Membership, Message
from messaging.summary import get_object
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)>{{ 7|add:7 }}</span></script>"


def rows_of(cast: Cast, who: Person, where: int | None = None, compact: bool = False) -> list[Row]:
    where = where or cast.group
    return first_rows(get_page(who.user, where), get_object(who.user, where), who.id, compact)


def written(who: Person, where: int) -> str:
    """The list of messages in the page, before any script."""
    page = who.client.get(f"/c/{where}/").content.decode()
    found = re.search(r'<div class="log".*?>(.*?)<div class="jump-place"', page, re.DOTALL)
    assert found
    return found[1]


def read(cast: Cast, seq: int) -> None:
    Membership.objects.filter(conversation=cast.group, user=cast.member.user).update(read_seq=seq)


def shape(rows: list[Row]) -> list[str]:
    return [f"{row.message['body'][:5]}{' first' * row.first}{' last' * row.last}" for row in rows]


def test_texts_and_names_come_as_text(cast: Cast):
    User.objects.filter(pk=cast.manager.id).update(display_name=HOSTILE)
    asked = cast.say(cast.manager, HOSTILE)
    cast.say(cast.manager, f"**{HOSTILE}** [x](javascript:alert(1))", reply_to=asked)
    log = written(cast.member, cast.group)
    assert log.count("&lt;img src=x onerror=alert(1)&gt;{{ 7|add:7 }}") >= 4  # author, text, quoted name, quoted text
    assert "<strong>" in log and "<img" not in log and "<script" not in log
    assert not re.search(r"href=.javascript|style=|onerror=[^a]", log)


def test_there_are_as_many_as_one_likes_to_look_back(cast: Cast):
    for number in range(30):
        last = cast.say(cast.master, f"line {number:02}")
    read(cast, last)
    for wanted in (10, 25):
        set_options(cast.member.user, {"look_back": wanted})
        page = cast.member.client.get(f"/c/{cast.group}/").content.decode()
        assert [n for n in range(30) if f"line {n:02}" in page] == list(range(30 - wanted, 30))


def test_only_those_in_a_conversation_get_its_rows_and_not_what_they_cleared(cast: Cast):
    cast.say(cast.master, "secret of the two", cast.direct)
    last = cast.say(cast.master, "for the group")
    assert "secret of the two" in written(cast.member, cast.direct)
    log = written(cast.member, cast.group)
    assert "for the group" in log and "secret" not in log
    assert cast.stranger.client.get(f"/c/{cast.group}/").status_code == 404
    assert cast.former.client.get(f"/c/{cast.group}/").status_code == 404
    actions.clear_conversation(cast.member.user, cast.group, last)
    assert "for the group" not in written(cast.member, cast.group)


def test_rows_follow_each_other_as_in_the_browser(cast: Cast):
    for who, body in ((cast.master, "one"), (cast.master, "two"), (cast.member, "three"), (cast.master, "four")):
        cast.say(who, body, cast.direct)
    assert shape(rows_of(cast, cast.member, cast.direct)) == [
        "one first",
        "two last",
        "three first last",
        "four first last",
    ]
    Message.objects.filter(conversation=cast.direct, body="one").update(sent_at="2020-02-02T12:00:00Z")
    early, later, *_ = rows_of(cast, cast.member, cast.direct)
    assert early.last and later.first and later.day and not any(row.named for row in (early, later))
    cast.say(cast.master, "in the group")
    assert [row.named for row in rows_of(cast, cast.member)[-1:]] == [True]
    assert [row.named for row in rows_of(cast, cast.master)[-1:]] == [False]
    assert [row.named for row in rows_of(cast, cast.master, compact=True)[-1:]] == [True]


def test_what_is_new_stands_under_a_line(cast: Cast):
    first, *_ = [cast.say(cast.master, f"text {number}") for number in range(30)]
    read(cast, first + 9)
    rows = rows_of(cast, cast.member)
    (line,) = (at for at, row in enumerate(rows) if row.divider)
    assert rows[line].message["seq"] == first + 10 and rows[line].first and line == 6
    read(cast, first + 29)
    assert not any(row.divider for row in rows_of(cast, cast.member)) and len(rows_of(cast, cast.member)) == 20


@pytest.mark.parametrize("body", ["word " * 400, "a\n" * 40 + "b", "```python\nprint(1)\n```"])
def test_a_row_whose_size_only_the_browser_knows_ends_them(cast: Cast, body: str):
    cast.say(cast.master, "above", cast.direct)
    cast.say(cast.master, body, cast.direct)
    cast.say(cast.master, "below", cast.direct)
    assert shape(rows_of(cast, cast.master, cast.direct)) == ["below last"]
    assert rows_of(cast, cast.member, cast.direct) == []  # it is new to him, and stands where he begins to read


@pytest.mark.parametrize(
    ("body", "large"),
    [
        ("👍", True),
        ("❤️", True),
        ("👩‍👩‍👧‍👦 👍🏽", True),
        ("🇻🇳🇨🇳🇬🇧", True),
        ("😂😂😂😂", False),
        ("ok 👍", False),
        ("1", False),
    ],
)
def test_a_few_emoji_alone_are_large(cast: Cast, body: str, large: bool):
    cast.say(cast.master, body)
    assert rows_of(cast, cast.master)[-1].large is large


def test_letters_for_a_name():
    names = {
        "Nguyễn Thị Ánh": "NÁ",
        "王小明": "小明",
        "Đỗ Văn Em 🐼": "Đ🐼",
        "anna": "A",
        "": "",
        "e\u0301ric m": "E\u0301M",
    }
    assert {name: Face(0, name).letters for name in names} == names


def test_the_rows_cost_no_query(cast: Cast, django_assert_num_queries):
    cast.say(cast.manager)
    page, here = get_page(cast.member.user, cast.group), get_object(cast.member.user, cast.group)
    with django_assert_num_queries(0):
        assert first_rows(page, here, cast.member.id, False)


def _file(**facts) -> dict:
    return {"token": "t", "name": "n", "size": 1, "kind": "image", "status": "ready", "type": "image/png", **facts}


@pytest.mark.parametrize(
    ("files", "room"),
    [
        ([_file(width=1600, height=1200)], (360, 270)),
        ([_file(width=900, height=1600)], (236, 420)),
        ([_file(width=24, height=24)], (140, 84)),
        ([_file(width=4000, height=100)], (360, 84)),
        ([_file()], (280, 210)),
        ([_file(kind="video")], (360, 202)),
        ([_file(kind="video", width=160, height=90)], (240, 135)),
        ([_file(), _file()], (360, 200)),
        ([_file()] * 9, (360, 300)),
    ],
)
def test_files_have_the_room_that_the_browser_gives_them(files: list[dict], room: tuple[int, int]):
    """The same figures as in tests/js/rows.test.js."""
    assert room_of(files) == room


def test_a_row_of_files_says_what_each_of_them_takes(cast: Cast):
    cast.say(cast.master, "caption", cast.direct)
    page = get_page(cast.member.user, cast.direct)
    here = {**get_object(cast.member.user, cast.direct), "unread": 0}
    pictures = [_file(color="#123456"), _file(kind="video"), _file(status="failed")]
    page["messages"][-1] |= {"kind": "file", "files": [*pictures, _file(kind="audio"), _file(kind="file")]}
    row = first_rows(page, here, cast.member.id, False)[-1]
    assert row.room == (360, 200) and row.colours == ["#123456", ""] and row.cards == ["", "sounds", ""]
    assert row.look == "with-files pictured"
    page["messages"][-1] |= {"body": "", "files": pictures[:2]}
    assert first_rows(page, here, cast.member.id, False)[-1].look == "with-files pictured bare"
    page["messages"][-1] |= {"files": [], "offer": {"state": "offered"}}
    assert first_rows(page, here, cast.member.id, False)[-1].cards == ["offered"]
