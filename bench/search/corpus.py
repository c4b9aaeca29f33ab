"""Sentences that people wrote, from the translations of installed packages and our own, and messages made of them."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import polib

LANGUAGES = {"zh": ("zh_Hans", "zh_CN"), "vi": ("vi", "vi_VN")}
ROOT = Path(__file__).resolve().parent.parent.parent
PLACEHOLDER = re.compile(r"%\(?\w*\)?[a-z]?|\{\w*\}|<[^>]*>|&\w+;|\s+")
CODES = [
    "Kepler", "Sao Mai", "蓝鲸", "Hoa Sen", "Orion", "长城", "Mê Kông", "Zephyr", "竹林", "Phượng", "Quartz", "北斗", "Lạc Việt", "Nimbus", "黄河",
    "Tre Xanh", "Vertex", "白鹤", "Cửu Long", "Pixel",
]  # fmt: skip


def sentences() -> dict[str, list[str]]:
    """Distinct sentences of each language, sorted."""
    found: dict[str, set[str]] = {"zh": set(), "vi": set(), "en": set()}
    places = [Path(polib.__file__).parent, ROOT / "locale"]
    for language, names in LANGUAGES.items():
        for name in names:
            for place in places:
                for file in sorted(place.glob(f"**/{name}/LC_MESSAGES/*.po")):
                    for entry in polib.pofile(str(file)):
                        found[language].add(_clean(entry.msgstr))
                        found["en"].add(_clean(entry.msgid))
    return {language: sorted(s for s in some if len(s) > 3) for language, some in found.items()}


def _clean(text: str) -> str:
    return PLACEHOLDER.sub(" ", text).strip()[:160]


def bodies(places: list[int], rnd: random.Random) -> Iterator[str]:
    """A message for each place: mostly one language in each, now and then the name of what the place works on, a number, an emoji."""
    known = sentences()
    spoken = {place: rnd.choice(["zh", "vi", "en", "all"]) for place in sorted(set(places))}
    for place in places:
        language = spoken[place] if spoken[place] != "all" else rnd.choice(["zh", "vi", "en"])
        parts = [rnd.choice(known[language]) for _ in range(rnd.choice([1, 1, 2]))]
        luck = rnd.random()
        if luck < 0.25:
            parts.insert(rnd.randrange(len(parts) + 1), CODES[place % len(CODES)])
        elif luck < 0.35:
            parts.append(rnd.choice(["👍", "😀", "❤️", "🎉"]))
        elif luck < 0.5:
            parts.append(str(rnd.randrange(10**6)))
        yield rnd.choice([" ", " ", ""] if language == "zh" else [" "]).join(parts)
