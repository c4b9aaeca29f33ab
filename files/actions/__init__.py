"""All changes to files and uploads. Nothing else writes to this app's tables, but the processing of what was uploaded."""

from files.actions.disk import look_at_disk
from files.actions.sweep import account_deleted, delete_unused, forget_unused, purge_unused
from files.actions.uploads import cancel_upload, confirm_bytes, create_upload, finish, forget_uploads, store_bytes

__all__ = [
    "account_deleted",
    "cancel_upload",
    "confirm_bytes",
    "create_upload",
    "delete_unused",
    "finish",
    "forget_unused",
    "forget_uploads",
    "look_at_disk",
    "purge_unused",
    "store_bytes",
]
