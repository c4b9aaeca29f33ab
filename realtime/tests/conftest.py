import pytest

from core import registry
from realtime.tests.desk import Desk


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(registry, "feeds", {"x": desk.facts, "u": desk.users})
    monkeypatch.setattr(registry, "gates", [])
    return desk
