"""docs/ui.md has a row for each point of the interface, each row a test, and the tests exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.compile(r"`((?:tests/js/)?[\w.]+\.(?:py|js))`(?:: ([a-z0-9_]+(?:, [a-z0-9_]+)*))?")

# What the screen must have, by the words that its rows begin with or contain
POINTS = (
    "**Layout.**", "back gesture", "240 to 420 px", "**List.**", "pinned first", "**Messages.**", "Grouped by author within five minutes", "emoji alone",
    "quote that jumps", "who has reacted", "long messages folded", "**Ticks.**", "in groups: read by how many", "**Dates.**", "the full time",
    "**Unread.**", "left unread from a message on", "**Jump.**", "it flashes", "**Place.**", "drafts per conversation", "**Typing, presence.**",
    "away after five minutes", "**Composer.**", "↑ edits the last message", "**Input methods.**", "**Attachments.**", "progress, hold, go on, cancel",
    "an offer to one person", "their room is there before they are", "a still where less motion is wanted", "**Keyboard.**",
    "without accents", "F6 between panes",
    "one tab stop", "**Screen readers.**", "more than three at once as a number", "focus goes into a dialog and back", "light and dark, three languages",
    "Targets of 44 px", "letters of 130 %", "**Theme, language.**", "right at the first paint", "**Loading.**", "**Connection.**", "tried again or deleted",
    "**Empty and error states**", "signed in elsewhere", "**Card table.**", "**Notices.**", "icon tells that something is unread", "icon of the installed app",
    "a sound only after a click", "not to be disturbed", "asked only by a click", "**Search.**", "**Groups.**", "**Accounts.**", "**Weight.**", "**Speed.**",
)  # fmt: skip


def rows() -> list[str]:
    lines = (ROOT / "docs" / "ui.md").read_text().splitlines()
    return [line for line in lines if line.startswith("| ") and "|---" not in line][1:]


def test_every_point_has_its_row_and_every_row_a_test() -> None:
    said = [line.split(" | ")[0] for line in rows()]
    assert [point for point in POINTS if not any(point in line for line in said)] == []
    untested = [line for line in rows() if not re.search(r"`[\w./]+\.(?:py|js)`|`bin/bench", line.split(" | ", 1)[1])]
    assert untested == []


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
