"""Files in the admin: whose they are, how large, and whether something still refers to them."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.requests import SignedInRequest
from core.admin_lists import ReadOnly, link, people_named, relate
from files import actions
from files.models import StoredFile


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnly):
    """To read; a file that nothing shows any more can be deleted before its day is over."""

    list_display = ("name", "whose", "kind", "how_large", "status", "created_at")
    list_filter = ("kind", "status")
    list_select_related = ("owner",)
    search_fields = ("owner",)  # read by get_search_results
    search_help_text = gettext_lazy("The name of a person.")
    narrow = ("owner",)
    fields = ("name", "whose", "kind", "content_type", "how_large", "status", "created_at", "sha256")
    actions = ("delete_unused",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if search_term.strip():
            queryset = queryset.filter(owner__in=people_named(search_term))
        return queryset, False

    @admin.display(description=gettext_lazy("owner"))
    def whose(self, file: StoredFile) -> str:
        return link(file.owner)

    @admin.display(description=gettext_lazy("size"))
    def how_large(self, file: StoredFile) -> str:
        return filesizeformat(file.size)

    @admin.action(description=gettext_lazy("Delete what nothing refers to"))
    def delete_unused(self, request: SignedInRequest, queryset: QuerySet[StoredFile]) -> HttpResponse | None:
        chosen = list(queryset.order_by("pk").values_list("pk", flat=True))
        done = actions.purge_unused(request.user, chosen)
        if done:
            text = ngettext("%(count)d file was deleted.", "%(count)d files were deleted.", done)
            messages.success(request, text % {"count": done})
        if kept := len(chosen) - done:
            text = ngettext(
                "%(count)d file is part of a message: recall the message to take it away.",
                "%(count)d files are part of messages: recall the messages to take them away.",
                kept,
            )
            messages.warning(request, text % {"count": kept})
        return None


relate(User, gettext_lazy("Files"), "admin:files_storedfile_changelist", "owner")
