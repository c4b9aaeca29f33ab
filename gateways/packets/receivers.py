"""Whom a text or a file is for, and how it gets there: to all, to groups, to one person, to several by the mailing of the site."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accounts.actions.signin import TEXTS
from core.refusal import Refusal
from core.registry import Caller
from gateways.feeds import Person, Place, Text
from gateways.names import EVERYONE
from messaging.actions import send_mailing

if TYPE_CHECKING:
    from gateways.packets.session import Session

GROUP = "#"  # (ext) in front of the name of a group


@dataclass(slots=True)
class Receivers:
    """Those that were named. `echo`: the sender wants to see it too. `failed`: reason -> names that got nothing."""

    people: list[Person] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    echo: bool = False
    failed: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def report(self) -> str:
        """Who got nothing, and why: a line for each reason."""
        return "\n".join(f"{', '.join(names)}: {reason}" for reason, names in self.failed.items())


async def find_receivers(session: Session, names: Iterable[str]) -> Receivers:
    """The people and groups of these names; none named: all."""
    to = Receivers()
    names = dict.fromkeys(names)
    for name in names or (GROUP + EVERYONE,):
        if name.startswith(GROUP):
            place = await session.find_group(name[len(GROUP) :])
            if place is None:
                to.failed[session.reason(Refusal("not_found"))].append(name)
            elif place not in to.places:
                to.places.append(place)
            continue
        person = await session.find_user(name)
        if person is None:
            to.failed[session.reason(Refusal("no_such_account", TEXTS["no_such_account"]))].append(name)
        elif person.id == session.me.id:
            to.echo = True
        elif person not in to.people:
            to.people.append(person)
    return to


async def deliver(session: Session, to: Receivers, body: str, file: Any = None) -> bool:
    """Send it to all of them; who may not get it is added to `failed`. Answers whether anybody got it."""
    reached = False
    for place in to.places:
        said = await _say(session, to, place, GROUP + place.name, body, file)
        to.echo |= said and place.kind == "everyone"
        reached |= said
    if len(to.people) == 1:
        try:
            place = await session.direct(to.people[0])
        except Refusal as refusal:
            to.failed[session.reason(refusal)].append(to.people[0].name)
        else:
            reached |= await _say(session, to, place, to.people[0].name, body, file)
    elif to.people:
        reached |= await _mail(session, to, body, file)
    return reached


async def _say(session: Session, to: Receivers, place: Place, name: str, body: str, file: Any) -> bool:
    try:
        await (session.say(place, body) if file is None else session.say_file(place, file))
    except Refusal as refusal:
        to.failed[session.reason(refusal)].append(name)
        return False
    return True


async def _mail(session: Session, to: Receivers, body: str, file: Any) -> bool:
    names = {person.id: person.name for person in to.people}
    try:
        answer = await session.run(_send_mailing, list(names), body, [] if file is None else [file.token])
    except Refusal as refusal:
        to.failed[session.reason(refusal)] += names.values()
        return False
    session.mailed.add(f"mailing-{answer['mailing']}")  # as the client ids of its messages begin
    refused = [result for result in answer["results"] if "error" in result]
    for result in refused:
        to.failed[session.reason(result["error"])].append(names[result["user"]])
    return len(refused) < len(names)


def is_own_mailing(session: Session, text: Text) -> bool:
    """Whether this connection has sent it, to several people."""
    return text.sender.id == session.me.id and text.client_id.rpartition("-")[0] in session.mailed


def _send_mailing(actor: Any, ids: list[int], body: str, files: list[str]) -> dict:
    caller = Caller(actor.pk, actor._login_session.pk, actor.language, actor.ip or "")
    return send_mailing(caller, secrets.token_hex(12), ids, body, files)
