"""The rights matrix: kind of conversation × command × whom it concerns × role, at both entrances, against `rights_verdicts.txt`."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts import actions as accounts
from core import registry
from messaging import actions
from messaging.models import Message, Mute
from tests.cast import Cast, Person, person
from tests.policy_requests import Scene
from tests.tabs import Site
from tests.test_policy_matrix import code_of, fingerprint

ACTORS = ("stranger", "invited", "member", "manager", "master", "moderator", "administrator")
KINDS = ("group", "direct", "everyone")
ELSEWHERE = {"offer.answer", "offer.withdraw"}  # of one offer between two people: policy_verdicts.txt
BY_KIND = pytest.mark.parametrize(
    "kind", ["group", *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS[1:])]
)
numbers = itertools.count(1)


@dataclass(frozen=True)
class Row:
    """One command: where, as what, and to whom."""

    kind: str
    command: str
    variant: str
    of: str

    def __str__(self) -> str:
        return f"{self.kind} {self.command}{self.variant and ':' + self.variant} of {self.of}"


def read_verdicts() -> Iterator[tuple[Row, dict[str, str]]]:
    for line in (Path(__file__).parent / "rights_verdicts.txt").read_text().splitlines():
        row = line.split()
        if not row or row[0] == "#":
            continue
        kind, command, of, *cells = row
        if kind == "kind":
            assert tuple(cells) == ACTORS
        else:
            name, _, variant = command.partition(":")
            yield Row(kind, name, variant, of), dict(zip(ACTORS, cells, strict=True))


VERDICTS = dict(read_verdicts())


class Ground:
    """The conversations in which it is tried: a group is made anew once somebody has changed it."""

    def __init__(self, cast: Cast) -> None:
        accounts.set_policies(None, {"limits.commands_burst": 9000, "limits.commands_per_second": 9000})
        self.cast, self.scene = cast, Scene(cast)
        # Whom it concerns: for `oneself` the actor, else somebody of that role who is none of the actors
        self.others = {role: person(f"other-{role}") for role in ("member", "manager", "stranger")}
        self.others["moderator"] = person("other-moderator", is_moderator=True)
        assert all(self.actor(role).cookie for role in ACTORS)  # a sign-in is an event
        self.renew("group")

    def renew(self, kind: str) -> None:
        """A group with nothing in it."""
        if kind == "everyone":
            actions.change_settings(self.cast.administrator.user, self.cast.everyone, posting="all")
            Mute.objects.all().delete()
        if kind != "group":
            return
        master, managers = self.cast.master, (self.cast.manager, self.others["manager"])
        members = [who.id for who in (*managers, self.cast.member, self.others["member"])]
        self.group = actions.create_group(master.user, f"Quyền {next(numbers)} 权限", members)["id"]
        for manager in managers:
            actions.set_role(master.user, self.group, manager.id, "manager")
        actions.invite_people(master.user, self.group, [self.actor("invited").id])

    def actor(self, role: str) -> Person:
        return self.scene.person(role)

    def place(self, row: Row) -> int:
        return {"group": self.group, "direct": self.cast.direct, "everyone": self.cast.everyone}[row.kind]

    def target(self, row: Row, role: str) -> Person:
        """Whom it concerns."""
        if row.of in ("oneself", "-"):
            return self.actor(role)
        alone = row.kind == "direct" or row.of == "master" or (row.kind, row.of) == ("everyone", "stranger")
        return self.actor(row.of) if alone else self.others[row.of]

    def said(self, row: Row, role: str) -> int:
        """A message of the one whom it concerns; of those outside nobody has one, so another's."""
        writer, place = self.target(row, role), self.place(row)
        answer = self.cast.send(writer, "Chào 你好", place)
        seq = answer["seq"] if isinstance(answer, dict) else self.cast.say(self.cast.master, where=place)
        if row.variant == "late":
            long_ago = timezone.now() - timedelta(days=9)
            Message.objects.filter(conversation=place, seq=seq).update(sent_at=long_ago)
        return seq

    def body(self, row: Row, role: str) -> dict[str, Any]:
        """What is sent."""
        place = self.place(row)
        if row.variant == "closed" and row.command == "message.send":
            by = self.cast.administrator if row.kind == "everyone" else self.cast.master
            actions.change_settings(by.user, place, posting="managers")
        elif row.variant == "closed":
            actions.change_settings(self.cast.master.user, place, members_invite=False)
        elif row.variant == "muted":
            until = timezone.now() + timedelta(hours=1)
            Mute.objects.update_or_create(conversation_id=place, user=self.actor(role).user, defaults={"until": until})
        return {"conversation": place, **MORE.get(row.command, lambda g, r, a: {})(self, row, role)}


def of_person(ground: Ground, row: Row, role: str) -> dict[str, Any]:
    return {"user": ground.target(row, role).id}


def of_message(ground: Ground, row: Row, role: str) -> dict[str, Any]:
    return {"seq": ground.said(row, role)}


def new_people(ground: Ground, row: Row, role: str) -> dict[str, Any]:
    return {"users": [person(f"new-{next(numbers)}").id]}


def client_id() -> str:
    return f"rights-{next(numbers):06}"


# What a command needs besides the conversation
MORE: dict[str, Callable[[Ground, Row, str], dict[str, Any]]] = {
    "group.remove": of_person,
    "group.mute": lambda g, r, a: {**of_person(g, r, a), "minutes": 5},
    "group.role": lambda g, r, a: {**of_person(g, r, a), "role": r.variant},
    "message.edit": lambda g, r, a: {**of_message(g, r, a), "body": "sửa 改"},
    "message.recall": of_message,
    "message.pin": lambda g, r, a: {**of_message(g, r, a), "on": True},
    "message.react": lambda g, r, a: {**of_message(g, r, a), "emoji": "👍", "on": True},
    "message.report": lambda g, r, a: {**of_message(g, r, a), "reason": "spam"},
    "message.readers": of_message,
    "message.forward": lambda g, r, a: {**of_message(g, r, a), "to": g.cast.everyone, "client_id": client_id()},
    "message.send": lambda g, r, a: {"client_id": client_id(), "body": "Chào 你好"},
    "file.offer": lambda g, r, a: {"client_id": client_id(), "name": "Phim 电影.mp4", "size": 5000},
    "conversation.read": lambda g, r, a: {"seq": 1},
    "conversation.clear": lambda g, r, a: {"seq": 1},
    "conversation.pin": lambda g, r, a: {"on": True},
    "conversation.level": lambda g, r, a: {"level": "mentions"},
    "draft.save": lambda g, r, a: {"body": "nháp 草稿"},
    "group.add": new_people,
    "group.invite": new_people,
    "group.rename": lambda g, r, a: {"name": f"Tên {next(numbers)}"},
    "group.notice": lambda g, r, a: {"notice": f"Thông báo {next(numbers)} 公告"},
    "group.settings": lambda g, r, a: {"posting": "managers"} if r.variant else {"slow_mode": 5 + next(numbers)},
    "invite.make": lambda g, r, a: {"days": 1, "max_uses": 3},
    "invite.revoke": lambda g, r, a: {
        "invite": actions.make_link(g.cast.master.user, g.group)[0].pk if r.kind == "group" else 1
    },
}


def try_all(ground: Ground, kind: str, ask: Callable[[str, str, dict[str, Any]], str]) -> None:
    """Each row gives what is written, and what is refused changes nothing."""
    wrong = []
    for row, verdicts in VERDICTS.items():
        for role in ACTORS if row.kind == kind else ():
            body = ground.body(row, role)
            before = None if verdicts[role] == "ok" else fingerprint(ground.scene)
            found = ask(role, row.command, body)
            if found != verdicts[role]:
                wrong.append(f"{row} by {role}: {found}, not {verdicts[role]}")
            if found == "ok" or row.variant in ("closed", "muted"):
                ground.renew(kind)
            elif before and fingerprint(ground.scene) != before:
                wrong.append(f"{row} by {role}: refused, but something has changed")
    assert not wrong, "\n".join(wrong)


def test_every_command_of_a_conversation_has_its_rows() -> None:
    """In each kind of conversation."""
    wanted = {name for name, command in registry.commands.items() if "conversation" in command.schema.model_fields}
    for kind in KINDS:
        assert {row.command for row in VERDICTS if row.kind == kind} == wanted - ELSEWHERE
    assert set(MORE) <= wanted


@pytest.mark.django_db(transaction=True)
@BY_KIND
def test_over_http(cast: Cast, prompt_batches: None, kind: str) -> None:
    ground = Ground(cast)

    def ask(role: str, command: str, body: dict[str, Any]) -> str:
        browser = ground.actor(role).client
        return code_of(browser.post(f"/api/{command}", json.dumps(body), content_type="application/json"))

    try_all(ground, kind, ask)


@pytest.mark.django_db(transaction=True)
@BY_KIND
def test_over_the_socket(cast: Cast, site: Site, prompt_batches: None, kind: str) -> None:
    ground = Ground(cast)
    tabs = {role: site.enter(ground.actor(role)) for role in ACTORS}
    try_all(ground, kind, lambda role, command, body: tabs[role].code(command, body))
