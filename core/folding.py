"""One folding of text for every search and both databases: letters and their marks apart, without case; words and what is written without blanks.

`spread` writes a text as NFKD without case, so that each mark stands behind its letter; đ, ł, ø and the like, which Unicode does not take apart,
become a letter with the mark STROKE. `plain` leaves the marks out; an index has words without them, and once more behind each of the marks TOLD.
Words begin where a run of letters or a run of figures begins; Chinese, Japanese, Korean, Thai and pictures are written without blanks, so each of their
letters is a beginning. What is left separates words: blanks, `_`, `-`, `'`, `+`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

WORD_MAX = 32  # letters of a word that an index keeps
STROKE = "\u0335"
STROKED = {
    "đ": "d", "ð": "d", "ħ": "h", "ɨ": "i", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t", "ƀ": "b", "ɖ": "d", "ƶ": "z",
}  # fmt: skip
RARE = re.compile("[" + "".join(set(STROKED) - {"đ"}) + "]")
# Joiners, variation selectors, soft hyphens and zero-width blanks: as if they were not there.
IGNORED = "\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff"
SKIN = "\U0001f3fb-\U0001f3ff"  # colours of skin are marks of the emoji before them
JAMO = re.compile("[\u1100-\u11ff]+")


def _ranges(kinds: tuple[str, ...], last: int) -> str:
    """The letters of these categories as ranges for a character class."""
    found, start = [], None
    for code in range(0x80, last + 2):
        inside = code <= last and unicodedata.category(chr(code)) in kinds
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            found.append(chr(start) if start == code - 1 else f"{chr(start)}-{chr(code - 1)}")
            start = None
    return "".join(found)


_MARK = _ranges(("Mn", "Me"), 0x3100) + "\ua66f-\ua672\ua674-\ua67d\ua69e\ua69f\ua6f0\ua6f1\ufe20-\ufe2f" + SKIN
MARK = f"[{_MARK}]"
# Written without blanks: CJK and its signs, kana, hangul, Thai, Lao, Tibetan, Burmese, Khmer; signs of money, arrows, pictures.
_DENSE = (
    "\u0e01-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u303c\u3041-\u30fa\u30fc-\u318f"
    "\u31a0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
    "$¢£¤¥©®°\u20a0-\u20cf\u2100-\u214f\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
)
DENSE = re.compile(f"[{_DENSE}]")
LETTER = f"[^\\W\\d_{_DENSE}]"
RUNS = re.compile(f"([{_DENSE}]+)|(\\d+)|({LETTER}+)")  # of a plain text: dense letters, figures, words
MARKS = re.compile(f"{MARK}+")
# Marks that an index knows: those of Vietnamese, the rare ones first; đ is too common to tell much. Others are only compared with the text.
TOLD = "\u0309\u0303\u0323\u0301\u0300\u0306\u031b\u0302"
TOLD_MARKS = re.compile(f"[{TOLD}]")
MARKED = re.compile(f"(?:{LETTER}{MARK}*)+")  # words of a spread text
SKIPPED = re.compile(f"[{IGNORED}]+")
ODD = re.compile(f"{RARE.pattern[:-1]}{IGNORED}\u1100-\u11ff]")  # what is not spread by the tables of Unicode alone


def spread(text: str) -> str:
    """The text without case, marks behind their letters."""
    text = text.replace("’", "'").casefold()
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text).casefold().replace("đ", "d" + STROKE)
    if not ODD.search(text):
        return text
    text = RARE.sub(lambda found: STROKED[found[0]] + STROKE, text)
    text = JAMO.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    return SKIPPED.sub("", text)


def without_marks(spread_text: str) -> str:
    """A spread text without its marks."""
    return spread_text if spread_text.isascii() else MARKS.sub("", spread_text)


def plain(text: str) -> str:
    """The text without case and without marks: `Đường` becomes `duong`."""
    return without_marks(spread(text))


GROUPS = re.compile(f"[\u1100-\u11ff]+|[^{_MARK}{IGNORED}][{_MARK}{IGNORED}]*|[{_MARK}{IGNORED}]+")
JOINED = re.compile(f"[{_MARK}{IGNORED}\u1100-\u11ff]")  # belongs to the letter before it
WITH_MARKS = re.compile(f"[^{_MARK}]([{_MARK}]*)")


def marks_of(spread_text: str) -> list[str]:
    """The marks behind each letter of a spread text."""
    return WITH_MARKS.findall(spread_text)


def places_of(text: str) -> list[tuple[int, int]]:
    """Where the original of each letter of `plain(text)` begins and ends in the text."""
    if text.isascii() or (not JOINED.search(text) and all(len(_plain_letter(letter)) == 1 for letter in text)):
        return [(at, at + 1) for at in range(len(text))]
    found: list[tuple[int, int]] = []
    for group in GROUPS.finditer(text):
        found += [group.span()] * len(_plain_letter(group[0]))
    return found


@lru_cache(16384)
def _plain_letter(group: str) -> str:
    return plain(group)


def runs(plain_text: str) -> Iterator[tuple[str, int, bool]]:
    """The runs of a plain text that words begin with: letters, where they begin, whether they are written without blanks."""
    for found in RUNS.finditer(plain_text):
        yield found[0], found.start(), found.lastindex == 1


def words_of(text: str) -> set[str]:
    """What an index keeps of a text: words, figures, and of what is written without blanks each pair of letters and the last letter.

    A word with marks is there once more behind each of them that is TOLD: `ế` is `e`, `\u0301e` and `\u0302e`.
    """
    letters, found = spread(text), set[str]()
    bare = without_marks(letters)
    for run, _, dense in runs(bare):
        if dense:
            found.update(run[i : i + 2] for i in range(len(run)))
        else:
            found.add(run[:WORD_MAX])
    if len(bare) < len(letters):
        found.update(*map(_behind_marks, MARKED.findall(letters)))
    return found


@lru_cache(8192)
def _behind_marks(word: str) -> tuple[str, ...]:
    """The letters of a word behind each of its marks that is TOLD. Kept, as a language has few syllables: a third of the time."""
    bare = without_marks(word)[:WORD_MAX]
    return tuple(mark + bare for mark in set(TOLD_MARKS.findall(word)))


def told(marks: Iterable[str]) -> list[str]:
    """Of the marks behind letters those that an index knows, the ones that tell most first."""
    there = set().union(*marks)
    return [mark for mark in TOLD if mark in there]


def kind_of(letter: str) -> int:
    """1: written without blanks, 2: a figure, 3: a letter of a word, 0: what separates words."""
    found = RUNS.match(letter)
    return found.lastindex or 0 if found else 0


class Folded:
    """A text in the forms that terms are compared with, made when asked for."""

    __slots__ = ("_marks", "_plain", "spread")

    def __init__(self, text: str) -> None:
        self.spread = spread(text)
        self._plain: str | None = None
        self._marks: list[str] | None = None

    @property
    def plain(self) -> str:
        """Without marks."""
        if self._plain is None:
            self._plain = without_marks(self.spread)
        return self._plain

    def has_marks(self, at: int, wanted: Iterable[str]) -> bool:
        """Whether the letters from here on have at least these marks."""
        if not any(wanted):
            return True
        if self._marks is None:
            self._marks = marks_of(self.spread)
        return all(mark in self._marks[at + i] for i, marks in enumerate(wanted) for mark in marks)
