"""Who is meant by `@` in a text: every name that may begin there, the longest first. Which of them are members is asked elsewhere."""

from __future__ import annotations

import re
import unicodedata

from core.text import USERNAME_MAX, name_key

EVERYBODY = {"all", "所有人"}
EVERYBODY_MAX = 20  # members; above that only managers may call all of them
MENTIONS_MAX = 50  # in one message; what comes after is plain text
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)


def names_in(body: str) -> list[list[str]]:
    """For each `@` the keys of the names that may stand there. Not in code, and not inside an address of mail."""
    text = CODE.sub(" ", body) if "`" in body else body
    found: list[list[str]] = []
    at = text.find("@")
    while at >= 0 and len(found) < MENTIONS_MAX:
        before = text[at - 1 : at]
        if not (before.isascii() and (before.isalnum() or before == "_")) and (keys := _keys(text, at + 1)):
            found.append(keys)
        at = text.find("@", at + 1)
    return found


def _keys(text: str, start: int) -> list[str]:
    end = start
    while end < len(text) and end - start < USERNAME_MAX and _in_names(text[end]):
        end += 1
    return [name_key(text[start:stop]) for stop in range(end, start, -1) if _ends(text, stop)]


def _in_names(letter: str) -> bool:
    return letter in "._-" or unicodedata.category(letter)[0] in "LMN"


def _ends(text: str, stop: int) -> bool:
    """Whether a name may end here: not inside a word, but Chinese puts no blank between words."""
    after = text[stop : stop + 1]
    kind = unicodedata.category(after)[0] if after else "Z"
    if kind == "M":
        return False
    return not (kind in "LN" or after == "_") or _is_cjk(after) or _is_cjk(text[stop - 1])


def _is_cjk(letter: str) -> bool:
    return (
        "\u2e80" <= letter <= "\u9fff"
        or "\uac00" <= letter <= "\ud7af"
        or "\uf900" <= letter <= "\ufaff"
        or letter >= "\U00020000"
    )
