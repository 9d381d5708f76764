"""Reference pages made from content files: what is asked, decided and judged, with the source of every row."""

from docs.markdown import page, source, sources, table
from exovigil.catalogue import release
from exovigil.clinic import schedule, selection, solicited
from exovigil.signals.watch import watch_designs
from exovigil.vigilance import causality, pathway, seriousness, steps
from exovigil.vigilance.e2b import elements
from exovigil.vigilance.e2b.r2 import r2_lists, tags
from exovigil.vigilance.terms import reaction_terms


def selection_questions() -> str:
    """Questions before treatment."""
    rows = selection.questions()
    return page(
        "Selection: questions before treatment",
        "`src/exovigil/clinic/content/selection.toml`",
        "Yes speaks against treatment. An answer that is missing never makes anybody eligible.",
        table(
            ("Question", "Yes means", "Not known means", "Why", "Source"),
            ((q.question, q.on_yes, q.on_unknown, q.reason, source(*q.sources)) for q in rows),
        ),
        sources(s for q in rows for s in q.sources),
    )


def follow_up_schedule() -> str:
    """Visits after treatment."""
    rows = schedule.visits()
    return page(
        "Follow-up after treatment",
        "`src/exovigil/clinic/content/schedule.toml`",
        "Days after treatment; the day of treatment is day 0, and both ends of a window belong to it.",
        table(
            ("Visit", "Opens", "Due", "Closes", "By", "Why", "Source"),
            (
                (v.label, v.opens_day, v.target_day, v.closes_day, v.mode, v.why, source(*v.sources))
                for v in rows
            ),
        ),
        sources(s for v in rows for s in v.sources),
    )


def care_pathway() -> str:
    """Steps for a delayed papule or nodule, and the cautions on its work-up."""
    rows, cautions, found = steps.steps(), pathway.rules(), steps.scope()
    return page(
        "Care pathway of a delayed papule or nodule",
        "`src/exovigil/vigilance/content/pathway.toml`",
        f"For: {', '.join(found.terms)}, from {found.from_days} days after the treatment. {found.fact} A site may "
        "change a step; the cited one stays visible. None of it is advice of this project. No source that was read "
        "gives a number of days: each reminder is this project's own, counted from the first report.",
        "## Steps",
        table(
            ("Step", "As cited", "Reminder, days", "Shown done by", "After", "Source"),
            (
                (
                    s.title,
                    s.text,
                    s.due_days,
                    ", ".join(s.kinds) or s.evidence,
                    ", ".join(s.after),
                    source(*s.sources),
                )
                for s in rows
            ),
        ),
        "## Cautions",
        table(
            ("Caution", "What a source found", "Source"),
            ((c.title, c.fact, source(c.source)) for c in cautions),
        ),
        sources([found.source, *(s for row in rows for s in row.sources), *(c.source for c in cautions)]),
    )


def solicited_reactions() -> str:
    """Reactions that every follow-up asks for, and red flags."""
    rows, grades = solicited.reactions(), solicited.severities()
    return page(
        "Solicited reactions and red flags",
        "`src/exovigil/clinic/content/reactions.toml`",
        "A red flag is a reason to look at once, not a diagnosis.",
        table(
            ("Reaction", "Where", "Red flag from grade", "Red flag at any grade from day", "Why", "Source"),
            ((r.label, r.scope, r.red_flag_at, r.late_from_day, r.reason, source(*r.sources)) for r in rows),
        ),
        "## Severity",
        table(
            ("Grade", "Label", "In plain words", "Source"),
            ((g.grade, g.label, g.plain, source(*g.sources)) for g in grades),
        ),
        sources(s for row in (*rows, *grades) for s in row.sources),
    )


def release_tests() -> str:
    """Tests on a lot's certificate."""
    rows, paper = release.release_tests(), release.certificate_rule()
    return page(
        "Release tests of a lot",
        "`src/exovigil/catalogue/content/release_tests.toml`",
        "A mandatory test blocks the lot when it failed or is missing, an expected one when it failed; the rest is "
        "reported. A missing result is never a passed one.",
        table(
            ("Test", "Level", "Accepted", "Unit", "Method", "Source"),
            ((t.label, t.level, t.acceptance, t.unit, t.method, source(t.source)) for t in rows),
        ),
        f"Of the papers: {paper.label}. {paper.reason} Source: {source(paper.source)}.",
        sources((*(t.source for t in rows), paper.source)),
    )


def causality_methods() -> str:
    """Naranjo and WHO-UMC."""
    items, bands = causality.naranjo_items(), causality.naranjo_bands()
    questions, points = causality.umc_questions(), causality.umc_points()
    return page(
        "Causality: Naranjo and WHO-UMC",
        "`src/exovigil/vigilance/content/causality.toml`",
        "Questions are in our own words; scores, bands and criteria are the published ones.",
        "## Naranjo",
        table(
            ("No.", "Question", "Yes", "No", "Not known", "Source"),
            ((i.number, i.question, i.yes, i.no, i.unknown, source(i.source)) for i in items),
        ),
        table(
            ("Category", "Lowest total", "Source"),
            ((b.category, b.lowest, source(b.source)) for b in bands),
        ),
        "## WHO-UMC",
        "Every point of a category must be met; the strongest category that is met counts.",
        table(
            ("Question", "Answers", "Source"),
            ((q.question, ", ".join(q.answers), source(q.source)) for q in questions),
        ),
        table(
            ("Category", "Point", "Met by", "Source"),
            ((p.category, p.point, f"{p.key}: {', '.join(p.accepts)}", source(p.source)) for p in points),
        ),
        sources(row.source for row in (*items, *bands, *questions, *points)),
    )


def seriousness_criteria() -> str:
    """The six ICH criteria."""
    rows = seriousness.criteria()
    return page(
        "Seriousness",
        "`src/exovigil/vigilance/content/seriousness.toml`",
        "One yes makes a case serious; it is not serious only when all six are answered no.",
        table(
            ("E2B(R3) element", "Criterion", "Meaning", "Source"),
            ((c.element, c.label, c.help, source(c.source)) for c in rows),
        ),
        sources(c.source for c in rows),
    )


def reaction_classes() -> str:
    """Reaction classes with their free codes."""
    rows = reaction_terms()
    return page(
        "Reaction classes",
        "`src/exovigil/vigilance/content/reaction_terms.toml`",
        "A blank code was not read; it does not mean there is none. MedDRA may not be shipped.",
        table(
            ("Class", "NCI Thesaurus", "NCI term", "IMDRF", "Source"),
            ((t.label, t.ncit_code, t.ncit_term, t.imdrf_code, source(t.source)) for t in rows),
        ),
        sources(t.source for t in rows),
    )


def watch_design() -> str:
    """What the watch looks for."""
    rows = watch_designs()
    return page(
        "Designs of the watch",
        "`src/exovigil/signals/content/watch.toml`",
        "Decided before looking. How the watch decides: [decision 5](../decisions/0005-the-watch.md).",
        *(
            f"## {d.event_class}\n\n"
            + table(
                ("What", "Value", "Source"),
                (
                    (
                        "Risk window, days after treatment",
                        f"{d.window_start_days} to {d.window_end_days}",
                        source(d.window_source),
                    ),
                    ("Risk per treatment when nothing is wrong", d.null_risk, source(d.null_risk_source)),
                    ("The most that risk may be", d.null_risk_upper, source(d.null_risk_source)),
                    (
                        "Other risks shown beside it",
                        ", ".join(str(r) for r in d.sensitivity_null_risks),
                        source(d.null_risk_source),
                    ),
                    ("Chance of any false alarm", d.alpha, source(d.alpha_source)),
                    ("Share of it for products; the rest for lots", d.product_share, source(d.alpha_source)),
                    ("Events needed for an alarm", d.min_events, source(d.alpha_source)),
                    (
                        "Expected events at which a product's watch ends",
                        d.upper_limit,
                        source(d.alpha_source),
                    ),
                    (
                        "Expected events at which a lot's watch ends",
                        d.lot_upper_limit,
                        source(d.alpha_source),
                    ),
                ),
            )
            for d in rows
        ),
        sources(s for d in rows for s in (d.window_source, d.null_risk_source, d.alpha_source)),
    )


def e2b_elements() -> str:
    """E2B(R3) elements that are written and checked."""
    rows, lists = elements.elements(), elements.code_lists()
    table_of_codes = next(found.source for found in lists.values() if found.source.key == "ich")
    return page(
        "E2B(R3) elements held",
        "`src/exovigil/vigilance/content/e2b_elements.csv` and `e2b_codes.toml`",
        f"What is written and checked, no more: {len(rows)} elements. A mandatory or required element must be present "
        "wherever its part of the message is.",
        table(
            ("Element", "Name", "Part", "Type", "Longest", "Codes", "Conformance", "Null flavours", "Source"),
            (
                (
                    *(e.element, e.name, e.level, e.data_type, e.max_length or None, ", ".join(e.codes)),
                    *(e.conformance, " ".join(e.null_flavors)),
                    f"{e.source} ({table_of_codes.read_depth})",
                )
                for e in rows
            ),
        ),
        "## Code lists",
        table(
            ("List", "OID", "Codes", "Source"),
            ((c.name, c.oid, _some(c.codes), source(c.source)) for c in lists.values()),
        ),
        sources(c.source for c in lists.values()),
    )


def e2b_r2() -> str:
    """What becomes of each tag of an E2B(R2) report."""
    lists = r2_lists()
    return page(
        "E2B(R2) reports upgraded",
        "`src/exovigil/vigilance/content/e2b_r2.csv` and `e2b_r2_codes.toml`",
        "What `exovigil report rewrite` makes of each tag of an E2B(R2) report. *frame* says something of the format "
        "only; *special* needs its neighbours; what is *lost* is listed each time, and so is a code that is not known.",
        table(
            ("Tag", "How", "Element", "Codes", "Words go to", "Note", "Source"),
            ((t.path, t.how, t.element, t.codes, t.otherwise, t.note, t.source) for t in tags().values()),
        ),
        "## Code lists",
        table(
            ("List", "R2 code=R3 code", "Source"),
            ((c.name, ", ".join(c.codes), source(c.source)) for c in lists),
        ),
        sources(c.source for c in lists),
    )


def _some(codes: tuple[str, ...]) -> str:
    return ", ".join(codes) if len(codes) <= 40 else f"{len(codes)} codes"
