"""manage.py delete_user NAME [--yes]."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import actions
from accounts.management.people import PersonCommand
from accounts.models import User


class Command(PersonCommand):
    """Deletes an account for good."""

    help = "Delete an account: its name is free again; messages stay or go, as the site's policy says."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask for the name once more")

    def act(self, user: User, options: dict[str, Any]) -> None:
        if (
            not options["yes"]
            and input(f"Type the user name ({user.username}) to delete the account for good: ") != user.username
        ):
            raise CommandError("Nothing was deleted.")
        actions.delete_account(None, user)
        actions.erase_messages(user.pk)
