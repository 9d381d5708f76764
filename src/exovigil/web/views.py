"""Each role's home page, the choice of role, the health check and the error pages."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.views.decorators.http import require_GET, require_POST

from exovigil.governance.access import actor_of
from exovigil.governance.middleware import ROLE_IN_SESSION
from exovigil.governance.roles import MEMBER_ROLES
from exovigil.web import homes


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what needs doing today, for the acting role."""
    actor = actor_of(request)
    template, page = homes.for_actor(actor)
    return render(request, template, page)


@require_POST
def choose_role(request: HttpRequest) -> HttpResponseRedirect:
    """Act in another role that one holds."""
    role = request.POST.get("role", "")
    if role in MEMBER_ROLES and role in request.roles:  # type: ignore[attr-defined]
        request.session[ROLE_IN_SESSION] = role
    return redirect("home")


@require_GET
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Say that the server answers; for monitors and the start of ``exovigil serve``."""
    return JsonResponse({"status": "ok"})


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return render(request, "400.html", status=400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason the guard gave."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; also what another site's record looks like."""
    return render(request, "404.html", status=404)


@login_not_required
def broken(request: HttpRequest, **_: Any) -> HttpResponse:
    """500, without touching the database."""
    return HttpResponse(get_template("500.html").render(), status=500)
