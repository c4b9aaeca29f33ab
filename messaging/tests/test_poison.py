"""Rows that no version of ours would write: history, snapshot and resume get past them (C34)."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts import actions as accounts
from messaging.access import get_page
from messaging.fact import read_fact, users_of
from messaging.models import Conversation, Message
from messaging.summary import conversation_objects
from messaging.transcript import place_of
from messaging.transcript_forms import FORMS
from realtime import snapshot
from tests.cast import Cast, person
from tests.reducer import from_rows
from tests.spies import STILL
from tests.tabs import Site

BAD_FACTS = [  # the page reads the same: tests/js/rows.test.js
    *json.loads((Path(__file__).parents[2] / "tests" / "bad_facts.json").read_text()),
    "[" * 5000,
    json.dumps({"code": "joined", "users": [{"id": 1, "name": "x" * 1000}] * 500}),
]
BAD_TEXTS = [
    "\u202egnirts desrever a\u202c \u2066x", "x" * 2**20, "好\u0300" * 5000, "\u200b", "<script>alert(1)</script>", "", "\ufeff\ufffd",
]  # fmt: skip


def add(conversation: int, kind: str, body: str, sender: int | None, **fields: object) -> Message:
    """A row past all rules."""
    place = Conversation.objects.get(pk=conversation)
    place.last_seq += 1
    place.last_change += 1
    place.save()
    return Message.objects.create(
        conversation=place, seq=place.last_seq, change=place.last_change, sender_id=sender, kind=kind, body=body,
        sent_at=timezone.now(), **fields,
    )  # fmt: skip


def test_a_broken_fact_is_read_as_none() -> None:
    for body in BAD_FACTS:
        fact = read_fact(body)
        assert isinstance(fact, dict) and all(isinstance(id, int) for id in users_of(fact))
    assert users_of(read_fact('{"code": "left", "users": [{"id": 7, "name": "x"}]}')) == [7]


@pytest.mark.django_db(transaction=True)
def test_history_with_such_rows_is_read_to_its_start(cast: Cast, site: Site) -> None:
    cast.say(cast.member, "trước 之前")
    leaver = person("sắp-đi")
    before = Conversation.objects.get(pk=cast.group).last_change
    rows = (
        [("system", body) for body in BAD_FACTS]
        + [("text", body) for body in BAD_TEXTS]
        + [("game", "{"), ("file", "")]
    )
    for kind, body in rows:
        add(cast.group, kind, body, leaver.id)
        start = process_time()
        [mine] = conversation_objects(cast.member.id, [cast.group])
        assert mine["last_seq"] and mine["preview"] and len(mine["preview"]["text"]) < 3000, (kind, body[:80])
        snapshot.build(cast.member.user)
        assert process_time() - start < 1
    add(cast.group, "text", "không ai 无人", None, reply_to=10**6, html="<p>\u202e")
    accounts.delete_account(None, leaver.user)
    start = process_time()
    page, found = get_page(cast.member.user, cast.group, limit=200), set()
    while True:
        found |= {message["seq"] for message in page["messages"]}
        if not page["more_before"]:
            break
        page = get_page(cast.member.user, cast.group, before=page["messages"][0]["seq"], limit=10)
    assert found == set(range(1, Conversation.objects.get(pk=cast.group).last_seq + 1))
    assert cast.member.client.get(f"/c/{cast.group}/").status_code == 200
    assert cast.member.client.get(f"/api/conversations/{cast.group}/messages?limit=200").status_code == 200
    assert len(from_rows(f"c:{cast.group}", before)) == len(rows) + 1
    site.spies.history = lambda: {
        (id, cast.member.id): STILL for id in Conversation.objects.values_list("pk", flat=True)
    }
    tab = site.connect(cast.member)
    tab.hello(cursors={f"c:{cast.group}": before})
    assert len([frame for frame in tab.of("message") if frame["feed"] == f"c:{cast.group}"]) == len(rows) + 1
    assert tab.code("feed.resume", {"feed": f"c:{cast.group}", "after": before}) == "ok"
    cast.say(cast.member, "sau 之后")
    tab.wait(lambda: "sau 之后" in str(tab.frames[-3:]))
    assert process_time() - start < 5


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_a_transcript_with_such_rows_is_whole(cast: Cast, form: str) -> None:
    for body in BAD_FACTS:
        add(cast.group, "system", body, cast.master.id)
    cast.say(cast.member, "sau 之后")
    place = place_of(Conversation.objects.get(pk=cast.group), ZoneInfo("Asia/Ho_Chi_Minh"))
    assert "sau 之后" in "".join(FORMS[form][0](place))
