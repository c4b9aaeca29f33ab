"""One's own options as a file, to keep or to take to another site."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.models import User
from accounts.options import FIELDS
from core.refusal import Refusal

VERSION = 1
BYTES_MAX = 64 * 1024
OWN_COLUMNS = ("language", "time_zone")
UNREADABLE = _("This is no file of options.")
NEWER = _("This file was made by a newer version and cannot be read.")
UNKNOWN = _("there is no such option")
WRONG = _("the value is not one of those allowed")


def export_options(user: User) -> dict[str, Any]:
    """All options of a person, also those at their default."""
    return {"version": VERSION, "options": options_of(user)}


def options_of(user: User) -> dict[str, Any]:
    """The options alone: what the browser edits."""
    return {**user.get_options().as_dict(), **{name: getattr(user, name) for name in OWN_COLUMNS}}


def import_options(actor: User, content: bytes) -> list[tuple[str, Any]]:
    """Take over what a file has; answers the options that were refused, each with the reason. Raises Refusal for no such file."""
    return take_options(actor, _parse(content))


def take_options(actor: User, options: dict[str, Any]) -> list[tuple[str, Any]]:
    """Set those that can be set; answers the others, each with the reason."""
    refused: list[tuple[str, Any]] = []
    good: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    for name, value in options.items():
        shown = name[:40]
        if name not in FIELDS and name not in OWN_COLUMNS:
            refused.append((shown, UNKNOWN))
            continue
        try:
            if name in OWN_COLUMNS:
                actions.check_profile({name: value})
                columns[name] = value
            else:
                actor.get_options().changed({name: value})
                good[name] = value
        except Refusal:
            refused.append((shown, WRONG))
    if good:
        actions.set_options(actor, good)
    if columns:
        actions.set_profile(actor, columns)
    return refused


def _parse(content: bytes) -> dict[str, Any]:
    if len(content) > BYTES_MAX:
        raise Refusal("bad_options", UNREADABLE, 400)
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Refusal("bad_options", UNREADABLE, 400) from None
    if not isinstance(document, dict) or not isinstance(document.get("options"), dict):
        raise Refusal("bad_options", UNREADABLE, 400)
    version = document.get("version")
    if type(version) is not int or version < 1:
        raise Refusal("bad_options", UNREADABLE, 400)
    if version > VERSION:
        raise Refusal("bad_options", NEWER, 400)
    return document["options"]
