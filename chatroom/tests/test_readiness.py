"""`/healthz` and `/readyz`: which part fails, and no more than that. A database and a Redis that are really dead: tests/faults."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from chatroom import readiness
from realtime import hints

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ask_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is kept."""
    monkeypatch.setattr(readiness, "KEPT", -1.0)
    monkeypatch.setattr(readiness, "_migrated", True)


def failed() -> list[str]:
    """The parts that /readyz names; /healthz answers all the while."""
    answer, told = Client().get("/readyz"), None
    told = answer.json()
    assert set(told) == {"ready", "failed"} and told["ready"] == (not told["failed"])
    assert answer.status_code == (503 if told["failed"] else 200)
    assert Client().get("/healthz").content == b"ok"
    return told["failed"]


def test_all_is_well() -> None:
    assert failed() == []
    assert Client().post("/readyz").status_code == 405


def test_storage_that_cannot_be_written(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    assert failed() == [] and list(tmp_path.iterdir()) == []
    settings.DATA_DIR = tmp_path / "away"
    assert failed() == ["storage"]


def test_a_redis_that_nobody_started(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert failed() == ["channel_layer"]


def test_a_server_that_is_about_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "hub", SimpleNamespace(draining=False))
    assert failed() == []
    monkeypatch.setattr(hints, "hub", SimpleNamespace(draining=True))
    assert failed() == ["serving"]


def test_migrations_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_migrated", False)
    assert failed() == []
    assert readiness._migrated  # not looked at again
    monkeypatch.setattr(readiness, "_migrated", False)
    monkeypatch.setattr(readiness.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    assert failed() == ["migrations"]


def test_a_part_that_hangs_holds_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    begun, end = [], Event()

    def hang() -> None:
        begun.append(1)
        end.wait(20)

    monkeypatch.setitem(readiness.CHECKS, "storage", hang)
    monkeypatch.setattr(readiness, "PATIENCE", 0.2)
    assert failed() == ["storage"] and failed() == ["storage"]
    assert begun == [1]
    end.set()
    readiness._running["storage"].result(5)
    monkeypatch.undo()
