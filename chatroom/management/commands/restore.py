"""manage.py restore: a site from its backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from chatroom.backup.restore import restore_backup
from chatroom.serving.preparation import UNFINISHED
from core.progress import Progress
from core.refusal import Refusal


class Command(BaseCommand):
    """Makes a site from an archive; the archive is checked before anything is touched."""

    help = (
        "Make the site what it was when a backup was made: database, files and keys. The server must not run. Afterwards everybody signs"
        " in again. Check the site with verify_log and check_files --digests."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="an archive of manage.py backup, or s3://bucket/name")
        parser.add_argument("--data", default="", metavar="DIR", help="folder of the site (default ./data)")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="also where there is a site already: its folder's contents are put aside",
        )
        parser.add_argument("--check", action="store_true", help="only read the archive, and say what is in it")

    def handle(self, *args: Any, **options: Any) -> None:
        """A bar on the terminal for each of the two readings."""
        progress = Progress()
        try:
            restored = restore_backup(options["file"], options["replace"], options["check"], progress)
        except (OSError, DatabaseError) as error:
            raise CommandError(f"Not restored: {error}{hint()}") from None
        except Refusal as refusal:
            raise CommandError(f"{refusal.message}{hint()}") from None
        manifest = restored.manifest
        progress.end(manifest["bytes"])
        rows = sum(manifest["tables"].values())
        self.stdout.write(
            f"Made {manifest['made_at']}: {rows} rows, {restored.files} files, {restored.keys} keys, {manifest['bytes']} bytes."
        )
        for line in restored.notes:
            self.stdout.write(line)


def hint() -> str:
    """What is next where the site is neither the old one nor the new one."""
    if not (Path(settings.DATA_DIR) / UNFINISHED).exists():
        return ""
    return " The site stays closed: run this again with --replace, or go back as docs/operate.md says under “Restore”."
