"""The forms of an export: text as in the notes, XML (docs/log.xsd), CSV, and JSON in lines. Names that are meant to do harm do none in any."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from audit.entries import Entry, Wanted
from audit.names import word_of
from core.plain import escaped, escaped_json, plain_cell, xml_line

MARKS = {"marks", "texts", "ids", "mark"}  # for the check alone
_encode = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Text:
    """One line an entry: `[2018-12-12 22:22:22]`, who, event, description; between them a tab."""

    suffix, content_type = "txt", "text/plain; charset=utf-8"

    def __init__(self, zone: ZoneInfo, wanted: Wanted) -> None:
        self.zone = zone
        self.wanted = wanted
        self.words: dict[str, str] = {}

    def head(self) -> str:
        """The zone, and which part of the log it is."""
        name = _("Log, times in %(zone)s") % {"zone": self.zone.key}
        return f"# {name}{''.join(f' {part}' for part in _parts(self.wanted, self.zone))}\n"

    def line(self, entry: Entry) -> str:
        """One entry."""
        who = entry.actor or str(entry.detail.get("username") or "system")
        what = escaped(describe(entry))
        return f"[{local(entry.at, self.zone)}]\t{escaped(who)}\t{escaped(self.word(entry.action))}\t{what}\n"

    def word(self, action: str) -> str:
        """What an action is called; asked for once."""
        if action not in self.words:
            self.words[action] = word_of(action)
        return self.words[action]

    def tail(self) -> str:
        """What ends the file."""
        return ""


class Csv(Text):
    """For spreadsheets: UTF-8 with the mark by which Excel knows it; no cell is a formula."""

    suffix, content_type = "csv", "text/csv; charset=utf-8"
    columns = ("time", "record", "who", "who id", "event", "action", "target type", "target", "target id", "address", "detail", "hash")  # fmt: skip

    def __init__(self, zone: ZoneInfo, wanted: Wanted) -> None:
        super().__init__(zone, wanted)
        self.out = io.StringIO()
        self.writer = csv.writer(self.out)

    def head(self) -> str:
        return "\ufeff" + self._row(self.columns)

    def line(self, entry: Entry) -> str:
        detail = _encode({key: value for key, value in entry.detail.items() if key not in MARKS})
        return self._row(
            plain_cell(escaped(str(cell)))
            for cell in (
                f"{local(entry.at, self.zone)}{offset(entry.at, self.zone)}", f"{entry.source} {entry.id}", entry.actor, entry.actor_id or "",
                self.word(entry.action), entry.action, entry.target_type, entry.target, entry.target_id or "", entry.ip, detail, entry.hash,
            )
        )  # fmt: skip

    def _row(self, cells: Iterable[str]) -> str:
        self.out.seek(0)
        self.out.truncate()
        self.writer.writerow(cells)
        return self.out.getvalue()


class Xml(Text):
    """Well-formed whatever names are like; unseen letters are written as in the text form."""

    suffix, content_type = "xml", "application/xml"

    def head(self) -> str:
        about = {"zone": self.zone.key, "user": self.wanted.user, "actions": " ".join(self.wanted.actions)}
        about |= {"since": _iso(self.wanted.since, self.zone), "until": _iso(self.wanted.until, self.zone)}
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<log xmlns="urn:chatroom:log:1"{_attributes(about)}>\n'

    def line(self, entry: Entry) -> str:
        own = {"record": entry.source, "id": entry.id, "at": _iso(entry.at, self.zone), "action": entry.action}
        parts = [f"<event{_attributes({**own, 'word': self.word(entry.action), 'hash': entry.hash})}>"]
        if entry.actor_id is not None or entry.actor:
            parts.append(f"<actor{_attributes({'id': entry.actor_id, 'name': entry.actor})}/>")
        if entry.target_type or entry.target:
            target = {"type": entry.target_type, "id": entry.target_id, "name": entry.target}
            parts.append(f"<target{_attributes(target)}/>")
        if entry.ip:
            parts.append(f"<address>{xml_line(entry.ip)}</address>")
        for key, value in entry.detail.items():
            parts.append(f"<detail{_attributes({'name': key})}>{xml_line(plain(value))}</detail>")
        return "".join([*parts, "</event>\n"])

    def tail(self) -> str:
        return "</log>\n"


class JsonLines(Text):
    """One object a line, all that the log has; times in UTC."""

    suffix, content_type = "jsonl", "application/x-ndjson"

    def head(self) -> str:
        return ""

    def line(self, entry: Entry) -> str:
        return escaped_json(_encode({**entry._asdict(), "at": _iso(entry.at, None)})) + "\n"


FORMATS: dict[str, type[Text]] = {"text": Text, "xml": Xml, "csv": Csv, "jsonl": JsonLines}


def written(entries: Iterable[Entry], form: Text, some: int = 500) -> Iterator[tuple[bytes, int]]:
    """The document in pieces of some entries, each with how many entries have gone before its end."""
    waiting, done = [form.head()], 0
    for done, entry in enumerate(entries, 1):
        waiting.append(form.line(entry))
        if len(waiting) >= some:
            yield "".join(waiting).encode("utf-8", "replace"), done
            waiting.clear()
    waiting.append(form.tail())
    yield "".join(waiting).encode("utf-8", "replace"), done


def describe(entry: Entry) -> str:
    """To whom or where, then what else is known."""
    parts = [entry.target] if entry.target and (entry.target, entry.target_type) != (entry.actor, "user") else []
    parts += [f"{key}={plain(value)}" for key, value in entry.detail.items() if key not in MARKS]
    return "; ".join(parts + ([f"ip={entry.ip}"] if entry.ip else []))


def plain(value: Any) -> str:
    """A detail as text."""
    return value if isinstance(value, str) else _encode(value)


def local(at: datetime, zone: ZoneInfo) -> str:
    """`2018-12-12 22:22:22`."""
    return at.astimezone(zone).isoformat(" ", "seconds")[:19]


def offset(at: datetime, zone: ZoneInfo) -> str:
    """`+07:00`."""
    return at.astimezone(zone).isoformat()[-6:]


def _iso(at: datetime | None, zone: ZoneInfo | None) -> str:
    return at.astimezone(zone or UTC).isoformat(timespec="microseconds") if at is not None else ""


def _attributes(values: dict[str, Any]) -> str:
    """What is empty is left out."""
    return "".join(f' {name}="{xml_line(str(value))}"' for name, value in values.items() if value not in (None, ""))


def _parts(wanted: Wanted, zone: ZoneInfo) -> Iterator[str]:
    if wanted.since is not None:
        yield f"from={local(wanted.since, zone)}"
    if wanted.until is not None:
        yield f"to={local(wanted.until, zone)}"
    if wanted.user:
        yield f"user={escaped(wanted.user)}"
    if wanted.actions:
        yield f"action={','.join(wanted.actions)}"
