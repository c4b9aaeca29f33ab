"""manage.py export_conversation: transcripts, of one conversation or of all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Sum
from django.utils import translation

from audit.exporting import site_zone
from core.progress import Progress
from core.text import name_key
from messaging import copies
from messaging.actions import note_transcripts
from messaging.models import Conversation
from messaging.transcript import place_of, title_of
from messaging.transcript_forms import FORMS


class Command(BaseCommand):
    """One file for each conversation, named as in `张三-李四.txt` or after the group."""

    help = (
        "Write a conversation as text, HTML, XML or JSON: a file named after the two people or the group, readable by its owner alone,"
        " there when it is whole. Recalled texts are in none of them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "conversation", nargs="?", default="", help="its number, the name of a group, or two people: NAME-NAME"
        )
        parser.add_argument("--all", action="store_true", help="every conversation")
        parser.add_argument("--format", choices=FORMS, default="text")
        parser.add_argument(
            "--out",
            type=Path,
            default=Path(),
            metavar="FOLDER",
            help="where the files go; the current folder otherwise",
        )
        parser.add_argument(
            "--files", action="store_true", help="also copies of the files, in a folder beside the transcript"
        )
        parser.add_argument("--zip", action="store_true", help="transcript and files in one archive")
        parser.add_argument("--language", choices=dict(settings.LANGUAGES), default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        """A bar on the terminal while they are written."""
        wanted, everything = options["conversation"], options["all"]
        if bool(wanted) == everything:
            raise CommandError("Name a conversation, or say --all.")
        folder, form = options["out"], options["format"]
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with translation.override(options["language"]):
                found = self.find(wanted) if wanted else None
                note_transcripts(found, form)
                count = self.write(iter([found]) if found else every(), folder, form, options)
        except OSError as error:
            raise CommandError(str(error)) from None
        self.stderr.write(f"{count} in {folder}")

    def write(self, conversations: Iterator[Conversation], folder: Path, form: str, options: dict[str, Any]) -> int:
        """Each; answers how many."""
        progress, shelf, zone = Progress(), copies.Shelf("zip" if options["zip"] else FORMS[form][1]), site_zone()
        total = Conversation.objects.aggregate(sum=Sum("last_seq"))["sum"] if options["all"] else 0
        before = count = 0
        for conversation in conversations:
            place = place_of(conversation, zone)
            whole = total or place.last

            def step(seq: int, before: int = before, whole: int = whole) -> None:
                progress((before + seq) / max(1, whole), before + seq)

            stem = shelf.name(place.stem)
            if options["zip"]:
                copies.write_zip(folder, stem, place, form, step)
            else:
                copies.write(folder, stem, place, form, step, files=options["files"])
            before, count = before + place.last, count + 1
        progress.end(before)
        return count

    def find(self, wanted: str) -> Conversation:
        """By number, by the name of a group, by two user names."""
        groups = Conversation.objects.filter(name_key=name_key(wanted))
        found = groups.first() or (Conversation.objects.filter(pk=int(wanted)).first() if wanted.isdecimal() else None)
        if found is None:
            pairs = (each for each in every(kind=Conversation.Kind.DIRECT) if same(wanted, title_of(each)))
            found = next(pairs, None)
        if found is None:
            raise CommandError(f"There is no conversation {wanted!r}.")
        return found


def same(wanted: str, title: str) -> bool:
    """Whether these are the two, in either order."""
    one, two = name_key(wanted), name_key(title)
    return one == two or any(f"{two[at + 1 :]}-{two[:at]}" == one for at, letter in enumerate(two) if letter == "-")


def every(**which: Any) -> Iterator[Conversation]:
    """All conversations in the order they were made, some at a time: no statement stays open, which would keep SQLite's log growing."""
    last = 0
    while page := list(Conversation.objects.filter(pk__gt=last, **which).order_by("pk")[:500]):
        yield from page
        last = page[-1].pk
