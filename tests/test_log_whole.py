"""Nothing is changed unlogged: every public function of the `actions` packages leaves an event, or stands here with its reason."""

from __future__ import annotations

import importlib
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit import names
from audit.record import record, record_many

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = sorted(
    f"{path.relative_to(ROOT).parts[0]}.actions"
    for path in (*ROOT.glob("*/actions/__init__.py"), *ROOT.glob("*/actions.py"))
)
NAME = re.compile(r"[a-z_]+\.[a-z_]+")

# Function -> the events of which it leaves at least one. Those it leaves through another function count.
EVENTS = {
    "accounts.actions.accept_friend": "friend.accepted",
    "accounts.actions.approve_user": "account.approved",
    "accounts.actions.block_person": "block.added",
    "accounts.actions.block_user": "account.blocked",
    "accounts.actions.change_password": "password.changed",
    "accounts.actions.close_session": "session.closed",
    "accounts.actions.create_account": "account.made",
    "accounts.actions.delete_account": "account.deleted",
    "accounts.actions.end_all_sessions": "sessions.ended",
    "accounts.actions.end_other_sessions": "sessions.ended",
    "accounts.actions.end_session": "session.ended",
    "accounts.actions.erase_messages": "messages.erased",
    "accounts.actions.export_data": "data.exported",
    "accounts.actions.factors_changed": "second_factor.added second_factor.removed recovery_codes.made",
    "accounts.actions.fetch_report": "import_report.fetched",
    "accounts.actions.make_account": "account.made",
    "accounts.actions.make_older_password": "older_password.made",
    "accounts.actions.open_session": "session.opened session.displaced session.refused",
    "accounts.actions.refuse_friend": "friend.refused",
    "accounts.actions.remove_avatar": "avatar.removed",
    "accounts.actions.remove_friend": "friend.removed",
    "accounts.actions.request_friend": "friend.requested friend.accepted",
    "accounts.actions.reset_password": "password.reset",
    "accounts.actions.reset_second_factor": "second_factor.reset",
    "accounts.actions.revoke_older_password": "older_password.revoked",
    "accounts.actions.run_import": "account.made accounts.imported",
    "accounts.actions.set_avatar": "avatar.changed",
    "accounts.actions.set_language": "profile.changed",
    "accounts.actions.set_options": "options.changed",
    "accounts.actions.set_policies": "policies.changed",
    "accounts.actions.set_profile": "profile.changed",
    "accounts.actions.set_role": "site_role.changed",
    "accounts.actions.sign_in": "signin.failed signin.locked signin.refused",
    "accounts.actions.store_people": "account.made accounts.imported",
    "accounts.actions.unblock_person": "block.removed",
    "accounts.actions.unblock_user": "account.unblocked",
    "accounts.actions.unlock_user": "signin.unlocked",
    "accounts.actions.use_code": "second_factor.failed recovery_code.used",
    "accounts.actions.withdraw_request": "friend.withdrawn",
    "audit.actions.begin_export": "log.exported",
    "audit.actions.fetch_export": "log.fetched",
    "audit.actions.note_export": "log.exported",
    "audit.actions.prune_log": "log.pruned",
    "chatroom.actions.note_backup": "backup.made",
    "chatroom.actions.note_failed_backup": "backup.failed",
    "chatroom.actions.note_restored_backup": "backup.restored",
    "files.actions.delete_unused": "file.purged",
    "files.actions.finish": "file.uploaded",
    "files.actions.purge_unused": "file.purged",
    "files.actions.look_at_disk": "disk.filled disk.freed",
    "files.actions.store_bytes": "file.uploaded",
    "games.actions.act": "table.closed match.started match.ended match.left match.timed_out",
    "games.actions.attend": "table.closed match.ended match.left match.timed_out",
    "games.actions.expire_tables": "tables.expired",
    "games.actions.heartbeat": "match.ended match.timed_out",
    "games.actions.open_table": "table.opened",
    "games.actions.tick_tables": "match.ended match.timed_out",
    "gateways.actions.note_malformed": "gateway.malformed",
    "messaging.actions.add_members": "member.added",
    "messaging.actions.answer_invitation": "invitation.accepted invitation.declined",
    "messaging.actions.answer_offer": "offer.answered",
    "messaging.actions.answer_request": "request.accepted request.refused",
    "messaging.actions.appoint_master": "role.changed",
    "messaging.actions.block_reported": "report.upheld account.blocked",
    "messaging.actions.change_settings": "group.changed",
    "messaging.actions.close_posting": "group.changed",
    "messaging.actions.create_group": "group.created",
    "messaging.actions.dissolve_for_all": "group.dissolved",
    "messaging.actions.dismiss_reports": "report.dismissed",
    "messaging.actions.dissolve_group": "group.dissolved",
    "messaging.actions.edit_message": "message.edited",
    "messaging.actions.expire_files": "files.expired",
    "messaging.actions.expire_messages": "messages.expired",
    "messaging.actions.export_conversation": "conversation.exported",
    "messaging.actions.invite_people": "invitation.made",
    "messaging.actions.join_by_link": "member.joined",
    "messaging.actions.join_group": "member.joined request.made",
    "messaging.actions.leave_group": "member.left",
    "messaging.actions.make_link": "invite.made",
    "messaging.actions.make_site_link": "invite.made",
    "messaging.actions.mute_member": "member.muted member.unmuted",
    "messaging.actions.mute_reported": "report.upheld member.muted",
    "messaging.actions.note_transcripts": "conversation.exported",
    "messaging.actions.open_direct": "direct.opened",
    "messaging.actions.pin_message": "message.pinned message.unpinned",
    "messaging.actions.recall_message": "message.recalled",
    "messaging.actions.recall_reported": "report.upheld message.recalled",
    "messaging.actions.remove_member": "member.removed",
    "messaging.actions.set_group_avatar": "group.avatar_changed",
    "messaging.actions.remove_group_avatar": "group.avatar_removed",
    "messaging.actions.rename_for_all": "group.renamed",
    "messaging.actions.rename_group": "group.renamed",
    "messaging.actions.report_message": "message.reported",
    "messaging.actions.revoke_link": "invite.revoked",
    "messaging.actions.revoke_site_link": "invite.revoked",
    "messaging.actions.seal_messages": "messages.sealed",
    "messaging.actions.send_mailing": "mailing.sent",
    "messaging.actions.set_notice": "notice.changed",
    "messaging.actions.set_role": "role.changed",
    "messaging.actions.view_message": "message.viewed",
    "messaging.actions.view_messages": "messages.viewed",
    "messaging.actions.view_removed": "removed.viewed",
    "messaging.actions.withdraw_invitation": "invitation.withdrawn",
    "messaging.actions.withdraw_join_request": "request.withdrawn",
    "messaging.actions.withdraw_offer": "offer.withdrawn",
}

READS = "changes nothing"
OWN = "one's own view, told to nobody else"
ROW = "the message is its own record: exports merge messages with events"
LOOKS = "who looks on at a table goes the way of those who play there, and leaves no event"
PART = "a part of another action, which leaves the event"
EXCEPTIONS = {
    "accounts.actions.begin_import": "checks a file; the accounts are logged when they are made",
    "accounts.actions.check_import": READS,
    "accounts.actions.check_profile": READS,
    "accounts.actions.forget_old_tries": "counts of tries that are in the log one by one",
    "accounts.actions.get_import": READS,
    "accounts.actions.hash_passwords": READS,
    "accounts.actions.hold_factors": READS,
    "accounts.actions.pending_imports": "drops rows of yesterday, of imports that are in the log",
    "accounts.actions.prove": READS,
    "accounts.actions.proved": READS,
    "accounts.actions.seen": "signs of life of a session whose beginning and end are in the log",
    "accounts.actions.start_import": "the import itself is logged, when it is done",
    "accounts.actions.to_erase": READS,
    "accounts.actions.went_offline": "signs of life of a session whose beginning and end are in the log",
    "audit.actions.get_export": READS,
    "audit.actions.list_exports": READS,
    "audit.actions.look_after_exports": "drops files of exports that are in the log",
    "audit.actions.folder": READS,
    "audit.actions.path_of": READS,
    "audit.actions.require_admin": READS,
    "audit.actions.run_export": "the export is logged when it is asked for",
    "files.actions.account_deleted": PART,
    "files.actions.cancel_upload": "nobody has seen the file yet",
    "files.actions.confirm_bytes": "nobody has seen the file yet",
    "files.actions.create_upload": "nobody has seen the file yet",
    "files.actions.forget_unused": PART,
    "files.actions.forget_uploads": PART,
    "games.actions.find_work": "signs of life at tables",
    "games.actions.follow": LOOKS,
    "games.actions.say": "a phrase that is shown for a moment and kept nowhere",
    "games.actions.unfollow": LOOKS,
    "messaging.actions.clear_conversation": OWN,
    "messaging.actions.demand_voice": READS,
    "messaging.actions.dismiss_answer": OWN,
    "messaging.actions.forward_message": ROW,
    "messaging.actions.mark_read": "read marks: several a second for each reader",
    "messaging.actions.offer_file": ROW,
    "messaging.actions.pin_conversation": OWN,
    "messaging.actions.purge_removed": "drops texts of recalls and edits that are in the log, thirty days old",
    "messaging.actions.react": "an emoji under a message: a row with who and when, as light to take away as to put there",
    "messaging.actions.save_draft": OWN,
    "messaging.actions.send_messages": ROW,
    "messaging.actions.set_level": OWN,
    "messaging.actions.use_invite": PART,
}


def public() -> Iterator[tuple[str, Any]]:
    """Every function that an `actions` package offers."""
    for package in PACKAGES:
        module = importlib.import_module(package)
        offered = getattr(module, "__all__", None) or [
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", "") == package
        ]
        for name in offered:
            if isinstance(found := getattr(module, name), types.FunctionType):
                yield f"{package}.{name}", found


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A function's code and that of functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def reach(function: Any) -> tuple[bool, set[str]]:
    """Whether the function, or one of ours that it calls by name, writes to the log; and the names of events on the way."""
    seen: set[Any] = set()
    waiting, texts, logs = [function], set(), False
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in (record, record_many):
            logs = True
            continue
        for code in codes(current.__code__):
            texts |= {text for text in strings(code.co_consts) if NAME.fullmatch(text)}
            for name in code.co_names:
                called = current.__globals__.get(name)
                if isinstance(called, types.FunctionType) and called.__module__.split(".")[0] in OURS:
                    waiting.append(called)
    return logs, texts & set(names.ACTIONS)


def strings(constants: Any) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            yield from strings(constant)


OURS = {"accounts", "audit", "chatroom", "core", "files", "games", "gateways", "messaging", "realtime"}
FUNCTIONS = dict(public())


def test_every_public_action_is_in_one_of_the_two_tables() -> None:
    assert len(FUNCTIONS) > 80 and {"accounts.actions", "messaging.actions", "files.actions"} <= set(PACKAGES)
    assert EVENTS.keys() | EXCEPTIONS.keys() == FUNCTIONS.keys()
    assert EVENTS.keys() & EXCEPTIONS.keys() == set()
    assert all(len(reason) > 10 for reason in EXCEPTIONS.values())


@pytest.mark.parametrize("name", EVENTS)
def test_an_action_leaves_its_events(name: str) -> None:
    logs, found = reach(FUNCTIONS[name])
    assert logs and set(EVENTS[name].split()) <= found


@pytest.mark.parametrize("name", [name for name, reason in EXCEPTIONS.items() if reason not in (PART, ROW, LOOKS)])
def test_an_exception_is_one(name: str) -> None:
    """What begins to leave an event moves to the other table."""
    logs, _ = reach(FUNCTIONS[name])
    assert not logs


def test_a_silent_action_would_be_found() -> None:
    """The walk sees calls through helpers, and that there are none."""

    def silent(actor: Any) -> None:
        actor.save()

    assert reach(silent) == (False, set())
    assert reach(FUNCTIONS["accounts.actions.create_account"])[0]


def test_every_event_has_a_word() -> None:
    left = set().union(*(reach(function)[1] for function in FUNCTIONS.values()))
    rest = {"offer.expired", "file.refused"}  # left by tasks of their own
    assert left | rest == set(names.ACTIONS)
    words = [*names.ACTIONS.values(), *names.SENT.values()]
    assert len({str(word) for word in words}) == len(words)
