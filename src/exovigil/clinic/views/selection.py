"""Pages of selection: the questions, and the note under a caution."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from exovigil.clinic import actions, queries
from exovigil.clinic.forms.selection import NoteForm, ScreeningForm
from exovigil.clinic.views.pages import patient_crumbs
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission


@get_or_post
@requires(Permission.TREAT)
def screen(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Ask the cited questions; the answer is on the patient's page."""
    actor = actor_of(request)
    patient = get_object_or_404(queries.patient_rows(actor), pk=patient_id)
    form = ScreeningForm(sent(request), initial={"screened_on": timezone.localdate()})
    if form.is_valid():
        made = form.attempt(
            actions.screen_patient,
            by=actor,
            site=patient.site,
            patient=patient,
            answers=form.answers(),
            note=form.cleaned_data["note"],
            on=form.cleaned_data["screened_on"],
        )
        if made is not None:
            messages.success(request, f"{patient.pseudonym}: {made.get_outcome_display().lower()}.")
            return redirect(f"{reverse('clinic:patient', args=[patient.pk])}#selection")
    return form_page(
        request,
        form,
        title=f"Screen {patient.pseudonym}",
        lead="Yes to any of these speaks against treatment. What is not known never counts as no.",
        submit="Save the answers",
        crumbs=patient_crumbs(patient),
        template="clinic/screening_form.html",
    )


@get_or_post
@requires(Permission.TREAT)
def note_screening(request: HttpRequest, screening_id: int) -> HttpResponse:
    """Write why treatment can go ahead in spite of a caution."""
    actor = actor_of(request)
    screening = get_object_or_404(queries.screenings(actor), pk=screening_id)
    form = NoteForm(sent(request))
    if form.is_valid():
        made = form.attempt(
            actions.note_screening, by=actor, site=screening.site, screening=screening, **form.values()
        )
        if made is not None:
            messages.success(request, "The note was kept with the screening.")
            return redirect("clinic:patient", screening.patient_id)
    return form_page(
        request,
        form,
        title="Note on the caution",
        screening=screening,
        submit="Keep the note",
        crumbs=patient_crumbs(screening.patient),
        template="clinic/screening_note.html",
    )
