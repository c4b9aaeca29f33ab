"""The policy matrix (C2): every address and every command, for every role, against verdicts that were written by hand.

`policy_verdicts.txt` has a row for each; a new address or command without one fails. Commands are asked for at both entrances.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts import actions as accounts
from accounts.admin_policies import PoliciesForm
from accounts.models import User
from audit.models import Event
from core import registry
from messaging import actions
from messaging.models import Conversation, Draft, Membership, Message, Reaction
from realtime.heads import UserFeed
from realtime.own import OWN
from tests.cast import PASSWORD, Cast, Person, person
from tests.tabs import Site

ROLES = (
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
SIGNED_OUT = ROLES[:3]
FOR_NOBODY: set[str] = set()  # rows marked so: nobody succeeds, for the reason given there
numbers = itertools.count(1)


def read_verdicts() -> Iterator[tuple[str, dict[str, str]]]:
    for line in (Path(__file__).parent / "policy_verdicts.txt").read_text().splitlines():
        text, _, remark = line.partition("  # ")
        row = text.split()
        if not row or row[0].startswith("#"):
            continue
        if remark.startswith("for nobody"):
            FOR_NOBODY.add(" ".join(row[: -len(ROLES)]))
        name, cells = " ".join(row[: -len(ROLES)]), row[-len(ROLES) :]
        if name == "role":
            assert tuple(cells) == ROLES
        else:
            yield name, dict(zip(ROLES, cells, strict=True))


VERDICTS = dict(read_verdicts())
PAGES = {name: row for name, row in VERDICTS.items() if name.startswith(("GET ", "POST "))}
COMMANDS = {name: row for name, row in VERDICTS.items() if name not in PAGES}


@dataclass
class Scene:
    """The cast and what bodies are made of."""

    cast: Cast

    def browser(self, role: str) -> Client:
        """A browser of this role; each but the anonymous one is signed in."""
        return Client() if role == "anonymous" else self.person(role).client

    def person(self, role: str) -> Person:
        return getattr(self.cast, role)

    def newly(self) -> int:
        """Somebody who has just been put into the group."""
        new = person(f"new-{next(numbers)}")
        actions.add_members(self.cast.master.user, self.cast.group, [new.id])
        return new.id


def block_again(scene: Scene) -> None:
    """The blocked account was signed in when it was blocked."""
    accounts.unblock_user(scene.cast.administrator.user, scene.cast.blocked.user)
    scene.cast.blocked.browsers.clear()
    assert scene.cast.blocked.cookie
    accounts.block_user(scene.cast.administrator.user, scene.cast.blocked.user)


@pytest.fixture
def pages_scene(cast: Cast) -> Scene:
    block_again(scene := Scene(cast))
    return scene


@pytest.fixture
def scene(transactional_db: None, cast: Cast, prompt_batches: None) -> Scene:
    block_again(scene := Scene(cast))
    return scene


# What is asked for. Each is made anew for every role, so that one role's success does not spoil the next one's.
BODIES: dict[str, Callable[[Scene, str], dict]] = {
    "hello": lambda s, r: {},
    "ping": lambda s, r: {},
    "feed.resume": lambda s, r: {"feed": f"c:{s.cast.group}", "after": 0},
    "conversation.open": lambda s, r: {"conversation": s.cast.group},
    "presence.set": lambda s, r: {"state": "busy"},
    "message.send": lambda s, r: {
        "conversation": s.cast.group,
        "client_id": f"matrix-{next(numbers):06}",
        "body": "Chào 你好",
    },
    "message.edit": lambda s, r: {"conversation": s.cast.group, "seq": s.cast.say(s.cast.member), "body": "sửa 改"},
    "message.recall": lambda s, r: {"conversation": s.cast.group, "seq": s.cast.say(s.cast.member)},
    "message.react": lambda s, r: {
        "conversation": s.cast.group,
        "seq": s.cast.say(s.cast.master),
        "emoji": "👍",
        "on": True,
    },
    "conversation.read": lambda s, r: {"conversation": s.cast.group, "seq": s.cast.say(s.cast.master)},
    "conversation.pin": lambda s, r: {
        "conversation": s.cast.group,
        "on": True,
    },
    "conversation.level": lambda s, r: {"conversation": s.cast.group, "level": "mentions"},
    "conversation.typing": lambda s, r: {"conversation": s.cast.group},
    "draft.save": lambda s, r: {"conversation": s.cast.group, "body": "nháp 草稿"},
    "direct.open": lambda s, r: {"user": s.cast.stranger.id},
    "group.create": lambda s, r: {"name": f"Nhóm {next(numbers)}", "users": [s.cast.stranger.id]},
    "group.add": lambda s, r: {"conversation": s.cast.group, "users": [person(f"new-{next(numbers)}").id]},
    "group.remove": lambda s, r: {"conversation": s.cast.group, "user": s.newly()},
    "group.role": lambda s, r: {"conversation": s.cast.group, "user": s.newly(), "role": "manager"},
    "group.rename": lambda s, r: {"conversation": s.cast.group, "name": f"Tên {next(numbers)}"},
    "group.leave": lambda s, r: {"conversation": s.cast.group if s.newly() else 0},
    "options.save": lambda s, r: {"options": {"look_back": 10 + next(numbers) % 100}},
}


def fingerprint(scene: Scene) -> tuple:
    """What a refusal must not change. Dull facts such as `last_seen` do not count."""
    tables = [model.objects.count() for model in (Conversation, Membership, Message, Reaction, Draft, Event)]
    heads = UserFeed().heads([someone.id for someone in scene.cast])
    conversations = sorted(Conversation.objects.values_list("pk", "name", "last_seq", "last_change"))
    members = sorted(Membership.objects.values_list("pk", "role", "read_seq", "pinned", "level"))
    options = list(User.objects.order_by("pk").values_list("options", flat=True))
    return (*tables, conversations, members, options, sorted(heads.items()))


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
@pytest.mark.parametrize("name", COMMANDS)
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


def address(scene: Scene, route: str, role: str) -> str:
    """A route with this scene's things in it."""
    values = {
        "<id:conversation>": scene.cast.group, "<id:seq>": 1, "<int:id>": scene.cast.group, "<str:token>": "x" * 43, "<str:language>": "vi",
        "<path:content_type_id>": ContentType.objects.get_for_model(User).pk, "(?P<url>.*)$": "nothing-here",
    }  # fmt: skip
    if route.startswith("admin/<app_label>"):
        return "/admin/accounts/"
    if route == "accounts/sessions/<int:id>/end/":
        mine = accounts.open_session(scene.cast.member.user, kind="phone")
        return f"/accounts/sessions/{mine.pk}/end/"
    for model, pk in (
        ("event", Event.objects.earliest("id").pk),
        ("user", scene.cast.member.id),
        ("loginsession", scene.cast.member.login_session.pk),
        ("policy", "site.name"),
    ):
        route = route.replace(f"{model}/<path:object_id>", f"{model}/{str(pk).replace('.', '_2E')}")
    for name, value in {**values, "<path:object_id>": scene.cast.member.id}.items():
        route = route.replace(name, str(value))
    return "/" + route.lstrip("/")


FORMS: dict[str, Callable[[Scene, str], dict]] = {
    "accounts/login/": lambda s, r: {"login": "stranger", "password": PASSWORD},
    "accounts/signup/": lambda s, r: {"username": f"signup-{next(numbers)}", "password1": "xanh-Lá-4711"},
    "accounts/password/change/": lambda s, r: {
        "oldpassword": PASSWORD,
        "password1": "đỏ-Lá-4711-x",
        "password2": "đỏ-Lá-4711-x",
    },
    "accounts/language/": lambda s, r: {"language": "vi", "next": "/"},
    "accounts/settings/": lambda s, r: {
        "display_name": "Tên 名",
        "status": "",
        "language": "vi",
        "time_zone": "",
        "theme": "dark",
    },
    "admin/accounts/user/": lambda s, r: {"action": "end_sessions", "_selected_action": [s.cast.stranger.id]},
    "admin/core/policy/": lambda s, r: {**PoliciesForm().initial, "site.name": f"Trường {next(numbers)} 学校"},
}


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
@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("POST ")])
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
