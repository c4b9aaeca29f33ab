"""The engine needs nothing but the standard library, and decides nothing by a clock or by chance."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from games import tienlen

FILES = sorted(Path(tienlen.__file__).parent.glob("*.py"))
CHANCE = {"random", "secrets", "time", "datetime", "os", "uuid"}


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_imports(path: Path):
    names = imports_of(path)
    ours = {name for name in names if name.startswith("games.tienlen")}
    assert {name.split(".")[0] for name in names - ours} <= sys.stdlib_module_names
    allowed = {"secrets"} if path.name == "shuffle.py" else set()
    assert names & CHANCE <= allowed


def test_there_are_files_to_look_at():
    assert {"engine.py", "shuffle.py", "status.py"} <= {path.name for path in FILES}
    assert "games.tienlen.combos" in imports_of(next(path for path in FILES if path.name == "engine.py"))
