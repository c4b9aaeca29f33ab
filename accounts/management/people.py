"""What commands about one account share."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from core.refusal import Refusal


class PersonCommand(BaseCommand):
    """Finds the account, does `act` to it, and says in words why it was refused."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user name")

    def handle(self, *args: Any, **options: Any) -> None:
        """By name, in any spelling that signs in."""
        try:
            user = User.objects.get_by_natural_key(options["user"])
            if text := self.act(user, options):
                self.stdout.write(text)
        except User.DoesNotExist:
            raise CommandError(f"There is no account named {options['user']!r}.") from None
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from None

    def act(self, user: User, options: dict[str, Any]) -> str | None:
        """What the command does; answers what to print. Raises Refusal."""
        raise NotImplementedError
