"""Texts of Django that people here can meet and that its Vietnamese catalogue lacks; named so that they are extracted."""

from django.utils.translation import gettext_noop

TEXTS = (
    gettext_noop("Null characters are not allowed."),
    gettext_noop("Toggle navigation"),
    gettext_noop("Filter navigation items"),
)
