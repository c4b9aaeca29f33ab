"""Conversations and memberships in the admin: who talks where, and what administrators do to groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.requests import SignedInRequest
from core.admin_lists import KeysetChangeList, ReadOnly, link, moment, people_named, relate
from core.admin_pages import answered, ask, each
from core.names import terms
from core.text import NAME_MAX, name_key
from messaging import actions
from messaging.models import Conversation, Invitation, JoinRequest, Membership, Message

BETWEEN = " – "  # two people of a direct conversation


def titles(conversations: Iterable[Conversation]) -> dict[int, str]:
    """What conversations are called; the direct ones after their people. One query at most."""
    found = {one.pk: one for one in conversations}
    pairs = {pk: [int(id) for id in one.pair_key.split(":")] for pk, one in found.items() if one.pair_key}
    wanted = {id for pair in pairs.values() for id in pair}
    people = {user.pk: user for user in User.objects.filter(pk__in=wanted)} if wanted else {}
    names = {id: _("Deleted account") if user.deleted_at else user.name for id, user in people.items()}
    called = {pk: BETWEEN.join(names.get(id, "?") for id in dict.fromkeys(pair)) for pk, pair in pairs.items()}
    kinds = {pk: str(one.get_kind_display()) for pk, one in found.items()}
    return {pk: one.name or called.get(pk) or kinds[pk] for pk, one in found.items()}


def name_all(conversations: Iterable[Conversation]) -> None:
    """Let these conversations be shown by what they are called."""
    found = list(conversations)
    called = titles(found)
    for one in found:
        one.name = called[one.pk]


class RenameForm(forms.Form):
    """The name that a group gets."""

    name = forms.CharField(
        label=gettext_lazy("Name of the group"), max_length=NAME_MAX, widget=forms.TextInput(attrs={"autofocus": True})
    )


class AppointForm(forms.Form):
    """Into whose hands a group goes."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=NAME_MAX,
        help_text=gettext_lazy("A member of the group. The owner until now becomes a manager."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autofocus": True}),
    )

    def clean_username(self) -> User:
        found = User.objects.filter(username_key=name_key(self.cleaned_data["username"].strip())).first()
        if found is None:
            raise forms.ValidationError(_("Nobody has this user name."))
        return found


class DissolveForm(forms.Form):
    """Nothing to fill in: the page itself is the question."""


class ConversationChangeList(KeysetChangeList):
    """Direct conversations are called after their people."""

    def read(self, queryset: QuerySet, size: int) -> list[Any]:
        found = super().read(queryset, size)
        name_all(found)
        return found


@admin.register(Conversation)
class ConversationAdmin(ReadOnly):
    """Who talks where; groups are changed by actions alone."""

    list_display = ("title", "kind", "people", "state", "last_message", "created_at")
    list_filter = ("kind",)
    search_fields = ("search_key",)
    search_help_text = gettext_lazy("The name of a group, or of a person for direct conversations.")
    fields = (
        "title", "kind", "state", "master", "people", "last_message", "created_at", "notice", "join_policy", "who_may_post", "slow_mode",
        "discoverable", "members_invite",
    )  # fmt: skip
    actions = ("rename", "appoint", "close_posting", "open_posting", "dissolve")
    change_form_template = "admin/messaging/conversation.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return ConversationChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        here = Membership.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
        last = Message.objects.filter(conversation=OuterRef("pk"), seq=OuterRef("last_seq"))
        members = Subquery(here.annotate(count=Count("*")).values("count"))
        return super().get_queryset(request).annotate(members=members, last_at=Subquery(last.values("sent_at")[:1]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Conversation | None:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            name_all([found])
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        """Groups by parts of their names, direct conversations by their people."""
        if typed := terms(search_term):
            named = Q()
            for term in typed:
                named &= Q(search_key__contains=term)
            theirs = Membership.objects.filter(user__in=people_named(search_term)).values("conversation")
            queryset = queryset.filter(named & ~Q(search_key="") | Q(kind=Conversation.Kind.DIRECT, pk__in=theirs))
        return queryset, False

    @admin.display(description=gettext_lazy("conversation"))
    def title(self, conversation: Conversation) -> str:
        return conversation.name

    @admin.display(description=gettext_lazy("members"))
    def people(self, conversation: Any) -> int:
        return conversation.members or 0

    @admin.display(description=gettext_lazy("last message"))
    def last_message(self, conversation: Any) -> str:
        return moment(conversation.last_at)

    @admin.display(description=gettext_lazy("state"))
    def state(self, conversation: Conversation) -> str:
        if conversation.kind == Conversation.Kind.GROUP and conversation.name_key is None:
            return _("Dissolved")
        if conversation.kind == Conversation.Kind.DIRECT:
            return "–"
        closed = conversation.who_may_post == Conversation.Posting.MANAGERS
        return _("Only managers may write") if closed else _("Open to its members")

    @admin.display(description=gettext_lazy("Owner"))
    def master(self, conversation: Conversation) -> str:
        found = Membership.objects.filter(conversation=conversation, role="master").select_related("user").first()
        return link(found.user if found else None)

    def act(
        self, request: HttpRequest, queryset: QuerySet[Conversation], action: Callable[[Any], Any]
    ) -> HttpResponse | None:
        """Do it to each, and say so."""
        chosen = list(queryset.order_by("pk"))
        called = titles(chosen)
        if done := each(request, chosen, action, lambda one: called[one.pk]):
            text = ngettext("Done for %(count)d conversation.", "Done for %(count)d conversations.", done)
            messages.success(request, text % {"count": done})
        return None

    def asked(
        self,
        request: HttpRequest,
        queryset: QuerySet[Conversation],
        form: forms.Form,
        title: str,
        button: str,
        **context: Any,
    ) -> HttpResponse:
        """The page between."""
        chosen = [(pk, called, "") for pk, called in titles(queryset.order_by("pk")).items()]
        return ask(self, request, chosen, form, title, button, **context)

    def one(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> bool:
        """Whether a single one was chosen; says so otherwise."""
        if len(queryset[:2]) != 1:
            messages.error(request, _("Choose a single group."))
            return False
        return True

    @admin.action(description=gettext_lazy("Rename the group"))
    def rename(self, request: SignedInRequest, queryset: QuerySet[Conversation]) -> HttpResponse | None:
        if not self.one(request, queryset):
            return None
        form = RenameForm(answered(request), initial={"name": queryset[0].name})
        if form.is_valid():
            name = form.cleaned_data["name"]
            return self.act(request, queryset, lambda one: actions.rename_for_all(request.user, one.pk, name))
        return self.asked(request, queryset, form, _("Rename the group"), _("Save"))

    @admin.action(description=gettext_lazy("Appoint an owner"))
    def appoint(self, request: SignedInRequest, queryset: QuerySet[Conversation]) -> HttpResponse | None:
        if not self.one(request, queryset):
            return None
        form = AppointForm(answered(request))
        if form.is_valid():
            user = form.cleaned_data["username"]
            return self.act(request, queryset, lambda one: actions.appoint_master(request.user, one.pk, user.pk))
        return self.asked(request, queryset, form, _("Appoint an owner"), _("Save"))

    @admin.action(description=gettext_lazy("Let only managers write"))
    def close_posting(self, request: SignedInRequest, queryset: QuerySet[Conversation]) -> None:
        self.act(request, queryset, lambda one: actions.close_posting(request.user, one.pk, True))

    @admin.action(description=gettext_lazy("Let all members write"))
    def open_posting(self, request: SignedInRequest, queryset: QuerySet[Conversation]) -> None:
        self.act(request, queryset, lambda one: actions.close_posting(request.user, one.pk, False))

    @admin.action(description=gettext_lazy("Dissolve the group"))
    def dissolve(self, request: SignedInRequest, queryset: QuerySet[Conversation]) -> HttpResponse | None:
        form = DissolveForm(answered(request))
        if form.is_valid():
            return self.act(request, queryset, lambda one: actions.dissolve_for_all(request.user, one.pk))
        lead = _(
            "The group ends for all its members and cannot be brought back. Its messages stay in the administration."
        )
        button = _("Dissolve")
        return self.asked(request, queryset, form, _("Dissolve the group"), button, lead=lead, danger=True)


class NamedChangeList(KeysetChangeList):
    """Rows of conversations, which are shown by what they are called."""

    def read(self, queryset: QuerySet, size: int) -> list[Any]:
        return self._named(super().read(queryset, size))

    def _named(self, found: list[Any]) -> list[Any]:
        name_all(row.conversation for row in found)
        return found

    def tell(self, name: str, value: str) -> tuple[str, str]:
        column, word = super().tell(name, value)
        if name == "conversation" and value.isdigit():
            word = next(iter(titles(Conversation.objects.filter(pk=value)).values()), word)
        return column, word


class InConversations(ReadOnly):
    """Rows of a conversation and a person: narrowed to either, searched by the person."""

    narrow = ("conversation", "user")
    list_select_related: ClassVar[Any] = ("conversation", "user")
    list_display_links = None
    search_fields = ("user",)  # read by get_search_results
    search_help_text = gettext_lazy("The name of a person.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return NamedChangeList

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if search_term.strip():
            queryset = queryset.filter(user__in=people_named(search_term))
        return queryset, False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            name_all([found.conversation])
        return found

    def title_of(self, thing: Any) -> str:
        return f"{thing.user} · {thing.conversation}"

    @admin.display(description=gettext_lazy("conversation"))
    def place(self, row: Any) -> str:
        return link(row.conversation)

    @admin.display(description=gettext_lazy("account"))
    def person(self, row: Any) -> str:
        return link(row.user)


@admin.register(Membership)
class MembershipAdmin(InConversations):
    """Who is in which conversation."""

    list_display = ("place", "person", "role", "joined_at", "read_seq")
    list_filter = ("role",)
    fields = ("conversation", "user", "role", "joined_at", "read_seq")


@admin.register(JoinRequest)
class JoinRequestAdmin(InConversations):
    """Who asked to join which group, and what became of it."""

    list_display = ("asked_at", "person", "place", "words", "status", "answered_by", "answered_at", "reason")
    list_select_related = ("conversation", "user", "answered_by")
    list_filter = ("status",)
    fields = ("conversation", "user", "words", "asked_at", "status", "answered_by", "answered_at", "reason")


@admin.register(Invitation)
class InvitationAdmin(InConversations):
    """Who was asked into which group by whom, and what became of it."""

    list_display = ("invited_at", "person", "place", "inviter", "status", "answered_at")
    list_select_related = ("conversation", "user", "inviter")
    list_filter = ("status",)
    fields = ("conversation", "user", "inviter", "invited_at", "status", "answered_at")


relate(Conversation, gettext_lazy("Messages"), "admin:messaging_message_changelist", "conversation")
relate(Conversation, gettext_lazy("Members"), "admin:messaging_membership_changelist", "conversation")
relate(Conversation, gettext_lazy("Join requests"), "admin:messaging_joinrequest_changelist", "conversation")
relate(Conversation, gettext_lazy("Invitations"), "admin:messaging_invitation_changelist", "conversation")
relate(User, gettext_lazy("Conversations"), "admin:messaging_membership_changelist", "user")
relate(User, gettext_lazy("Messages"), "admin:messaging_message_changelist", "sender")
