"""Lists of the admin that only read, and cost the same with a million rows as with ten.

Nothing is counted: a page is the rows beyond the key of the row before it, and its links lead to older and newer ones. Which rows a list can be
narrowed to is declared, because each of these questions needs an index that answers it in the order of the key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, ChangeList
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.names import terms
from core.sql import rows
from core.text import UNSTORABLE

OLDER, NEWER = "before", "after"  # a page begins below the key of a row, or ends above it
PAGE = 50
ROW = re.compile(r"[0-9]{0,18}")  # an id that every database takes


@dataclass(frozen=True)
class Related:
    """A list that has more about a row of another one: `address` of the list, and the parameter that takes the row's id."""

    label: Any
    address: str
    parameter: str


_related: dict[type[Model], list[Related]] = {}


def relate(model: type[Model], label: Any, address: str, parameter: str) -> None:
    """Have the pages of a model lead to a list; an upper app says so to a lower one."""
    _related.setdefault(model, []).append(Related(label, address, parameter))


def link(thing: Model | None) -> str | SafeString:
    """A row of another list, by its name."""
    if thing is None:
        return "–"
    if getattr(thing, "deleted_at", None) is not None:
        return _("Deleted account")
    address = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(address, args=[quote(thing.pk)]), str(thing) or f"{thing.pk}")


def linked(kind: str, pk: int | None, name: str) -> str | SafeString:
    """Something by the name of its kind, as the log knows it; a link where the admin has a page of it."""
    for model in admin.site._registry:
        if pk is not None and model._meta.model_name == kind:
            address = reverse(f"admin:{model._meta.app_label}_{kind}_change", args=[quote(pk)])
            return format_html('<a href="{}">{}</a>', address, name or f"{kind} {pk}")
    return name or (f"{kind} {pk}" if pk is not None else "–")


def people_named(text: str, most: int = 20) -> list[int]:
    """Accounts whose names have all these words."""
    found: Any = get_user_model()._default_manager.filter(deleted_at=None)
    for term in terms(text):
        found = found.filter(search_key__contains=term)
    return list(found.order_by("username_key").values_list("pk", flat=True)[:most])


def moment(at: datetime | None) -> str:
    """A time as lists show it."""
    return "–" if at is None else date_format(localtime(at), "DATETIME_FORMAT")


def excerpt(text: str, most: int = 120) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[:most].rstrip()}…"


class KeysetChangeList(ChangeList):
    """One page of rows by the key of the row before it."""

    older: str | None
    newer: str | None
    first: str | None
    model_admin: ReadOnly

    def get_filters(self, request: HttpRequest) -> Any:
        for name in (OLDER, NEWER, ALL_VAR):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        for name in self.model_admin.narrow:
            wanted = self.params.get(name, "")
            if self.opts.get_field(name).is_relation and not ROW.fullmatch(wanted):
                raise IncorrectLookupParameters("no row of another list")
        return super().get_filters(request)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        if ORDER_VAR in request.GET:
            raise IncorrectLookupParameters("this list has one order")
        return [self.order]

    @property
    def order(self) -> str:
        """The unique column that the list is in the order of."""
        return self.model_admin.keyset

    def get_results(self, request: HttpRequest) -> None:
        marks = {name: self._mark(request.GET[name]) for name in (OLDER, NEWER) if name in request.GET}
        found, more, back = self._page(marks)
        key = self.order.lstrip("-")
        last, first = (getattr(found[-1], key), getattr(found[0], key)) if found else (None, None)
        self.show(found, last if more else None, first if back else None)

    def show(self, found: list[Any], older: Any, newer: Any, back: bool = False) -> None:
        """These rows, with links to those beyond the keys; `back`: older ones than the first."""
        self.result_list: Any = found
        self.result_count = self.full_result_count = len(found)
        self.show_full_result_count, self.show_admin_actions = False, True
        self.can_show_all, self.multi_page = False, False
        self.older = None if older is None else self.get_query_string({OLDER: older})
        self.newer = None if newer is None else self.get_query_string({NEWER: newer})
        self.first = self.get_query_string() if back or newer is not None else None

    def read(self, queryset: QuerySet, size: int) -> list[Any]:
        """The first rows of an ordered queryset; for lists that know a shorter way to them."""
        return list(queryset[:size])

    def _page(self, marks: dict[str, Any]) -> tuple[list[Any], bool, bool]:
        """The rows, whether there are older ones and whether there are newer ones."""
        size, key, falling = self.list_per_page, self.order.lstrip("-"), self.order.startswith("-")
        beyond = {True: f"{key}__lt", False: f"{key}__gt"}
        if NEWER in marks:
            found = self.read(self.queryset.filter(**{beyond[not falling]: marks[NEWER]}).reverse(), size + 1)
            if len(found) > size:
                return found[:size][::-1], True, True
        elif OLDER in marks:
            found = self.read(self.queryset.filter(**{beyond[falling]: marks[OLDER]}), size + 1)
            return found[:size], len(found) > size, True
        found = self.read(self.queryset, size + 1)
        return found[:size], len(found) > size, False

    def _mark(self, text: str) -> Any:
        try:
            if UNSTORABLE.search(text):
                raise IncorrectLookupParameters("no key of a row")
            return self.opts.get_field(self.order.lstrip("-")).to_python(text)  # type: ignore[union-attr]
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error

    def narrowed(self) -> list[tuple[str, str, str]]:
        """What the list is narrowed to: the column, the value, and the address without it."""
        found = []
        for name in self.model_admin.narrow:
            if value := self.params.get(name):
                found.append((*self.tell(name, value), self.get_query_string(remove=[name])))
        return found

    def tell(self, name: str, value: str) -> tuple[str, str]:
        """A column that the list is narrowed to, and the value, for people."""
        field: Any = self.opts.get_field(name)
        if field.is_relation:
            thing = field.related_model._default_manager.filter(pk=value).first()
            value = str(thing) if thing is not None else value
        return capfirst(str(field.verbose_name)), value


class ChoiceFilter(admin.SimpleListFilter):
    """One of many values of a column, chosen in a field instead of a long list of links."""

    template = "admin/choice_filter.html"
    parameter_name = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value is None or value == "":
            return queryset
        if value not in {str(key) for key, _word in self.lookup_choices}:
            raise IncorrectLookupParameters("not one of the values")
        return queryset.filter(**{self.parameter_name: value})

    def choices(self, changelist: ChangeList) -> Any:
        """The values; the first one carries the rest of the address besides."""
        kept = [(name, value) for name, value in changelist.params.items() if name != self.parameter_name]
        yield {"value": "", "display": "", "selected": not self.value(), "kept": kept}
        for key, word in self.lookup_choices:
            yield {"value": key, "display": word, "selected": str(key) == self.value()}


class ReadOnly(admin.ModelAdmin):
    """Rows that only actions may write, for administrators to read."""

    keyset = "-id"  # the order: a unique column
    narrow: Sequence[str] = ()  # columns of which one value may be asked for
    show_facets = admin.ShowFacets.NEVER  # they count all rows for each filter
    show_full_result_count = False
    sortable_by = ()
    list_per_page = PAGE

    def may_see(self, request: HttpRequest) -> bool:
        """Whether whoever asks may read these rows."""
        return request.user.is_active and request.user.is_superuser

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [self.keyset]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what is declared: any other column would be read from end to end, or tell what nobody may ask, such as a hash."""
        known = set(self.narrow)
        for one in self.list_filter:
            if isinstance(one, str):
                known |= {one, f"{one}__exact", f"{one}__isnull"}
            else:
                known.add(getattr(one, "parameter_name", ""))
        return lookup in known

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def response_action(self, request: HttpRequest, queryset: QuerySet, *where: Any) -> HttpResponse | None:
        """What was chosen by hand, never all rows there are."""
        if request.POST.get("select_across", "0") not in ("", "0"):
            raise SuspiciousOperation("an action is for the rows that were chosen")
        return super().response_action(request, queryset, *where)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(
            request, object_id, form_url, {"related": self.related(object_id), **(extra_context or {})}
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page is called after the row."""
        if context.get("original") is not None:
            context |= {"title": self.title_of(context["original"]), "subtitle": capfirst(str(self.opts.verbose_name))}
        return super().render_change_form(request, context, *args, **kwargs)

    def title_of(self, thing: Any) -> str:
        """What a row is called on its page."""
        return str(thing)

    def related(self, pk: str) -> list[tuple[str, str]]:
        """Lists that have more about a row, and their addresses."""
        return [
            (str(one.label), f"{reverse(one.address)}?{urlencode({one.parameter: pk})}")
            for one in _related.get(self.model, [])
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What was done to it stands in the log; Django's own history of the admin has nothing of it."""
        if not self.may_see(request):
            raise PermissionDenied
        log = urlencode({"target_type": str(self.opts.model_name), "target_id": object_id})
        return redirect(f"{reverse('admin:audit_event_changelist')}?{log}")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_see(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_see(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def merged(querysets: Sequence[QuerySet], size: int) -> list[int]:
    """The ids of the first rows of several ordered querysets together; each is read in its own index, and no further than that."""
    parts: list[str] = []
    params: list[Any] = []
    for queryset in querysets:
        sql, values = queryset.values_list("pk")[:size].query.sql_with_params()
        parts.append(f"SELECT * FROM ({sql}) one")  # noqa: S608 - what the ORM made
        params += values
    found = {id for (id,) in rows(" UNION ".join(parts), params)} if parts else set()
    first = querysets[0].query if querysets else None
    falling = first is not None and str(first.order_by[0]).startswith("-") == first.standard_ordering
    return sorted(found, reverse=falling)[:size]
