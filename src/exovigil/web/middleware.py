"""Request limits of the whole building."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class BodyLimitMiddleware:
    """Refuse a request whose declared length is absurd before a byte of it is read.

    One oversized photograph inside an acceptable request is handled kindly by the upload handler; this is
    the wall behind it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 413 with a page that says what to do."""
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if length > settings.BODY_LIMIT:
            response = render(request, "413.html", {"limit": settings.UPLOAD_FILE_LIMIT}, status=413)
            response["Connection"] = "close"
            return response
        return self.get_response(request)
