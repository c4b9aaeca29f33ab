"""manage.py reset_second_factor NAME: the way back in for somebody who lost the device that showed the codes."""

from __future__ import annotations

from typing import Any

from accounts import actions
from accounts.management.people import PersonCommand
from accounts.models import User
from core.refusal import Refusal


class Command(PersonCommand):
    """Takes authenticator, recovery codes and passkeys off an account."""

    help = "Take the second factor off an account: its password alone lets in again."

    def act(self, user: User, options: dict[str, Any]) -> None:
        try:
            actions.reset_second_factor(None, user)
        except Refusal as refusal:
            raise NO_FACTOR if refusal.code == "not_found" else refusal from None


NO_FACTOR = Refusal("no_second_factor", "This account has no second factor.", 409)
