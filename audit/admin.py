"""The log in the admin: to read and to search, never to write."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import admin_export
from audit.models import Event
from audit.names import ACTIONS, word_of
from core.admin_lists import ChoiceFilter, KeysetChangeList, ReadOnly, linked, merged, people_named

PEOPLE = 10  # whom a searched name may mean


class ActionFilter(ChoiceFilter):
    """One kind of event, out of many."""

    title = gettext_lazy("event")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(((name, f"{word} ({name})") for name, word in ACTIONS.items()), key=lambda pair: pair[0])


class EventChangeList(KeysetChangeList):
    """Searched for people: what they did and what was done to them, each read in the index that has it."""

    model_admin: EventAdmin

    def read(self, queryset: QuerySet, size: int) -> list[Any]:
        if not self.query.strip():
            return super().read(queryset, size)
        parts = []
        for pk in people_named(self.query, PEOPLE):
            parts += [queryset.filter(actor_id=pk), queryset.filter(target_type="user", target_id=pk)]
        return list(queryset.filter(pk__in=merged(parts, size)))

    def narrowed(self) -> list[tuple[str, str, str]]:
        """Of whom, and about what: by the names of then."""
        found = []
        if actor := self.params.get("actor_id"):
            name = self.root_queryset.filter(actor_id=actor).values_list("actor_name", flat=True).first()
            found.append((_("Actor"), name or actor, self.get_query_string(remove=["actor_id"])))
        kind, target = self.params.get("target_type", ""), self.params.get("target_id", "")
        if kind or target:
            about = self.root_queryset.filter(target_type=kind, target_id=target or None)
            name = about.values_list("target_name", flat=True).first()
            found.append((_("About"), name or f"{kind} {target}", self.get_query_string(remove=["target_"])))
        return found


@admin.register(Event)
class EventAdmin(ReadOnly):
    """Read-only, the newest first."""

    list_display = ("at", "actor_name", "what", "target", "ip")
    list_filter = (ActionFilter,)
    search_fields = ("actor_name",)  # read by EventChangeList
    search_help_text = gettext_lazy("A name: what this person did, and what was done to the account.")
    narrow = ("actor_id", "target_type", "target_id")
    fields = ("at", "actor", "what_exactly", "about", "ip", "details", "hash", "previous_hash")

    def get_urls(self) -> list:
        return [*admin_export.urls(self), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return EventChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("detail")  # of a seal it is 100 kB

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return queryset, False

    def title_of(self, thing: Event) -> str:
        return capfirst(word_of(thing.action))

    @admin.display(description=gettext_lazy("event"))
    def what(self, event: Event) -> str:
        return word_of(event.action)

    @admin.display(description=gettext_lazy("target"))
    def target(self, event: Event) -> str:
        if event.target_id is None:
            return "–"
        return event.target_name or f"{event.target_type} {event.target_id}"

    @admin.display(description=gettext_lazy("actor"))
    def actor(self, event: Event) -> str:
        return linked("user", event.actor_id, event.actor_name)

    @admin.display(description=gettext_lazy("event"))
    def what_exactly(self, event: Event) -> str:
        return f"{word_of(event.action)} ({event.action})"

    @admin.display(description=gettext_lazy("target"))
    def about(self, event: Event) -> str:
        return linked(event.target_type, event.target_id, event.target_name)

    @admin.display(description=gettext_lazy("details"))
    def details(self, event: Event) -> str:
        if not event.detail:
            return "–"
        return format_html("<pre>{}</pre>", json.dumps(event.detail, ensure_ascii=False, indent=2)[:20_000])
