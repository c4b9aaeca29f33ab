"""docs/asyncapi.json says what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from core import registry
from realtime import wire
from realtime.own import OWN


def document() -> dict:
    """The file."""
    return json.loads((Path(settings.BASE_DIR) / "docs" / "asyncapi.json").read_text())


def test_the_file_is_current() -> None:
    call_command("write_asyncapi", check=True)


def test_every_command_and_event_is_in_it() -> None:
    messages = set(document()["components"]["messages"])
    assert {f"command.{name}" for name in [*registry.commands, *OWN]} <= messages
    protocol = (Path(settings.BASE_DIR) / "docs" / "protocol.md").read_text()
    table = protocol.partition("### Events")[2].partition("### Commands")[0]
    events = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) | {"ready", "live", "resync"}
    assert events == set(wire.EVENTS) and {f"event.{name}" for name in events} <= messages
    commands = re.findall(
        r"`([a-z.]+)`",
        "".join(re.findall(r"^\| (`[a-z.]+`(?:, `[a-z.]+`)*) \|", protocol.partition("### Commands")[2], re.M)),
    )
    assert set(commands) == {*registry.commands, *OWN}


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(whole)):
        part = whole
        for step in reference.split("/"):
            part = part[step]
