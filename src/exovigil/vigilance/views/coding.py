"""MedDRA: importing the site's own release, what it does to codes in use, and coding a reaction."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from exovigil.foundation.forms import TOO_LARGE
from exovigil.foundation.pages import form_page, get_or_post, sent, sent_files
from exovigil.governance.access import actor_of, only_site, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries
from exovigil.vigilance.forms_coding import CodeForm, ImportForm, SearchForm
from exovigil.vigilance.labels import term_label
from exovigil.vigilance.views.parts import case_form_page, case_or_404, to_case


@get_or_post
@requires(Permission.ASSESS_CASE)
def meddra(request: HttpRequest) -> HttpResponse:
    """Releases that the site imported, and a form for the next."""
    form = ImportForm(sent(request), sent_files(request))
    complete = form.is_valid()
    if request.META.get(TOO_LARGE) == "source":
        form.add_error("source", "This file is larger than 20 MB. Zip the MedAscii folder alone.")
    elif complete:
        made = form.attempt(
            actions.import_meddra, by=actor_of(request), site=only_site(request), **form.values()
        )
        if made is not None:
            messages.success(request, f"{made} was imported: {made.terms_count:,} terms.")
            return redirect("vigilance:meddra-upgrade", made.pk)
    return form_page(
        request,
        form,
        title="MedDRA",
        lead="Exovigil ships no MedDRA. Import a release from your own licence; it is kept for your site only.",
        submit="Import it",
        crumbs=[("Cases", reverse("vigilance:cases"))],
        template="vigilance/meddra.html",
        multipart=True,
        releases=queries.meddra_releases(),
    )


@require_GET
@requires(Permission.VIEW_CASES)
def meddra_upgrade(request: HttpRequest, release_id: int) -> HttpResponse:
    """What a release does to codes that were given under another."""
    release = get_object_or_404(queries.meddra_releases(), pk=release_id)
    page = {
        "release": release,
        "rows": queries.codes_to_upgrade(release),
        "crumbs": [("Cases", reverse("vigilance:cases")), ("MedDRA", reverse("vigilance:meddra"))],
    }
    return render(request, "vigilance/meddra_upgrade.html", page)


@get_or_post
@requires(Permission.ASSESS_CASE)
def code_reaction(request: HttpRequest, case_id: int) -> HttpResponse:
    """Look for a term (``?q=``) and give it to the case's reaction."""
    case = case_or_404(case_id)
    release = queries.meddra_releases().filter(site=case.site_id).first()
    search = SearchForm(request.GET or {"q": term_label(case.term).split(" (")[0].split(" ")[0]})
    text = search.cleaned_data["q"] if search.is_valid() else ""
    found = queries.meddra_search(release, text) if release else []
    form = CodeForm(sent(request), found=found)
    if form.is_valid():
        term = form.found[form.cleaned_data["term"]]
        done = form.attempt(actions.code_reaction, by=actor_of(request), site=case.site, case=case, term=term)
        if done is not None:
            messages.success(request, f"Coded as {done.llt_name} ({done.llt_code}).")
            return to_case(case, "coding")
    return case_form_page(
        request,
        form,
        case=case,
        title="Code the reaction",
        submit="Give it this code",
        template="vigilance/code_reaction.html",
        release=release,
        search=search,
        found=found,
        old=[term for term in found if not term.is_current],
    )
