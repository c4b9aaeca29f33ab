"""All changes to accounts, sessions and options. Nothing else writes to this app's tables."""

from accounts.actions.avatars import remove_avatar, set_avatar
from accounts.actions.factors import (
    factors_changed,
    hold_factors,
    make_older_password,
    reset_second_factor,
    revoke_older_password,
    use_code,
)
from accounts.actions.friends import (
    accept_friend,
    block_person,
    refuse_friend,
    remove_friend,
    request_friend,
    unblock_person,
    withdraw_request,
)
from accounts.actions.guard import forget_old_tries, unlock_user
from accounts.actions.import_jobs import (
    begin_import,
    fetch_report,
    get_import,
    pending_imports,
    run_import,
    start_import,
)
from accounts.actions.imports import ImportRefused, check_import, hash_passwords, store_people
from accounts.actions.manage import create_account, set_role
from accounts.actions.own import export_data
from accounts.actions.people import (
    approve_user,
    block_user,
    delete_account,
    erase_messages,
    make_account,
    to_erase,
    unblock_user,
)
from accounts.actions.profile import check_profile, set_language, set_options, set_profile
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
    went_offline,
)
from accounts.actions.signin import SignInRefusal, prove, proved, sign_in
from accounts.actions.site import set_policies

__all__ = [
    "SEEN_EVERY",
    "ImportRefused",
    "SignInRefusal",
    "accept_friend",
    "approve_user",
    "begin_import",
    "block_person",
    "block_user",
    "change_password",
    "check_import",
    "check_profile",
    "close_session",
    "create_account",
    "delete_account",
    "end_all_sessions",
    "end_other_sessions",
    "end_session",
    "erase_messages",
    "export_data",
    "factors_changed",
    "fetch_report",
    "forget_old_tries",
    "get_import",
    "hash_passwords",
    "hold_factors",
    "make_account",
    "make_older_password",
    "open_session",
    "pending_imports",
    "prove",
    "proved",
    "refuse_friend",
    "remove_avatar",
    "remove_friend",
    "request_friend",
    "reset_password",
    "reset_second_factor",
    "revoke_older_password",
    "run_import",
    "seen",
    "set_avatar",
    "set_language",
    "set_options",
    "set_policies",
    "set_profile",
    "set_role",
    "sign_in",
    "start_import",
    "store_people",
    "to_erase",
    "unblock_person",
    "unblock_user",
    "unlock_user",
    "use_code",
    "went_offline",
    "withdraw_request",
]
