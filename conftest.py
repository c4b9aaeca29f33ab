"""Options of the test run and the environment of its Django; the cast of people is in tests/cast.py."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
pytest_plugins = ["tests.cast", "tests.emptying", "games.tests.at_table", "tests.groups", "tests.spies", "tests.tabs"]

if "CHATROOM_DATA" not in os.environ:
    os.environ["CHATROOM_DATA"] = tempfile.mkdtemp(prefix="chatroom-tests-")
    atexit.register(shutil.rmtree, os.environ["CHATROOM_DATA"], ignore_errors=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")
os.environ.setdefault("CHATROOM_SECRET_KEY", "not secret: the key of the tests")

import django  # noqa: E402

import chatroom.celery  # noqa: E402, F401 - tasks go to a broker in memory
from chatroom.serving.translations import compile_translations  # noqa: E402

compile_translations(ROOT / "locale")
django.setup()

from accounts.passwords import Argon2  # noqa: E402

REAL_MEMORY, Argon2.memory_cost = Argon2.memory_cost, 64  # a seventh of the unit tests' time went into hashes


def pytest_addoption(parser: pytest.Parser) -> None:
    """--full."""
    parser.addoption("--full", action="store_true", help="also the large counts, fuzzing and the soak")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what --full is for; on PostgreSQL, which comes second, the unit tests that use no database."""
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        alone = [item for item in items if not uses_database(item)]
        config.hook.pytest_deselected(items=alone)
        items[:] = [item for item in items if uses_database(item)]
    if config.getoption("--full"):
        return
    skip = pytest.mark.skip(reason="runs with --full")
    for item in items:
        if "full" in item.keywords and item.get_closest_marker("full"):
            item.add_marker(skip)


def uses_database(item: pytest.Item) -> bool:
    """Whether a test may meet a database: its own, or that of a site it starts."""
    if item.path.is_relative_to(ROOT / "tests") and item.path.parent != ROOT / "tests":
        return True
    return bool(item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(item.fixturenames))  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether large counts are asked for."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def real_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as in use: with all their memory."""
    monkeypatch.setattr(Argon2, "memory_cost", REAL_MEMORY)
