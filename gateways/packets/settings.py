"""The settings document of `packets`: the options that browsers edit, and whatever else the client keeps in it."""

from __future__ import annotations

import json
from json.decoder import WHITESPACE, JSONDecoder, scanstring  # type: ignore[attr-defined]
from typing import Any

from accounts.options_file import options_of, take_options
from gateways.packets.codec import SETTINGS_MAX
from gateways.packets.kept import keep, kept_of


def document_of(actor: Any) -> bytes:
    """All options of a person, then the keys that only his client knows, letter for letter as it gave them."""
    return _document(options_of(actor), kept_of(actor))


def take_document(actor: Any, document: bytes) -> None:
    """Set the options that are in it and valid, keep the keys that are none; what is no JSON object changes nothing."""
    try:
        text = document.decode()
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict):
        return
    options = options_of(actor)
    other = {name: value for name, value in _members(text) if name not in options}
    kept = ",".join(f"{json.dumps(name)}:{value}" for name, value in other.items())
    if len(_document(options, kept)) > SETTINGS_MAX:
        return
    take_options(actor, {name: value for name, value in found.items() if name in options})
    keep(actor, kept)


def _document(options: dict[str, Any], kept: str) -> bytes:
    known = json.dumps(options, ensure_ascii=False, separators=(",", ":"))
    return (f"{known[:-1]},{kept}}}" if kept else known).encode()


def _members(text: str) -> list[tuple[str, str]]:
    """The names of an object that is known to be good, and their values as they are written: numbers keep their figures."""
    decoder, found = JSONDecoder(), []
    at = _after_blanks(text, _after_blanks(text, 0) + 1)
    while text[at] == '"':
        name, at = scanstring(text, at + 1)
        begin = _after_blanks(text, _after_blanks(text, at) + 1)  # behind the colon
        _, end = decoder.raw_decode(text, begin)
        found.append((name, text[begin:end]))
        at = _after_blanks(text, end)
        if text[at] == "}":
            break
        at = _after_blanks(text, at + 1)
    return found


def _after_blanks(text: str, at: int) -> int:
    return WHITESPACE.match(text, at).end()


def _refuse(name: str) -> None:
    raise ValueError(name)
