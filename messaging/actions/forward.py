"""Passing a message on: a copy of its text and the same files, with the name of who wrote it. It is a message of its own: a recall of the first leaves it."""

from __future__ import annotations

from django.db import transaction

from accounts.access import actors
from core.refusal import Refusal
from core.registry import Caller
from files.models import StoredFile
from messaging import rights
from messaging.access import get_membership, get_present
from messaging.actions.carried import hold_files
from messaging.actions.send import SendRequest, send_prepared
from messaging.models import Conversation, Message, MessageFile
from messaging.render import render


def forward_message(caller: Caller, conversation_id: int, seq: int, to: int, client_id: str) -> dict:
    """Copy a message into a conversation one may write to; the answer is that of a send. Raises Refusal."""
    with transaction.atomic():
        actor = actors([caller.login_session]).get(caller.login_session)
        if actor is None or actor.pk != caller.user_id:
            raise Refusal("signed_out")
        there = MessageFile.objects.filter(message__conversation=conversation_id, message__seq=seq)
        hold_files(set(there.values_list("file__token", flat=True)))
        places = Conversation.objects.select_for_update(no_key=True).filter(pk__in={conversation_id, to})
        list(places.order_by("pk"))  # both are locked: the text cannot be recalled while it is copied
        request = SendRequest(caller, to, client_id, "")
        sent = Message.objects.filter(sender=actor, client_id=client_id).first()
        if sent is not None:  # asked once more: the original answer, whatever has become of the source
            if sent.conversation_id != to or sent.forwarded_from_id is None:
                raise Refusal("client_id_reused", rights.REUSED, 409)
            request.body, request.files = sent.body, [file.token for file in files_of(sent)]
        else:
            source = get_present(get_membership(actor, conversation_id), seq)
            request.stored = files_of(source)
            request.files = [file.token for file in request.stored]
            if (
                source.kind != Message.Kind.TEXT and not request.stored
            ):  # an offer is nothing to pass on before it is taken
                raise Refusal("not_allowed")
            writer = source.forwarded_from or source.sender
            if writer is None:
                raise Refusal("not_allowed")
            request.body, request.html = source.body, render(source.body)
            request.forwarded = (writer.pk, writer.display_name, writer.username)
        result = send_prepared([request])[0]
    if isinstance(result, Refusal):
        raise result
    return result


def files_of(message: Message) -> list[StoredFile]:
    """The files of a message, in their order."""
    found = MessageFile.objects.filter(message=message).select_related("file").order_by("position")
    return [carried.file for carried in found] if message.kind == Message.Kind.FILE else []
