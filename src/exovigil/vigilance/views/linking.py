"""Sister cases: linking two, and taking a link back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from exovigil.foundation.pages import get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries
from exovigil.vigilance.forms_intake import AsideForm, LinkForm
from exovigil.vigilance.views.parts import case_form_page, case_or_404, to_case


@get_or_post
@requires(Permission.ASSESS_CASE)
def link(request: HttpRequest, case_id: int) -> HttpResponse:
    """Link a sister case; ``?other=`` names it."""
    case = case_or_404(case_id)
    form = LinkForm(sent(request), initial={"case_number": request.GET.get("other", "")[:24]})
    if form.is_valid():
        given = form.values()
        other = queries.cases().filter(site=case.site, number=given.pop("case_number")).first()
        if other is None:
            form.add_error(
                "case_number", "No case of this site has that number. Check it on the list of cases."
            )
        else:
            if (
                form.attempt(
                    actions.link_cases,
                    by=actor_of(request),
                    site=case.site,
                    case=case,
                    other=other,
                    **given,
                )
                is not None
            ):
                messages.success(request, f"{case.number} and {other.number} are linked.")
                return to_case(case, "sisters")
    return case_form_page(
        request,
        form,
        case=case,
        title="Link a sister case",
        lead="Both stay cases of their own. Their next reports name each other, so that they are read together.",
        submit="Link them",
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def unlink(request: HttpRequest, link_id: int) -> HttpResponse:
    """Take a link back; one that was taken back already leads to its case."""
    row = get_object_or_404(queries.links(), pk=link_id)
    form = AsideForm(sent(request))
    if form.is_valid():
        done = form.attempt(
            actions.unlink_cases, by=actor_of(request), site=row.site, link=row, **form.values()
        )
        if done is not None:
            messages.success(request, "The link was taken back.")
            return to_case(row.first, "sisters")
    return case_form_page(
        request,
        form,
        case=row.first,
        title="Take the link back",
        lead=f"{row.first.number} and {row.second.number}: {row.get_kind_display().lower()}.",
        submit="Take it back",
    )
