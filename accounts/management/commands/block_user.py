"""manage.py block_user NAME [--reason TEXT] [--undo]."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts import actions
from accounts.management.people import PersonCommand
from accounts.models import User


class Command(PersonCommand):
    """Closes an account to its owner, or opens it again."""

    help = "Block an account: all its sessions end within two seconds. --undo opens it again."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--reason", default="", help="what the person is told at the next sign-in")
        parser.add_argument("--undo", action="store_true", help="unblock")

    def act(self, user: User, options: dict[str, Any]) -> None:
        if options["undo"]:
            actions.unblock_user(None, user)
        else:
            actions.block_user(None, user, options["reason"])
