"""One's own data: taken along, and deleted with the account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from accounts import actions
from accounts.device import COOKIE, ip_of
from accounts.forms import PasswordField
from accounts.leaving import TypedNameForm, delete_now, what_goes
from accounts.policies import Accounts
from accounts.requests import SignedInRequest
from core import policies
from core.refusal import Refusal
from core.streaming import streamed


class DeleteForm(TypedNameForm):
    """The password again, and the name."""

    password = PasswordField(label=gettext_lazy("Password"))
    field_order = ("password", "name")


@require_GET
@login_required
def export(request: SignedInRequest) -> StreamingHttpResponse:
    """Everything as one JSON file, sent while it is read."""
    response = StreamingHttpResponse(streamed(actions.export_data(request.user)), content_type="application/json")
    response["Content-Disposition"] = content_disposition_header(True, f"chatroom-{request.user.username}.json")
    return response


@sensitive_post_parameters("password")
@login_required
def delete(request: SignedInRequest) -> HttpResponse:
    """One's own account: what goes, the password, the name."""
    user = request.user
    form = DeleteForm(request.POST or None, username=user.username)
    if request.method == "POST" and form.is_valid():
        try:
            actions.sign_in(
                user.username,
                form.cleaned_data["password"],
                entrance="delete",
                ip=ip_of(request),
                device_cookie=request.COOKIES.get(COOKIE, ""),
            )
        except Refusal as refusal:
            form.add_error("password", str(refusal.message))
        else:
            try:
                delete_now(user, user)
            except Refusal as refusal:
                form.add_error(None, str(refusal.message))
            else:
                logout(request)
                messages.success(request, _("Your account is deleted."))
                return redirect("/")
    context = {"form": form, "lead": what_goes(), "own_deletion": policies.get(Accounts).own_deletion}
    return render(request, "accounts/delete.html", context)
