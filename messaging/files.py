"""What messages carry besides their text: files and offers, as the protocol has them and as search finds them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from core.sql import marks, padded, rows
from realtime.frames import stamp

FILES_MAX = 10  # in one message
FILE = (
    "token", "name", "size", "kind", "status", "content_type", "width", "height", "duration", "animated", "color", "preview", "peaks",
)  # fmt: skip
CARRIED = f"{', '.join(f's.{column}' for column in FILE)}, o.id, o.receiver_id, o.name, o.size, o.state, o.expires_at"


def file_data(values: Iterable[Any]) -> dict[str, Any]:
    """A file of the protocol from the values of FILE; what is empty does not travel."""
    token, name, size, kind, status, type, width, height, duration, animated, color, preview, peaks = values
    data = {"token": token, "name": name, "size": size, "kind": kind, "status": status, "type": type}
    more = {"width": width, "height": height, "duration": duration, "animated": bool(animated), "color": color}
    more |= {"preview": bool(preview), "peaks": json.loads(peaks) if isinstance(peaks, str) else peaks}
    return data | {key: value for key, value in more.items() if value}


def data_of_file(file: Any) -> dict[str, Any]:
    """A stored file as the protocol has it."""
    return file_data(getattr(file, column) for column in FILE)


def data_of_offer(id: int, receiver: int, name: str, size: int, state: str, expires_at: Any) -> dict[str, Any]:
    """An offer as the protocol has it."""
    return {
        "id": id,
        "receiver": receiver,
        "name": name,
        "size": size,
        "state": state,
        "expires_at": stamp(expires_at),
    }


def carried_by(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """`files` and `offer` of these messages, those that have some. One query."""
    found: dict[int, dict[str, Any]] = {}
    for message, *values in rows(
        f"SELECT m.id, {CARRIED} FROM messaging_message m"  # noqa: S608
        " LEFT JOIN messaging_messagefile a ON a.message_id = m.id LEFT JOIN files_storedfile s ON s.id = a.file_id"
        " LEFT JOIN messaging_messageoffer b ON b.message_id = m.id LEFT JOIN files_offer o ON o.id = b.offer_id"
        f" WHERE m.id IN {marks(ids)} ORDER BY m.id, a.position",
        padded(ids),
    ):
        file, offer = values[: len(FILE)], values[len(FILE) :]
        data = found.setdefault(message, {})
        if file[0] is not None:
            data.setdefault("files", []).append(file_data(file))
        if offer[0] is not None:
            data["offer"] = data_of_offer(*offer)
    return found


def preview_of(carried: Mapping[str, Any]) -> dict[str, Any]:
    """What the preview of a message says of its files: of which kinds they are, and what the first one is called."""
    kinds = ["voice" if file.get("peaks") else file["kind"] for file in carried.get("files", ())]
    if kinds:
        return {"files": kinds, "file": carried["files"][0]["name"]}
    return {"files": ["file"], "file": carried["offer"]["name"]} if "offer" in carried else {}


def names_in(carried: Mapping[str, Any]) -> list[str]:
    """The names by which search finds it."""
    return [file["name"] for file in carried.get("files", ())] or (
        [carried["offer"]["name"]] if "offer" in carried else []
    )


def searched(body: str, names: Iterable[str]) -> str:
    """The text of a message as search sees it."""
    return "\n".join([body, *names])
