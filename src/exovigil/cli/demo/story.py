"""The demonstration world from first to last step, with progress shown, and what is to be told of it."""

import datetime as dt
import random
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_scopes import scope
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from exovigil.cli.demo import build, places
from exovigil.cli.demo.outside import report_from_outside
from exovigil.cli.demo.plan import make_plan
from exovigil.cli.demo.spontaneous import REPORTS, fill_and_scan
from exovigil.cli.demo.workup import work_up_reactions
from exovigil.cli.install import adopt_reference_content, prepare_tables
from exovigil.cli.setup import complaints
from exovigil.clinic import links
from exovigil.clinic import queries as clinic
from exovigil.dossier import actions as dossier
from exovigil.foundation.marks import day_words
from exovigil.governance import actors
from exovigil.signals import actions as signals
from exovigil.signals import queries as watch
from exovigil.vigilance.e2b.checker import check

DOSSIERS = (
    ("skin_ageing", "human"),
    ("skin_ageing", "plant"),
    ("acne_scars", "human"),
    ("androgenetic_alopecia", "human"),
    ("androgenetic_alopecia", "plant"),
    ("hyperpigmentation", "plant"),
    ("melasma", "plant"),
    ("alopecia_areata", "human"),
    ("psoriasis", "human"),
    ("wound_healing", "human"),
    ("vulvar_lichen_sclerosus", "human"),
)
ROLES_SHOWN = ("clinician", "safety_officer", "reviewer", "administrator")


def build_world(
    seed: int, today: dt.date | None = None, treatments: int = places.TREATMENTS
) -> dict[str, Any]:
    """Build everything into the current data directory; returns the note that tells what was done."""
    started = time.monotonic()
    plan = make_plan(seed, today or timezone.localdate(), treatments)
    world = build.World(plan, random.Random(seed + 1))  # noqa: S311 - a story, not a secret
    with _progress() as progress:
        step = progress.add_task("Preparing the registry", total=1)
        prepare_tables()
        with transaction.atomic():
            adopt_reference_content()
            build.open_clinics(world)
            build.stock_the_catalogue(world)
        progress.update(step, completed=1)
        step = progress.add_task("Treating and following up", total=len(plan.treatments))
        build.treat_everyone(world, lambda done: progress.update(step, completed=done))
        step = progress.add_task("Working up reactions", total=1)
        with transaction.atomic():
            cases, reports = work_up_reactions(world)
            report_from_outside(world)
            link = build.link_for_visitors(world)
        progress.update(step, completed=1)
        step = progress.add_task("Watching lots and products", total=1)
        run = signals.run_watch(by=actors.system("Watch"), as_of=plan.today)
        progress.update(step, completed=1)
        step = progress.add_task("Building dossiers", total=len(DOSSIERS))
        for condition, product_class in DOSSIERS:
            dossier.build_edition(by=world.reviewer, condition=condition, product_class=product_class)
            progress.advance(step)
        step = progress.add_task("Scanning made-up reports", total=1)
        fill_and_scan(Path(settings.REPORT_STORE), seed, plan.today)
        progress.update(step, completed=1)
    files = _write_files(reports)
    return _note(world, cases, files, run, link, seed, time.monotonic() - started)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=complaints,
    )


def _write_files(reports: list[Any]) -> list[Path]:
    """Put the report files beside the database, where ``exovigil report check`` can be tried on them."""
    folder = settings.DATA_DIR / "reports"
    folder.mkdir()
    files = []
    for report in reports:
        path = folder / f"{report.case.number}-{report.number}{'-draft' if report.is_draft else ''}.xml"
        path.write_text(report.content, encoding="utf-8")
        files.append(path)
    return files


def _note(
    world: build.World, cases: list[Any], files: list[Path], run: Any, link: Any, seed: int, seconds: float
) -> dict[str, Any]:
    plan = world.plan
    with scope(site=[site.pk for site in world.sites.values()]):
        waiting = clinic.counts(plan.today)
        stream = watch.lot_stream(run, world.lots[plan.cluster_lot].pk)
    findings = sum(len(check(path)) for path in files)
    told = sorted(
        t.reaction.told_on for p in plan.patients for t in p.treatments if t.reaction and t.reaction.woman
    )
    alarm, eighth = stream.alarmed_on, told[7]
    if alarm is None:
        raise RuntimeError(
            "the watch raised no alarm on the cluster's lot; the demonstration has lost its point"
        )
    product = world.products[plan.cluster_lot.product]
    return {
        "seed": seed,
        "built_for": plan.today,
        "lines": [
            f"Built in {seconds:.0f} s from seed {seed}. All is synthetic except the published evidence and harms.",
            f"{len(plan.treatments):,} treatments of {len(plan.patients):,} patients at {len(places.CLINICS)} clinics "
            f"since {day_words(plan.first_day)}; {len(places.PRODUCTS)} products, {len(plan.lots)} lots.",
            f"{world.answers:,} follow-ups answered; {waiting['open'] + waiting['due']} open or due now, "
            f"{waiting['overdue']} overdue.",
            f"{len(cases)} cases, {stream.events_raw} on {product.name} lot {plan.cluster_lot.number} "
            f"({stream.events_deduplicated} after taking out a double report).",
            f"The watch would have alarmed on {day_words(alarm)}, at case {told.index(alarm) + 1} of that lot;",
            f"the eighth case was told on {day_words(eighth)}, {(eighth - alarm).days} days later.",
            f"{len(files)} E2B(R3) draft files written and checked: {findings} findings "
            "(drafts, because no MedDRA licence is installed).",
            f"{REPORTS:,} made-up spontaneous reports scanned: see Watch, Scan of reports.",
            f"{len(DOSSIERS)} dossiers built; the evidence-gap map is under Evidence.",
        ],
        "alarm": {"on": alarm, "eighth_on": eighth, "lot": plan.cluster_lot.number},
        "logins": [
            {"role": m.role.replace("_", " ").capitalize(), "email": m.email, "password": places.PASSWORD}
            for role in ROLES_SHOWN
            for m in places.MEMBERS
            if m.role == role and (role != "clinician" or m.sites == (places.ALL[0],))
        ],
        "patient_link": links.address_of(link) if link else "",
    }
