"""What somebody types to find texts: parsed, looked for in an index, and checked letter by letter against the text itself.

Terms stand between blanks, and all have to be found. A term is found where its letters stand one after the other, beginning where a word begins (what is
written without blanks: anywhere). A mark that is typed has to be there, one that is not typed may be. In quotes the words are whole and in order.
Punctuation around a term does not count, inside a term it does. Nothing that is typed is an operator.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from core.folding import TOLD, WORD_MAX, Folded, kind_of, marks_of, places_of, runs, spread, told, without_marks

QUERY_MAX = 500  # letters
TERMS_MAX = 32
CHUNKS = re.compile(r'"([^"]+)"|“([^”]+)”|([^\s"“”]+)')


@dataclass(frozen=True, slots=True)
class Need:
    """A word that the index has of each text that is meant, or the beginning of one; behind a mark when marks were typed."""

    word: str
    beginning: bool


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a query. `parts` has one item but for quotes: plain letters of each word."""

    parts: tuple[str, ...]
    marks: tuple[tuple[str, ...], ...]  # of each letter of each part
    whole: bool
    needs: tuple[Need, ...]
    loose: re.Pattern | None  # for terms with marks: finds at least what the term finds, in a spread text

    def spans(self, found: Folded) -> list[tuple[int, int]]:
        """Where the term stands in the plain text."""
        if self.loose is not None and not self.loose.search(found.spread):
            return []
        text, spans, at = found.plain, [], 0
        while (at := text.find(self.parts[0], at)) >= 0:
            end = self._end(found, at)
            if end is not None:
                spans.append((at, end))
            at = end if end is not None else at + 1
        return spans

    def _end(self, found: Folded, at: int) -> int | None:
        text, start = found.plain, at
        for part, marks in zip(self.parts, self.marks, strict=True):
            if at != start:  # between the words of a phrase something stands that is no word
                gap = at
                while at < len(text) and not kind_of(text[at]):
                    at += 1
                if at == gap or not text.startswith(part, at):
                    return None
            if not begins(text, at) or not found.has_marks(at, marks):
                return None
            at += len(part)
        return None if self.whole and at < len(text) and not begins(text, at) else at


def begins(text: str, at: int) -> bool:
    """Whether something can begin here: not inside a word or a number."""
    kind = kind_of(text[at])
    return at == 0 or kind < 2 or kind_of(text[at - 1]) != kind


@dataclass(frozen=True, slots=True)
class Query:
    """All terms of what was typed."""

    terms: tuple[Term, ...]

    def finds(self, text: str) -> bool:
        """Whether every term is in the text."""
        found = Folded(text)
        return all(term.spans(found) for term in self.terms)

    def ranges(self, text: str) -> list[list[int]]:
        """Where the terms stand in the text, in order and without overlaps: first letter, letter after the last."""
        found, places = Folded(text), places_of(text)
        spans = sorted((places[a][0], places[b - 1][1]) for term in self.terms for a, b in term.spans(found))
        ranges: list[list[int]] = []
        for start, end in spans:
            if ranges and start <= ranges[-1][1]:
                ranges[-1][1] = max(end, ranges[-1][1])
            else:
                ranges.append([start, end])
        return ranges

    def needs(self, most: int) -> list[Need]:
        """Words for the index, those that tell most first: long ones before short ones, whole ones before beginnings, each with one mark before others."""
        found = sorted(dict.fromkeys(need for term in self.terms for need in term.needs), key=_telling)
        first: dict[str, Need] = {}
        for need in found:
            first.setdefault(need.word.lstrip(TOLD), need)
        return list(dict.fromkeys([*first.values(), *found]))[:most]


def _telling(need: Need) -> tuple:
    dense = kind_of(need.word[0]) == 1
    return (-(4 * len(need.word) if dense else len(need.word)), need.beginning)


def parse(text: str) -> Query:
    """The query; without terms where nothing was typed that could be found."""
    terms: dict[tuple, Term] = {}
    for found in CHUNKS.finditer(text[:QUERY_MAX]):
        term = _term(found[3] or found[1] or found[2], found[3] is None)
        if term is not None:
            terms[term.parts, term.marks, term.whole] = term
    return Query(tuple(terms.values())[:TERMS_MAX])


def _term(typed: str, whole: bool) -> Term | None:
    letters = _bare(spread(typed))
    parts, marks, needs, loose = [], [], [], []
    for piece in _words(letters) if whole else [letters]:
        part = without_marks(piece)
        each = tuple(marks_of(piece))
        if not part or len(each) != len(part):
            return None
        parts.append(part)
        marks.append(each)
        loose += [re.escape(a) + "".join(rf"(?=\W*{re.escape(m)})" for m in b) for a, b in zip(part, each, strict=True)]
        for run, start, dense in runs(part):
            last = start + len(run) == len(part)
            if dense and len(run) > 1:
                needs += [Need(run[i : i + 2], False) for i in range(len(run) - 1)]
            else:
                known = told(each[start : start + len(run)]) if kind_of(run[0]) == 3 else []
                needs += [Need(mark + run[:WORD_MAX], dense or (last and not whole)) for mark in known or [""]]
    if not needs:
        return None
    marked = any(mark for each in marks for mark in each)
    pattern = re.compile(r"\W*".join(loose)) if marked else None
    return Term(tuple(parts), tuple(marks), whole, tuple(needs), pattern)


def _bare(letters: str) -> str:
    """Without punctuation, blanks and stray marks around it."""
    start, end = 0, len(letters)
    while start < end and unicodedata.category(letters[start])[0] in "PZCM":
        start += 1
    while start < end and unicodedata.category(letters[end - 1])[0] in "PZC":
        end -= 1
    return letters[start:end]


def _words(letters: str) -> list[str]:
    """The words of a phrase in a spread text: pieces without anything that separates words."""
    pieces: list[str] = [""]
    for letter in letters:
        if kind_of(letter) or unicodedata.category(letter)[0] in "M" or "\U0001f3fb" <= letter <= "\U0001f3ff":
            pieces[-1] += letter
        elif pieces[-1]:
            pieces.append("")
    return [piece for piece in pieces if piece]
