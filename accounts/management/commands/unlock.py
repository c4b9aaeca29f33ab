"""manage.py unlock NAME: lets somebody try again who typed a wrong password too often."""

from __future__ import annotations

from typing import Any

from accounts import actions
from accounts.management.people import PersonCommand
from accounts.models import User


class Command(PersonCommand):
    """Forgets the failed tries of a name."""

    help = "Forget the failed sign-ins of an account, so that its owner can try again at once."

    def act(self, user: User, options: dict[str, Any]) -> None:
        actions.unlock_user(None, user)
