"""Pages about patients: the list, adding one, one patient's page, and showing who it is."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from exovigil.clinic import actions, queries
from exovigil.clinic.forms.patients import PatientForm
from exovigil.clinic.models import Patient, PatientIdentity, Screening
from exovigil.foundation.listing import Choice, Column, Listing
from exovigil.foundation.marks import day_words
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, only_site, requires
from exovigil.governance.queries import sites_of
from exovigil.governance.roles import Permission

# What each step is called on the button, and the page behind it.
STEPS = {
    queries.Step.SCREEN: ("Screen the patient", "clinic:screen"),
    queries.Step.NOTE: ("Write the note on the caution", "clinic:note-screening"),
    queries.Step.CONSENT: ("Take consent", "clinic:consent"),
    queries.Step.TREAT: ("Record a treatment", "clinic:treat"),
}
PATH = ("Selection", "Consent", "Treatment", "Follow-up")


@require_GET
@requires(Permission.VIEW_PATIENTS)
def patients(request: HttpRequest) -> HttpResponse:
    """Patients of the site by pseudonym, with what was done last and what is due."""
    actor, today = actor_of(request), timezone.localdate()
    listing = Listing(
        request,
        queries.patients(actor, today),
        (
            Column("Patient", lambda p: p.pseudonym, sort="pseudonym"),
            Column("Clinic", lambda p: p.site.name, sort="site__name"),
            Column("Sex", lambda p: p.get_sex_display(), sort="sex"),
            Column("Born", lambda p: p.birth_year or "not known", sort="birth_year"),
            Column("Selection", _selection_words, sort="screened"),
            Column("Last treatment", lambda p: day_words(p.last_treated, "–"), sort="last_treated"),
            Column("Next follow-up due", lambda p: day_words(p.next_due, "–"), sort="next_due"),
        ),
        name="patient-list",
        search=("pseudonym",),
        choices=(
            Choice(
                "show",
                "Where they stand",
                (
                    ("due", "Follow-up due or overdue", Q(next_due__lte=today)),
                    ("unscreened", "Not screened yet", Q(screened__isnull=True)),
                    ("untreated", "Not treated yet", Q(last_treated__isnull=True)),
                    ("excluded", "Excluded", Q(screened=Screening.Outcome.EXCLUDED)),
                ),
            ),
        ),
    )
    if listing.wants_export:
        rows = list(listing.rows)
        for site in sites_of(actor):
            actions.export_patients(by=actor, site=site, patients=[p for p in rows if p.site_id == site.pk])
        return listing.export(rows)
    page = {
        "title": "Patients",
        "lead": "Known by a number; names are kept apart, encrypted.",
        **listing.context(
            lambda p: reverse("clinic:patient", args=[p.pk]),
            empty_text="No patient fits. Clear the search, or add the first patient.",
        ),
    }
    if actor.can(Permission.TREAT):
        page["action"] = ("Add a patient", reverse("clinic:add-patient"))
    return render(request, "components/list_page.html", page)


@get_or_post
@requires(Permission.TREAT)
def add_patient(request: HttpRequest) -> HttpResponse:
    """Add a patient; the next page is the patient's own."""
    actor = actor_of(request)
    sites = list(sites_of(actor))
    form = PatientForm(sent(request), sites=sites)
    if form.is_valid():
        answers = form.values()
        chosen = answers.pop("site", None)
        site = next((s for s in sites if s.pk == chosen), None) or only_site(request)
        made = form.attempt(actions.add_patient, by=actor, site=site, **answers)
        if made is not None:
            messages.success(request, f"{made.pseudonym} was added. Screening comes first.")
            return redirect("clinic:patient", made.pk)
    return form_page(
        request,
        form,
        title="Add a patient",
        submit="Add patient",
        crumbs=[("Patients", reverse("clinic:patients"))],
    )


@require_GET
@requires(Permission.VIEW_PATIENTS)
def patient(request: HttpRequest, patient_id: int) -> HttpResponse:
    """One patient: the next step, selection, consent, treatments and follow-ups."""
    found = get_object_or_404(queries.patient_rows(actor_of(request)), pk=patient_id)
    return render(request, "clinic/patient.html", _page(request, found))


@require_POST
@requires(Permission.TREAT)
def show_identity(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Show who the patient is, once, on this answer only; the reading is recorded."""
    actor = actor_of(request)
    found = get_object_or_404(queries.patient_rows(actor), pk=patient_id)
    identity = actions.read_identity(by=actor, site=found.site, patient=found)
    response = render(request, "clinic/patient.html", _page(request, found, identity))
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, found: Patient, identity: PatientIdentity | None = None) -> dict[str, Any]:
    today = timezone.localdate()
    screening = queries.latest_screening(found, today)
    consents = list(queries.consents_of(found))
    treatments = list(queries.treatments_of(found))
    step = queries.next_step(screening, consents, today)
    return {
        "patient": found,
        "identity": identity,
        "screening": screening,
        "screening_stands": queries.screening_stands(screening, today),
        "consents": consents,
        "treatments": treatments,
        "timeline": queries.timeline(found, today),
        "step": step,
        "path": _path(step, bool(treatments)),
        "next_action": _next_action(step, found, screening),
        "may_treat": actor_of(request).can(Permission.TREAT),
        "crumbs": [("Patients", reverse("clinic:patients"))],
    }


def _next_action(step: queries.Step, found: Patient, screening: Screening | None) -> tuple[str, str] | None:
    if step not in STEPS:
        return None
    label, name = STEPS[step]
    target = screening.pk if step is queries.Step.NOTE and screening else found.pk
    return label, reverse(name, args=[target])


def _path(step: queries.Step, treated: bool) -> list[tuple[str, str]]:
    """Pairs of step and state (done, now or empty) for the line of steps at the top."""
    current = {queries.Step.CONSENT: 1, queries.Step.TREAT: 2}.get(step, 0)
    states = ["done" if number < current else "now" if number == current else "" for number in range(4)]
    if treated and step is queries.Step.TREAT:
        states = ["done", "done", "done", "now"]
    return list(zip(PATH, states, strict=True))


def _selection_words(row: Any) -> str:
    return Screening.Outcome(row.screened).label if row.screened else "Not screened yet"
