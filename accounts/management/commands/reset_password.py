"""The way back in for somebody who forgot the password."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.models import User
from core.refusal import Refusal


class Command(BaseCommand):
    """Print a one-time password."""

    help = "Give an account a one-time password, which must be changed at the next sign-in; all its sessions end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            password = actions.reset_password(None, User.objects.get_by_natural_key(options["user"]))
        except (User.DoesNotExist, Refusal):
            raise CommandError(f"There is no account named {options['user']!r}.") from None
        self.stdout.write(password)
