"""manage.py backup: the whole site in one archive."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from chatroom.backup.make import folder, make_backup
from core.progress import Progress
from core.refusal import Refusal


class Command(BaseCommand):
    """Writes database, files and keys to an archive, while people chat."""

    help = (
        "Write database, files and keys to one archive, also while the site runs. It holds everything, the keys of the site too: keep it"
        " as you would keep the site. It appears under its name when it is whole, readable by its owner alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", default="", metavar="DIR", help="folder of the site (default ./data)")
        parser.add_argument(
            "--out",
            default="",
            metavar="PLACE",
            help="a file, a folder or s3://bucket/name (default: backups/ of the data folder)",
        )
        parser.add_argument("--no-files", action="store_true", help="leave out the files that people have sent")

    def handle(self, *args: Any, **options: Any) -> None:
        """A bar on the terminal while it is written."""
        progress = Progress()
        try:
            made = make_backup(options["out"] or str(folder()), not options["no_files"], progress)
        except (OSError, DatabaseError) as error:
            raise CommandError(f"No backup was made: {error}") from None
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from None
        progress.end(made.manifest["bytes"])
        for name in made.manifest.get("missing", ()):
            self.stderr.write(self.style.WARNING(f"Not there any more: {name}"))
        self.stdout.write(made.place)
