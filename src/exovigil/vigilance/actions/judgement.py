"""Judging a case: causality by its published methods, and the narrative that goes out with it."""

from collections.abc import Mapping

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance import causality, split
from exovigil.vigilance.actions.cases import refuse_other_site, save_changed
from exovigil.vigilance.models import Assessment, Case
from exovigil.vigilance.seriousness import Answer

NARRATIVE_LIMIT = 100_000  # characters: ICH E2B(R3) H.1


@action(Permission.ASSESS_CASE)
def assess_causality(
    *, by: Actor, site: Site, case: Case, method: str, answers: Mapping[str, str]
) -> Assessment:
    """Judge causality by one method; the result follows from the answers and is never typed in.

    ``answers`` are keyed by question: ``"1"`` to ``"10"`` for Naranjo (yes, no, unknown), the question's key for
    WHO-UMC and the cause split. A new judgement stands beside the earlier ones; the latest counts.
    """
    refuse_other_site(case, site)
    if method == Assessment.Method.NARANJO:
        result, score = _naranjo(answers)
    elif method == Assessment.Method.WHO_UMC:
        result, score = _who_umc(answers), None
    elif method == Assessment.Method.SPLIT:
        result, score = _split(answers), None
    else:
        raise Refused("Choose a method: WHO-UMC, Naranjo or the cause split.", "method")
    row = Assessment.objects.create(
        site=site,
        case=case,
        method=method,
        answers={key: str(value) for key, value in answers.items()},
        result=result,
        score=score,
        assessed_by_id=by.user_id,
    )
    save_changed(case)
    audit.record(
        "vigilance.case.assessed",
        by=by,
        target=case,
        site=site,
        assessment=row.pk,
        method=method,
        result=result,
    )
    return row


@action(Permission.ASSESS_CASE)
def write_narrative(*, by: Actor, site: Site, case: Case, narrative: str) -> Case:
    """Keep a narrative, drafted or edited; an empty one means that the draft is used."""
    refuse_other_site(case, site)
    if len(narrative) > NARRATIVE_LIMIT:
        raise Refused(
            f"The narrative has {len(narrative):,} characters; a report takes {NARRATIVE_LIMIT:,}. Shorten it.",
            "narrative",
        )
    case.narrative = narrative.strip()
    save_changed(case, "narrative")
    audit.record(
        "vigilance.case.narrative_written", by=by, target=case, site=site, characters=len(case.narrative)
    )
    return case


def _naranjo(answers: Mapping[str, str]) -> tuple[str, int]:
    given: dict[int, Answer] = {}
    for item in causality.naranjo_items():
        key = str(item.number)
        if answers.get(key) not in set(Answer):
            raise Refused(f"Question {item.number}: choose yes, no or not known.", f"q{item.number}")
        given[item.number] = Answer(answers[key])
    found = causality.naranjo(given)
    return found.category, found.score


def _who_umc(answers: Mapping[str, str]) -> str:
    for question in causality.umc_questions():
        if answers.get(question.key) not in question.answers:
            raise Refused(f"{question.question} Choose an answer.", question.key)
    return str(causality.who_umc(answers).category)


def _split(answers: Mapping[str, str]) -> str:
    for question in split.questions():
        if answers.get(question.key) not in question.answers:
            raise Refused(f"{question.question} Choose an answer.", question.key)
    return str(split.split(answers).cause)
