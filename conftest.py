"""Options of the test run and the environment of its Django; the cast of people is in tests/cast.py."""

import atexit
import importlib
import os
import re
import shutil
import tempfile
from itertools import compress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
pytest_plugins = ["tests.cast", "tests.emptying", "games.tests.at_table", "tests.groups", "tests.spies", "tests.tabs"]

if "CHATROOM_DATA" not in os.environ:
    os.environ["CHATROOM_DATA"] = tempfile.mkdtemp(prefix="chatroom-tests-")
    atexit.register(shutil.rmtree, os.environ["CHATROOM_DATA"], ignore_errors=True)
MEMORY = Path("/dev/shm")  # each commit waits for the disk: half of the time of many tests, and nothing of it is kept
if "CHATROOM_TEST_DB" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2**28:
    FOLDER = tempfile.mkdtemp(prefix="chatroom-tests-", dir=MEMORY)
    os.environ["CHATROOM_TEST_DB"] = f"{FOLDER}/test.sqlite3"
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
if "TESTS_OUTSIDE" not in os.environ:  # else the run that started this one looks at it
    handle, os.environ["TESTS_OUTSIDE"] = tempfile.mkstemp(prefix="chatroom-tests-outside-")
    os.close(handle)
    atexit.register(Path(os.environ["TESTS_OUTSIDE"]).unlink, missing_ok=True)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT / "tests/closed"), os.environ.get("PYTHONPATH")]))
    importlib.import_module("tests.closed.sitecustomize")
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
    """--slow and --full."""
    parser.addoption(
        "--slow", action="store_true", help="also the broad variants and the long tests, as continuous integration does"
    )
    parser.addoption("--full", action="store_true", help="also these, the large counts, fuzzing and the soak")


# What older clients are told, who may do what, pages and the bytes of files: they ask little of the database, and on SQLite all of it is asked.
NEUTRAL = re.compile(
    r"gateways/|files/tests/test_(hostile|processing|reading|serving|tus)|accounts/tests/test_(admin|avatars|pages|second_factor)"
    r"|tests/test_(admin_verdicts|bad_input|canary|headers|log_whole|losing|mass_assignment|policy_matrix|rights_matrix|signin_verdicts)"
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what --slow and --full are for; on PostgreSQL, which comes second, the unit tests that show little of it."""
    full = config.getoption("--full")
    slow = full or config.getoption("--slow")
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        wanted = [uses_database(item) and (slow or not NEUTRAL.match(item.nodeid)) for item in items]
        config.hook.pytest_deselected(items=[item for item, want in zip(items, wanted, strict=True) if not want])
        items[:] = compress(items, wanted)
    for name, given in (("slow", slow), ("full", full)):
        skip = pytest.mark.skip(reason=f"runs with --{name}")
        for item in items:
            if not given and item.get_closest_marker(name):
                item.add_marker(skip)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whatever reached for another machine fails the run, also where the error was swallowed."""
    if not hasattr(session.config, "workerinput") and (outside := Path(os.environ["TESTS_OUTSIDE"]).read_text()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.get_terminal_writer().line(f"\nFAILED: tests reach this machine only\n{outside[:5000]}")


def uses_database(item: pytest.Item) -> bool:
    """Whether a test may meet a database: its own, or that of a site it starts."""
    if item.path.is_relative_to(ROOT / "tests") and item.path.parent != ROOT / "tests":
        return True
    return bool(item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(item.fixturenames))  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def slow(request: pytest.FixtureRequest) -> bool:
    """Whether broad variants are asked for."""
    return bool(request.config.getoption("--slow") or request.config.getoption("--full"))


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether large counts are asked for."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def fresh_board(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the dashboard is a fresh one."""
    monkeypatch.setattr("chatroom.dashboard_views.FRESH_FOR", -1.0)


@pytest.fixture
def real_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as in use: with all their memory."""
    monkeypatch.setattr(Argon2, "memory_cost", REAL_MEMORY)
