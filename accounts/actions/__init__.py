"""All changes to accounts, sessions and options. Nothing else writes to this app's tables."""

from accounts.actions.people import approve_user, block_user, delete_account, make_account, unblock_user
from accounts.actions.profile import set_language, set_options, set_profile
from accounts.actions.sessions import (
    SEEN_EVERY,
    change_password,
    close_session,
    end_all_sessions,
    end_other_sessions,
    end_session,
    open_session,
    reset_password,
    seen,
    sign_in_failed,
    went_offline,
)
from accounts.actions.site import set_policies

__all__ = [
    "SEEN_EVERY",
    "approve_user",
    "block_user",
    "change_password",
    "close_session",
    "delete_account",
    "end_all_sessions",
    "end_other_sessions",
    "end_session",
    "make_account",
    "open_session",
    "reset_password",
    "seen",
    "set_language",
    "set_options",
    "set_policies",
    "set_profile",
    "sign_in_failed",
    "unblock_user",
    "went_offline",
]
