"""What is misconfigured, and how to mend it: the checks of `manage.py doctor`, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True)
class Finding:
    """One line: what is so, and for what is wrong how to mend it."""

    level: str
    text: str
    remedy: str = ""


Check = Callable[[], Iterator[Finding]]


def ok(text: str) -> Finding:
    """As it should be."""
    return Finding(OK, text)


def warning(text: str, remedy: str) -> Finding:
    """It works, and should be looked at."""
    return Finding(WARNING, text, remedy)


def error(text: str, remedy: str) -> Finding:
    """It does not work, or not safely."""
    return Finding(ERROR, text, remedy)


def run(port: int) -> Iterator[Finding]:
    """All findings; what needs the database is asked only if that is there and up to date."""
    from chatroom import doctor_database, doctor_machine, doctor_services, doctor_site

    for check in doctor_machine.CHECKS + doctor_site.CHECKS:
        yield from told(check)
    there = True
    for check in (doctor_database.reachable, *doctor_database.CHECKS, *doctor_database.OF_ROWS):
        for finding in told(check) if there else ():
            there = there and not (finding.level == ERROR and check in doctor_database.NEEDED)
            yield finding
    for check in doctor_services.CHECKS:
        yield from told(check)
    yield from told(lambda: doctor_services.serving(port))


def told(check: Check) -> Iterator[Finding]:
    """What a check finds; one that fails itself is a finding too."""
    try:
        yield from check()
    except Exception as failure:  # noqa: BLE001 - a doctor goes on
        name = getattr(check, "__name__", "?")
        text = _("%(check)s could not be checked: %(error)s") % {
            "check": name,
            "error": f"{type(failure).__name__}: {failure}",
        }
        yield error(" ".join(text.split()), _("Mend what stands above first; then run this again."))
