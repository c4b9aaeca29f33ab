"""The site's list of words: an entry fits whole words that, written together, are it, whatever stands between their letters.

So `bad` fits "b a d" and "B.A.D!", not "badge"; `bad*` fits "badge" too. What is written without blanks has no longer words, so Chinese fits
anywhere. As in search, marks in an entry are demanded and an entry without marks fits letters with any; `=ngu` fits "ngu" alone, not "ngủ".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from core import policies
from core.folding import marks_of, runs, spread, without_marks
from core.refusal import Refusal
from messaging.policies import Moderation

REFUSED = _("This text has words that this site does not want. Write it in other words, please.")
NAME_REFUSED = _("The name of this file has words that this site does not want. Give it another name, please.")
HEAD = 4  # letters that entries are found by


class Entry(NamedTuple):
    """One line of the list."""

    letters: str
    open: bool  # may a longer word begin with it?
    exact: bool  # these marks and no others?
    marks: tuple[str, ...]  # of each letter; empty where any will do

    def fits(self, marks: Sequence[str]) -> bool:
        """Whether the marks of a text's letters are such as it wants."""
        pairs = zip(self.marks, marks, strict=True)
        return all(set(wanted) == set(there) if self.exact else set(wanted) <= set(there) for wanted, there in pairs)


class WordList:
    """A list made ready: entries by their first letters."""

    def __init__(self, text: str) -> None:
        self.entries: dict[str, dict[Entry, None]] = {}  # in order, each once
        for line in text.splitlines():
            letters, _, _, marks = _squeezed(line)
            if letters:
                exact = line.lstrip().startswith("=")
                wanted = tuple(marks.all())
                entry = Entry(letters, line.rstrip().endswith("*"), exact, wanted if exact or any(wanted) else ())
                self.entries.setdefault(letters[:HEAD], {})[entry] = None
        self.sizes = sorted({len(head) for head in self.entries})

    def __bool__(self) -> bool:
        return bool(self.entries)

    def fits(self, text: str) -> bool:
        """Whether the text has anything of the list."""
        letters, starts, ends, marks = _squeezed(text)
        entries = self.entries
        for size in self.sizes:
            for at in starts:
                if (head := letters[at : at + size]) not in entries:
                    continue
                for entry in entries[head]:
                    end = at + len(entry.letters)
                    if not letters.startswith(entry.letters, at) or not (entry.open or end in ends):
                        continue
                    if not entry.marks or entry.fits(marks.all()[at:end]):
                        return True
        return False


class _Marks:
    """The marks behind each letter, looked up when an entry asks: most texts never do."""

    def __init__(self, spread_text: str, places: list[tuple[int, int]]) -> None:
        self.spread, self.places = spread_text, places
        self.found: list[str] | None = None

    def all(self) -> list[str]:
        """Of all letters."""
        if self.found is None:
            every = marks_of(self.spread)
            self.found = [every[i] for start, length in self.places for i in range(start, start + length)]
        return self.found


def _squeezed(text: str) -> tuple[str, list[int], set[int], _Marks]:
    """The letters of a text without blanks and punctuation, where words begin among them and where they end, and their marks."""
    folded = spread(text)
    parts: list[str] = []
    starts: list[int] = []
    places: list[tuple[int, int]] = []
    length = 0
    for run, at, dense in runs(without_marks(folded)):
        parts.append(run)
        places.append((at, len(run)))
        starts += range(length, length + len(run)) if dense else [length]
        length += len(run)
    ends = {*starts[1:], length}
    return "".join(parts), starts, ends, _Marks(folded, places)


@lru_cache(4)
def _ready(text: str) -> WordList:
    return WordList(text)


def unwanted(text: str) -> str:
    """What the site does with this text for its words: `refuse` or `report` it, or nothing."""
    policy = policies.get(Moderation)
    if not policy.words or not (found := _ready(policy.words)) or not found.fits(text):
        return ""
    return policy.word_action


def demand_file_name(name: str) -> None:
    """Refuse a file before its first byte where its message would be. Raises Refusal."""
    if unwanted(name) == "refuse":
        raise Refusal("words", NAME_REFUSED)


def demand_wanted(text: str) -> None:
    """Refuse names and notices that have words of the list: there is no message that could be reported. Raises Refusal."""
    if unwanted(text):
        raise Refusal("words", REFUSED)
