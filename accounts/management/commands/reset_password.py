"""manage.py reset_password NAME: the way back in for somebody who forgot the password."""

from __future__ import annotations

from typing import Any

from accounts import actions
from accounts.management.people import PersonCommand
from accounts.models import User


class Command(PersonCommand):
    """Prints a one-time password."""

    help = "Give an account a one-time password, which must be changed at the next sign-in; all its sessions end."

    def act(self, user: User, options: dict[str, Any]) -> str:
        return actions.reset_password(None, user)
