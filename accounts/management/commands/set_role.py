"""manage.py set_role NAME member|moderator|administrator."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts import actions
from accounts.actions.manage import ROLES
from accounts.management.people import PersonCommand
from accounts.models import User


class Command(PersonCommand):
    """Appoints or dismisses administrators and moderators."""

    help = "Make somebody administrator, moderator or an ordinary member of the site."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("role", choices=ROLES)

    def act(self, user: User, options: dict[str, Any]) -> None:
        actions.set_role(None, user, options["role"])
