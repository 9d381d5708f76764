"""What every room's form pages share: what was sent, and drawing the page."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods

Crumbs = list[tuple[str, str]]

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def sent(request: HttpRequest) -> QueryDict | None:
    """Return what a form was sent with, even when that is nothing at all; None while it is only looked at.

    A form made with it is bound exactly when it was sent, so ``form.is_valid()`` alone says whether to act.
    """
    return request.POST if request.method == "POST" else None


def sent_files(request: HttpRequest) -> "MultiValueDict[str, UploadedFile[Any]] | None":
    """Return the files a form was sent with; None while it is only looked at."""
    return request.FILES if request.method == "POST" else None


def form_page(
    request: HttpRequest,
    form: Form,
    *,
    title: str,
    submit: str,
    crumbs: Crumbs,
    cancel_url: str = "",
    template: str = "components/form_page.html",
    **page: object,
) -> HttpResponse:
    """Draw a form, with 422 when its answers have to be corrected; leaving goes back to the last crumb."""
    context = {
        "title": title,
        "form": form,
        "submit": submit,
        "crumbs": crumbs,
        "cancel_url": cancel_url or crumbs[-1][1],
        **page,
    }
    return render(request, template, context, status=422 if form.errors else 200)
