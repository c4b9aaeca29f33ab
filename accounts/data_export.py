"""All that the site has of one person, as JSON that is written while it is read: memory does not grow with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.utils import timezone

from accounts.models import Block, Friendship, LoginSession, User
from core import registry

PIECE = 32 * 1024  # letters collected before they are sent
SESSIONS_SHOWN = ("kind", "device", "ip", "started_at", "last_seen", "ended_at", "ended_reason")


def pieces(user: User) -> Iterator[str]:
    """The document in pieces of some size."""
    waiting: list[str] = []
    size = 0
    for text in document(user):
        waiting.append(text)
        size += len(text)
        if size >= PIECE:
            yield "".join(waiting)
            waiting, size = [], 0
    yield "".join(waiting)


def document(user: User) -> Iterator[str]:
    """The document letter for letter: each part on lines of its own."""
    yield f'{{\n"exported_at": {encoded(timezone.now())},\n"profile": {encoded(profile(user))},\n'
    yield f'"options": {encoded(user.get_options().as_dict())}'
    parts = [("sessions", sessions(user)), ("friends", friends(user)), ("blocked", blocked(user))]
    for add in registry.exports:
        parts += add(user)
    for name, objects in parts:
        yield f',\n"{name}": ['
        for number, found in enumerate(objects):
            yield (",\n" if number else "\n") + encoded(found)
        yield "]"
    yield "\n}\n"


def encoded(value: Any) -> str:
    """JSON in the letters people read."""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def profile(user: User) -> dict[str, Any]:
    """Who he is here."""
    names = ("username", "display_name", "status", "language", "time_zone", "date_joined", "last_login", "last_seen")
    return {name: getattr(user, name) for name in names} | {"role": user.site_role}


def sessions(user: User) -> Iterable[dict]:
    """Where he signed in."""
    return LoginSession.objects.filter(user=user).order_by("pk").values(*SESSIONS_SHOWN)


def friends(user: User) -> Iterator[dict]:
    """His friends, and requests that wait."""
    mine = Friendship.objects.filter(Q(low=user) | Q(high=user)).exclude(status=Friendship.Status.REFUSED)
    found = mine.select_related("low", "high").order_by("pk")
    for pair in found:
        other = pair.high if pair.low_id == user.pk else pair.low
        yield {"username": other.username, "name": other.name, "status": pair.status, "asked_at": pair.asked_at}


def blocked(user: User) -> Iterator[dict]:
    """Whom he does not want to hear of."""
    for block in Block.objects.filter(blocker=user).select_related("blocked").order_by("pk"):
        yield {"username": block.blocked.username, "name": block.blocked.name, "since": block.at}
