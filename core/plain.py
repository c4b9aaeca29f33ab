"""Text that harms no reader: no terminal, no spreadsheet, no XML parser, no line of a file."""

from __future__ import annotations

import re

# Controls, line ends, marks that turn the direction of what follows, and what XML cannot hold
UNSAFE = re.compile(
    "[\\\\\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
UNSAFE_IN_JSON = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
SPECIAL = re.compile(UNSAFE.pattern[:-1] + '&<>"]')
SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # what a spreadsheet would calculate instead of show
XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def escaped(text: str) -> str:
    r"""One line in which nothing is unseen: `\n`, `\t`, `\\`, `\u202e`; it can be read back without doubt."""
    return UNSAFE.sub(_escape, text)


def escaped_json(text: str) -> str:
    """JSON written with its letters as they are, but those that are unseen: the same values."""
    return UNSAFE_IN_JSON.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    return SHORT.get(letter) or f"\\u{ord(letter):04x}"


def plain_cell(cell: str) -> str:
    """A cell of a spreadsheet that is text, whatever it begins with."""
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(FORMULA) else cell


def xml_text(text: str) -> str:
    """Text for an element or an attribute; what XML cannot hold becomes a sign."""
    return NOT_XML.sub("\ufffd", text).translate(XML)


def xml_line(text: str) -> str:
    """The same of a text that is written as one line: see `escaped`."""
    return xml_text(escaped(text)) if SPECIAL.search(text) else text
