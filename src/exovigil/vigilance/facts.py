"""Where a stored case meets the pure rules: its seriousness, its warnings, and what a valid report still needs."""

import re
from collections.abc import Mapping

from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance import pathway, seriousness
from exovigil.vigilance.latency import Latency, latency
from exovigil.vigilance.models import Assessment, Case, Investigation, Management
from exovigil.vigilance.origin import has_patient, product_name
from exovigil.vigilance.pathway import CaseFacts, MycobacterialTest, TestKind, Warning_
from exovigil.vigilance.seriousness import Answer
from exovigil.vigilance.steps import scope

STEROIDS = frozenset(
    {
        Management.Kind.TOPICAL_STEROID,
        Management.Kind.ORAL_STEROID,
        Management.Kind.INTRALESIONAL_STEROID,
    }
)
_DONE = frozenset(
    {Investigation.Result.PENDING, Investigation.Result.POSITIVE, Investigation.Result.NEGATIVE}
)
_TESTS = {
    Investigation.Kind.MYCOBACTERIAL: TestKind.CULTURE,
    Investigation.Kind.MYCOBACTERIAL_PCR: TestKind.PCR,
}
_DENIED = re.compile(r"\b(no|not|without|absence of|negative for)\b[^.;,]*granulom", re.IGNORECASE)


def serious_answers(stored: Mapping[str, str]) -> dict[str, Answer]:
    """Answers as the pure rules know them: not asked and refused count as unknown there."""
    plain = {"yes": Answer.YES, "no": Answer.NO}
    return {code: plain.get(answer, Answer.UNKNOWN) for code, answer in stored.items()}


def is_serious(case: Case) -> Answer:
    """Whether the case is serious in the ICH sense: yes, no, or not yet clear."""
    return seriousness.is_serious(serious_answers(case.seriousness))


def onset_latency(case: Case) -> Latency | None:
    """Days from treatment to onset, a range when the onset is partial; None when not known."""
    return latency(case.treatment.treated_on if case.treatment else None, case.onset)


def latest_assessment(case: Case, method: str) -> Assessment | None:
    """The judgement that counts for a method: the newest."""
    return next((a for a in case.assessments.all() if a.method == method), None)


def warnings_of(case: Case) -> tuple[Warning_, ...]:
    """Cautions that the record raises, each with its source."""
    return pathway.warnings(case_facts(case))


def case_facts(case: Case) -> CaseFacts:
    """Read from the record what the cautions compare; the case needs its prefetched work-up."""
    found = {row.kind: row for row in case.investigations.all()}
    biopsy = found.get(Investigation.Kind.BIOPSY)
    granuloma = case.term == "granuloma"
    steroids = [row for row in case.management.all() if row.kind in STEROIDS]
    return CaseFacts(
        nodule=Answer.YES if case.term in scope().terms else Answer.NO,
        treated_on=_exact(case.treatment.treated_on) if case.treatment else None,
        onset_on=PartialDate.parse(case.onset) if case.onset else None,
        biopsy=_done(biopsy),
        called_granuloma=Answer.YES if granuloma else Answer.NO,
        histology_shows_granuloma=_shows_granuloma(biopsy),
        steroid=Answer.YES if steroids else Answer.UNKNOWN,
        steroid_from=_first_start(steroids),
        infection_excluded=_called_excluded(case),
        mycobacterial_tests=tuple(
            MycobacterialTest(
                kind,
                _exact(found[name].taken_on),
                # a result still awaited has no final date, whatever is stored
                None
                if found[name].result == Investigation.Result.PENDING
                else _exact(found[name].resulted_on),
            )
            for name, kind in _TESTS.items()
            if name in found and found[name].result in _DONE
        ),
    )


def missing_minimum(case: Case) -> list[str]:
    """Which of the four minimum criteria of a valid report the case lacks, in words that say what to do."""
    missing = []
    if not case.site.name or not case.site.country:
        missing.append("a reporter: enter the name and country of the site")
    if not has_patient(case):
        missing.append("a patient: link the case to a patient")
    if not product_name(case):
        missing.append("a suspect product: name the product that was given")
    if not case.words.strip():
        missing.append("a reaction: enter the reporter's words under What happened")
    return missing


def _exact(day: object) -> PartialDate | None:
    return PartialDate.parse(str(day)) if day else None


def _done(row: Investigation | None) -> Answer:
    if row is None or row.result == Investigation.Result.UNKNOWN:
        return Answer.UNKNOWN
    return Answer.YES if row.result in _DONE else Answer.NO


def _shows_granuloma(biopsy: Investigation | None) -> Answer:
    """Whether the recorded histology names a granuloma; a text that denies one does not."""
    if biopsy is None or biopsy.result != Investigation.Result.POSITIVE:
        return Answer.UNKNOWN
    named = "granulom" in biopsy.finding.lower() and not _DENIED.search(biopsy.finding)
    return Answer.YES if named else Answer.UNKNOWN


def _first_start(steroids: list[Management]) -> PartialDate | None:
    """Give the day of the first steroid; one undated steroid may have been the first, so then it is not known."""
    days = [row.started_on for row in steroids]
    known = [day for day in days if day is not None]
    return _exact(min(known)) if known and len(known) == len(days) else None


def _called_excluded(case: Case) -> Answer:
    """Whether somebody judged that nothing else, infection included, explains the reaction."""
    umc = latest_assessment(case, Assessment.Method.WHO_UMC)
    naranjo = latest_assessment(case, Assessment.Method.NARANJO)
    claimed = (umc is not None and umc.answers.get("other_causes") == "excluded") or (
        naranjo is not None and naranjo.answers.get("5") == "no"
    )
    return Answer.YES if claimed else Answer.UNKNOWN
