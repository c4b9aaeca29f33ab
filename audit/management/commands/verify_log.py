"""manage.py verify_log: whether the log and the messages it seals are as they were written."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.chain import check, head
from core.progress import Progress
from core.sql import unmapped


class Command(BaseCommand):
    """Walks the chain of events and the seals of messages; names every row that does not fit."""

    help = (
        "Check the hash chain of the log and the seals of messages. Every changed, removed, inserted or re-ordered row is named;"
        " exit code 1 when there is one. The last line has the newest hash: kept elsewhere and given as --head the next time, it"
        " proves that nobody has written the whole chain anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", metavar="HASH", default="", help="a hash noted earlier, which must still be there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """A line for each finding."""
        progress = Progress()
        wrong = 0
        with unmapped():
            for finding in check(progress, options["head"].strip().lower()):
                wrong += finding.sure
                self.stdout.write(str(finding) if finding.sure else f"note: {finding}")
        number, newest = head()
        progress.end(number)
        if wrong:
            raise CommandError(f"The log does not fit: {wrong} findings.")
        self.stdout.write(f"The log is whole: {number} events.")
        self.stdout.write(f"head {newest}" if newest else "head none")
