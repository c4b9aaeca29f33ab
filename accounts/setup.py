"""First run: a one-time link, printed by the server, makes the first administrator."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts import actions
from accounts.access import administrator_exists
from accounts.models import SetupLink, User
from core.refusal import Refusal
from core.text import clean_line


def digest_of(token: str) -> str:
    """What is stored of a link: the token has 256 bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_link() -> str | None:
    """The path of a new set-up link, which replaces the one before; None once there is an administrator."""
    with transaction.atomic():
        if administrator_exists():
            SetupLink.objects.all().delete()
            return None
        token = secrets.token_urlsafe(32)
        SetupLink.objects.update_or_create(pk=1, defaults={"digest": digest_of(token)})
    return f"/setup/{token}/"


def link_is_good(token: str) -> bool:
    """Whether this is the present link."""
    link = SetupLink.objects.filter(pk=1).first()
    return link is not None and constant_time_compare(link.digest, digest_of(token)) and not administrator_exists()


def set_up(
    token: str,
    *,
    username: str,
    password: str,
    display_name: str = "",
    language: str = "",
    site_name: str = "",
    ip: str | None = None,
) -> User:
    """Use the link up and make the first administrator; of several at once one wins. Raises Refusal."""
    with transaction.atomic():
        # The row can be deleted once only, so whoever deletes it is the one winner
        used, _ = SetupLink.objects.filter(pk=1, digest=digest_of(token)).delete()
        if not used or administrator_exists():
            raise Refusal("not_found")
        made = actions.make_account(
            None, username, password, display_name=display_name, language=language, is_admin=True, ip=ip
        )
        if site_name := clean_line(site_name, 64):
            actions.set_policies(made, {"site.name": site_name}, ip=ip)
        return made
