"""Site policies on backups, and on what is kept for how long."""

from __future__ import annotations

from dataclasses import field

from django.utils.translation import gettext_lazy as _

from core import policies


@policies.section
class Backups:
    """A backup each night, in the data folder, where the built-in worker runs."""

    title = _("Backups")
    nightly: bool = field(default=True, metadata={"label": _("Make a backup each night")})
    hour: int = field(default=3, metadata={"label": _("Hour of the night at which it is made"), "range": (0, 23)})
    keep: int = field(default=7, metadata={"label": _("Nightly backups to keep"), "range": (1, 365)})
    files: bool = field(default=True, metadata={"label": _("Nightly backups contain the files people sent")})


@policies.section
class Retention:
    """Days; 0: kept for ever."""

    title = _("Retention")
    messages_days: int = field(
        default=0, metadata={"label": _("Days after which messages are deleted (0: never)"), "range": (0, 36_500)}
    )
    files_days: int = field(
        default=0,
        metadata={"label": _("Days after which files are deleted from messages (0: never)"), "range": (0, 36_500)},
    )
    log_days: int = field(
        default=0, metadata={"label": _("Days after which the log is deleted (0: never)"), "range": (0, 36_500)}
    )
