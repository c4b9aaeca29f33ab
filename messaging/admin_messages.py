"""Messages in the admin: to read alone, and whoever reads in a conversation that he is not in leaves an event."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.requests import SignedInRequest
from audit.names import word_of
from core.admin_lists import OLDER, ROW, KeysetChangeList, excerpt, link, relate
from core.refusal import Refusal
from files.models import StoredFile
from messaging import actions
from messaging.admin_conversations import InConversations, NamedChangeList, name_all
from messaging.fact import read_fact
from messaging.models import Message, MessageFile
from messaging.search import find_anywhere

FACTS = {  # codes of system messages, and the events that they tell of
    "created": "group.created",
    "joined": "member.joined",
    "left": "member.left",
    "removed": "member.removed",
    "avatar": "group.avatar_changed",
    "renamed": "group.renamed",
    "notice": "notice.changed",
    "settings": "group.changed",
    "muted": "member.muted",
    "unmuted": "member.unmuted",
    "dissolved": "group.dissolved",
    "role": "role.changed",
    "pinned": "message.pinned",
    "game_opened": "table.opened",
    "game_started": "match.started",
    "game_ended": "match.ended",
    "game_closed": "table.closed",
}


class FileFilter(admin.SimpleListFilter):
    """The messages that have one file; its page leads here."""

    title = gettext_lazy("file")
    parameter_name = "file"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        wanted = self.value()
        if not wanted:
            return []
        if not ROW.fullmatch(wanted):
            raise IncorrectLookupParameters("no row of another list")
        file = StoredFile.objects.filter(pk=wanted).first()
        return [(wanted, file.name if file else wanted)]  # without a choice the list would not be narrowed

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(pk__in=MessageFile.objects.filter(file=int(self.value() or 0)).values("message"))


class MessageChangeList(NamedChangeList):
    """Searched by the words of the index; in one conversation in the order of its numbers."""

    model_admin: MessageAdmin

    @property
    def order(self) -> str:
        return "-seq" if "conversation" in self.params else "-id"

    def get_results(self, request: HttpRequest) -> None:
        """A page; that it was looked at is written down."""
        if self.query.strip():
            self._search(request)
        else:
            super().get_results(request)
        wanted: dict[str, Any] = {name: self.params[name] for name in ("sender", "file") if name in self.params}
        if self.query.strip():
            wanted["search"] = self.query.strip()[:200]
        actions.view_messages(cast(SignedInRequest, request).user, self.result_list, wanted)

    def read(self, queryset: QuerySet, size: int) -> list[Any]:
        """Ids first, which an index has: of a person with many messages only a page is read."""
        ids = list(queryset.values_list("pk", flat=True)[:size])
        found = {row.pk: row for row in self.apply_select_related(self.root_queryset.filter(pk__in=ids))}
        return self._named([found[pk] for pk in ids if pk in found])

    def _search(self, request: HttpRequest) -> None:
        older = self._mark(request.GET[OLDER]) if OLDER in request.GET else None
        places = {name: self._number(name) for name in ("conversation", "sender")}
        try:
            ids, further = find_anywhere(self.query, **places, older=older, limit=self.list_per_page)
        except Refusal as refusal:
            messages.error(request, str(refusal.message))
            ids, further = [], None
        found = {row.pk: row for row in self.queryset.filter(pk__in=ids)}
        self.show(self._named([found[pk] for pk in ids if pk in found]), further, None, older is not None)

    def _number(self, name: str) -> int | None:
        return int(self.params[name]) if name in self.params else None


@admin.register(Message)
class MessageAdmin(InConversations):
    """Read-only: what was written stays as it was written."""

    list_display = ("sent_at", "place", "writer", "said", "state")
    list_display_links = ("sent_at",)  # type: ignore[assignment]
    list_select_related = ("conversation", "sender")
    search_help_text = gettext_lazy("Words of the messages. Looking into conversations of others stands in the log.")
    narrow = ("conversation", "sender")
    list_filter = (FileFilter,)
    fields = (
        "place", "seq", "writer", "sent_at", "kind", "in_full", "attached", "state", "edited_at", "recalled_at", "recalled_by",
    )  # fmt: skip

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return MessageChangeList

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return queryset, False  # the list asks the index

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Message | None:
        try:
            found = actions.view_message(cast(SignedInRequest, request).user, int(object_id))
        except (Refusal, ValueError, OverflowError):
            return None
        name_all([found.conversation])
        return found

    def title_of(self, thing: Message) -> str:
        return f"{thing.conversation}, {thing.seq}"

    @admin.display(description=gettext_lazy("sender"))
    def writer(self, message: Message) -> str:
        return link(message.sender) if message.sender else _("Deleted account")

    @admin.display(description=gettext_lazy("text"))
    def said(self, message: Message) -> str:
        if message.kind == Message.Kind.SYSTEM:
            code = str(read_fact(message.body).get("code", ""))
            return _("System message: %(code)s") % {"code": word_of(FACTS[code]) if code in FACTS else code}
        return excerpt(message.body) or ("–" if message.recalled_at else str(message.get_kind_display()))

    @admin.display(description=gettext_lazy("text"))
    def in_full(self, message: Message) -> str:
        return format_html('<div class="said">{}</div>', message.body) if message.body else "–"

    @admin.display(description=gettext_lazy("files"))
    def attached(self, message: Message) -> str:
        rows = MessageFile.objects.filter(message=message).select_related("file").order_by("position")
        return format_html_join(", ", "{}", ((link(row.file),) for row in rows)) or "–"

    @admin.display(description=gettext_lazy("state"))
    def state(self, message: Message) -> str:
        if message.recalled_at:
            return _("Recalled")
        return _("Edited") if message.edited_at else "–"


relate(StoredFile, gettext_lazy("Messages"), "admin:messaging_message_changelist", "file")
