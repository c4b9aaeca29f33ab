"""What the tests of the project share."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from chatroom import incidents
from files.tests.conftest import disk, one_thread, s3_server, store

__all__ = ["disk", "one_thread", "s3_server", "store"]


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No thread writes: the test does."""
    incidents._waiting.clear()
    monkeypatch.setattr(incidents, "_writer", SimpleNamespace(is_alive=lambda: True))
    yield
    incidents._waiting.clear()
    incidents._some.clear()
