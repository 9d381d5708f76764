"""Pages of consent: the text and the signature, the paper, and the withdrawal."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from exovigil.catalogue import queries as catalogue
from exovigil.clinic import actions, queries
from exovigil.clinic.forms.consent import SignatureForm, SubjectForm, WithdrawalForm
from exovigil.clinic.models import Patient
from exovigil.clinic.views.pages import patient_crumbs
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission


@get_or_post
@requires(Permission.TREAT)
def consent(request: HttpRequest, patient_id: int) -> HttpResponse:
    """First what the consent is for, then the whole text and the signature.

    The choice travels in the address (``?product=3&route=intradermal&lot=7``), so the text can be opened again.
    """
    patient = get_object_or_404(queries.patient_rows(actor_of(request)), pk=patient_id)
    subject = SubjectForm(
        request.GET if "product" in request.GET or request.method == "POST" else None,
        products=list(catalogue.products()),
        lots=queries.lot_choices(patient.site, timezone.localdate()),
    )
    chosen = subject.cleaned_data if subject.is_bound and subject.is_valid() else None
    product = catalogue.product(chosen["product"]) if chosen else None
    lot = catalogue.lot(chosen["lot"]) if chosen and chosen["lot"] else None
    if chosen and lot and product and lot.product_id != product.pk:
        subject.add_error("lot", f"This lot is of {lot.product.name}. Choose a lot of {product.name}.")
        chosen = None
    text = queries.current_text()
    if chosen is None or product is None or text is None:
        return _choose(request, patient, subject, missing=text is None)
    return _sign(request, patient, {"product": product, "route": chosen["route"], "lot": lot})


@require_GET
@requires(Permission.TREAT)
def consent_pdf(request: HttpRequest, consent_id: int) -> HttpResponse:
    """Hand out the signed paper; the reading is recorded."""
    actor = actor_of(request)
    found = get_object_or_404(queries.consents(actor), pk=consent_id)
    actions.read_consent(by=actor, site=found.site, consent=found)
    response = HttpResponse(queries.consent_paper(found), content_type="application/pdf")
    name = f"consent-{found.patient.pseudonym}-{found.pk}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@get_or_post
@requires(Permission.TREAT)
def withdraw_consent(request: HttpRequest, consent_id: int) -> HttpResponse:
    """Keep that the patient withdrew, when, and who was told."""
    actor = actor_of(request)
    found = get_object_or_404(queries.consents(actor), pk=consent_id)
    form = WithdrawalForm(sent(request), initial={"to": actor.name})
    if form.is_valid():
        made = form.attempt(
            actions.withdraw_consent, by=actor, site=found.site, consent=found, **form.values()
        )
        if made is not None:
            messages.success(
                request, "The withdrawal was kept. No treatment can be recorded under this consent now."
            )
            return redirect("clinic:patient", found.patient_id)
    return form_page(
        request,
        form,
        title="Withdraw consent",
        lead=f"{found.patient.pseudonym}, {found.product.name}. What was given before stays on record.",
        submit="Withdraw consent",
        crumbs=patient_crumbs(found.patient),
    )


def _choose(request: HttpRequest, patient: Patient, subject: SubjectForm, *, missing: bool) -> HttpResponse:
    page = {
        "title": f"Consent of {patient.pseudonym}",
        "patient": patient,
        "form": subject,
        "missing": missing,
        "crumbs": patient_crumbs(patient),
    }
    return render(request, "clinic/consent_choose.html", page, status=422 if subject.errors else 200)


def _sign(request: HttpRequest, patient: Patient, subject: dict[str, Any]) -> HttpResponse:
    actor = actor_of(request)
    text = queries.current_text()
    assert text is not None  # noqa: S101 - the caller showed the other page when there is none
    filled = queries.fill(text, queries.blanks(site=patient.site, practitioner=actor.name, **subject))
    form = SignatureForm(sent(request), initial={"seen_sha256": filled.sha256})
    if form.is_valid():
        made = form.attempt(
            actions.take_consent, by=actor, site=patient.site, patient=patient, **subject, **form.values()
        )
        if made is not None:
            messages.success(request, f"Consent to {made.product.name} was signed and kept.")
            return redirect("clinic:patient", patient.pk)
        form.show_text(filled.sha256)
    standing = queries.route_standing(subject["product"], subject["route"]) if subject["route"] else ""
    return form_page(
        request,
        form,
        title=text.title,
        patient=patient,
        filled=filled,
        submit="Sign and keep",
        off_label=standing == "off_label",
        declared_route=subject["product"].get_declared_route_display().lower(),
        choose_url=reverse("clinic:consent", args=[patient.pk]),
        crumbs=patient_crumbs(patient),
        template="clinic/consent.html",
    )
