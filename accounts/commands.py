"""What a signed-in person may ask for about himself."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from accounts import actions
from core.registry import command
from realtime.dispatch import Schema


class OptionsSave(Schema):
    """Options to change, by name."""

    options: dict[str, bool | int | str] = Field(min_length=1, max_length=40)


@command("options.save", OptionsSave)
def save_options(actor: Any, data: OptionsSave) -> dict:
    """Change some of one's own options; answers all of them."""
    return {"options": actions.set_options(actor, data.options)}
