"""The public form: somebody without an account tells a place of a reaction.

Nothing is shown of anybody else, nothing is kept in the browser, and what was sent is shown back as a number only.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_scopes import scope

from exovigil.foundation.pages import get_or_post, sent
from exovigil.governance import actors
from exovigil.governance.models import Site
from exovigil.vigilance import actions
from exovigil.vigilance.actions.intake import TooMany
from exovigil.vigilance.forms_intake import OutsideForm

BUSY = 429


@require_safe
@login_not_required
def places(request: HttpRequest) -> HttpResponse:
    """Choose whom to tell."""
    return render(request, "vigilance/outside/places.html", {"sites": Site.objects.all()})


@never_cache
@get_or_post
@login_not_required
def tell(request: HttpRequest, code: str) -> HttpResponse:
    """Tell one place of a reaction; what comes back is the number of the report."""
    site = get_object_or_404(Site, code=code)
    form = OutsideForm(sent(request))
    if form.is_valid():
        try:
            with scope(site=[site.pk]):
                row = form.attempt(
                    actions.tell_from_outside,
                    by=actors.outside(site.pk),
                    site=site,
                    told=form.values(),
                    sent_from=_sent_from(request),
                )
        except TooMany:
            return render(request, "vigilance/outside/busy.html", {"site": site}, status=BUSY)
        if row is not None:
            return render(request, "vigilance/outside/sent.html", {"site": site, "row": row})
    page = {"site": site, "form": form}
    return render(request, "vigilance/outside/tell.html", page, status=422 if form.errors else 200)


def _sent_from(request: HttpRequest) -> str:
    """Digest the sender's address under the registry's secret: it cannot be read, nor followed to another day."""
    said = f"{timezone.localdate()} {request.META.get('REMOTE_ADDR', '')}"
    return salted_hmac("exovigil.outside", said, algorithm="sha256").hexdigest()
