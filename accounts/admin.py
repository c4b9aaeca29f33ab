"""Accounts in the admin: pages to read, changes through actions only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import actions, admin_policies  # noqa: F401 - registers itself
from accounts.models import LoginSession, User
from accounts.requests import SignedInRequest
from core.refusal import Refusal

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def change_password(request: HttpRequest, extra_context: Any = None) -> Any:
    """One way to change a password: the one that ends the other sessions."""
    return redirect("account_change_password")


admin.site.password_change = change_password  # type: ignore[method-assign]
admin.site.site_title = admin.site.site_header = "Chatroom"
admin.site.unregister([Group, EmailAddress])


class ReadOnly(admin.ModelAdmin):
    """Rows that only actions may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StateFilter(admin.SimpleListFilter):
    """Who waits for approval, who is blocked."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("Waiting for approval")),
            ("blocked", _("Blocked")),
            ("administrators", _("Administrators")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        chosen: dict[str, dict[str, Any]] = {
            "waiting": {"approved_at": None},
            "blocked": {"blocked_at__isnull": False},
            "administrators": {"is_superuser": True},
        }
        return queryset.filter(**chosen.get(self.value() or "", {}))


@admin.register(User)
class UserAdmin(ReadOnly):
    """Accounts, with what administrators do to them as actions."""

    list_display = ("username", "display_name", "is_superuser", "approved_at", "blocked_at", "last_seen", "date_joined")
    list_filter = (StateFilter,)
    search_fields = ("search_key", "username_key")
    actions = ("approve", "block", "unblock", "reset_password", "end_sessions")
    fields = (
        "username", "display_name", "status", "language", "time_zone", "is_superuser", "is_bot", "must_change_password", "password_expires",
        "approved_at", "blocked_at", "blocked_reason", "last_login", "last_seen", "date_joined",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).filter(deleted_at=None)

    def each(self, request: SignedInRequest, queryset: QuerySet[User], action: Callable[[User], Any]) -> None:
        """Do it to each; say what was refused."""
        done = 0
        for user in queryset.order_by("pk"):
            try:
                action(user)
                done += 1
            except Refusal as refusal:
                messages.error(request, f"{user.username}: {refusal.message}")
        if done:
            messages.success(
                request, ngettext("Done for %(count)d account.", "Done for %(count)d accounts.", done) % {"count": done}
            )

    @admin.action(description=gettext_lazy("Approve"))
    def approve(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, lambda user: actions.approve_user(request.user, user))

    @admin.action(description=gettext_lazy("Block"))
    def block(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, lambda user: actions.block_user(request.user, user))

    @admin.action(description=gettext_lazy("Unblock"))
    def unblock(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, lambda user: actions.unblock_user(request.user, user))

    @admin.action(description=gettext_lazy("Reset to a one-time password"))
    def reset_password(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        def reset(user: User) -> None:
            password = actions.reset_password(request.user, user)
            messages.warning(
                request,
                _("One-time password of %(name)s: %(password)s") % {"name": user.username, "password": password},
            )

        self.each(request, queryset, reset)

    @admin.action(description=gettext_lazy("End all sessions"))
    def end_sessions(self, request: SignedInRequest, queryset: QuerySet[User]) -> None:
        self.each(request, queryset, lambda user: actions.end_all_sessions(user, actor=request.user))


@admin.register(LoginSession)
class LoginSessionAdmin(ReadOnly):
    """Who is and was signed in, and from where."""

    list_display = ("user", "kind", "device", "ip", "started_at", "last_seen", "ended_at", "ended_reason")
    list_filter = ("kind", "ended_reason")
    list_select_related = ("user",)
    search_fields = ("user__search_key", "ip")
    show_full_result_count = False
