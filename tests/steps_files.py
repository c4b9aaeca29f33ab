"""Steps about files and offers."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts
from core import registry
from files.models import Offer, StoredFile
from messaging import actions
from messaging.actions.offers import expire_offers
from tests.cast import Cast, person
from tests.steps import last, step
from tests.stored import message_at, offer, offer_in, picture, stored


def process(file: StoredFile, **fields: object) -> None:
    """What the workers do when they have looked at a file."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(file, name, value)
        file.save()
        for told in registry.file_changed:
            told(file)


def fill(conversation: int, seq: int, file: StoredFile) -> None:
    """The last byte of what was accepted has come."""
    with transaction.atomic():
        registry.offer_filled(offer_in(conversation, seq).pk, file)


@step
def send_files(cast: Cast) -> None:
    cast.say(
        cast.manager, "ảnh lớp @master", files=[picture(cast.manager).token, stored(cast.manager).token]
    )  # the member may be muted
    voice = stored(cast.master, "voice.webm", kind="audio", content_type="audio/webm", duration=2000, peaks=[5] * 64)
    cast.say(cast.master, "", where=cast.direct, files=[voice.token])


@step
def files_are_processed(cast: Cast) -> None:
    file = picture(cast.manager, "động.gif", status="processing", width=0, height=0, color="", preview=False)
    broken = stored(cast.manager, "giả.png", kind="image", status="processing")
    cast.say(cast.manager, "", files=[file.token, broken.token])
    cast.say(cast.manager, "nữa", where=cast.everyone, files=[file.token])
    cast.say(cast.manager, "đẹp quá")
    process(file, status="ready", width=320, height=200, color="#aabbcc", preview=True, animated=True)
    process(broken, status="failed")


@step
def a_caption_changes(cast: Cast) -> None:
    seq = cast.say(cast.manager, "chú thích", files=[stored(cast.manager).token])
    actions.edit_message(cast.manager.user, cast.group, seq, "**khác** @master")
    actions.edit_message(cast.manager.user, cast.group, seq, "")


@step
def files_are_passed_on_answered_and_recalled(cast: Cast) -> None:
    file = picture(cast.manager)
    seq = cast.say(cast.manager, "xem", files=[file.token])
    number = f"forward-{last(cast.everyone)}-{last(cast.group)}"
    actions.forward_message(cast.master.caller, cast.group, seq, cast.everyone, number)
    cast.say(cast.master, "trả lời ảnh", reply_to=seq)
    actions.pin_message(cast.master.user, cast.group, seq, True)
    actions.react(cast.master.user, cast.group, seq, "❤️", True)
    actions.recall_message(cast.manager.user, cast.group, seq)
    process(file, color="#000000")
    lone = cast.say(cast.manager, "", files=[file.token])
    actions.recall_message(cast.manager.user, cast.group, lone)


@step
def an_offer_is_taken(cast: Cast) -> None:
    seq = offer(cast)
    actions.answer_offer(cast.member.user, cast.direct, seq, True)
    file = stored(cast.master, "Phim.mp4", kind="video", status="processing")
    fill(cast.direct, seq, file)
    process(file, status="ready", width=1280, height=720, duration=60_000)


@step
def offers_end_in_other_ways(cast: Cast) -> None:
    refused, withdrawn, recalled, there = (offer(cast, cast.member) for _ in range(4))
    actions.answer_offer(cast.master.user, cast.direct, refused, False)
    actions.answer_offer(cast.master.user, cast.direct, withdrawn, True)
    actions.withdraw_offer(cast.member.user, cast.direct, withdrawn)
    actions.recall_message(cast.member.user, cast.direct, recalled)
    actions.answer_offer(cast.master.user, cast.direct, there, True)
    sent = offer(cast, file=stored(cast.master))
    actions.answer_offer(cast.member.user, cast.direct, sent, True)
    Offer.objects.filter(pk=offer_in(cast.direct, there).pk).update(expires_at=timezone.now() - timedelta(hours=1))
    expire_offers()


@step
def an_account_goes_with_its_offers(cast: Cast) -> None:
    number = last(cast.direct), last(cast.everyone), last(cast.group)
    guest = person(f"guest-{'-'.join(map(str, number))}")
    where = actions.open_direct(guest.user, cast.member.id)["id"]
    sent = actions.offer_file(guest.caller, where, "offer-of-guest", "thư.txt", 10)["seq"]
    actions.offer_file(cast.member.caller, where, f"offer-to-guest-{where}", "thư.txt", 10)
    assert message_at(where, sent).kind == "file"
    accounts.delete_account(None, guest.user)


@step
def files_expire(cast: Cast) -> None:
    cast.say(cast.manager, "cũ rồi", files=[picture(cast.manager).token])
    cast.say(cast.manager, "", files=[stored(cast.manager).token])
    actions.expire_files(timezone.now() + timedelta(seconds=1))
