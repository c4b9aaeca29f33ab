"""All addresses of the site; docs/architecture.md tells who serves what."""

from django.conf import settings
from django.contrib import admin
from django.http import Http404
from django.urls import include, path, register_converter
from django.urls.converters import IntConverter
from django.views.decorators.cache import cache_control
from django.views.i18n import JSONCatalog

from accounts import views_people
from chatroom import api_tables, dashboard_views, metrics, readiness, views, views_trust


class IdConverter(IntConverter):
    """A number that every database can hold."""

    regex = "[1-9][0-9]{0,14}"


register_converter(IdConverter, "id")


def catalog(request, language):
    """The browser's texts in one language."""
    from django.utils import translation

    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        return cache_control(max_age=300, private=True)(JSONCatalog.as_view(domain="djangojs", packages=None))(request)


urlpatterns = [
    path("", views.chat, name="chat"),
    path("c/<id:conversation>/", views.chat, name="conversation"),
    path("c/<id:conversation>/<id:seq>/", views.chat, name="message"),
    path("c/<id:conversation>/table/<id:table>/", views.chat, name="table"),
    path("c/<id:conversation>/table/<id:table>/match/<id:no>/", views.chat, name="replay"),
    path("", include("accounts.setup_urls")),
    path("", include("messaging.urls")),
    path("accounts/", include("accounts.urls")),
    path("files/", include("files.urls")),
    path("avatars/<str:avatar>/<int:size>.webp", views_people.avatar, name="avatar"),
    path("api/", api_tables.api.urls),
    *dashboard_views.urls(),
    path("admin/", admin.site.urls),
    path("i18n/<str:language>.json", catalog, name="catalog"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("style/", views.style, name="style"),
    path("healthz", readiness.healthz),
    path("readyz", readiness.readyz),
    path("metrics", metrics.show),
    path("trust/", views_trust.trust, name="trust"),
    path("trust/chatroom-ca.crt", views_trust.trust_certificate, name="trust_certificate"),
]
