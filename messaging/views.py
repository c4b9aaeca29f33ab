"""The page behind an invite link."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import registration
from accounts.second_factor import qr_svg
from accounts.views import SignupView
from core.refusal import Refusal
from messaging import actions
from messaging.invites import find_invite, is_member


class JoinView(SignupView):
    """Sign-up by an invite link: the form, and what one is invited to."""

    template_name = "messaging/join_new.html"
    offer: Any = None  # an Offer, given by `join`

    def get_context_data(self, **kwargs: Any) -> dict:
        here = {"offer": self.offer, "login_url": f"{reverse('account_login')}?next={self.request.path}"}
        waits = registration.needs_approval(self.offer)
        return {**super().get_context_data(**kwargs), **here, "waits": waits}

    def closed(self) -> HttpResponse:
        return render(self.request, self.template_name, self.get_context_data(form=None, shut=True), status=403)

    def get_success_url(self) -> str:
        return place_of(self.offer.conversation)


def place_of(conversation: int | None) -> str:
    """Where a link leads in the end."""
    return reverse("conversation", args=[conversation]) if conversation else "/"


@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Signed out: an account is made; signed in: one more click. A link that is not good any more never was."""
    offer = find_invite(token)
    if offer is None:
        return gone(request)
    if not request.user.is_authenticated:
        request.invite = token  # type: ignore[attr-defined]
        return JoinView.as_view(offer=offer)(request)
    member = offer.conversation is None or is_member(request.user, offer.conversation)
    if request.method == "POST":
        try:
            return redirect(place_of(actions.join_by_link(request.user, token)))
        except Refusal as refusal:
            if refusal.code == "invite_gone":
                return gone(request)
            return render(request, "messaging/join.html", {"offer": offer, "refusal": refusal}, status=refusal.status)
    context = {"offer": offer, "member": member, "place": place_of(offer.conversation)}
    return render(request, "messaging/join.html", context)


def gone(request: HttpRequest) -> HttpResponse:
    """The same page whatever is wrong with a link."""
    return render(request, "messaging/join_gone.html", status=404)


@never_cache
def join_qr(request: HttpRequest, token: str) -> HttpResponse:
    """The link as a picture to scan, at the address that the site was asked by."""
    if find_invite(token) is None:
        raise Http404
    link = request.build_absolute_uri(reverse("join", args=[token]))
    return HttpResponse(qr_svg(link), content_type="image/svg+xml")
