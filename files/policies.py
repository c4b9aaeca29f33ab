"""Site policies on files."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import policies

MIB = 2**20


@policies.section
class Files:
    """Sizes in MiB."""

    title = _("Files")
    max_size: int = field(default=20, metadata={"label": _("Largest file, in MiB"), "range": (1, 2048)})
    quota: int = field(
        default=2048, metadata={"label": _("Room for the files of one person, in MiB (0: any)"), "range": (0, 2**24)}
    )
    kinds: str = field(
        default="all",
        metadata={
            "label": _("Which files may be sent"),
            "choices": ("all", "media", "images"),
            "names": {"all": _("All"), "media": _("Pictures, sound and video"), "images": _("Pictures only")},
        },
    )
    offer_hours: int = field(
        default=72, metadata={"label": _("Hours after which an offered file expires"), "range": (1, 720)}
    )


def site_facts() -> dict[str, Any]:
    """What pages check before the first byte."""
    policy = policies.get(Files)
    return {"max_size": policy.max_size * MIB, "file_kinds": policy.kinds}
