"""What is hidden cannot be told from what does not exist (C30): same status, same body, and no longer a wait."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from accounts import actions as accounts
from messaging import actions
from tests.cast import Cast

NOBODY = 999_999
GROUP = "Hội kín 密室"


@pytest.fixture
def hidden(transactional_db: None, cast: Cast) -> tuple[int, int]:
    """Somebody who has blocked the stranger, and a group that nobody finds."""
    accounts.set_policies(None, {"limits.commands_burst": 1000, "limits.commands_per_second": 1000})
    accounts.block_person(cast.manager.user, cast.stranger.id)
    group = actions.create_group(cast.master.user, GROUP, [cast.member.id])["id"]
    return cast.manager.id, group


def read(cast: Cast, path: str) -> Any:
    return cast.stranger.client.get(path)


def ask(cast: Cast, command: str, **data: object) -> Any:
    return cast.stranger.client.post(f"/api/{command}", json.dumps(data), content_type="application/json")


NAMED = {True: ("manager", GROUP), False: ("nobody", "大厅")}  # whether it is there -> names to look for
# Asked about one who is hidden, and about one who is not there
PAIRS: dict[str, Callable[[Cast, int, int], Any]] = {
    "person by name": lambda cast, person, _: read(cast, f"/api/people?q={NAMED[person != NOBODY][0]}"),
    "person by id": lambda cast, person, _: read(cast, f"/api/people?ids={person}"),
    "friend.request": lambda cast, person, _: ask(cast, "friend.request", user=person),
    "block.remove": lambda cast, person, _: ask(cast, "block.remove", user=person),
    "group by name": lambda cast, _, group: read(cast, f"/api/groups?q={NAMED[group != NOBODY][1]}"),
    "group.join": lambda cast, _, group: ask(cast, "group.join", conversation=group),
    "conversation.clear": lambda cast, _, group: ask(cast, "conversation.clear", conversation=group, seq=1),
    "history": lambda cast, _, group: read(cast, f"/api/conversations/{group}/messages"),
    "members": lambda cast, _, group: read(cast, f"/api/conversations/{group}/members"),
    "page": lambda cast, _, group: read(cast, f"/c/{group}/?x"),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", PAIRS)
def test_hidden_and_missing_look_the_same(cast: Cast, hidden: tuple[int, int], name: str, full: bool) -> None:
    """C30."""

    def run(there: bool) -> tuple[int, str]:
        response = PAIRS[name](cast, *(hidden if there else (NOBODY, NOBODY)))
        return response.status_code, re.sub(r"\d+", "#", response.content.decode())

    took: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(200 if full else 2):
        found = {}
        for there, times in took.items():
            start = time.thread_time()  # other programs on this machine do not blur it
            found[there] = run(there)
            times.append(time.thread_time() - start)
        assert found[True] == found[False]
    if full:
        hidden_ms, missing_ms = (1000 * statistics.median(took[there]) for there in (True, False))
        print(f"{name}: hidden {hidden_ms:.2f} ms, missing {missing_ms:.2f} ms")
        assert abs(hidden_ms - missing_ms) < 10


def test_the_same_is_there_for_those_who_may(cast: Cast, hidden: tuple[int, int]) -> None:
    person, group = hidden
    client = cast.member.client
    assert client.get(f"/api/conversations/{group}/messages").status_code == 200
    assert [found["id"] for found in client.get(f"/api/people?ids={person}").json()["people"]] == [person]
