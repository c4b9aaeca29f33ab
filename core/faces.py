"""What stands where a person or a conversation has no picture: a colour and one or two letters, as the page's script finds them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

HUES = 8
HAN = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass
class Face:
    """Somebody, or a conversation: a picture, else an icon, else letters."""

    hue: int
    name: str
    picture: str = ""
    icon: str = ""

    @property
    def letters(self) -> str:
        """One or two that stand for the name: the end of a Chinese one, the initials of others."""
        words = [_signs(word) for word in self.name.split()]
        if words and HAN.match(words[-1][-1]):
            return "".join(_signs("".join(self.name.split()))[-2:])
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


def _signs(text: str) -> list[str]:
    """Letters with their marks."""
    found: list[str] = []
    for letter in text:
        if found and unicodedata.category(letter)[0] == "M":
            found[-1] += letter
        else:
            found.append(letter)
    return found
