"""What a person sets for himself; changes reach his other devices at once."""

from __future__ import annotations

import zoneinfo
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.options import Options
from accounts.relations import apart_from, people_objects
from audit.record import record
from core import registry
from core.buckets import Buckets
from core.refusal import Refusal
from core.text import clean_line
from realtime import hints
from realtime.frames import encode
from realtime.heads import bump_user, bump_users

LIMITS = {"display_name": 64, "status": 100}
changes = Buckets(30, 1 / 5)  # of what others see
UNSEEN = {"status": "", "presence": "offline", "last_seen": None}  # of somebody behind a block


def set_options(actor: User, values: dict[str, Any]) -> dict[str, Any]:
    """Change some options; answers all of them. Raises Refusal and changes nothing when one is wrong."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        before = Options.of(user.options)
        after = before.changed(values)
        actor.options = after.to_store()
        if after != before:
            User.objects.filter(pk=actor.pk).update(options=actor.options)
            facts: dict[int, dict | None] = {actor.pk: {"options": after.as_dict()}}
            if after.who_may_write != before.who_may_write:
                facts |= dict.fromkeys(_watchers(actor), None)
            bump_users(facts)
            if after.presence != before.presence:
                transaction.on_commit(partial(hints.signal, "state", [actor.pk, after.presence]))
            record(actor, "options.changed", actor, detail={"names": sorted(values)})
    return after.as_dict()


def set_profile(actor: User, values: dict[str, str]) -> None:
    """Change name, status, language or time zone. Raises Refusal and changes nothing when one is wrong."""
    cleaned = check_profile(values)
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        changed = {name: value for name, value in cleaned.items() if getattr(user, name) != value}
        for name, value in cleaned.items():
            setattr(actor, name, value)
        if changed:
            actor.save(update_fields=list(changed))
            if LIMITS.keys() & changed:
                tell_people(actor)
            else:
                bump_user(actor.pk, None)
            record(actor, "profile.changed", actor, detail={"names": sorted(changed)})


def tell_people(user: User) -> None:
    """Tell everybody how this person appears now; part of the transaction that changed it. Raises Refusal.

    Friends and partners of direct conversations get it as a numbered fact; on other open pages it may get lost until they load again.
    """
    if not changes.take(user.pk):
        raise Refusal("too_fast")
    apart = apart_from(user.pk)
    (seen,) = people_objects(user.pk, [user.pk])
    hidden = {**seen, **UNSEEN}
    whole, less = {"people": [seen]}, {"people": [hidden]}
    bump_users({user.pk: None, **{id: less if id in apart else whole for id in _watchers(user)}})
    everybody, others = (
        encode(
            {"type": "people", "data": {"people": [{name: face[name] for name in ("id", "name", "avatar", "status")}]}}
        )
        for face in (seen, hidden)
    )
    transaction.on_commit(partial(hints.signal, "people", [everybody, others, sorted(apart)]))


def _watchers(user: User) -> set[int]:
    """Who has this person among those he knows."""
    return {watcher for audience in registry.audiences for _, watcher in audience({user.pk})} - {user.pk}


def check_profile(values: dict[str, str]) -> dict[str, str]:
    """The values cleaned. Raises Refusal."""
    return {name: _clean(name, value) for name, value in values.items()}


def set_language(actor: User, language: str) -> None:
    """Change the language of the site for this person; empty means that of the browser."""
    set_profile(actor, {"language": language})


def demand_wanted(*texts: str) -> None:
    """Ask those who know which words the site does not want. Raises Refusal."""
    for check in registry.text_checks:
        for text in texts:
            check(text)


def _clean(name: str, value: str) -> str:
    if not isinstance(value, str):
        raise Refusal("bad_request")
    if name in LIMITS:
        text = clean_line(value, LIMITS[name])
        demand_wanted(text)
        return text
    if name == "language" and value in {"", *dict(settings.LANGUAGES)}:
        return value
    if name == "time_zone" and (not value or value in zoneinfo.available_timezones()):
        return value
    raise Refusal("bad_request")
