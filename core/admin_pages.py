"""Pages of the admin between choosing an action and its being done, and the loop over what was chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.refusal import Refusal


def page(admin: ModelAdmin, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A page in the frame of the admin."""
    frame = admin.admin_site.each_context(request)
    return render(request, f"admin/{template}", {**frame, "opts": admin.opts, **context})


def answered(request: HttpRequest) -> dict | None:
    """The form of the page between, when it has been sent."""
    return request.POST.dict() if "answered" in request.POST else None


def ask(
    admin: ModelAdmin,
    request: HttpRequest,
    chosen: Iterable[tuple[Any, str, str]],
    form: forms.Form,
    title: str,
    button: str,
    **context: Any,
) -> HttpResponse:
    """The page between; it sends the same action again, with the answer. `chosen`: key, name and a word more of each row."""
    fixed = {"action": request.POST["action"], "checkbox": ACTION_CHECKBOX_NAME}
    return page(
        admin, request, "ask.html", title=title, chosen=list(chosen), form=form, button=button, **fixed, **context
    )


def each(request: HttpRequest, things: Iterable[Any], action: Callable[[Any], Any], name: Callable[[Any], str]) -> int:
    """Do it to each; say what was refused. Answers how often it was done."""
    done = 0
    for thing in things:
        try:
            action(thing)
            done += 1
        except Refusal as refusal:
            messages.error(request, f"{name(thing)}: {refusal.message}")
    return done
