"""Who may make an account: by the site's policy and by the invite link he comes with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.policies import Registration
from core import policies, registry


def token_of(request: HttpRequest) -> str:
    """The token of the link that this request came by, noted by the page behind it."""
    return getattr(request, "invite", "")


def offer_of(request: HttpRequest) -> Any | None:
    """What that link offers, while it is good."""
    token = token_of(request)
    return registry.find_invite(token) if token else None


def open_to(offer: Any | None) -> bool:
    """Whether whoever comes with this offer, or with none, may make an account."""
    policy = policies.get(Registration)
    if policy.mode == "invite":
        return offer is not None and (offer.trusted or policy.invites == "managers")
    return policy.mode in {"open", "approval"}


def needs_approval(offer: Any | None) -> bool:
    """Whether the new account waits for an administrator; a link that one of them made is his word."""
    return policies.get(Registration).mode == "approval" and not (offer is not None and offer.trusted)
