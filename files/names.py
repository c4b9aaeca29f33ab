"""Names of files are data: shown, searched and sent back, never part of a path."""

from __future__ import annotations

import re
import unicodedata

from core.text import UNSEEN, UNSTORABLE

BYTES_MAX = 200
EXTENSION_MAX = 20  # bytes, dot and all; what is longer is no extension
MARKS = re.compile("[\u200e\u200f\u061c\u2028\u2029\ufeff]")  # marks of direction, and line ends that `UNSEEN` keeps
SEPARATORS = re.compile(r"[/\\]")
BLANKS = re.compile(r"\s+")


def clean_file_name(text: str) -> str:
    """The name as it may be shown and offered for saving: 1-200 bytes of one line, without a path; "file" when nothing is left."""
    text = SEPARATORS.split(text)[-1]  # older browsers and programs send whole paths
    if len(text) > 2 * BYTES_MAX:  # normalising takes time with the square of a run of marks
        text = text[: 2 * BYTES_MAX - EXTENSION_MAX] + text[-EXTENSION_MAX:]
    text = UNSEEN.sub("", MARKS.sub("", UNSTORABLE.sub("", BLANKS.sub(" ", text))))
    text = unicodedata.normalize("NFC", text).lstrip(". ").rstrip()
    stem, dot, extension = text.rpartition(".")
    extension = dot + extension if stem else ""
    if len(extension.encode()) > EXTENSION_MAX:
        extension = ""
    stem = text[: len(text) - len(extension)]
    return (stem.encode()[: BYTES_MAX - len(extension.encode())].decode(errors="ignore").rstrip() + extension) or "file"
