"""Card tables in the HTTP API; the records of the original note are among them."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from chatroom.api import actor_of, answer, api
from core.refusal import Refusal
from games import access, records

__all__ = ["api"]


def checked(*ids: int) -> None:
    """Raise Refusal for numbers that no database has."""
    if any(not 0 < id < 2**53 for id in ids):
        raise Refusal("not_found")


@api.get("/v1/conversations/{int:id}/tables")
def list_tables(request: HttpRequest, id: int) -> HttpResponse:
    """The open card tables of a conversation."""
    checked(id)
    return answer(access.get_tables(actor_of(request), id))


@api.get("/v1/tables/{int:id}")
def get_table(request: HttpRequest, id: int) -> HttpResponse:
    """A card table as I see it."""
    checked(id)
    return answer(access.get_snapshot(actor_of(request), id))


@api.get("/v1/tables/{int:id}/matches")
def list_matches(request: HttpRequest, id: int) -> HttpResponse:
    """The matches of a table that are over."""
    checked(id)
    return answer(access.get_matches(actor_of(request), id))


@api.get("/v1/tables/{int:id}/matches/{int:no}")
def get_replay(request: HttpRequest, id: int, no: int) -> HttpResponse:
    """A match that is over, from the deal to its end, with what proves the shuffle."""
    checked(id, no)
    return answer(access.get_replay(actor_of(request), id, no if no < 2**31 else 0))


@api.get("/v1/tables/{int:id}/match_broadcast")
def get_broadcast(request: HttpRequest, id: int) -> HttpResponse:
    """The note's command of a table: who is to move, who has won, or that all wait."""
    checked(id)
    return answer(records.get_broadcast(actor_of(request), id))


@api.get("/v1/tables/{int:id}/match_detail")
def get_detail(request: HttpRequest, id: int) -> HttpResponse:
    """The note's record of a table for me: its state, my score, my cards."""
    checked(id)
    actor = actor_of(request)
    return answer(records.get_detail(actor, id, split_domain_port(request.get_host())[0]))


@api.post("/v1/tables/{int:id}/match_heartbeat")
def heartbeat(request: HttpRequest, id: int) -> HttpResponse:
    """The note's question where `player` (1–4) is, as JSON or as a form: what is overdue happens."""
    checked(id)
    return answer(records.ask_for(actor_of(request), id, _player(request)))


def _player(request: HttpRequest) -> int:
    if request.content_type != "application/json":
        sent: Any = request.POST.get("player", "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) == 1 else 0
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refusal("bad_request") from None
    player = body.get("player") if isinstance(body, dict) else None
    return player if type(player) is int else 0
