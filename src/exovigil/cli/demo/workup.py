"""From what patients told to cases, judgements and report files, as the safety officer."""

import datetime as dt
from typing import Any

from django_scopes import scope

from exovigil.cli.demo.build import World
from exovigil.cli.demo.course import (
    BIOPSY_AFTER,
    Told,
    change_the_pathway,
    count_lesions,
    take_steps,
    try_treatments,
)
from exovigil.cli.demo.plan import DAY, PlannedPatient, PlannedReaction, PlannedTreatment
from exovigil.clinic.actions.follow_up import review_answer
from exovigil.governance.models import Site
from exovigil.vigilance import causality
from exovigil.vigilance.actions.cases import open_case, record_outcome, record_seriousness
from exovigil.vigilance.actions.judgement import assess_causality
from exovigil.vigilance.actions.reports import write_report
from exovigil.vigilance.actions.workup import record_investigation
from exovigil.vigilance.seriousness import criteria

TERMS = {
    "cluster": "nodule",
    "nodule": "nodule",
    "cellulitis": "cellulitis",
    "hypersensitivity": "hypersensitivity",
}
LESIONS = {
    "cluster": "Firm erythematous indurated papules and nodules at the injection sites.",
    "nodule": "Single firm subcutaneous nodule, skin over it unchanged.",
    "cellulitis": "Warm spreading erythema, tender, no fluctuance.",
    "hypersensitivity": "Diffuse facial oedema with wheals, settled within two days.",
}
OUTCOMES = {"complete": "1", "partial": "2", "none": "3", "recurred": "3"}
NARANJO = {"1": "yes", "2": "yes", "3": "unknown", "4": "unknown", "5": "no", "6": "unknown", "7": "unknown",
           "8": "unknown", "9": "no", "10": "yes"}  # fmt: skip
WHO_UMC = {
    "timing": "plausible",
    "other_causes": "unlikely",
    "withdrawal": "unknown",
    "definitive": "no",
    "rechallenge": "not done",
    "information": "sufficient",
}


def work_up_reactions(world: World) -> tuple[list[Any], list[Any]]:
    """Open and complete a case for each reaction that has been seen; returns the cases and the reports written."""
    change_the_pathway(world)
    cases, reports = [], []
    for patient, planned, _, told in sorted(world.reactions, key=lambda row: row[1].reaction.told_on):  # type: ignore[union-attr]
        reaction = planned.reaction
        assert reaction is not None  # noqa: S101 - only such rows are listed
        if reaction.kind == "unseen":
            continue
        site = world.sites[patient.clinic]
        with scope(site=[site.pk]):
            for answer in told:
                case = _open(world, site, answer, planned, reaction)
                cases.append(case)
                if answer is told[0]:
                    _complete(Told(world, site, case), patient, planned, len(cases) - 1)
            if reaction.kind == "cluster":
                reports.append(write_report(by=world.officer, site=site, case=cases[-len(told)]))
    return cases, reports


def _open(world: World, site: Site, answer: Any, planned: PlannedTreatment, reaction: PlannedReaction) -> Any:
    review_answer(by=world.officer, site=site, answer=answer, note="Seen; case opened. Invented.")
    return open_case(
        by=world.officer,
        site=site,
        answer=answer,
        term=TERMS[reaction.kind],
        words=reaction.words,
        onset=reaction.onset_on.isoformat(),
        regions=planned.regions if reaction.kind == "cluster" else (),
        lesion=LESIONS[reaction.kind],
    )


def _complete(told: Told, patient: PlannedPatient, planned: PlannedTreatment, number: int) -> None:
    reaction = planned.reaction
    assert reaction is not None  # noqa: S101 - only such rows are listed
    serious = {criterion.code: "no" for criterion in criteria()}
    if reaction.kind == "cluster":
        serious["other_medically_important"] = "yes"
    record_seriousness(**told.at(answers=serious, informed_on=reaction.told_on))
    ended_on = None
    if reaction.kind in {"cluster", "nodule"}:
        ended_on = _follow(told, patient, planned, reaction, number)
    outcome = OUTCOMES[reaction.woman.response] if reaction.woman else "1"
    if outcome == "1" and ended_on is None and reaction.woman:
        outcome = "2"  # the skin was not yet clear when last seen
    record_outcome(
        **told.at(outcome=outcome, ended_on=ended_on, informed_on=ended_on or told.case.informed_on)
    )
    assess_causality(**told.at(method="naranjo", answers=NARANJO))
    answers = {question.key: WHO_UMC[question.key] for question in causality.umc_questions()}
    assess_causality(**told.at(method="who_umc", answers=answers))


def _follow(
    told: Told, patient: PlannedPatient, planned: PlannedTreatment, reaction: PlannedReaction, number: int
) -> dt.date | None:
    """Count, sample and treat; one of the two single nodules was followed by telephone only, so nobody has its day."""
    if reaction.kind == "nodule":
        by_telephone = reaction.words.startswith("Two")
        return None if by_telephone else count_lesions(told, planned, reaction)
    sampled_on = told.until_today(reaction.told_on + BIOPSY_AFTER[patient.clinic] * DAY)
    _investigate(told, sampled_on)
    take_steps(told, reaction, number)
    try_treatments(told, reaction, sampled_on)
    return count_lesions(told, planned, reaction)


def _investigate(told: Told, taken: dt.date) -> None:
    """Biopsy and cultures; one woman had steroids before the culture was taken."""
    found: tuple[tuple[str, str, int, str], ...] = (
        ("biopsy", "positive", 8, "Necrotising granulomatous inflammation; Ziehl–Neelsen and PAS negative."),
        ("bacterial_culture", "negative", 6, "No growth."),
        ("fungal_culture", "negative", 28, "No growth at 4 weeks."),
        ("mycobacterial_culture", "negative", 42, "No growth at 6 weeks."),
    )
    for kind, result, days, finding in found:
        resulted: dt.date | None = taken + days * DAY
        if resulted and resulted > told.world.plan.today:
            result, resulted, finding = "pending", None, ""
        record_investigation(
            **told.at(
                kind=kind,
                result=result,
                taken_on=taken,
                resulted_on=resulted,
                finding=finding,
                informed_on=resulted or taken,
            )
        )
