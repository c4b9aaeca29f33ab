"""What went wrong inside is noted without what was in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from chatroom import incidents
from core.models import Incident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_hand")]


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A logger whose errors are noted."""
    made, handler = logging.getLogger("chatroom.tests.incidents"), incidents.IncidentHandler(logging.ERROR)
    made.addHandler(handler)
    yield made
    made.removeHandler(handler)


def fail(log: logging.Logger, secret: str, **extra: Any) -> None:
    """Logs an unexpected exception."""
    try:
        raise KeyError(secret)
    except KeyError:
        log.exception("Could not serve %s", secret, extra=extra)


def test_an_exception_is_noted_with_its_route_and_class_and_nothing_else(log: logging.Logger) -> None:
    request = SimpleNamespace(resolver_match=SimpleNamespace(route="join/<str:token>/"), path="/join/secret/")
    fail(log, "a secret of Lan", request=request)
    fail(log, "a secret of Lan", data={"name": "files.process", "args": "(7,)"})
    fail(log, "a secret of Lan")
    log.error("without an exception")
    log.warning("a warning", exc_info=ValueError("x"))
    incidents.write()
    found = list(Incident.objects.order_by("pk").values_list("kind", "place", "what"))
    assert found == [
        ("error", "/join/<str:token>/", "KeyError"),
        ("error", "files.process", "KeyError"),
        ("error", "chatroom.tests.incidents.fail", "KeyError"),
    ]


def test_a_slow_query_is_noted_without_its_values(settings: Any) -> None:
    settings.SLOW_QUERY_SECONDS = 0.0
    with connection.execute_wrapper(incidents.time_query), connection.cursor() as cursor:
        cursor.execute("SELECT\n  %s", ["a secret of Lan"])
    settings.SLOW_QUERY_SECONDS = 60.0
    with connection.execute_wrapper(incidents.time_query), connection.cursor() as cursor:
        cursor.execute("SELECT 2")
    incidents.write()
    assert list(Incident.objects.values_list("kind", "place")) == [("slow", "SELECT %s")]


def test_only_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incidents, "KEPT", 3)
    for number in range(5):
        incidents.note("error", f"place {number}")
        incidents.note("slow", f"query {number}")
        incidents.write()
    assert list(Incident.objects.filter(kind="error").order_by("pk").values_list("place", flat=True)) == [
        "place 2",
        "place 3",
        "place 4",
    ]
    assert Incident.objects.filter(kind="slow").count() == 3


def test_without_the_database_they_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    incidents.note("error", "here")
    with monkeypatch.context() as broken:
        broken.setattr(Incident.objects, "bulk_create", lambda some: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            incidents.write()
    incidents.write()
    assert Incident.objects.get().place == "here"
