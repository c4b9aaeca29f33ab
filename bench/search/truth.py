"""What a search ought to find, by reading everything: coded without the folding of the server.

Chinese by substring, words and numbers by their beginnings, no case, no width; a mark that is typed is demanded, one that is not typed may be there.
"""

import unicodedata
from functools import lru_cache


@lru_cache(None)
def _pieces(letter: str) -> tuple[tuple[str, str], ...]:
    """A letter as (base, marks) pairs."""
    found: list[tuple[str, str]] = []
    for part in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letter.casefold()).casefold()):
        if part in "\ufe0f\u200d":
            continue
        if part == "đ":
            found.append(("d", "-"))
        elif unicodedata.combining(part) and found:
            found[-1] = (found[-1][0], found[-1][1] + part)
        else:
            found.append((part, ""))
    return tuple(found)


@lru_cache(None)
def _sort(base: str) -> str:
    if unicodedata.name(base, "").startswith("CJK"):
        return "ideograph"
    kind = unicodedata.category(base)
    return {"L": "letter", "N": "figure"}.get(kind[0], "picture" if kind == "So" else "other")


class Text:
    """A text taken apart: its letters without marks, the marks of each, whether something begins there."""

    def __init__(self, text: str) -> None:
        pairs = [pair for letter in unicodedata.normalize("NFC", text) for pair in _pieces(letter)]
        self.letters = "".join(base for base, _ in pairs)
        self.marks = [marks for _, marks in pairs]
        sorts = [_sort(base) for base, _ in pairs]
        self.begins = [
            sort not in ("letter", "figure") or i == 0 or sorts[i - 1] != sort for i, sort in enumerate(sorts)
        ]

    def has(self, term: "Text") -> bool:
        """Whether the term stands here somewhere."""
        at = self.letters.find(term.letters)
        while at >= 0:
            if self.begins[at] and all(
                set(marks) <= set(self.marks[at + i]) for i, marks in enumerate(term.marks) if marks
            ):
                return True
            at = self.letters.find(term.letters, at + 1)
        return False


def truth(query: str, texts: dict[int, Text]) -> list[int]:
    """The keys of the texts that have every term, highest first."""
    terms = [Text(term) for term in query.split()]
    return sorted((key for key, text in texts.items() if all(text.has(term) for term in terms)), reverse=True)
