"""manage.py setup_link: prints the one-time set-up link again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.setup import new_link


class Command(BaseCommand):
    """Makes a new set-up link; the one before stops working."""

    help = "Prints a new one-time link for setting up the site; the one before stops working."

    def handle(self, *args: Any, **options: Any) -> None:
        """The path of the link; the address in front of it is the one the site is reached at."""
        link = new_link()
        if link is None:
            raise CommandError("The site has been set up: there is an administrator.")
        self.stdout.write(link)
