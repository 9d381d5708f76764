"""Pages of treatment: recording one, and one as it was recorded."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from exovigil.catalogue import queries as catalogue
from exovigil.clinic import actions, places, queries
from exovigil.clinic.body_map import body_map, labels
from exovigil.clinic.forms.treatments import TreatmentForm
from exovigil.clinic.models import Patient, Treatment
from exovigil.clinic.views.pages import patient_crumbs
from exovigil.clinic.views.patients import STEPS
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission


@get_or_post
@requires(Permission.TREAT)
def treat(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Record a treatment; product follows from the lot."""
    actor, today = actor_of(request), timezone.localdate()
    patient = get_object_or_404(queries.patient_rows(actor), pk=patient_id)
    standing = [c for c in queries.consents_of(patient) if c.withdrawn_at is None]
    products = {c.product_id for c in standing}
    form = TreatmentForm(
        sent(request),
        lots=queries.lot_choices(patient.site, today, products, chosen=request.POST.get("lot", "")),
        practitioners=queries.practitioners(patient.site),
        initial={"treated_on": today, "practitioner": actor.user_id, "vials": 1},
    )
    if form.is_valid():
        made = _record(request, patient, form)
        if made is not None:
            return redirect("clinic:treatment", made.pk)
    step = queries.next_step(queries.latest_screening(patient, today), standing, today)
    return form_page(
        request,
        form,
        title=f"Record a treatment of {patient.pseudonym}",
        patient=patient,
        submit="Record treatment",
        products=sorted({c.product for c in standing}, key=lambda product: product.name),
        blocked=step if step != "treat" else "",
        block_label=STEPS[step][0] if step in STEPS else "",
        crumbs=patient_crumbs(patient),
        template="clinic/treatment_form.html",
    )


@require_GET
@requires(Permission.VIEW_PATIENTS)
def treatment(request: HttpRequest, treatment_id: int) -> HttpResponse:
    """One treatment as it was recorded, with its follow-ups."""
    found = get_object_or_404(queries.treatments(actor_of(request)), pk=treatment_id)
    rows = queries.timeline(found.patient, timezone.localdate())
    indications = {row.key: row.label for row in places.indications()}
    page = {
        "treatment": found,
        "indication": indications.get(found.indication, found.indication),
        "map": [view for view in body_map(found.regions) if view.chosen],
        "region_labels": labels(found.regions),
        "timeline": [row for row in rows if row.follow_up.treatment_id == found.pk],
        "crumbs": patient_crumbs(found.patient),
    }
    return render(request, "clinic/treatment.html", page)


def _record(request: HttpRequest, patient: Patient, form: TreatmentForm) -> Treatment | None:
    answers: dict[str, Any] = form.values()
    lot = catalogue.lot(answers.pop("lot"))
    practitioner = queries.practitioners(patient.site).get(pk=answers.pop("practitioner"))
    made = form.attempt(
        actions.record_treatment,
        by=actor_of(request),
        site=patient.site,
        patient=patient,
        product=lot.product,
        lot=lot,
        practitioner=practitioner,
        **answers,
    )
    if made is not None:
        messages.success(
            request, f"The treatment was recorded and {made.follow_ups.count()} follow-ups were planned."
        )
        if made.route_standing == Treatment.RouteStanding.OFF_LABEL:
            declared = lot.product.get_declared_route_display().lower()
            messages.warning(
                request, f"Recorded as off-label: the maker declares {lot.product.name} as {declared}."
            )
    return made
