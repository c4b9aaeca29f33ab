"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.announcement import announcement_for
from accounts.options import Options
from accounts.policies import Registration, Site
from core import policies

DEFAULTS = Options()


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, and how whoever looks likes his pages."""
    user = getattr(request, "user", None)
    look = user.get_options() if user is not None and user.is_authenticated else DEFAULTS
    registration = policies.get(Registration).mode
    may_register = registration in {"open", "approval"}
    return {
        "may_register": may_register,
        "registration": registration,
        "site_name": policies.get(Site).name,
        "look": look,
        "announcement": announcement_for(request),
    }
