"""What new messages carry, and what goes with those that are taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.refusal import Refusal
from core.sql import marks, padded, rows
from files.access import get_own_files
from files.actions import forget_uploads
from files.models import Offer, StoredFile
from messaging.files import FILES_MAX, data_of_file, data_of_offer
from messaging.models import MessageFile, MessageOffer

if TYPE_CHECKING:
    from messaging.actions.facts import Sent
    from messaging.actions.send import SendRequest

TOO_MANY = _("At most %(limit)s files in one message.")


@dataclass(slots=True)
class Offering:
    """A file that is offered; `file` is there where an older client has sent it already."""

    name: str
    size: int
    expires_at: datetime
    receiver: int = 0
    file: StoredFile | None = None
    id: int = 0


def hold_files(tokens: Collection[str]) -> None:
    """Keep these files as they are until the transaction ends; before any conversation is locked, and before the files are read.

    Who settles a file has its row while he locks the conversations to tell them: he sees the new message, or the message his file. Who
    sweeps unused files away waits, or has taken one already.
    """
    if tokens and connection.features.has_select_for_update:
        rows(f"SELECT id FROM files_storedfile WHERE token IN {marks(tokens)} ORDER BY id FOR SHARE", padded(tokens))  # noqa: S608


def find_files(request: SendRequest) -> Sequence[StoredFile]:
    """The files of a request: the sender's own. Raises Refusal."""
    if len(request.files) > FILES_MAX or len(set(request.files)) < len(request.files):
        raise Refusal("too_many", TOO_MANY, 400, limit=FILES_MAX)
    return get_own_files(get_user_model()(pk=request.caller.user_id), request.files)


def file_names(request: SendRequest) -> list[str]:
    """What the files of a request are called, the one that it offers among them; that one may be there already, by another name."""
    offered = request.offer
    here = [] if offered is None else [offered.name, *([offered.file.name] if offered.file else [])]
    return [*(file.name for file in request.stored), *here]


def carried_data(request: SendRequest) -> dict[str, Any]:
    """What a request carries, as the protocol has it."""
    data: dict[str, Any] = {}
    if request.stored:
        data["files"] = [data_of_file(file) for file in request.stored]
    if request.offer is not None:
        o = request.offer
        data["offer"] = data_of_offer(o.id, o.receiver, o.name, o.size, Offer.State.OFFERED, o.expires_at)
    return data


def store_carried(new: Iterable[tuple[Sent, SendRequest]]) -> None:
    """Write what new messages carry."""
    files = []
    for sent, request in new:
        files += [
            MessageFile(message_id=sent.id or 0, file=file, position=at) for at, file in enumerate(request.stored)
        ]
        if (o := request.offer) is not None:
            offer = Offer.objects.create(
                sender_id=sent.sender, receiver_id=o.receiver, name=o.name, size=o.size, file=o.file,
                expires_at=o.expires_at,
            )  # fmt: skip
            MessageOffer.objects.create(message_id=sent.id or 0, offer=offer)
            o.id = offer.pk
    if files:
        MessageFile.objects.bulk_create(files)


def drop_carried(messages: Collection[int]) -> None:
    """Take files and offers from messages: from now on nobody reads them there; what nobody refers to is swept away."""
    carried = MessageFile.objects.filter(message__in=messages)
    files = list(carried.values_list("file_id", flat=True))
    if files:
        carried.delete()
        forget_uploads(files)
    links = MessageOffer.objects.filter(message__in=messages)
    offers = list(links.values_list("offer_id", flat=True))
    if offers:
        links.delete()
        still = Offer.objects.filter(pk__in=offers, state__in=[Offer.State.OFFERED, Offer.State.ACCEPTED])
        still.update(state=Offer.State.WITHDRAWN, file=None)
