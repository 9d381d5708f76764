"""Pages of the evidence room: the map, the studies, one condition, harms, trials and reviews."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from exovigil.evidence import pages, queries
from exovigil.evidence.charts import direction_plot
from exovigil.evidence.queries import PRODUCT_CLASSES, DirectionWord, ProductClass, Study
from exovigil.evidence.rows import RowChoice, RowListing
from exovigil.evidence.words import WORDS, amount, effect_words, workings
from exovigil.foundation.listing import Column
from exovigil.governance.access import requires
from exovigil.governance.roles import Permission

Test = Callable[[Study], bool]


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def evidence_map(request: HttpRequest) -> HttpResponse:
    """Where human studies exist, by condition and source of the product, and where none was found."""
    twelve, others = pages.map_rows()
    gaps = {row.key for row in queries.gap_map().gaps()}
    counted = [row for row in queries.studies() if row.counts]
    page = {
        "twelve": twelve,
        "others": others,
        "classes": PRODUCT_CLASSES,
        "gaps": [row.condition for row in twelve if row.condition.key in gaps],
        "review": twelve[0].condition.source,
        "counted": counted,
        "randomised": sum(row.is_randomised for row in counted),
        "set_aside": len(queries.studies()) - len(counted),
        "both_spreads": queries.with_both_spreads(counted),
        "words": WORDS,
        "tab": "map",
    }
    return render(request, "evidence/map.html", page)


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def study_list(request: HttpRequest) -> HttpResponse:
    """Every human study found, to search, filter, sort and take away."""
    listing = RowListing(
        request,
        queries.studies(),
        _STUDY_COLUMNS,
        name="studies",
        text_of=_searched_text,
        choices=_study_choices(),
        more_columns=_EXPORTED_COLUMNS,
    )
    if listing.wants_export:
        return listing.export()
    page = {
        "title": "Human studies",
        "lead": "As published: a blank is something that was not read, never zero.",
        "tab": "studies",
        **listing.context(
            url=lambda row: reverse("evidence:study", args=[row.key]),
            empty_text="No study fits. Take a filter away, or look at the map to see where none was found.",
        ),
    }
    return render(request, "evidence/studies.html", page)


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def study_page(request: HttpRequest, study_id: str) -> HttpResponse:
    """One study: what was published, how far it was read, and what does not fit."""
    try:
        study = queries.study(study_id)
    except KeyError as error:
        raise Http404 from error
    rows = queries.outcomes_of(study.key)
    page = {
        "study": study,
        "line": pages.line(study),
        "conditions": [queries.condition(key) for key in study.conditions],
        "classes": [row for row in PRODUCT_CLASSES if row.source in study.source_classes],
        "facts": _facts(study),
        "outcomes": [
            {
                "row": row,
                "exosome": amount(row.exosome_value, row.exosome_spread, row),
                "comparator": amount(row.comparator_value, row.comparator_spread, row),
                "effect": effect_words(row),
            }
            for row in rows
        ],
        "workings": workings(study, rows),
        "trials": [row for row in queries.trials() if row.study == study.key],
        "crumbs": [("Evidence", reverse("evidence:map")), ("Studies", reverse("evidence:studies"))],
    }
    return render(request, "evidence/study.html", page)


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def condition_page(request: HttpRequest, condition: str) -> HttpResponse:
    """What is published for one condition, by product class, never pooled."""
    try:
        shown = queries.condition(condition)
    except KeyError as error:
        raise Http404 from error
    whole = queries.gap_map().row(condition)
    groups = pages.groups(condition)
    page = {
        "condition": shown,
        "whole": whole,
        "directions": pages.direction_counts(whole),
        "groups": groups,
        "chart": direction_plot(whole.studies, title=f"Where the studies of {shown.name.lower()} point."),
        "why": queries.why_not_pooled(whole.studies),
        "trials": queries.trials_of(condition),
        "reviews": queries.reviews_of(condition),
        "crumbs": [("Evidence", reverse("evidence:map"))],
    }
    return render(request, "evidence/condition.html", page)


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def harm_page(request: HttpRequest) -> HttpResponse:
    """Published harms with their denominators, or the word that there is none; look-alikes set apart."""
    page = {
        "harms": queries.exosome_harms(),
        "failures": queries.manufacturing_failures(),
        "look_alikes": queries.look_alikes(),
        "ascertained": queries.ascertained(),
        "studied": {row.key for row in queries.studies()},
        "tab": "harms",
    }
    return render(request, "evidence/harms.html", page)


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def trial_page(request: HttpRequest) -> HttpResponse:
    """Registered trials and earlier reviews."""
    flags = {row.registry_id: queries.flags_of(row.registry_id) for row in queries.trials()}
    page = {
        "trials": [(row, flags[row.registry_id]) for row in queries.trials()],
        "reviews": queries.reviews(),
        "tab": "trials",
    }
    return render(request, "evidence/trials.html", page)


def _names(study: Study) -> str:
    return ", ".join(queries.condition(key).name for key in study.conditions)


def _sources(study: Study) -> str:
    return ", ".join(row.label for row in PRODUCT_CLASSES if row.source in study.source_classes)


_STUDY_COLUMNS = (
    Column("Study", lambda s: s.label, sort="study"),
    Column("Condition", _names, sort="condition"),
    Column("Made from", _sources, sort="source"),
    Column("Design", lambda s: s.design, sort="design"),
    Column("Randomised", lambda s: s.randomised, sort="randomised"),
    Column("People", lambda s: s.participants, sort="people", numeric=True),
    Column("Direction", lambda s: queries.direction_of(s.key).value, sort="direction"),
    Column("Read", lambda s: s.read_depth.value, sort="read"),
)
_EXPORTED_COLUMNS = (
    Column("Key", lambda s: s.key),
    Column("Year", lambda s: s.year),
    Column("Counted on the map", lambda s: "yes" if s.counts else "no"),
    Column("Product", lambda s: s.product),
    Column("Route", lambda s: s.route),
    Column("Comparator", lambda s: s.comparator),
    Column("Follow-up", lambda s: s.follow_up),
    Column("Adverse events", lambda s: s.adverse_events),
    Column("Adverse events of people", lambda s: s.adverse_events_of),
    Column("What does not fit", lambda s: "; ".join(f.rule for f in queries.flags_of(s.key))),
    Column("DOI", lambda s: s.doi),
    Column("Registry number", lambda s: s.registry_id),
    Column("Address read", lambda s: s.url),
    Column("Read as", lambda s: s.read_as),
    Column("Read on", lambda s: s.read_on.isoformat()),
)


def _searched_text(study: Study) -> str:
    parts = (
        study.label,
        study.key,
        study.product,
        study.source_detail,
        study.condition_as_described,
        study.doi,
    )
    return " ".join((*parts, study.registry_id, study.route, _names(study)))


def _study_choices() -> tuple[RowChoice, ...]:
    return (
        _choice(
            "condition", "Condition", [(c.key, c.name, _has_condition(c.key)) for c in queries.conditions()]
        ),
        _choice("source", "Made from", [(p.key, p.label, _has_source(p)) for p in PRODUCT_CLASSES]),
        _choice(
            "randomised",
            "Randomised",
            [(w.replace(" ", "-"), w.capitalize(), _has_randomised(w)) for w in ("yes", "no", "not stated")],
        ),
        _choice("direction", "Direction", [(w.slug, w.word.capitalize(), _points(w)) for w in WORDS]),
    )


def _choice(name: str, label: str, options: list[tuple[str, str, Test]]) -> RowChoice:
    return RowChoice(name, label, tuple(options))


def _has_condition(key: str) -> Test:
    return lambda study: key in study.conditions


def _has_source(wanted: ProductClass) -> Test:
    return lambda study: wanted.source in study.source_classes


def _has_randomised(word: str) -> Test:
    return lambda study: study.randomised == word


def _points(wanted: DirectionWord) -> Test:
    return lambda study: queries.direction_of(study.key) is wanted.direction


def _facts(study: Study) -> list[tuple[str, str]]:
    """Everything published about a study, in the order people ask; what was not read says so."""
    people = str(study.participants) if study.participants is not None else ""
    events = ""
    if study.adverse_events is not None:
        events = f"{study.adverse_events} of {study.adverse_events_of or 'an unstated number of people'}"
    facts = (
        ("Condition in the source's words", study.condition_as_described),
        ("Did they have the condition?", "yes" if study.in_condition else "no"),
        ("Design", study.design),
        ("Design in the source's words", study.design_as_described),
        ("Randomised", study.randomised),
        ("Blinding", study.blinding),
        ("People", people),
        ("Who they were", study.population),
        ("Product", study.product),
        ("Made from", f"{_sources(study)}{f' ({study.source_detail})' if study.source_detail else ''}"),
        ("What was given", "isolated vesicles" if not study.is_secretome else "conditioned medium"),
        ("Isolation and characterisation", study.isolation),
        ("Dose", study.dose),
        ("Route", study.route),
        ("Given together with", study.adjunct),
        ("Sessions", study.sessions),
        ("Interval", study.interval),
        ("Compared with", study.comparator),
        ("Follow-up", study.follow_up),
        ("Adverse events", events),
        ("Safety in the source's words", study.safety_report),
    )
    return [(label, value or "not in the part read") for label, value in facts]
