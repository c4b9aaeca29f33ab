"""What the first page of the admin says of reports, and how people are called there."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext

from core.text import shown_name
from messaging.reports import open_count

register = template.Library()


@register.filter
def called(user: Any) -> str:
    """How somebody is called; a deleted account has no name any more."""
    return shown_name(user.display_name, user.username) or gettext("Deleted account")


@register.inclusion_tag("admin/reports/waiting.html", takes_context=True)
def reports_waiting(context: Any) -> dict[str, int]:
    """How many reported messages wait for whoever looks."""
    return {"count": open_count(context["request"].user)}
