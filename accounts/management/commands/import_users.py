"""manage.py import_users FILE: accounts from a CSV file, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.passwords import one_time_password
from accounts.people_file import decode, read
from accounts.report import as_csv
from core.refusal import Refusal


class Command(BaseCommand):
    """Checks a file, makes the accounts, writes the one-time passwords."""

    help = (
        "Make accounts from a CSV file with the columns name, display name, groups, language; all of them or none."
        " The one-time passwords go to --out, else to standard output."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--out", type=Path, help="where the report with the one-time passwords goes (mode 0600)")
        parser.add_argument("--create-groups", action="store_true", help="make groups that do not exist")
        parser.add_argument(
            "--keep-existing",
            action="store_true",
            help="leave accounts that exist as they are, and add them to the groups",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Problems go to standard error, a line each."""
        how = {name: options[name] for name in ("create_groups", "keep_existing")}
        try:
            sheet = read(decode(options["file"].read_bytes()))
            checked = actions.check_import(sheet.lines, **how)
            self.complain(checked.problems)
            self.tell(checked, sheet.unused)
            if options["dry_run"]:
                return
            with report_file(options["out"]) as out:
                self.make(sheet.lines, checked, how, out)
        except OSError as error:
            raise CommandError(str(error)) from None
        except actions.ImportRefused as refused:
            self.complain(refused.problems)
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from None

    def make(self, lines: list, checked: Any, how: dict[str, Any], out: TextIO | None) -> None:
        """Passwords, hashes, the report, then the accounts: whenever this is stopped, no password of an account is lost."""
        passwords = {line.username: one_time_password() for line in checked.new}
        hashes = {}
        for number, (name, hashed) in enumerate(
            zip(passwords, actions.hash_passwords(list(passwords.values())), strict=True), 1
        ):
            hashes[name] = hashed
            if number % 100 == 0 or number == len(passwords):
                self.stderr.write(f"{number} of {len(passwords)} passwords")
        rows = [[line.username, line.display_name, passwords[line.username]] for line in checked.new]
        if out is None:
            self.stdout.write(as_csv(rows, mark=False))
            self.stdout.flush()
        else:
            out.write(as_csv(rows))
            out.flush()
            os.fsync(out.fileno())
        actions.store_people(None, lines, hashes, **how)

    def tell(self, checked: Any, unused: list[str]) -> None:
        """What is in the file."""
        self.stderr.write(f"{len(checked.new)} new, {len(checked.there)} there already, 0 lines cannot be imported.")
        if checked.new_groups:
            self.stderr.write(f"New groups: {', '.join(checked.new_groups)}")
        if unused:
            self.stderr.write(f"Columns that are not used: {', '.join(unused)}")

    def complain(self, problems: list[tuple[int, str]]) -> None:
        """End with every bad line, if there is one."""
        if problems:
            lines = "\n".join(f"line {number}: {text}" for number, text in problems)
            raise CommandError(f"{lines}\nNothing was changed: {len(problems)} lines cannot be imported.")


@contextmanager
def report_file(path: Path | None) -> Iterator[TextIO | None]:
    """A file only its owner can read, which gets its name when the accounts are made; nothing without a path."""
    if path is None:
        yield None
        return
    part = path.with_name(f".{path.name}.part")
    if path.exists():
        raise FileExistsError(f"{path} exists already.")
    if part.exists() and part.stat().st_size:
        raise FileExistsError(
            f"{part} is from an import that was stopped. If its accounts exist, it has their passwords."
        )
    part.unlink(missing_ok=True)
    with os.fdopen(
        os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline=""
    ) as file:
        try:
            yield file
        except BaseException as error:
            if isinstance(error, Refusal) or not file.tell():  # else it may have come after the accounts
                part.unlink()
            raise
    part.rename(path)
