import pytest
from django.core.cache import cache

from core import policies


@pytest.fixture(autouse=True)
def plain_site(settings):
    """Static files under their own names, no policies and no limits of the test before."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    cache.clear()
    policies.forget()
    yield
    policies.forget()
