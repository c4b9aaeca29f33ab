"""manage.py export_log: the log as text, XML, CSV or JSON lines."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from audit.actions import note_export
from audit.entries import want
from audit.exporting import moment_of, write, write_file
from audit.formats import FORMATS
from core.progress import Progress
from core.refusal import Refusal


class Command(BaseCommand):
    """Writes events and sent messages in the order of time, without the texts of messages."""

    help = (
        "Export the log: events and sent messages (never their texts) in the order of time. The file appears under its name when it is"
        " whole, readable by its owner alone. Days and times are those of CHATROOM_TIME_ZONE."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=FORMATS, default="text")
        parser.add_argument(
            "--from", dest="since", metavar="WHEN", default="", help="2026-11-21 or 2026-11-21T22:22:22"
        )
        parser.add_argument("--to", dest="until", metavar="WHEN", default="", help="likewise; a day counts whole")
        parser.add_argument("--user", metavar="NAME", default="", help="done by this person or to him")
        parser.add_argument(
            "--action",
            action="append",
            default=[],
            metavar="NAME",
            help="such as message.sent or session.*; several times",
        )
        parser.add_argument("--out", type=Path, metavar="FILE", help="else to standard output")
        parser.add_argument("--language", choices=dict(settings.LANGUAGES), default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        """A bar on the terminal while it is written."""
        progress = Progress()
        form, path = options["format"], options["out"]
        try:
            wanted = want(
                moment_of(options["since"]), moment_of(options["until"], end=True), options["user"], options["action"]
            )
            if path is not None and not path.parent.is_dir():
                raise CommandError(f"There is no folder {path.parent}.")
            last = note_export(None, form, wanted)
            with translation.override(options["language"]):
                if path is None:
                    count = write(sys.stdout.buffer, form, wanted, last, progress)
                    sys.stdout.buffer.flush()
                else:
                    count = write_file(path, form, wanted, last, progress)
        except BrokenPipeError:  # `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        except OSError as error:
            raise CommandError(str(error)) from None
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from None
        progress.end(count)
        if path is not None:
            self.stderr.write(f"{count} entries in {path}")
