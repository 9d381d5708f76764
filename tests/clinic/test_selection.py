"""Screening: an answer that is missing never makes anybody eligible."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.clinic import selection
from exovigil.clinic.selection import Answer, Outcome, decide

QUESTIONS = selection.questions()
ALL_NO = {question.code: Answer.NO for question in QUESTIONS}
WEIGHT = {Outcome.ELIGIBLE: 0, Outcome.CAUTION: 1, Outcome.EXCLUDED: 2}
MISSING = [Answer.UNKNOWN, Answer.NOT_ASKED, Answer.REFUSED]

answers = st.dictionaries(st.sampled_from([q.code for q in QUESTIONS]), st.sampled_from(list(Answer)))


def test_every_question_has_a_reason_a_source_and_a_read_depth() -> None:
    assert len({q.code for q in QUESTIONS}) == len(QUESTIONS) == 26
    for question in QUESTIONS:
        assert question.question.endswith("?")
        assert question.reason
        assert question.sources
        for source in question.sources:
            assert source.link.startswith("http")
            assert source.verified
            assert source.read_on


@pytest.mark.parametrize(
    "code",
    [
        "autoimmune",
        "hypersensitivity",
        "immunosuppression",
        "pregnancy",
        "breastfeeding",
        "active_infection",
        "malignancy",
        "blood_borne_virus",
        "live_vaccine",
        "natural_protein_allergy",
    ],
)
def test_the_cited_exclusions(code: str) -> None:
    decision = decide(ALL_NO | {code: Answer.YES})
    assert decision.outcome is Outcome.EXCLUDED
    assert [r.question.code for r in decision.reasons] == [code]
    assert decision.reasons[0].text == decision.reasons[0].question.reason


@pytest.mark.parametrize("code", ["filler_reaction", "atopy", "antibiotic_allergy", "keloid"])
def test_the_cited_cautions(code: str) -> None:
    assert decide(ALL_NO | {code: Answer.YES}).outcome is Outcome.CAUTION


def test_no_to_everything_is_eligible() -> None:
    decision = decide(ALL_NO)
    assert decision == selection.Decision(Outcome.ELIGIBLE, (), complete=True)


def test_nothing_asked_is_caution_with_every_question_named() -> None:
    decision = decide({})
    assert decision.outcome is Outcome.CAUTION
    assert not decision.complete
    assert tuple(r.question for r in decision.reasons if not r.answer.given) == QUESTIONS
    assert decision.reasons[0].text.startswith("Not asked: ")


@pytest.mark.parametrize(("question", "answer"), list(itertools.product(QUESTIONS, MISSING)))
def test_each_missing_answer_alone_forbids_eligible(question: selection.Question, answer: Answer) -> None:
    decision = decide(ALL_NO | {question.code: answer})
    assert decision.outcome is not Outcome.ELIGIBLE
    assert tuple(r.question for r in decision.reasons if not r.answer.given) == (question,)


@given(answers)
def test_the_decision_is_the_heaviest_single_one(given_answers: dict[str, Answer]) -> None:
    def alone(question: selection.Question) -> Outcome:
        answer = given_answers.get(question.code, Answer.NOT_ASKED)
        if answer is Answer.NO:
            return Outcome.ELIGIBLE
        return Outcome(question.on_yes if answer is Answer.YES else question.on_unknown)

    assert decide(given_answers).outcome is max((alone(q) for q in QUESTIONS), key=WEIGHT.__getitem__)


@given(answers)
def test_eligible_means_no_to_everything(given_answers: dict[str, Answer]) -> None:
    assert (decide(given_answers).outcome is Outcome.ELIGIBLE) is (given_answers == ALL_NO)


@given(answers, st.sampled_from([q.code for q in QUESTIONS]))
def test_a_yes_never_makes_it_lighter(given_answers: dict[str, Answer], code: str) -> None:
    before = decide(given_answers | {code: Answer.NO})
    after = decide(given_answers | {code: Answer.YES})
    assert WEIGHT[after.outcome] >= WEIGHT[before.outcome]


@given(answers)
def test_the_heaviest_reason_comes_first(given_answers: dict[str, Answer]) -> None:
    weights = [WEIGHT[r.outcome] for r in decide(given_answers).reasons]
    assert weights == sorted(weights, reverse=True)


def test_a_misspelt_question_is_not_dropped() -> None:
    with pytest.raises(KeyError, match="no question 'pregnant'"):
        decide({"pregnant": Answer.YES})
