"""Search: what it may cost, and what happens when it takes too long."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import pytest
from django.db import connection

from messaging import search, search_index
from messaging.search import find
from messaging.tests.test_search import bodies
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db


def test_work_that_takes_too_long_ends_short_and_goes_on(cast: Cast, monkeypatch):
    for n in range(12):
        cast.say(cast.member, f"la {n}")
    cast.say(cast.member, "lạ")
    for n in range(12):
        cast.say(cast.member, f"là {n}")
    monkeypatch.setattr(search, "SECONDS", -1.0)
    found, older, pages = [], None, 0
    while pages < 100:
        page = find(cast.master.user, "lạ", older=older)
        found += page["hits"]
        older, pages = page["older"], pages + 1
        if older is None:
            break
    assert [hit["message"]["body"] for hit in found] == ["lạ"] and pages > 3


@pytest.mark.django_db(transaction=True)
def test_a_search_that_the_database_gives_up_ends_short_or_says_so(cast: Cast, monkeypatch):
    for n in range(3):
        cast.say(cast.member, f"bản {n} đã cũ" if n else "bản gốc 原本")
    monkeypatch.setattr(search_index, "PATIENCE_MS", 200)
    monkeypatch.setattr(search, "GLANCE", 2)  # so that the index is asked after two messages
    monkeypatch.setattr(search, "WORTH", 2)
    assert len(bodies(cast.master.user, "ban")) == 3 and bodies(cast.master.user, "原本") == ["bản gốc 原本"]
    writer = connection.copy()  # SQLite's readers wait for nobody: there a page is whole
    with writer.cursor() as cursor, contextlib.closing(writer):
        sqlite = connection.vendor == "sqlite"
        cursor.execute("SELECT 1" if sqlite else "BEGIN; LOCK TABLE messaging_search IN ACCESS EXCLUSIVE MODE")
        page = find(cast.master.user, "ban")
        assert [hit["message"]["body"][:5] for hit in page["hits"]] == ["bản 2", "bản 1", "bản g"][: 3 if sqlite else 2]
        assert (page["older"] is None) is sqlite
        answer = cast.master.client.get("/api/search", {"q": "原本"})
    assert (answer.status_code, answer.json().get("error", {}).get("code")) == (
        (200, None) if sqlite else (503, "too_slow")
    )
    assert bodies(cast.master.user, "ban", older=page["older"] or search.END)[-1] == "bản gốc 原本"


def test_a_search_takes_few_queries(cast: Cast, django_assert_max_num_queries):
    for n in range(60):
        cast.say(cast.member, f"tin {n} 消息")
    with django_assert_max_num_queries(7):
        assert len(find(cast.master.user, "tin", limit=50)["hits"]) == 50
    with django_assert_max_num_queries(11):
        assert len(find(cast.master.user, "5 消息", limit=50)["hits"]) == 11


def test_hostile_queries_cost_little(cast: Cast):
    cast.say(cast.member, "a" * 5000 + " b")
    assert refusal_of(find, cast.master.user, "a" * 10_000) == "too_long"
    for q in ("a " * 250, "哈" * 500, "ạ" * 250, "́" * 500, '"' * 500, " ".join(f"w{n}" for n in range(110))):
        start = datetime.now()
        find(cast.master.user, q)
        assert datetime.now() - start < timedelta(seconds=1)
