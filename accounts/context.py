"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.policies import Registration, Site
from core import policies


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, and the theme of whoever looks."""
    user = getattr(request, "user", None)
    theme = user.get_options().theme if user is not None and user.is_authenticated else "system"
    may_register = policies.get(Registration).mode in {"open", "approval"}
    return {"may_register": may_register, "site_name": policies.get(Site).name, "theme": theme}
