"""Pages of the governance room: members and the audit trail."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from exovigil.foundation.listing import Choice, Column, Listing
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance import actions, queries
from exovigil.governance.access import actor_of, only_site, requires
from exovigil.governance.action import Refused
from exovigil.governance.forms import MemberForm
from exovigil.governance.roles import MEMBER_ROLES, Permission


@require_GET
@requires(Permission.MANAGE_MEMBERS)
def members(request: HttpRequest) -> HttpResponse:
    """Who may do what at the administrator's sites."""
    found = queries.members(actor_of(request))
    return render(request, "governance/members.html", {"members": found, "roles": MEMBER_ROLES.values()})


@get_or_post
@requires(Permission.MANAGE_MEMBERS)
def add_member(request: HttpRequest) -> HttpResponse:
    """Give a person a role at the administrator's site."""
    form = MemberForm(sent(request))
    if form.is_valid():
        made = form.attempt(
            actions.add_member, by=actor_of(request), site=only_site(request), **form.values()
        )
        if made is not None:
            messages.success(request, f"{made.user} is now {made.get_role_display().lower()}.")
            return redirect("governance:members")
    return form_page(
        request,
        form,
        title="Add a member",
        submit="Add member",
        crumbs=[("Members", reverse("governance:members"))],
    )


@require_POST
@requires(Permission.MANAGE_MEMBERS)
def remove_member(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Take one role away."""
    membership = get_object_or_404(queries.members(actor_of(request)), pk=membership_id)
    try:
        actions.remove_member(by=actor_of(request), site=membership.site, membership=membership)
        messages.success(request, "The role was removed.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("governance:members")


@require_GET
@requires(Permission.VIEW_AUDIT)
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Who did what, when; newest first."""
    actor = actor_of(request)
    listing = Listing(
        request,
        queries.audit_trail(actor),
        (
            Column("When", lambda e: f"{e.at:%d %b %Y, %H:%M:%S} UTC", sort="position"),
            Column("Who", lambda e: e.actor_name),
            Column("Role", lambda e: e.role.replace("_", " "), sort="role"),
            Column("What", lambda e: e.action, sort="action"),
            Column("Site", lambda e: e.site or "–", sort="site"),
            Column("On", lambda e: f"{e.target_type} {e.target_id}".strip() or "–"),
        ),
        name="audit-trail",
        search=("action", "actor_name", "target_id"),
        choices=(
            Choice(
                "role",
                "Role",
                tuple(
                    (key, key.replace("_", " ").capitalize(), Q(role=key))
                    for key in (*MEMBER_ROLES, "patient", "system")
                ),
            ),
        ),
    )
    if listing.wants_export:
        return listing.export()
    page = {
        "title": "Audit trail",
        "lead": "Every change, every reading of identified data, every export. Nothing here can be altered.",
        **listing.context(empty_text="Nothing has been recorded yet."),
    }
    return render(request, "components/list_page.html", page)
