"""Whoever is put out of a conversation, or out of the site, is refused everywhere at once: pages, API, socket, search (C26)."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Thread
from time import monotonic

import pytest
from django.db import connection
from django.urls import get_resolver

from accounts import actions as accounts
from core import registry
from messaging import actions
from realtime.hub import SWEEP_SECONDS
from tests.answers import text_of
from tests.cast import Cast
from tests.policy_requests import BODIES, Scene
from tests.tabs import Site
from tests.test_policy_matrix import code_of, patterns

CANARY = "chim hoàng yến 金丝雀 canary-4711"
WAYS: dict[str, Callable[[Cast], object]] = {
    "removed": lambda cast: actions.remove_member(cast.manager.user, cast.group, cast.member.id),
    "left": lambda cast: actions.leave_group(cast.member.user, cast.group),
    "dissolved": lambda cast: actions.dissolve_group(cast.master.user, cast.group),
    "blocked": lambda cast: accounts.block_user(None, cast.member.user),
}


def pages(cast: Cast, seq: int) -> list[str]:
    """Every address to read a conversation at, and those where its text could come up."""
    found = [
        route.replace("<id:conversation>", str(cast.group))
        .replace("<int:id>", str(cast.group))
        .replace("<id:seq>", str(seq))
        .replace("<id:table>", "1")
        .replace("<id:no>", "1")
        .replace("<str:form>", "text")
        for route in patterns(get_resolver().url_patterns)
        if ("<id:conversation>" in route or route.startswith(("api/conversations/", "api/v1/conversations/")))
        and not route.endswith("/avatar")  # only to be written
    ]
    assert len(found) > 3
    search = [f"api/search?q={CANARY[-4:]}"] if "api/search" in patterns(get_resolver().url_patterns) else []
    return [f"/{route}" for route in [*found, *search, "api/snapshot", "api/groups", "api/people"]] + ["/"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", WAYS)
def test_every_door_is_closed_at_once(cast: Cast, site: Site, prompt_batches: None, way: str) -> None:
    accounts.set_policies(None, {"limits.commands_burst": 10_000})
    scene, browser, tab = Scene(cast), cast.member.client, site.enter(cast.member)
    others = site.enter(cast.master)
    seq = cast.say(cast.manager, CANARY)
    bodies = {name: make(scene, "member") for name, make in BODIES.items()}
    asked = {name: body for name, body in bodies.items() if body.get("conversation") == cast.group or "feed" in body}
    assert len(asked) > 20
    addresses = pages(cast, seq)
    site.settle()
    before = {address: browser.get(address) for address in addresses}
    assert [address for address, answer in before.items() if answer.status_code != 200] == []
    assert sum(CANARY[-4:] in text_of(answer) for answer in before.values()) >= 3
    assert tab.code("conversation.open", {"conversation": cast.group}) == "ok"

    start = monotonic()
    WAYS[way](cast)
    site.settle()
    heard = len(tab.frames)
    if way == "blocked":
        tab.wait(lambda: tab.close)
        assert tab.close["code"] == 4003
    else:
        assert {name: tab.code(name, body) for name, body in asked.items()} == dict.fromkeys(asked, "not_found")
    assert monotonic() - start < SWEEP_SECONDS  # nobody had to look for it
    for name, body in asked.items():
        if name not in ("conversation.open", "feed.resume"):  # the socket's own
            answer = browser.post(f"/api/{name}", json.dumps(body), content_type="application/json")
            assert code_of(answer) in (("session_ended", "signed_out") if way == "blocked" else ("not_found",)), name
    for address in addresses:
        answer = browser.get(address)
        text = text_of(answer)
        assert CANARY[-4:] not in text, address
        if str(cast.group) in address:
            assert answer.status_code in ((302, 401, 403) if way == "blocked" else (404,)), address
    if way != "dissolved":
        cast.say(cast.manager, "giữa chúng ta 我们之间")
        others.wait(lambda: "giữa chúng ta" in str(others.frames[-4:]))
    assert not [frame for frame in tab.frames[heard:] if frame.get("feed") == f"c:{cast.group}"]


@pytest.mark.django_db(transaction=True)
def test_who_is_put_out_while_his_snapshot_is_read_follows_nothing(
    cast: Cast, site: Site, prompt_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub has already looked again when the older snapshot comes."""
    site.enter(cast.master)
    done: list[str] = []

    def put_out() -> None:
        WAYS["removed"](cast)
        connection.close()
        done.append("out")

    def meanwhile(user: object, snapshot: dict, heads: dict[str, int], known: dict[str, int]) -> None:
        if not done:
            thread = Thread(target=put_out)  # a connection of its own: this one is in the moment that it reads
            thread.start()
            thread.join(10)
            site.settle()

    monkeypatch.setattr(registry, "snapshot_parts", [*registry.snapshot_parts, meanwhile])
    tab = site.enter(cast.member)
    assert done == ["out"]
    site.settle()
    cast.say(cast.master, CANARY)
    site.settle()
    assert CANARY not in json.dumps(tab.frames, ensure_ascii=False)
    assert tab.code("feed.resume", {"feed": f"c:{cast.group}", "after": 0}) == "not_found"
