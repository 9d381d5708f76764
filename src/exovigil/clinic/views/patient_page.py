"""The patient's own page: no account, one question a screen, and nothing that names the patient or the product.

It works without script and without cookies. Each screen posts to the same address; what was said so far travels signed
in the page. The answer is saved before the photograph is asked for, so that a slow upload cannot lose it.

The address is the patient's key, so it is kept out of logs, caches, search engines and referrers. There is no ambient
log-in for a forged request to abuse, hence no CSRF cookie: whoever can write the address can open it anyway, and
browsers send ``Origin: null`` from a page without a referrer.
"""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django_scopes import scope

from exovigil.clinic import actions, links, queries
from exovigil.clinic.forms.follow_up import initial_of, too_large_message
from exovigil.clinic.forms.patient_page import Carried, PhotoForm, WhenForm, WhichForm
from exovigil.clinic.models import FollowUpAnswer, FollowUpLink
from exovigil.foundation.forms import TOO_LARGE
from exovigil.governance.action import AlreadySubmitted, Refused

R = TypeVar("R")
STEPS = ("how", "which", "when", "photo")


@csrf_exempt
@login_not_required
def patient_page(request: HttpRequest, token: str) -> HttpResponse:
    """Open the link and answer, step by step; a link that leads nowhere gets a kind page."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return _private(HttpResponseNotAllowed(["GET", "HEAD", "POST"]))
    try:
        link = links.resolve(token)
    except links.LinkProblem as problem:
        kind = type(problem).__name__.removeprefix("Link").lower()
        page = {"kind": kind, "site": problem.site}
        return _private(render(request, "clinic/patient_page/problem.html", page, status=problem.status))
    with scope(site=[link.site_id]):
        return _private(_Conversation(request, link).answer())


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the page and its address out of caches, referrers, search engines and logs."""
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the address of a 4xx
    return response


class _Conversation:
    """One request of the patient: where it stands, what it adds, which screen follows."""

    def __init__(self, request: HttpRequest, link: FollowUpLink) -> None:
        self.request, self.link = request, link
        self.by = links.actor_of(link)
        self.treated_on = link.follow_up.treatment.treated_on
        self.carried = Carried(link=link.pk.hex)

    def answer(self) -> HttpResponse:
        """Return the next screen, or the same one with what is wrong beside the field."""
        if self.request.method != "POST":
            return self.how()
        carried = Carried.opened(self.request.POST.get("carried", ""), self.link)
        if carried is None:
            return self.how(
                "This page was open for too long, so please start again. Nothing you sent before is lost.",
                422,
            )
        self.carried = carried
        step = self.request.POST.get("step", "")
        handlers = {
            "how": self.after_how,
            "which": self.after_which,
            "when": self.after_when,
            "photo": self.after_photo,
        }
        return handlers.get(step, self.how)()

    # --- 1: how is your skin? -----------------------------------------------------------------
    def how(self, problem: str = "", status: int = 200) -> HttpResponse:
        return self.screen("how", {"problem": problem}, status)

    def after_how(self) -> HttpResponse:
        chosen = self.request.POST.get("skin")
        if chosen == "wrong":
            return self.which()
        if chosen != "well":
            return self.how("Press one of the two answers.", 422)
        try:
            kept = self.send(
                actions.answer_follow_up, ("well",), follow_up=self.link.follow_up, all_well=True
            )
        except Refused as refusal:
            return self.how(refusal.message, 422)
        return self.done(kept)

    # --- 2: which of these? -------------------------------------------------------------------
    def which(self, form: WhichForm | None = None) -> HttpResponse:
        initial = initial_of(self.carried.reactions) | {"something_else": self.carried.something_else}
        return self.form_screen("which", form or WhichForm(initial=initial))

    def after_which(self) -> HttpResponse:
        form = WhichForm(self.request.POST)
        complete = form.is_valid()
        self.carried.reactions = form.cleaned_data["reactions"]
        self.carried.something_else = form.cleaned_data.get("something_else", False)
        if "back" in self.request.POST:
            return self.how()
        return self.when() if complete else self.which(form)

    # --- 3: when did it begin, in your own words ----------------------------------------------
    def when(self, form: WhenForm | None = None) -> HttpResponse:
        initial = {**self.carried.when, "words": self.carried.words}
        return self.form_screen("when", form or WhenForm(initial=initial, since=self.treated_on))

    def after_when(self) -> HttpResponse:
        form = WhenForm(self.request.POST, since=self.treated_on, needs_words=not self.carried.reactions)
        complete = form.is_valid()
        said = form.cleaned_data
        self.carried.when = {name: said[name] for name in ("day", "month", "year") if said.get(name)}
        self.carried.words = said.get("words", "")
        if "back" in self.request.POST:
            return self.which()
        if not complete:
            return self.when(form)
        told: dict[str, Any] = {
            "reactions": self.carried.reactions,
            "onset": said["onset"],
            "words": self.carried.words,
        }
        try:
            kept = self.send(
                actions.answer_follow_up,
                ("wrong", told),
                follow_up=self.link.follow_up,
                all_well=False,
                **told,
            )
        except Refused as refusal:
            form.add_error({"onset": "day", "words": "words"}.get(refusal.field or ""), refusal.message)
            return self.when(form)
        self.carried.answer = kept.pk
        return self.photo(kept)

    # --- 4: a photograph, if you wish ---------------------------------------------------------
    def photo(self, kept: FollowUpAnswer, form: PhotoForm | None = None) -> HttpResponse:
        sent = queries.photos_of(kept).count()
        more = {"sent": sent, "full": sent >= actions.MOST_PHOTOS, "answer": kept}
        return self.form_screen("photo", form or PhotoForm(), more)

    def after_photo(self) -> HttpResponse:
        kept = queries.answers_to(self.link.follow_up).filter(pk=self.carried.answer or 0).first()
        if kept is None:
            return self.how()
        if "finish" in self.request.POST:
            return self.done(kept)
        form = PhotoForm(self.request.POST, self.request.FILES)
        if self.request.META.get(TOO_LARGE) == "photo":
            form.full_clean()
            form.errors.clear()
            form.add_error("photo", too_large_message(settings.UPLOAD_FILE_LIMIT))
        if not form.is_valid():
            return self.photo(kept, form)
        file = form.cleaned_data["photo"]
        digest = hashlib.sha256(b"".join(file.chunks())).hexdigest()
        try:
            self.send(actions.add_photo, (digest,), answer=kept, photo=file)
        except Refused as refusal:
            form.add_error("photo", refusal.message)
            return self.photo(kept, form)
        return self.photo(kept)

    def done(self, kept: FollowUpAnswer) -> HttpResponse:
        early = kept.answered_on < self.link.follow_up.opens_on
        return self.screen("done", {"answer": kept, "early": early})

    # --- what all screens share ---------------------------------------------------------------
    def send(self, act: Callable[..., R], content: tuple[object, ...], **said: Any) -> R:
        """Call the action once for this content; of two copies sent at once the second finds the first's result."""
        key = self.carried.key_for(*content)
        try:
            return act(by=self.by, site=self.link.site, key=key, **said)
        except AlreadySubmitted:
            return act(by=self.by, site=self.link.site, key=key, **said)

    def form_screen(self, step: str, form: forms.Form, more: dict[str, Any] | None = None) -> HttpResponse:
        return self.screen(step, {"form": form, **(more or {})}, 422 if form.errors else 200)

    def screen(self, step: str, page: dict[str, Any], status: int = 200) -> HttpResponse:
        shown = {
            "step": step,
            "number": STEPS.index(step) + 1 if step in STEPS else None,
            "steps": len(STEPS),
            "carried": self.carried.sealed(),
            "site": self.link.site,
            "treated_on": self.treated_on,
            "follow_up": self.link.follow_up,
            **page,
        }
        return render(self.request, f"clinic/patient_page/{step}.html", shown, status=status)
