"""Which tests share a worker (`pytest -n 2 --dist loadgroup`): those that share something dear, or would disturb each other.

The mark `xdist_group` of pytest-xdist 3.8 has no effect with pytest 9.2, which keeps the numbers of tests elsewhere; hence by name.
"""

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "house": r"tests/e2e/test_(axe|budgets|layout)\.py",  # the full house is built once
    "sockets": r"tests/sockets/.*\[one\b",  # one site of each shape
    "sockets, scaled": r"tests/sockets/.*\[scaled\b",
    "faults of what is stored": r"tests/faults/test_(backup|crash|export|uploads)\.py",
    "faults that wait": r"tests/faults/.*::test_c(6|8|10_idle|20|38_a_server)_",  # for the site's clocks, and use little of the machine
    "faults": r"tests/faults/",
    "serve": r"tests/serve/",
}


class Groups(LoadScopeScheduling):
    """The largest groups first; each of the other tests goes to the worker that is free."""

    def _split_scope(self, nodeid: str) -> str:
        return next((name for name, pattern in GROUPS.items() if re.match(pattern, nodeid)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups | None:
    """For --dist loadgroup."""
    return Groups(config, log) if config.getvalue("dist") == "loadgroup" else None
