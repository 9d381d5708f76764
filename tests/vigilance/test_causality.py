"""Causality: every Naranjo combination against the published table, every WHO-UMC one against its points."""

import itertools
from collections import Counter

import pytest

from exovigil.vigilance.causality import Umc, naranjo, naranjo_items, umc_questions, who_umc
from exovigil.vigilance.seriousness import Answer

# PMC5774610 Table 2, typed in again: points for yes, no, unknown.
TABLE = [
    (1, 0, 0),
    (2, -1, 0),
    (1, 0, 0),
    (2, -1, 0),
    (-1, 2, 0),
    (-1, 1, 0),
    (1, 0, 0),
    (1, 0, 0),
    (1, 0, 0),
    (1, 0, 0),
]
ANSWERS = (Answer.YES, Answer.NO, Answer.UNKNOWN)


def oracle(choice):
    total = 0
    for points, answer in zip(TABLE, choice, strict=True):
        total += points[answer]
    if total >= 9:
        return total, "definite"
    if total >= 5:
        return total, "probable"
    if total >= 1:
        return total, "possible"
    return total, "doubtful"


def test_all_59049_naranjo_combinations():
    seen = Counter()
    for choice in itertools.product(range(3), repeat=10):
        result = naranjo({number: ANSWERS[answer] for number, answer in enumerate(choice, start=1)})
        assert (result.score, result.category) == oracle(choice)
        assert result.unknown == choice.count(2)
        seen[result.score] += 1
    assert sum(seen.values()) == 59_049
    assert (min(seen), max(seen)) == (-4, 13)


def test_an_unanswered_question_is_refused_not_guessed():
    with pytest.raises(ValueError, match="10"):
        naranjo(dict.fromkeys(range(1, 10), Answer.NO))
    with pytest.raises(ValueError, match="11"):
        naranjo(dict.fromkeys(range(1, 12), Answer.NO))


def test_every_item_names_a_read_source():
    assert all(item.source.verified and item.question.endswith("?") for item in naranjo_items())


def umc_oracle(a):
    """Box 2 of PMC6039921, written out a second time."""
    if a["information"] == "cannot be supplemented":
        return Umc.UNASSESSABLE
    if a["information"] == "more expected":
        return Umc.CONDITIONAL
    if a["timing"] == "plausible":
        fits = a["withdrawal"] == "plausible"
        if (
            fits
            and a["other_causes"] == "excluded"
            and a["definitive"] == "yes"
            and a["rechallenge"] in {"recurred", "not necessary"}
        ):
            return Umc.CERTAIN
        return Umc.PROBABLE if fits and a["other_causes"] in {"excluded", "unlikely"} else Umc.POSSIBLE
    if a["timing"] == "improbable" and a["other_causes"] == "plausible":
        return Umc.UNLIKELY
    return Umc.CONDITIONAL


def test_every_combination_of_who_umc_answers():
    questions = umc_questions()
    seen = set()
    for choice in itertools.product(*(question.answers for question in questions)):
        answers = {question.key: answer for question, answer in zip(questions, choice, strict=True)}
        result = who_umc(answers)
        assert result.category is umc_oracle(answers)
        seen.add(result.category)
    assert seen == set(Umc)


def test_a_category_shows_what_kept_it_from_a_stronger_one():
    answers = {
        "timing": "plausible",
        "other_causes": "plausible",
        "withdrawal": "unknown",
        "definitive": "unknown",
        "rechallenge": "not done",
        "information": "sufficient",
    }
    result = who_umc(answers)
    assert result.category is Umc.POSSIBLE
    assert result.met == ("Reasonable time relationship to the exposure",)
    assert result.held_back_by == (
        "Unlikely to be due to disease or other products",
        "Response to withdrawal clinically reasonable",
    )


@pytest.mark.parametrize("change", [{"timing": "perhaps"}, {"weather": "fine"}])
def test_an_impossible_answer_is_refused(change):
    answers = {question.key: question.answers[0] for question in umc_questions()}
    with pytest.raises(ValueError, match=next(iter(change))):
        who_umc(answers | change)
