"""Who may come in, from where, and who knows whom."""

from accounts.models.imports import AccountImport
from accounts.models.people import Block, Friendship
from accounts.models.sessions import LoginSession, SignInGuard, Token
from accounts.models.setup import SetupLink
from accounts.models.user import User

__all__ = ["AccountImport", "Block", "Friendship", "LoginSession", "SetupLink", "SignInGuard", "Token", "User"]
