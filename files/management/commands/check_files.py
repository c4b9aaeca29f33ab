"""manage.py check_files: do the rows and the storage agree, in both directions."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from core.hold import files_held
from files.actions.sweep import orphans
from files.models import StoredFile
from files.storage import PREVIEW, STILL, STORED, stored_name, walk


class Command(BaseCommand):
    """Compares what the database says of files with what lies in the storage."""

    help = (
        "Compare rows and storage, in both directions. Exit status 1 when something is missing, damaged or left over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What it may do besides looking."""
        parser.add_argument("--delete-orphans", action="store_true", help="delete what lies there without a row")
        parser.add_argument("--digests", action="store_true", help="read every file and compare its SHA-256")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each finding, a summary at the end."""
        if options["delete_orphans"] and files_held():
            raise CommandError("A backup is being made, which may need what is left over. Wait for its end.")
        there = {found.name: found.size for found in walk(STORED)}
        count = bad = 0
        for file in StoredFile.objects.order_by("pk").iterator(1000):
            count += 1
            for finding in sure(file, there, options["digests"]):
                bad += 1
                self.stdout.write(f"file {file.pk}: {finding}")
        left = [name for name in orphans() if default_storage.exists(name)]  # of a row that went, bytes go next
        for name in left:
            if options["delete_orphans"]:
                default_storage.delete(name)
            self.stdout.write(f"{'deleted' if options['delete_orphans'] else 'without a row'}: {name}")
        self.stdout.write(f"{count} files, {bad} missing or damaged, {len(left)} objects without a row")
        if bad or (left and not options["delete_orphans"]):
            raise CommandError("rows and storage do not agree")


def sure(file: StoredFile, there: dict[str, int], digests: bool) -> list[str]:
    """What is wrong with a file, also when looked at once more: people send and delete while the storage is read."""
    if not list(problems(file, there, digests)):
        return []
    row = StoredFile.objects.filter(pk=file.pk).first()
    names = [stored_name(file.token, part) for part in ("", PREVIEW, STILL)]
    now = {name: default_storage.size(name) for name in names if default_storage.exists(name)}
    return list(problems(row, now, digests)) if row is not None else []


def problems(file: StoredFile, there: dict[str, int], digests: bool) -> Iterator[str]:
    """What is wrong with one file."""
    name = stored_name(file.token)
    size = there.get(name)
    if size is None:
        yield f"missing: {name}"
    elif size != file.size and file.status != StoredFile.Status.PROCESSING:
        yield f"{size} bytes instead of {file.size}: {name}"
    elif digests and file.sha256 and digest_of(name) != file.sha256:
        yield f"other bytes than were stored: {name}"
    for part in [PREVIEW] * file.preview + [STILL] * (file.preview and file.animated):
        if stored_name(file.token, part) not in there:
            yield f"missing: {stored_name(file.token, part)}"


def digest_of(name: str) -> str:
    """The SHA-256 of an object, in hex."""
    digest = hashlib.sha256()
    try:
        with default_storage.open(name) as file:
            for chunk in file.chunks(2**18):
                digest.update(chunk)
    except FileNotFoundError:  # deleted just now
        return ""
    return digest.hexdigest()
