"""A row that is no fact keeps nothing else from view: pages open, events arrive, one goes on writing."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from bench.server import Server
from tests.e2e.person import Person

BAD_FACTS = json.loads((Path(__file__).parents[1] / "bad_facts.json").read_text())
ADD = """
import json
from django.utils import timezone
from messaging.models import Conversation, Message
place = Conversation.objects.get(pk={conversation})
for body in json.loads({bodies!r}):
    place.last_seq += 1
    place.last_change += 1
    Message.objects.create(
        conversation=place, seq=place.last_seq, change=place.last_change, kind="system", body=body, sent_at=timezone.now()
    )
place.save()
"""


def test_broken_rows_in_a_conversation(pair: tuple[Person, Person], server: Server) -> None:
    an, binh = pair
    place = re.search(r"/c/(\d+)/", an.page.url)
    assert place
    server.manage("shell", "-c", ADD.format(conversation=place[1], bodies=json.dumps(BAD_FACTS)))
    an.page.reload()
    expect(an.log.locator(".system")).to_have_count(len(BAD_FACTS))
    an.write("vẫn ở đây 还在")
    expect(binh.bubble("vẫn ở đây 还在")).to_be_visible()  # the rows reach this page as events
    expect(binh.log.locator(".system")).to_have_count(len(BAD_FACTS))
    for someone in pair:
        someone.page.goto(someone.page.url.partition("/c/")[0] + "/")
        expect(someone.page.locator("#conversations a").first).to_be_visible()
        someone.page.goto(f"{someone.page.url.rstrip('/')}/c/{place[1]}/")
        expect(someone.bubble("vẫn ở đây 还在")).to_be_visible()
