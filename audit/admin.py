"""The log in the admin: to read and to search, never to write."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from audit import admin_export
from audit.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Read-only, the newest first."""

    list_display = ("at", "actor_name", "action", "target_type", "target_name", "ip")
    list_filter = ("action",)
    search_fields = ("actor_name", "target_name", "action")
    date_hierarchy = "at"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_urls(self) -> list:
        return [*admin_export.urls(self), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("detail")  # of a seal it is 100 kB

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False
