"""The HTTP API: every command of the socket as POST /api/<command>, and what is read by GET."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI, Query
from ninja.errors import HttpError, ValidationError
from ninja.security import django_auth

from accounts.access import people_for
from accounts.actions.avatars import picture_of
from accounts.relations import people_objects
from core import registry
from core.refusal import Refusal
from core.registry import Caller, Command
from messaging import actions
from messaging.access import get_members, get_page
from messaging.file_list import KINDS, get_files
from messaging.joining import find_groups
from messaging.search import find
from realtime import dispatch, limits, snapshot
from realtime.frames import encode

ANSWER_SECONDS = 30
BUSY = _("The server is busy. Try again in a moment, please.")

api = NinjaAPI(title="Chatroom", version="1", auth=django_auth, docs_url=None, urls_namespace="api")


def answer(data: Any, status: int = 200) -> HttpResponse:
    """JSON as the socket would send it."""
    return HttpResponse(encode(data), status=status, content_type="application/json")


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal in the form of the API, in the language of the request."""
    return answer({"error": {"code": refusal.code, "message": str(refusal.message)}}, refusal.status)


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A body or a parameter of the wrong form."""
    return refused(request, Refusal("bad_request"))


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Nobody signed in, a wrong CSRF token, or a body that is no JSON."""
    code = {401: "signed_out", 403: "csrf"}.get(error.status_code, "bad_request")
    return refused(request, Refusal(code, status=error.status_code))


@api.exception_handler(RequestDataTooBig)
def oversized(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    """A body that is not read to its end."""
    return refused(request, Refusal("too_large"))


def caller_of(request: HttpRequest) -> Caller:
    """Who asks; the middleware found the login session. Raises Refusal."""
    user: Any = request.user
    login_session = getattr(user, "_login_session", None)
    if login_session is None:
        raise Refusal("signed_out")
    if not limits.command(user.pk, int(request.META.get("CONTENT_LENGTH") or 0)):
        raise Refusal("too_fast")
    return Caller(user.pk, login_session.pk, user.language, user.ip)


def actor_of(request: HttpRequest) -> Any:
    """The user behind a reading request. Raises Refusal."""
    caller_of(request)
    return request.user


@api.get("/snapshot")
def get_snapshot(request: HttpRequest) -> HttpResponse:
    """Everything a client begins with."""
    return answer(snapshot.build(actor_of(request))[0])


@api.get("/conversations/{int:id}/messages")
def get_messages(
    request: HttpRequest,
    id: int,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    at: datetime | None = None,
    limit: int = 50,
) -> HttpResponse:
    """A page of history."""
    if any(not 0 <= number < 2**53 for number in (id, before or 0, after or 0, around or 0, limit)):
        raise Refusal("bad_request")
    return answer(get_page(actor_of(request), id, before=before, after=after, around=around, at=at, limit=limit))


@api.get("/conversations/{int:id}/members")
def list_members(request: HttpRequest, id: int) -> HttpResponse:
    """The members of a conversation, with roles, presence and status."""
    user = actor_of(request)
    members = get_members(user, id if id < 2**53 else 0)
    people = {person["id"]: person for person in people_objects(user.pk, [member["id"] for member in members])}
    return answer({"members": [{**people[member["id"]], **member} for member in members]})


@api.get("/conversations/{int:id}/files")
def list_files(
    request: HttpRequest, id: int, kind: str = "all", before: int | None = None, limit: int = 50
) -> HttpResponse:
    """The files of a conversation, or its links, the newest first."""
    if any(not 0 <= number < 2**53 for number in (id, before or 0, limit)) or kind not in (*KINDS, "link"):
        raise Refusal("bad_request")
    return answer(get_files(actor_of(request), id, kind, before, limit))


@api.post("/conversations/{int:id}/avatar")
def set_group_avatar(request: HttpRequest, id: int) -> HttpResponse:
    """A picture for a group, as the part `picture` of a form."""
    actor, picture = actor_of(request), picture_of(request.FILES.get("picture"))
    return answer({"avatar": actions.set_group_avatar(actor, id if id < 2**53 else 0, picture)})


@api.delete("/conversations/{int:id}/avatar")
def remove_group_avatar(request: HttpRequest, id: int) -> HttpResponse:
    """No picture for a group any more."""
    actions.remove_group_avatar(actor_of(request), id if id < 2**53 else 0)
    return answer({})


@api.get("/people")
def list_people(request: HttpRequest, q: str = "", ids: str = "") -> HttpResponse:
    """Everybody I may see, those online first."""
    wanted = [int(id) for id in ids.split(",")[:500] if id.isascii() and id.isdigit() and len(id) < 16] if ids else None
    viewer = actor_of(request)
    people = people_objects(viewer.pk, [user.pk for user in people_for(viewer, q.replace("\x00", ""), ids=wanted)])
    people.sort(key=lambda person: (person["presence"] == "offline", person["name"].casefold()))
    return answer({"people": people})


@api.get("/groups")
def list_groups(request: HttpRequest, q: str = "", mine: bool = False) -> HttpResponse:
    """The groups that everybody may find, and one's own when asked for."""
    return answer({"groups": find_groups(actor_of(request), q.replace("\x00", "")[:200], mine)})


@api.get("/search")
def search_messages(
    request: HttpRequest,
    q: str = "",
    conversation: int | None = None,
    sender: int | None = Query(None, alias="from"),
    before: datetime | None = None,
    after: datetime | None = None,
    has: str = "",
    older: int | None = None,
    limit: int = 20,
) -> HttpResponse:
    """Messages I may see that have all these words, the newest first."""
    numbers = (conversation or 0, sender or 0, older or 0, limit)
    if any(not 0 <= number < 2**53 for number in numbers) or has not in ("", "file"):
        raise Refusal("bad_request")
    narrowed: dict[str, Any] = {
        "conversation": conversation,
        "sender": sender,
        "before": before,
        "after": after,
        "files": has == "file",
    }
    return answer(find(actor_of(request), q, **narrowed, older=older, limit=limit))


def _route(command: Command) -> Callable:
    def run(request: HttpRequest) -> HttpResponse:
        caller = caller_of(request)
        if request.content_type != "application/json":
            raise Refusal("bad_request")
        try:
            body = json.loads(request.body or b"{}")
        except (ValueError, RecursionError):
            raise Refusal("bad_request") from None
        _, data = dispatch.validate(command.name, body)
        if command.batched:
            if connection.vendor != "sqlite" and not connection.in_atomic_block:
                connection.close()  # back to the pool: the committer may be waiting for one
            try:
                return answer(dispatch.submit(command, caller, data).result(ANSWER_SECONDS))
            except TimeoutError:  # it may be done yet
                raise Refusal("too_slow", BUSY, 503) from None
        return answer(dispatch.perform(command, caller, data))

    run.__doc__ = command.run.__doc__
    run.__name__ = command.name.replace(".", "_")
    return run


def add_commands() -> None:
    """One POST route per command, described by the command's own schema."""
    for command in registry.commands.values():
        body = {"required": True, "content": {"application/json": {"schema": command.schema.model_json_schema()}}}
        api.post(f"/{command.name}", openapi_extra={"requestBody": body}, operation_id=command.name)(_route(command))


add_commands()
