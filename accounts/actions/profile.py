"""What a person sets for himself; changes reach his other devices at once."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.options import Options
from audit.record import record
from core.refusal import Refusal
from core.text import clean_line
from realtime.heads import bump_user

LIMITS = {"display_name": 64, "status": 100}
PROFILE = {*LIMITS, "language", "time_zone"}  # columns of their own


def set_options(actor: User, values: dict[str, Any]) -> dict[str, Any]:
    """Change some options; answers all of them. Raises Refusal and changes nothing when one is wrong."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        before = Options.of(user.options)
        after = before.changed(values)
        actor.options = after.to_store()
        if after != before:
            User.objects.filter(pk=actor.pk).update(options=actor.options)
            bump_user(actor.pk, {"options": after.as_dict()})
            record(actor, "options_changed", actor, detail={"names": sorted(values)})
    return after.as_dict()


def set_profile(actor: User, values: dict[str, str]) -> None:
    """Change name, status, language or time zone. Raises Refusal and changes nothing when one is wrong."""
    cleaned = {name: _clean(name, value) for name, value in values.items()}
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        changed = {name: value for name, value in cleaned.items() if getattr(user, name) != value}
        for name, value in cleaned.items():
            setattr(actor, name, value)
        if changed:
            actor.save(update_fields=list(changed))
            bump_user(actor.pk, None)
            record(actor, "profile_changed", actor, detail={"names": sorted(changed)})


def set_language(actor: User, language: str) -> None:
    """Change the language of the site for this person; empty means that of the browser."""
    set_profile(actor, {"language": language})


def _clean(name: str, value: str) -> str:
    if name in LIMITS:
        return clean_line(value, LIMITS[name])
    if name == "language" and value in {"", *dict(settings.LANGUAGES)}:
        return value
    if name == "time_zone" and (not value or value in zoneinfo.available_timezones()):
        return value
    raise Refusal("bad_request")
