"""The policy matrix (C2): every address and every command, for every role, against verdicts that were written by hand.

`policy_verdicts.txt` has a row for each; a new address or command without one fails. Commands are asked for at both entrances.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, get_resolver

from accounts.models import User
from audit.models import Event
from core import registry
from messaging.models import (
    Conversation,
    Draft,
    Invitation,
    JoinRequest,
    Mailing,
    Membership,
    Mention,
    Message,
    Mute,
    Pin,
    Reaction,
)
from realtime.heads import UserFeed
from realtime.own import OWN
from tests.cast import Cast
from tests.policy_requests import BODIES, FORMS, Scene, address, block_again
from tests.tabs import Site

WRITTEN = (
    "anonymous",
    "newcomer",
    "blocked",
    "stranger",
    "former",
    "member",
    "manager",
    "master",
    "moderator",
    "administrator",
)
# Who stands like somebody else in everything: an invitation, or a lock after failed tries elsewhere, neither gives nor takes any right.
ALIKE = {"invited": "stranger", "locked": "stranger"}
# The page once more: no password is tried meanwhile
EXCEPT = {(f"POST accounts/{page}/", "locked"): "ok" for page in ("reauthenticate", "delete")}
ROLES = (*WRITTEN, *ALIKE)
SIGNED_OUT = WRITTEN[:3]
FOR_NOBODY: set[str] = set()  # rows marked so: nobody succeeds, for the reason given there


def read_verdicts() -> Iterator[tuple[str, dict[str, str]]]:
    for line in (Path(__file__).parent / "policy_verdicts.txt").read_text().splitlines():
        text, _, remark = line.partition("  # ")
        row = text.split()
        if not row or row[0].startswith("#"):
            continue
        name, cells = " ".join(row[: -len(WRITTEN)]), row[-len(WRITTEN) :]
        if remark.startswith("for nobody"):
            FOR_NOBODY.add(name)
        if name == "role":
            assert tuple(cells) == WRITTEN
        else:
            verdicts = dict(zip(WRITTEN, cells, strict=True))
            yield name, verdicts | {role: EXCEPT.get((name, role), verdicts[other]) for role, other in ALIKE.items()}


VERDICTS = dict(read_verdicts())
PAGES = {name: row for name, row in VERDICTS.items() if name.startswith(("GET ", "POST ", "DELETE "))}
UPLOADS = {name: row for name, row in VERDICTS.items() if name.startswith("UPLOAD ")}
COMMANDS = {name: row for name, row in VERDICTS.items() if name not in PAGES and name not in UPLOADS}


@pytest.fixture
def pages_scene(cast: Cast) -> Scene:
    block_again(scene := Scene(cast))
    scene.gather()
    return scene


@pytest.fixture
def scene(transactional_db: None, cast: Cast, prompt_batches: None) -> Scene:
    block_again(scene := Scene(cast))
    scene.gather()
    return scene


def fingerprint(scene: Scene) -> tuple:
    """What a refusal must not change. Dull facts such as `last_seen` do not count."""
    models = (Conversation, Membership, Message, Reaction, Draft, Event, Mention, Pin, Mailing, Mute)
    tables = [model.objects.count() for model in models]
    heads = UserFeed().heads([someone.id for someone in scene.cast])
    conversations = sorted(Conversation.objects.values_list("pk", "name", "last_seq", "last_change"))
    members = sorted(Membership.objects.values_list("pk", "role", "read_seq", "cleared_seq", "pinned", "level"))
    waiting = [
        list(model.objects.order_by("pk").values("pk", "status", "dismissed")) for model in (JoinRequest, Invitation)
    ]
    options = list(User.objects.order_by("pk").values_list("options", flat=True))
    return (*tables, conversations, members, waiting, options, sorted(heads.items()))


def test_every_command_and_every_address_has_a_row():
    assert set(COMMANDS) == {*registry.commands, *OWN}
    assert set(BODIES) == set(COMMANDS)
    offered = {*patterns(get_resolver().url_patterns)} - {f"api/{name}" for name in registry.commands}
    assert {name.partition(" ")[2] for name in PAGES} == offered


def test_every_row_has_somebody_who_succeeds():
    fruitless = {name for name, row in VERDICTS.items() if not {"ok", "done", "home", "change"} & set(row.values())}
    assert {name for name in fruitless if name not in FOR_NOBODY} == set()


def test_missing_and_forbidden_look_the_same():
    """Who is not in the group is told the same as for a group that is not there; `not_allowed` is for members only."""
    for name, row in VERDICTS.items():
        outsiders = {row[role] for role in ("stranger", "former", "moderator", "administrator")}
        if {row["member"], row["master"]} & {"not_found", "not_allowed", "transfer_first"} or "conversations" in name:
            assert "not_allowed" not in outsiders and outsiders <= {"not_found", "ok"}, name


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in OWN])
def test_command_over_http(scene: Scene, name: str):
    found = {}
    for role in ROLES:
        body, browser = BODIES[name](scene, role), scene.browser(role)
        before = fingerprint(scene)
        response = browser.post(f"/api/{name}", json.dumps(body), content_type="application/json")
        found[role] = code_of(response)
        if found[role] != "ok":
            assert fingerprint(scene) == before, role
    assert found == COMMANDS[name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name",  # those that a program may send over HTTP too go the same road: realtime/dispatch.py
    [name if name in {*OWN, "message.send"} else pytest.param(name, marks=pytest.mark.slow) for name in COMMANDS],
)
def test_command_over_the_socket(scene: Scene, site: Site, name: str):
    found = {}
    tabs = {role: site.connect(None if role == "anonymous" else scene.person(role)) for role in ROLES}
    for role, tab in tabs.items():
        if role in SIGNED_OUT:
            close = tab.wait(lambda tab=tab: tab.close)
            assert close["code"] == 4003
            found[role] = close["reason"]
        elif name == "hello":
            tab.hello()
            found[role] = "ok"
        else:
            if name != "ping":
                tab.hello()
            body = BODIES[name](scene, role)
            site.settle()  # the body's own facts reach the sockets first
            before = fingerprint(scene)
            found[role] = tab.code(name, body)
            if found[role] != "ok":
                assert fingerprint(scene) == before, role
    assert found == COMMANDS[name]


def patterns(found: Any, prefix: str = "") -> Iterator[str]:
    """All addresses of the site, as the resolver writes them."""
    for pattern in found:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield re.sub(r"\^\(\?P<app_label>.*\)", "<app_label>", route) or "/"
        else:
            yield from patterns(pattern.url_patterns, route)


@pytest.mark.django_db
def test_every_page_for_everybody(pages_scene: Scene):
    wrong = []
    for name, row in PAGES.items():
        if name.startswith("GET "):
            block_again(pages_scene)  # a blocked browser is signed out by its first request
            found = ask(pages_scene, name)
            wrong += [
                f"{name} for {role}: {found[role]}, not {row[role]}" for role in ROLES if found[role] != row[role]
            ]
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("GET ")])
def test_form(pages_scene: Scene, name: str):
    assert ask(pages_scene, name) == PAGES[name]


def ask(scene: Scene, name: str) -> dict[str, str]:
    """The verdicts on one address."""
    method, _, route = name.partition(" ")
    found = {}
    for role in ROLES:
        browser = scene.browser(role)
        path = address(scene, "" if route == "/" else route, role)
        form = FORMS.get(route, lambda s, r: {})
        if method == "DELETE":
            response = browser.delete(path)
        else:
            response = browser.get(path) if method == "GET" else browser.post(path, form(scene, role))
        found[role] = page_verdict(response, path)
    return found


def code_of(response: HttpResponse) -> str:
    """`ok`, or the code of the refusal."""
    if response.status_code == 200:
        return "ok"
    if not response.headers["Content-Type"].startswith("application/json"):
        return f"{response.status_code}?"
    return response.json()["error"]["code"]


def page_verdict(response: HttpResponse, path: str) -> str:
    """What a browser makes of the answer: `ok`, the API's code, the page it is sent to, or the status."""
    if path.startswith("/api/") and response.status_code != 404:
        return code_of(response)
    if path.startswith("/api/"):
        return code_of(response) if response.headers["Content-Type"].startswith("application/json") else "404"
    if response.status_code == 200:
        return "ok"
    if response.status_code in (301, 302):
        target = response["Location"].partition("?")[0]
        if target in ("/accounts/login/", "/admin/login/"):
            return "login"
        return {"/accounts/password/change/": "change", "/": "home"}.get(target, "done")
    return str(response.status_code)
