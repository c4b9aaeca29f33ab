"""Typed site policies: a dataclass per section, values in one table, in force in every process within two seconds."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import Any, TypeVar

from core.models import Policy
from core.refusal import Refusal
from core.text import TOO_LONG

LINE = 200  # letters of a text that is not `long`
FRESH_FOR = 2.0  # seconds until a process asks the table again

Section = TypeVar("Section")
sections: dict[str, type] = {}
_values: dict[str, Any] = {}
_read_at = float("-inf")
_lock = threading.Lock()


def section(cls: type[Section]) -> type[Section]:
    """Register a dataclass of policies; its lower-case name is the section's. Defaults are required."""
    sections[cls.__name__.lower()] = dataclasses.dataclass(frozen=True)(cls)
    return sections[cls.__name__.lower()]


def _read() -> None:
    global _values, _read_at
    rows = dict(Policy.objects.values_list("key", "value"))
    values = {}
    for name, cls in sections.items():
        known = {
            field.name: rows[f"{name}.{field.name}"]
            for field in dataclasses.fields(cls)
            if f"{name}.{field.name}" in rows
        }
        values[name] = cls(**known)
    _values, _read_at = values, time.monotonic()


def get(cls: type[Section]) -> Section:
    """The section as it is in force now."""
    if time.monotonic() - _read_at > FRESH_FOR:
        with _lock:
            if time.monotonic() - _read_at > FRESH_FOR:
                _read()
    return _values[cls.__name__.lower()]


def cached(cls: type[Section]) -> Section:
    """The section as last read by this process, for the event loop, which must not ask the table itself."""
    return _values[cls.__name__.lower()] if _values else cls()


def refresh() -> None:
    """Read the table now; a server does so on its clock, so that no request has to."""
    with _lock:
        _read()


def forget() -> None:
    """Ask the table at the next reading."""
    global _read_at
    _read_at = float("-inf")


def store(key: str, value: Any) -> None:
    """Store one value (`section.name`), checked against its type and `choices`. Raises Refusal. Called by actions only."""
    name, _, field_name = key.partition(".")
    field = next((f for f in dataclasses.fields(sections.get(name, _None)) if f.name == field_name), None)
    if field is None or type(value) is not type(field.default) or value not in field.metadata.get("choices", (value,)):
        raise Refusal("bad_request")
    if isinstance(value, str) and len(value) > field.metadata.get("long", LINE):
        raise Refusal("too_long", TOO_LONG, 400, limit=field.metadata.get("long", LINE))
    low, high = field.metadata.get("range", (None, None))
    if low is not None and not low <= value <= high:
        raise Refusal("bad_request")
    if value == field.default:
        Policy.objects.filter(key=key).delete()
    else:
        Policy.objects.update_or_create(key=key, defaults={"value": value})
    forget()


@dataclasses.dataclass
class _None:
    pass
