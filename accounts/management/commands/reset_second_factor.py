"""manage.py reset_second_factor NAME: the way back in for somebody who lost the device that showed the codes."""

from __future__ import annotations

from typing import Any

from accounts import actions
from accounts.management.people import PersonCommand
from accounts.models import User


class Command(PersonCommand):
    """Takes authenticator, recovery codes and passkeys off an account."""

    help = "Take the second factor off an account: its password alone lets in again."

    def act(self, user: User, options: dict[str, Any]) -> None:
        actions.reset_second_factor(None, user)
