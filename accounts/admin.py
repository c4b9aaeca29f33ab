"""Accounts in the admin: pages to read, changes through actions only."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import access, actions, admin_import, admin_pages, admin_policies  # noqa: F401 - the policies register themselves
from accounts.models import LoginSession, User
from accounts.requests import SignedInRequest
from core.admin_lists import ReadOnly, link, moment, people_named, relate
from core.admin_pages import each
from core.names import terms
from core.sql import evaluated

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def change_password(request: HttpRequest, extra_context: Any = None) -> Any:
    """One way to change a password: the one that ends the other sessions."""
    return redirect("account_change_password")


admin.site.password_change = change_password  # type: ignore[method-assign]
admin.site.site_title = admin.site.site_header = "Chatroom"
admin.site.index_title = gettext_lazy("Administration")
admin.site.unregister([Group, EmailAddress, Authenticator])
django_index = admin.site.index


def index(request: HttpRequest, extra_context: Any = None) -> Any:
    """The first page says who waits."""
    waiting = evaluated({"n": access.waiting_count() if request.user.is_superuser else 0})["n"]
    return django_index(request, {**(extra_context or {}), "waiting": waiting})


admin.site.index = index  # type: ignore[method-assign]
admin.site.index_template = "admin/start.html"


class StateFilter(admin.SimpleListFilter):
    """Who waits for approval, who is blocked."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("Waiting for approval")),
            ("blocked", _("Blocked")),
            ("administrators", _("Administrators")),
            ("moderators", _("Moderators")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        chosen: dict[str, dict[str, Any]] = {
            "waiting": {"approved_at": None, "blocked_at": None},
            "blocked": {"blocked_at__isnull": False},
            "administrators": {"is_superuser": True},
            "moderators": {"is_staff": True, "is_superuser": False},
        }
        return queryset.filter(**chosen.get(self.value() or "", {}))


@admin.register(User)
class UserAdmin(ReadOnly):
    """Accounts, with what administrators do to them as actions."""

    list_display = ("username", "display_name", "role", "state", "seen")
    list_filter = (StateFilter,)
    search_fields = ("search_key",)
    keyset = "username_key"
    actions = (
        "approve", "block", "unblock", "unlock", "reset_password", "reset_second_factor", "end_sessions", "set_role", "delete_account",
    )  # fmt: skip
    fields = (
        "username", "display_name", "role", "state", "blocked_reason", "status", "language", "time_zone", "is_bot", "second_factor",
        "must_change_password", "password_expires", "last_login", "last_seen", "date_joined",
    )  # fmt: skip
    readonly_fields = ("role", "state", "second_factor")
    change_form_template = "admin/accounts/person.html"

    def get_urls(self) -> list:
        return [*admin_import.urls(self), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return admin_pages.create(self, cast(SignedInRequest, request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).filter(deleted_at=None)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """By parts of names, as people search everywhere."""
        for term in terms(search_term):
            queryset = queryset.filter(search_key__contains=term)
        return queryset, False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = self.get_object(request, object_id)
        own, factor = object_id == str(request.user.pk), user is not None and access.has_second_factor(user)
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "own": own, "factor": factor}
        )

    @admin.display(description=gettext_lazy("Role on the site"))
    def role(self, user: User) -> str:
        return str(admin_pages.ROLE_NAMES[user.site_role])

    @admin.display(description=gettext_lazy("State"))
    def state(self, user: User) -> str:
        if user.blocked_at:
            return _("Blocked")
        if user.approved_at is None:
            return _("Waiting for approval")
        return _("One-time password") if user.must_change_password else _("Active")

    @admin.display(description=gettext_lazy("last seen"))
    def seen(self, user: User) -> str:
        return moment(user.last_seen)

    @admin.display(description=gettext_lazy("Second factor"), boolean=True)
    def second_factor(self, user: User) -> bool:
        return access.has_second_factor(user)

    def each(
        self, request: SignedInRequest, queryset: QuerySet[User], action: Callable[[User], Any], quiet: bool = False
    ) -> None:
        """Do it to each; say what was refused."""
        done = each(request, queryset.order_by("pk"), action, lambda user: user.username)
        if done and not quiet:
            messages.success(
                request, ngettext("Done for %(count)d account.", "Done for %(count)d accounts.", done) % {"count": done}
            )

    @admin.action(description=gettext_lazy("Approve"))
    def approve(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, lambda user: actions.approve_user(request.user, user))

    @admin.action(description=gettext_lazy("Block"))
    def block(self, request: SignedInRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return admin_pages.block(self, request, queryset)

    @admin.action(description=gettext_lazy("Unblock"))
    def unblock(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, lambda user: actions.unblock_user(request.user, user))

    @admin.action(description=gettext_lazy("Unlock after failed sign-ins"))
    def unlock(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, lambda user: actions.unlock_user(request.user, user))

    @admin.action(description=gettext_lazy("Reset to a one-time password"))
    def reset_password(self, request: SignedInRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return admin_pages.reset_password(self, request, queryset)

    @admin.action(description=gettext_lazy("Remove the second factor"))
    def reset_second_factor(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, lambda user: actions.reset_second_factor(request.user, user))

    @admin.action(description=gettext_lazy("End all sessions"))
    def end_sessions(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, lambda user: actions.end_all_sessions(user, actor=request.user))

    @admin.action(description=gettext_lazy("Set the role"))
    def set_role(self, request: SignedInRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return admin_pages.set_role(self, request, queryset)

    @admin.action(description=gettext_lazy("Delete the account"))
    def delete_account(self, request: SignedInRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return admin_pages.delete(self, request, queryset)


@admin.register(LoginSession)
class LoginSessionAdmin(ReadOnly):
    """Who is and was signed in, and from where."""

    list_display = ("person", "kind", "device", "ip", "started_at", "last_seen", "ended_at", "ended_reason")
    list_display_links = None
    list_filter = ("kind", "ended_reason")
    list_select_related = ("user",)
    search_fields = ("user",)  # read by get_search_results
    search_help_text = gettext_lazy("The name of a person, or an address.")
    narrow = ("user",)
    fields = ("user", "kind", "device", "ip", "started_at", "last_seen", "ended_at", "ended_reason")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LoginSession], search_term: str
    ) -> tuple[QuerySet[LoginSession], bool]:
        """Of people by their names, or from an address."""
        typed = search_term.strip()
        if typed:
            try:
                queryset = queryset.filter(ip=str(ip_address(typed)))
            except ValueError:
                queryset = queryset.filter(user__in=people_named(typed))
        return queryset, False

    def title_of(self, thing: LoginSession) -> str:
        return f"{thing.user} · {thing.device or thing.get_kind_display()}"

    @admin.display(description=gettext_lazy("account"))
    def person(self, session: LoginSession) -> str:
        return link(session.user)


relate(User, gettext_lazy("Sessions"), "admin:accounts_loginsession_changelist", "user")
relate(User, gettext_lazy("What this person did"), "admin:audit_event_changelist", "actor_id")
