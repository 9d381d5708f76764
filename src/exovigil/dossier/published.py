"""What is published for one condition and product class, as plain data that a dossier can freeze."""

from collections import Counter
from typing import Any

from exovigil.evidence import queries as evidence
from exovigil.evidence.queries import Harm, ProductClass, Study

Facts = dict[str, Any]


def facts(condition: str, product_class: ProductClass) -> Facts:
    """Freeze studies, directions, questions, trials, reviews and harms of one pair; nothing is pooled."""
    cell = evidence.cell(condition, product_class.key)
    rows = (*cell.studies, *cell.set_aside)
    return {
        "studies": [_study(row) for row in cell.studies],
        "set_aside": [_study(row) for row in cell.set_aside],
        "totals": {
            "studies": cell.human_studies,
            "randomised": cell.randomised,
            "participants": cell.participants,
            "size_unknown": cell.size_unknown,
        },
        "direction": {
            "counts": _directions(cell.studies),
            "summary": _summary(cell.studies),
            "why_not_pooled": evidence.why_not_pooled(cell.studies),
        },
        "flags": [
            {
                "study": row.key,
                "label": row.label,
                "rule": flag.rule,
                "reason": flag.reason,
                "link": flag.link,
            }
            for row in rows
            for flag in evidence.flags_of(row.key)
        ],
        "trials": [_trial(row) for row in evidence.trials_of(condition, product_class.key)],
        "reviews": [_review(row) for row in evidence.reviews_of(condition)],
        "harms": _harms(product_class),
    }


def _study(row: Study) -> Facts:
    said = evidence.word_of(evidence.direction_of(row.key))
    return {
        "key": row.key,
        "label": row.label,
        "design": row.design,
        "randomised": row.randomised,
        "participants": row.participants,
        "product": row.product,
        "source_detail": row.source_detail,
        "route": row.route,
        "adjunct": row.adjunct,
        "comparator": row.comparator,
        "follow_up": row.follow_up,
        "direction": said.word,
        "shape": said.shape,
        "results": [evidence.result_words(o) for o in evidence.outcomes_of(row.key)],
        "safety": row.safety_report,
        "set_aside_because": _why_set_aside(row),
        "doi": row.doi,
        "link": row.link,
        "read_depth": row.read_depth.value,
        "read_as": row.read_as,
        "read_on": row.read_on.isoformat(),
    }


def _why_set_aside(row: Study) -> str:
    if row.counts:
        return ""
    return "conditioned medium, not isolated vesicles" if row.is_secretome else "people without the condition"


def _directions(rows: tuple[Study, ...]) -> list[Facts]:
    counted = Counter(evidence.direction_of(row.key) for row in rows)
    found = []
    for direction, count in counted.most_common():
        said = evidence.word_of(direction)
        found.append({"word": said.word, "shape": said.shape, "count": count, "meaning": said.meaning})
    return found


def _summary(rows: tuple[Study, ...]) -> str:
    """Say in words where the studies point, comparisons apart from the rest."""
    if not rows:
        return "No human study was found."
    compared = [row for row in rows if evidence.word_of(evidence.direction_of(row.key)).compared]
    all_of_them = f"{len(rows)} {_plural('study', len(rows))}"
    first = f"None of the {all_of_them} has a result that was read and compares two arms."
    if compared:
        verb = "compares" if len(compared) == 1 else "compare"
        first = (
            f"{len(compared)} of {all_of_them} {verb} two arms in a result that was read: {_list(compared)}."
        )
    others = [row for row in rows if row not in compared]
    if not others:
        return first
    return (
        f"{first} The others: {_list(others)}. A change without a comparator is not credited to the product."
    )


def _list(rows: list[Study]) -> str:
    counted = Counter(evidence.direction_of(row.key).value for row in rows)
    return ", ".join(f"{count} {word}" for word, count in counted.most_common())


def _trial(row: evidence.Trial) -> Facts:
    return {
        "key": row.registry_id,
        "condition": row.condition_as_described,
        "design": row.design,
        "status": row.status,
        "planned": row.participants_planned,
        "link": row.url,
        "read_depth": row.read_depth.value,
    }


def _review(row: evidence.Review) -> Facts:
    return {
        "key": row.key,
        "title": row.title,
        "year": row.year,
        "finding": row.finding,
        "link": f"https://doi.org/{row.doi}" if row.doi else row.url,
        "read_depth": row.read_depth.value,
    }


def _harms(product_class: ProductClass) -> Facts:
    rows = evidence.harms_of(product_class.key)
    return {
        "clinical": [_harm(row, product_class) for row in rows if row.kind == "clinical harm"],
        "failures": [_harm(row, product_class) for row in rows if row.kind == "manufacturing failure"],
        "look_alikes": [_harm(row, product_class) for row in evidence.look_alikes()],
        "ascertained": [
            {
                "key": row.study.key,
                "label": row.study.label,
                "events": row.events,
                "of": row.of,
                "conditions": ", ".join(evidence.condition(key).name for key in row.study.conditions),
                "none_in_many": row.none_in_many,
                "link": row.study.link,
            }
            for row in evidence.ascertained_of(product_class.key)
        ],
    }


def _harm(row: Harm, product_class: ProductClass) -> Facts:
    return {
        "key": row.key,
        "event": row.event,
        "people": row.people_as_stated,
        "denominator": row.denominator,
        "how_often": row.how_often,
        "population": row.population,
        "product": row.product,
        "onset": row.onset,
        "findings": row.findings,
        "source_known": product_class.source in row.source_classes,
        "source_claim": row.source_claim,
        "citation": row.citation,
        "link": row.link,
        "read_depth": row.read_depth.value,
    }


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word[:-1]}ies"
