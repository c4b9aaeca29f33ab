"""manage.py doctor: what is misconfigured, and how to mend it."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from chatroom import doctor, doctor_database
from chatroom.serving.translations import compile_translations


class Command(BaseCommand):
    """One line for each thing looked at; the exit code is 1 when there is an error."""

    help = (
        "Look at the machine, the settings, the database and what stands beside it; each line says what is so, and of what is"
        " wrong how to mend it. Run it with the environment of the site, as the same user. Exit code 1 when there is an error."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where the site should listen (default 8000)")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], help="of the lines")

    def handle(self, *args: Any, **options: Any) -> None:
        """The lines, and how many are not fine."""
        logging.disable(logging.WARNING)  # what is wrong stands in the lines
        with contextlib.suppress(OSError):  # a folder that is not ours: the lines are English
            compile_translations(settings.BASE_DIR / "locale")
        doctor_database.do_without_pool()
        with translation.override(options["language"] or language_of(dict(os.environ))):
            counts = dict.fromkeys((doctor.OK, doctor.WARNING, doctor.ERROR), 0)
            words = {doctor.OK: _("OK"), doctor.WARNING: _("warning"), doctor.ERROR: _("error")}
            styles = {doctor.OK: self.style.SUCCESS, doctor.WARNING: self.style.WARNING, doctor.ERROR: self.style.ERROR}
            width = max(map(len, words.values()))
            for finding in doctor.run(options["port"]):
                counts[finding.level] += 1
                line = f"{finding.text} → {finding.remedy}" if finding.remedy else finding.text
                self.stdout.write(f"{styles[finding.level](words[finding.level].ljust(width))}  {line}")
            told = {"errors": counts[doctor.ERROR], "warnings": counts[doctor.WARNING]}
            self.stdout.write(_("Errors: %(errors)s, warnings: %(warnings)s") % told)
        logging.disable(logging.NOTSET)
        if counts[doctor.ERROR]:
            sys.exit(1)


def language_of(environment: dict[str, str]) -> str:
    """That of the site where it was chosen, else that of the terminal."""
    known = dict(settings.LANGUAGES)
    if environment.get("CHATROOM_LANGUAGE") in known:
        return environment["CHATROOM_LANGUAGE"]
    spoken = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return {"vi": "vi", "zh": "zh-hans"}.get(
        spoken[:2].lower(), settings.LANGUAGE_CODE if settings.LANGUAGE_CODE in known else "en"
    )
