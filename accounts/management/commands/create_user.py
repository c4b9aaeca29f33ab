"""manage.py create_user NAME: an account whose one-time password is printed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from core.refusal import Refusal


class Command(BaseCommand):
    """Makes one account."""

    help = "Make an account and print its one-time password, which must be changed at the first sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user name")
        parser.add_argument("--display-name", default="", help="the name others see")
        parser.add_argument("--language", default="", choices=["", *dict(settings.LANGUAGES)])
        role = parser.add_mutually_exclusive_group()
        role.add_argument("--admin", action="store_const", dest="role", const="administrator", default="member")
        role.add_argument("--moderator", action="store_const", dest="role", const="moderator", default="member")

    def handle(self, *args: Any, **options: Any) -> None:
        """The password alone goes to standard output."""
        try:
            _user, password = actions.create_account(
                None,
                options["user"],
                display_name=options["display_name"],
                language=options["language"],
                role=options["role"],
            )
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from None
        self.stdout.write(password)
