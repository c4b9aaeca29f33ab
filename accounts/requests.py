"""What the gate leaves on a request."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request of a person who may act; a type for views behind `login_required`."""

    user: User
