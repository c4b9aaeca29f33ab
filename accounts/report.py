"""The report of an import as a file that spreadsheets open as it is meant."""

from __future__ import annotations

import csv
import io

from django.utils.translation import gettext as _

from core.plain import plain_cell


def as_csv(rows: list[list[str]], *, mark: bool = True) -> str:
    """User name, name and one-time password; `mark`: the sign at the front by which Excel knows UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("User name"), _("Display name"), _("One-time password")])
    writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    return ("\ufeff" if mark else "") + out.getvalue()
