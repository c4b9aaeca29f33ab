"""docs/ui.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.compile(r"`((?:tests/js/)?[\w.]+\.(?:py|js))`(?:: ([a-z0-9_]+(?:, [a-z0-9_]+)*))?")


def test_every_named_test_exists() -> None:
    missing, seen = [], 0
    for file, names in NAMED.findall((ROOT / "docs" / "ui.md").read_text()):
        path = ROOT / file if "/" in file else ROOT / "tests" / "e2e" / file
        text = path.read_text() if path.exists() else ""
        missing += [file] if not text else []
        for name in filter(None, names.split(", ")):
            seen += 1
            missing += [] if f"def test_{name}(" in text else [f"{file}: {name}"]
    assert seen > 40
    assert not missing
