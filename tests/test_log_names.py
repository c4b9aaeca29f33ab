"""Names of events are `thing.verb_in_the_past`; audit/names.py has each with its word, docs/operate.md lists them."""

import re
from itertools import chain
from pathlib import Path

from audit.names import ACTIONS, SENT

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"[a-z_]+\.[a-z_]+")
RECORDED = re.compile(r'\brecord\([^",]+,\s*"([^"]*)"')


def test_every_event_that_is_recorded_is_in_the_list() -> None:
    sources = [path.read_text() for path in chain(ROOT.glob("*/actions/*.py"), ROOT.glob("*/actions.py"))]
    recorded = {name for source in sources for name in RECORDED.findall(source)}
    assert len(recorded) > 50 and recorded <= set(ACTIONS)
    everywhere = "".join(sources)
    assert [name for name in ACTIONS if f'"{name}"' not in everywhere] == []


def test_names_have_two_words() -> None:
    assert [name for name in (*ACTIONS, *SENT) if not NAME.fullmatch(name)] == []


def test_the_page_for_administrators_lists_every_event() -> None:
    page = (ROOT / "docs" / "operate.md").read_text().partition("| of | events |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", page)) == {*ACTIONS, *SENT}
