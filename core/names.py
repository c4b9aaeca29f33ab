"""Finding people and groups by name: by beginnings of words in any order, by initials, Chinese by any part, by its sound and by the initials of that.

A name is kept as one folded line of what it may be found by, each behind a blank: `王小明` as ` 王小明 wangxiaoming xiaoming ming wxm xm`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from itertools import islice, product

from core.folding import DENSE, Folded, marks_of, plain, runs, spread

KEY_MAX = 512
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
SOUNDED = 8  # letters of a name of which the sound is kept
READINGS = 4  # of a name, where letters have several
INITIALS = 6  # words of a name
TERMS_MAX = 8


def search_key(*names: str) -> str:
    """The line of these names, at most KEY_MAX letters; it begins with a blank."""
    found = dict.fromkeys(word for name in names for word in _findable(name))
    return (" " + " ".join(found))[:KEY_MAX]


def _findable(name: str) -> list[str]:
    letters = " ".join(plain(name).split())
    words = [run for run, _, dense in runs(letters) if not dense]
    initials = "".join(word[0] for word in words)[:INITIALS]
    found = [letters] if letters else []
    found += [initials[start:] for start in range(len(initials) - 1)]
    for run in HAN.findall(name):
        found += _sounds(run[:SOUNDED])
    return found


def _sounds(run: str) -> list[str]:
    """How a Chinese name may be typed: the sound from each letter on, and the initials."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # 40 MB that names do not need
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin import Style, pinyin

    each = pinyin(run, style=Style.NORMAL, heteronym=True, errors="ignore")
    readings = [reading[::-1] for reading in islice(product(*each[::-1]), READINGS)]  # those of the family name first
    found = ["".join(reading[start:]) for reading in readings for start in range(len(reading))]
    for reading in readings:
        first = "".join(sound[0] for sound in reading)
        found += [first[start:] for start in range(len(first) - 1)]
    return found


def terms(query: str) -> list[str]:
    """What a query for names is made of: folded letters between blanks, those of mentions left out."""
    return [term for word in query.split() if (term := plain(word.lstrip("@#")))][:TERMS_MAX]


def fits(key: str, term: str) -> bool:
    """Whether one term finds a name by its line: as the beginning of something there, or, when it says enough, inside."""
    return f" {term}" in key or ((len(term) > 2 or bool(DENSE.match(term))) and term in key)


def has_marks(query: str, names: Iterable[str]) -> bool:
    """Whether the marks that were typed are in the names: each word with marks has to be there with at least these."""
    folded = [Folded(name) for name in names]
    for word in query.split():
        letters, marks = plain(word.lstrip("@#")), marks_of(spread(word.lstrip("@#")))
        if any(marks) and not any(_there(found, letters, marks) for found in folded):
            return False
    return True


def _there(found: Folded, letters: str, marks: list[str]) -> bool:
    at = found.plain.find(letters)
    while at >= 0:
        if found.has_marks(at, marks):
            return True
        at = found.plain.find(letters, at + 1)
    return False
