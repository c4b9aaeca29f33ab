"""After a recall the text is nowhere: in no page, quote, pin, preview, search, mailing, export, feed or private fact, for anybody."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from accounts import data_export
from audit.entries import Wanted, ends
from audit.exporting import write
from audit.formats import FORMATS
from core import registry
from gateways.access import history
from gateways.access import places_of as places_of_gateways
from messaging import actions
from messaging.mailings import mailings_of, status_of
from messaging.models import Conversation, Message, RemovedText
from messaging.summary import pins, private_part
from messaging.transcript_forms import FORMS
from realtime import snapshot
from realtime.frames import encode
from tests.answers import text_of
from tests.cast import Cast, Person
from tests.stored import offer, stored
from tests.tabs import Site

CANARY = "caNary7Xq"


def places_of(who: Person) -> list[int]:
    return [c["id"] for c in snapshot.build(who.user)[0]["conversations"]]


def answers(who: Person) -> dict[str, str]:
    """All that this person can ask for."""
    said: dict[str, Any] = {
        "snapshot": snapshot.build(who.user)[0],
        "private fact": private_part(who.id),
        "mailings": [(known, status_of(who.user, known["id"])) for known in mailings_of(who.user)],
        "own data": "".join(data_export.pieces(who.user)),
        "search": who.client.get("/api/search", {"q": CANARY}).json(),
    }
    for where in places_of(who):
        place = places_of_gateways([where])[where]
        said[f"gateway history of {where}"] = repr(history(who.user, place, 200))
        said[f"html of {where}"] = [text_of(who.client.get(path)) for path in (f"/c/{where}/", f"/c/{where}/1/")]
        said[f"transcript of {where}"] = [text_of(who.client.get(f"/c/{where}/export/{form}/")) for form in FORMS]
        for kind in ("all", "link"):
            said[f"list of {where}, {kind}"] = who.client.get(f"/api/conversations/{where}/files?kind={kind}").json()
        said[f"page of {where}"] = who.client.get(f"/api/conversations/{where}/messages?limit=200").json()
        said[f"quotes of {where}"] = who.client.get(f"/api/conversations/{where}/messages?limit=1").json()
        said[f"feed of {where}"] = [data for _, _, data, _ in registry.feeds["c"].read(where, 0, 1000)]
        said[f"pins of {where}"] = pins(who.id, where)
    return {name: encode(data) for name, data in said.items()}


def exported(form: str) -> str:
    """The whole log."""
    out = io.BytesIO()
    write(out, form, Wanted(), ends())
    return out.getvalue().decode()


def plant(cast: Cast) -> list[tuple[int, int]]:
    """The text wherever texts go: said, pinned, quoted, edited into, mailed, mentioned, in names and links; the place of each message that has it."""
    said = cast.say(cast.member, f"{CANARY} @master")
    actions.pin_message(cast.manager.user, cast.group, said, True)
    edited = cast.say(cast.member, "trước đó")
    actions.edit_message(cast.member.user, cast.group, edited, f"`{CANARY}` @all")
    cast.say(cast.master, "đúng", reply_to=edited)
    users = [cast.master.id, cast.stranger.id]
    mailed = actions.send_mailing(cast.member.caller, "canary-1", users, CANARY)["results"]
    where = [(cast.group, said), (cast.group, edited), *((row["conversation"], row["seq"]) for row in mailed)]
    last = cast.say(cast.member, f"**{CANARY}**", where=cast.everyone)
    file = stored(cast.member, f"{CANARY}.pdf")
    captioned = cast.say(cast.member, f"https://a.vn/{CANARY}", files=[file.token])
    offered = offer(cast, cast.member, f"{CANARY}.mp4")
    return [*where, (cast.everyone, last), (cast.group, captioned), (cast.direct, offered)]


@pytest.mark.django_db
def test_a_recalled_text_is_nowhere(cast: Cast):
    people = [cast.master, cast.manager, cast.member, cast.stranger]
    planted = plant(cast)
    before = {f"{name}, {who.user.username}" for who in people for name, text in answers(who).items() if CANARY in text}
    kinds = {name.partition(",")[0].partition(" of ")[0] for name in before}
    assert kinds == {
        "snapshot", "private fact", "mailings", "own data", "search", "page", "quotes", "feed", "pins", "list", "gateway history", "html",
        "transcript",
    }  # fmt: skip
    for where, seq in planted:
        actions.recall_message(cast.member.user, where, seq)
    assert RemovedText.objects.filter(body__contains=CANARY).count() == len(planted)
    left = [
        f"{name}, {who.user.username}"
        for who in people
        for name, text in answers(who).items()
        if CANARY in text.replace(f'"q":"{CANARY}"', "")
    ]
    assert left == []
    logs = {form: exported(form) for form in FORMATS}
    assert '"message.recalled"' in logs["jsonl"]
    assert [form for form, text in logs.items() if CANARY in text] == []


@pytest.mark.django_db
def test_moderators_see_it_only_where_they_ask_for_it(cast: Cast):
    seq = cast.say(cast.member, CANARY)
    actions.report_message(cast.master.user, cast.group, seq, "spam")
    message = Message.objects.get(conversation=cast.group, seq=seq).pk
    pages = [
        "/admin/messaging/report/",
        f"/admin/messaging/report/{message}/",
        "/admin/messaging/report/?done",
        "/admin/",
        f"/admin/messaging/message/?conversation={cast.group}",
        f"/admin/messaging/message/?sender={cast.member.id}",
        f"/admin/messaging/message/{message}/change/",
        f"/admin/messaging/conversation/{cast.group}/change/",
        "/admin/audit/event/",
    ]

    def seen(who: Person) -> list[bool]:
        return [CANARY in text_of(who.client.get(page)) for page in pages]

    assert seen(cast.moderator) == [True, True] + [False] * 7
    assert seen(cast.administrator) == [True, True, False, False, True, True, True, False, False]
    actions.recall_reported(cast.moderator.user, message, 0)
    for who in (cast.moderator, cast.administrator):
        assert seen(who) == [False] * len(pages)
        assert CANARY in who.client.post(pages[1], {"deed": "view"}).content.decode()
        assert seen(who) == [False] * len(pages)  # and that it was looked at is told without the text
    found = cast.administrator.client.get("/admin/messaging/message/", {"q": CANARY})
    assert text_of(found).replace(f'value="{CANARY}"', "").count("caNary") == 0


@pytest.mark.django_db
def test_a_copy_that_was_passed_on_is_somebody_elses(cast: Cast):
    seq = cast.say(cast.member, CANARY)
    actions.forward_message(cast.master.caller, cast.group, seq, cast.everyone, "canary-2")
    actions.recall_message(cast.member.user, cast.group, seq)
    assert [m.conversation_id for m in Message.objects.filter(body=CANARY)] == [cast.everyone]


@pytest.mark.django_db(transaction=True)
def test_no_event_after_the_recall_has_it(cast: Cast, site: Site):
    tabs = [site.enter(who) for who in (cast.master, cast.manager, cast.stranger)]
    planted = plant(cast)
    site.settle()
    assert all(CANARY in json.dumps(tab.frames) for tab in tabs)
    seen = [len(tab.frames) for tab in tabs]
    for where, seq in planted:
        actions.recall_message(cast.member.user, where, seq)
    late = site.connect(cast.former)
    late.hello(heads={f"c:{cast.everyone}": Conversation.objects.get(pk=cast.everyone).last_change})
    site.settle()
    after = [*late.frames, *(frame for tab, start in zip(tabs, seen, strict=True) for frame in tab.frames[start:])]
    assert len(after) > 2 * len(planted) and CANARY not in json.dumps(after)
