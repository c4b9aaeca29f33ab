"""Cleaning of text that people send: what databases, terminals and other readers cannot take is left out or refused."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from core.refusal import Refusal

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# C0 and C1 controls but tab and line feed, and the marks that turn the direction of what follows
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
# Letters that no screen shows, so that one name could look like another: Unicode's Default_Ignorable_Code_Point, and the empty Braille pattern
HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0080-\U000e0fff"
)
# Those change how their neighbours are drawn, of pictures and of scripts that join; behind the letters named here they do nothing
JOINING = "\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e007f"
PLAIN = "\0-\u05ff\u1100-\u17ff\u18b0-\u1fff\u3000-\ud7ff\uf900-\ufaff"
UNSHOWN = re.compile(f"[{HIDDEN}{JOINING}]")
USELESS = re.compile(f"(?:^|(?<=[{PLAIN}]))[{JOINING}]+(?!\u20e3)")
ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"}  # alphabets with the same shapes
BLANKS = re.compile(r"\s+")
USERNAME_MAX, NAME_MAX, BODY_MAX = 32, 64, 10_000
MARKS_MAX = 16  # combining marks in a row; Vietnamese has two
TOO_LONG = _("The text is too long: at most %(limit)s letters.")
NOT_STORABLE = _("The text has characters that cannot be stored.")
RESERVED_NAMES = {"system", "everyone", "all", "所有人"}


def _bound(text: str, limit: int) -> None:
    """Refuse before anything costly: normalising takes time with the square of a run of marks. Raises Refusal."""
    if len(text) > 2 * limit:
        raise Refusal("too_long", TOO_LONG, 400, limit=limit)
    run = 0
    for letter in "" if text.isascii() else text:
        run = run + 1 if unicodedata.category(letter)[0] == "M" else 0  # some combine without a class, and pile up too
        if run > MARKS_MAX:
            raise Refusal("bad_text", NOT_STORABLE, 400)


def clean_body(text: str, limit: int = BODY_MAX, *, needed: bool = True) -> str:
    """A message's text: NFC, no control characters, one kind of line break, no blanks around; empty unless it is needed. Raises Refusal."""
    _bound(text, limit)
    if UNSTORABLE.search(text):
        raise Refusal("bad_text", NOT_STORABLE, 400)
    text = unicodedata.normalize("NFC", UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip(
        " \t\n\u3000"
    )
    if not any(unicodedata.category(letter)[0] not in "CZ" for letter in UNSHOWN.sub("", text)):
        if not needed:
            return ""
        raise Refusal("blank", _("Write something first."), 400)
    if len(text) > limit:
        raise Refusal("too_long", TOO_LONG, 400, limit=limit)
    return text


def name_key(name: str) -> str:
    """What two names are compared by: NFKC and casefolded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _shown(text: str) -> str:
    """What of a line can be seen."""
    return BLANKS.sub(" ", USELESS.sub("", re.sub(f"[{HIDDEN}]", "", text))).strip()


def clean_line(text: str, limit: int) -> str:
    """One line such as a status or a display name: NFC, single blanks, no control characters. Raises Refusal."""
    _bound(text, limit)
    text = _shown(unicodedata.normalize("NFC", UNSEEN.sub("", UNSTORABLE.sub("", text))))
    if len(text) > limit:
        raise Refusal("too_long", TOO_LONG, 400, limit=limit)
    return text


def clean_name(text: str) -> str:
    """A group's name: NFKC, 1-64 letters, single blanks, no `#` in front, no `~`. Raises Refusal."""
    _bound(text, NAME_MAX)
    if UNSTORABLE.search(text):
        raise Refusal("bad_name", _("The name has characters that cannot be used."), 400)
    text = _shown(unicodedata.normalize("NFKC", UNSEEN.sub("", text)))
    if not any(unicodedata.category(letter)[0] not in "CZM" for letter in text):
        raise Refusal("bad_name", _("Give it a name."), 400)
    if len(text) > NAME_MAX or text.startswith("#") or "~" in text or name_key(text) in RESERVED_NAMES:
        raise Refusal("bad_name", _("A name has at most 64 letters, no # in front and no ~."), 400)
    return text


def shown_name(display_name: str | None, username: str | None) -> str:
    """What others read; empty for a deleted account (its user name is `~` and a number) and for nobody."""
    return display_name or ("" if not username or username.startswith("~") else username)


def clean_username(text: str) -> str:
    """A user name: NFKC; letters, marks and figures of any script and `. _ -`; 1-32 letters. Raises Refusal."""
    _bound(text, USERNAME_MAX)
    text = unicodedata.normalize("NFKC", UNSTORABLE.sub("\x00", text).strip())
    fits = 0 < len(text) <= USERNAME_MAX and all(
        unicodedata.category(letter)[0] in "LMN" or letter in "._-" for letter in text
    )
    if not fits or unicodedata.category(text[0])[0] == "M" or UNSHOWN.search(text):
        raise Refusal("bad_username", _("A user name has 1 to 32 letters and figures, and . _ - besides."), 400)
    if len(ALIKE & {unicodedata.name(letter, "").partition(" ")[0] for letter in text}) > 1:
        raise Refusal("bad_username", _("A user name has the letters of one alphabet: others look the same."), 400)
    if name_key(text) in RESERVED_NAMES:
        raise Refusal("bad_username", _("This name is reserved. Choose another one, please."), 400)
    return text


SIGNS = "©®‼⁉™ℹ↔↕↖↗↘↙↩↪▪▫▶◀◻◼◽◾⤴⤵〰〽㊗㊙"  # emoji that are also signs of mathematics and writing
KEYS = "*#0123456789"  # emoji only inside a keycap
KINDS = (("R", "\U0001f1e6", "\U0001f1ff"), ("T", "\U0001f3fb", "\U0001f3ff"), ("G", "\U000e0020", "\U000e007f"))
# One emoji by the kinds of its letters: a flag, a keycap, or a picture (P) with tones (T), variants (V) and tags (G), joined (J) to others
EMOJI = "(?:RR|KV?C|[PT][VT]*G*(?:J[PT][VT]*)*)"


def is_emoji(text: str, most: int = 1) -> bool:
    """Whether the text is one emoji, or up to `most` of them and nothing else; also one newer than this Python, in the block kept for them."""
    return 0 < len(text) <= 16 and re.fullmatch(f"{EMOJI}{{1,{most}}}", "".join(map(_kind, text))) is not None


def _kind(letter: str) -> str:
    if letter in KEYS:
        return "K"
    if letter in "\u200d\u20e3\ufe0e\ufe0f":
        return {"\u200d": "J", "\u20e3": "C"}.get(letter, "V")
    for kind, low, high in KINDS:
        if low <= letter <= high:
            return kind
    kind = unicodedata.category(letter)
    new = kind == "Cn" and "\U0001f680" <= letter <= "\U0001faff"
    return "P" if kind == "So" or letter in SIGNS or new else "?"


def sentences(first: str, then: str) -> str:
    """Two sentences after each other; behind the full stop of Chinese is no blank."""
    return f"{first}{'' if first.endswith('。') else ' '}{then}"
