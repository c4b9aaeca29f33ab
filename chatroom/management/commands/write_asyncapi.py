"""manage.py write_asyncapi: describes the socket in docs/asyncapi.json, from the schemas that the server itself checks with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pydantic import TypeAdapter

from core import registry
from realtime import wire, wire_answers
from realtime.own import OWN

FILE = Path("docs") / "asyncapi.json"
REFS = "#/components/schemas/{model}"


def commands() -> dict[str, tuple[type, str]]:
    """Every command of the socket: its schema and a line on what it does."""
    own = {name: (schema, handler.__doc__ or "") for name, (schema, handler) in OWN.items()}
    return own | {name: (command.schema, command.run.__doc__ or "") for name, command in registry.commands.items()}


def document() -> dict[str, Any]:
    """The socket as an AsyncAPI 3 document, seen from the server."""
    asked = commands()
    parts: list[tuple[str, Literal["validation", "serialization"], TypeAdapter]] = []
    parts += [(f"command {name}", "validation", TypeAdapter(schema)) for name, (schema, _) in asked.items()]
    parts += [
        (f"answer {name}", "serialization", TypeAdapter(wire_answers.ANSWERS.get(name, wire_answers.Nothing)))
        for name in asked
    ]
    parts += [(f"event {name}", "serialization", TypeAdapter(type)) for name, type in wire.EVENTS.items()]
    parts += [(f"reply {type.__name__}", "serialization", TypeAdapter(type)) for type in wire.REPLIES]
    made, definitions = TypeAdapter.json_schemas(parts, ref_template=REFS)
    schema = {name: value for (name, _), value in made.items()}
    incoming = {f"command.{name}": command(name, about, schema) for name, (_, about) in asked.items()}
    outgoing = {f"event.{name}": message(name, schema[f"event {name}"]) for name in wire.EVENTS}
    for type in wire.REPLIES:
        outgoing[f"reply.{type.__name__.lower()}"] = message("reply", schema[f"reply {type.__name__}"])
    names = [*incoming, *outgoing]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chatroom's socket",
            "version": "1",
            "description": "The envelopes and their data; docs/protocol.md says what schemas cannot.",
        },
        "channels": {
            "socket": {
                "address": "/ws/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
            }
        },
        "operations": {
            "receive": operation("receive", incoming),
            "send": operation("send", outgoing),
        },
        "components": {"messages": incoming | outgoing, "schemas": definitions.get("$defs", {})},
    }


def command(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A command in its envelope; the data of its reply stands beside it."""
    payload = {
        "type": "object",
        "properties": {"type": {"const": name}, "ref": {"type": "integer"}, "data": schema[f"command {name}"]},
        "required": ["type"],
    }
    described = {"name": name, "summary": about.split("\n")[0], "payload": payload}
    return described if name == "hello" else {**described, "x-reply-data": schema[f"answer {name}"]}


def message(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Something the server says."""
    return {"name": name, "payload": payload}


def operation(action: str, messages: dict[str, Any]) -> dict[str, Any]:
    """One direction of the channel."""
    refs = [{"$ref": f"#/channels/socket/messages/{name}"} for name in messages]
    return {"action": action, "channel": {"$ref": "#/channels/socket"}, "messages": refs}


class Command(BaseCommand):
    """Writes the file, or with --check says whether it is current."""

    help = "Describes the socket in docs/asyncapi.json, from the schemas of the commands and events."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """--check."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail when the file is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        """Writes or compares."""
        path = settings.BASE_DIR / FILE
        text = json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        if not options["check"]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            raise CommandError(f"{FILE} is not current: run manage.py write_asyncapi.")
