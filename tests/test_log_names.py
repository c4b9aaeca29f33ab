"""Names of events are `thing.verb_in_the_past`, and docs/operate.md lists every one."""

import re
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "messaging", "realtime", "chatroom")
DOTTED = re.compile(r'(?<!POLICY = )"([a-z_]+\.[a-z_]+)"')
RECORDED = re.compile(r'\brecord\([^",]+,\s*"([^"]*)"')


def test_every_event_has_a_name_of_two_words_that_is_listed() -> None:
    sources = [path.read_text() for path in chain(*((ROOT / app).glob("actions/*.py") for app in APPS))]
    names = {name for source in sources for name in DOTTED.findall(source)}
    recorded = {name for source in sources for name in RECORDED.findall(source)}
    assert len(recorded) > 30 and recorded <= names
    listed = (ROOT / "docs" / "operate.md").read_text().partition("## The log")[2].partition("\n## ")[0]
    assert names == set(re.findall(r"`([a-z_]+\.[a-z_]+)`", listed))
