"""manage.py import_users FILE: accounts from a CSV file, all of them or none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

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
                rows = self.make(sheet.lines, checked, how)
                if out is not None:
                    out.write(as_csv(rows))
                else:
                    self.stdout.write(as_csv(rows, mark=False))
        except OSError as error:
            raise CommandError(str(error)) from None
        except actions.ImportRefused as refused:
            self.complain(refused.problems)
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from None

    def make(self, lines: list, checked: Any, how: dict[str, Any]) -> list[list[str]]:
        """Passwords, hashes, accounts; the rows of the report."""
        passwords = {line.username: one_time_password() for line in checked.new}
        hashes = {}
        for number, (name, hashed) in enumerate(
            zip(passwords, actions.hash_passwords(list(passwords.values())), strict=True), 1
        ):
            hashes[name] = hashed
            if number % 100 == 0 or number == len(passwords):
                self.stderr.write(f"{number} of {len(passwords)} passwords")
        actions.store_people(None, lines, hashes, **how)
        return [[line.username, line.display_name, passwords[line.username]] for line in checked.new]

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


class report_file:  # noqa: N801 - used as a word of `with`
    """A file only its owner can read, which appears under its name when all is written; nothing without a path."""

    def __init__(self, path: Path | None) -> None:
        self.path, self.part = path, path and path.with_name(f".{path.name}.part")

    def __enter__(self) -> Any:
        if self.path is None or self.part is None:
            return None
        if self.path.exists():
            raise FileExistsError(f"{self.path} exists already.")
        self.part.unlink(missing_ok=True)
        self.file = open(
            os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline=""
        )
        return self.file

    def __exit__(self, kind: Any, *rest: Any) -> None:
        if self.path is not None and self.part is not None:
            self.file.close()
            if kind is None:
                self.part.rename(self.path)
            else:
                self.part.unlink(missing_ok=True)
