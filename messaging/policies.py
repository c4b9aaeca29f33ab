"""Site policies on messages."""

from dataclasses import field

from django.utils.translation import gettext_lazy as _

from core import policies


@policies.section
class Messages:
    """Windows in minutes; -1: any time."""

    title = _("Messages")
    recall_minutes: int = field(
        default=2,
        metadata={"label": _("Minutes in which one may recall a message (-1: any time)"), "range": (-1, 525_600)},
    )
    edit_minutes: int = field(
        default=15,
        metadata={"label": _("Minutes in which one may edit a message (-1: any time)"), "range": (-1, 525_600)},
    )
