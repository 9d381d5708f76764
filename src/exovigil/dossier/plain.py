"""The same facts in words: for clinicians, for patients, and what nobody knows. No advice is given.

Every sentence is made from the facts frozen in the dossier, so that a word cannot say more than a number does.
"""

from typing import Any

from exovigil.evidence.queries import Condition, ProductClass

Facts = dict[str, Any]
_PLACES = {"GB": "UK", "US": "US", "KR": "South Korea", "JP": "Japan", "CA": "Canada", "BR": "Brazil"}


def question(condition: Condition, product_class: ProductClass) -> str:
    """Say what the dossier asks."""
    return (
        f"What is known about exosome products {product_class.plain} for {condition.plain}: what was studied in"
        " people, which harms were seen, and what the law is said to be?"
    )


def for_clinicians(facts: Facts) -> list[str]:
    """Summarise for somebody who treats; figures with their denominators, never a pooled effect."""
    totals, harms, registry = facts["totals"], facts["harms"], facts["registry"]
    said = []
    if totals["studies"]:
        said.append(
            f"{_count(totals['studies'], 'human study', 'human studies')}, {totals['randomised']} said to be"
            f" randomised, {_people(totals)}."
        )
    else:
        said.append("No human study was found.")
    if totals["studies"]:
        said += [facts["direction"]["summary"], facts["direction"]["why_not_pooled"]]
    if facts["flags"]:
        said.append(
            f"{_count(len(facts['flags']), 'question', 'questions')} about published numbers; see below."
        )
    without = [row for row in harms["clinical"] if row["denominator"] is None]
    said.append(
        f"{_count(len(harms['clinical']), 'published report', 'published reports')} of harm that are or may be of"
        f" this product class; {len(without)} of them have no denominator."
    )
    said.append(_registry_sentence(registry))
    open_alarms = [row for row in registry["alarms"] if row["is_open"]]
    if open_alarms:
        said.append(
            f"{_count(len(open_alarms), 'alarm', 'alarms')} of the watch not decided yet on this class."
        )
    return said


def for_patients(
    facts: Facts, condition: Condition, product_class: ProductClass, country: str
) -> list[Facts]:
    """Say the same in short plain sentences, under four questions."""
    return [
        {"heading": "What is this about?", "sentences": _tried(facts, condition, product_class)},
        {"heading": "How many people were studied?", "sentences": _studied(facts)},
        {"heading": "What harms were seen?", "sentences": _harmed(facts)},
        {"heading": "Is it licensed?", "sentences": _licensed(facts, country)},
    ]


def unknown(facts: Facts) -> list[str]:
    """List what the facts do not tell."""
    return [*_unknown_effect(facts), *_unknown_harm(facts), *_unknown_here(facts)]


def _unknown_effect(facts: Facts) -> list[str]:
    studies = facts["studies"]
    if not studies:
        return ["Whether it helps: no human study was found."]
    found = []
    if not facts["totals"]["randomised"]:
        found.append("Whether it helps more than doing something else: no study says that it was randomised.")
    checks = {
        "give no product name": [not row["product"] for row in studies],
        "do not say, in the part read, how long people were followed": [
            not row["follow_up"] for row in studies
        ],
        "say nothing of harms in the part read": [not row["safety"] for row in studies],
        "were not read in full text; the full text may say more": [
            row["read_depth"] != "full text" for row in studies
        ],
    }
    return found + [
        f"{sum(hits)} of {len(studies)} studies {words}." for words, hits in checks.items() if any(hits)
    ]


def _unknown_harm(facts: Facts) -> list[str]:
    rows = facts["harms"]["clinical"]
    found = []
    if without := sum(row["denominator"] is None for row in rows):
        found.append(
            f"How often harm happens: {without} of {len(rows)} published reports of harm have no denominator."
        )
    if unsure := sum(not row["source_known"] for row in rows):
        found.append(
            f"Whether {unsure} of {len(rows)} published reports of harm concern this product class:"
            " what the product was made from is not stated."
        )
    return found


def _unknown_here(facts: Facts) -> list[str]:
    registry = facts["registry"]
    found = []
    if not registry["treatments"]:
        found.append("What this registry's clinics have seen: no treatment of this kind is recorded.")
    if registry["unattributed"]:
        cases = _count(registry["unattributed"], "case of the registry has", "cases of the registry have")
        found.append(f"Which product was given: {cases} no known product and may belong here.")
    if not facts["legal"]:
        found.append("What the law says: no statement was found, which does not mean that it is allowed.")
    return found


def _tried(facts: Facts, condition: Condition, product_class: ProductClass) -> list[str]:
    said = [
        "Exosomes are tiny bubbles that cells give off.",
        f"This page is about exosome products {product_class.plain}.",
        f"It is about their use for {condition.plain}.",
    ]
    routes = [row["route"] for row in facts["studies"]]
    if any(route.startswith("topical") for route in routes):
        said.append("In some studies the product was put on the skin.")
    if any(route.startswith("injection") for route in routes):
        said.append("In some studies the product was injected.")
    return said


def _studied(facts: Facts) -> list[str]:
    totals = facts["totals"]
    if not totals["studies"]:
        return ["No human study was found.", "So nobody has shown what this does in people."]
    said = [f"We found {_count(totals['studies'], 'study', 'studies')} with {_people(totals)}."]
    if totals["randomised"]:
        said.append(
            f"In {totals['randomised']} of them chance decided who, or which side, got the product."
            " That makes a comparison fair."
        )
    else:
        said.append("In none of them did chance decide who got the product, so a fair comparison is missing.")
    said += [
        f"{row['count']} of them: {_plain_direction(row['word'])}." for row in facts["direction"]["counts"]
    ]
    return [*said, "We did not add the results up into one number. The studies do not allow it."]


def _plain_direction(word: str) -> str:
    return {
        "favours exosome": "the treated people or sides did better than the others",
        "favours comparator": "the others did better than the treated people or sides",
        "no difference": "there was no difference",
        "improved, no comparator": "people got better, but nobody was there to compare them with",
        "worse, no comparator": "people got worse, but nobody was there to compare them with",
        "harm only": "the report is only about harm",
    }.get(word, "the result could not be read or was not clear")


def _harmed(facts: Facts) -> list[str]:
    said = []
    for row in facts["harms"]["clinical"]:
        people = row["people"] or "An unstated number of"
        sentence = (
            f"{people[0].upper()}{people[1:]} {'person' if people == '1' else 'people'}: {row['event']}"
        )
        sentence += (
            f" ({row['onset']} after treatment)." if row["onset"] and row["onset"][0].isdigit() else "."
        )
        said.append(sentence)
        if row["denominator"] is not None:
            said.append(f"{row['denominator']} people had been treated.")
    if any(row["denominator"] is None for row in facts["harms"]["clinical"]):
        said.append(
            "Nobody counted how many people had the treatment. So nobody knows how often this happens."
        )
    if any(not row["source_known"] for row in facts["harms"]["clinical"]):
        said.append("Some reports do not say what the product was made from.")
    registry = facts["registry"]
    if registry["synthetic"]:
        said.append("The next numbers are from a demonstration. They are made up.")
    if registry["treatments"]:
        said.append(
            f"Clinics in this registry gave {_count(registry['treatments'], 'treatment', 'treatments')} of this kind"
            f" for this condition. They wrote up {_count(registry['total']['events'], 'reaction', 'reactions')}."
        )
        if registry["total"]["events"] > registry["affected"]:
            said.append("The same reaction may have been written up twice.")
    else:
        said.append(
            "Clinics in this registry have not recorded any treatment of this kind for this condition."
        )
    return said


def _licensed(facts: Facts, country: str) -> list[str]:
    home = _PLACES.get(country, "")
    said = []
    for place in sorted(facts["legal"], key=lambda row: (row["place"] != home, row["place"])):
        wanted = {"licence", "cosmetic ingredient", "route"} if place["place"] == home else {"licence"}
        rows = [row for row in place["statements"] if row["subject"] in wanted]
        said += [f"{place['place']}: “{row['statement']}” Said by: {row['source_kind']}." for row in rows]
        if any(row["contradicted"] for row in rows):
            said.append(f"{place['place']}: the sources contradict each other.")
    if not said:
        return ["We found no statement. That does not mean that it is allowed."]
    return [*said, "If a country is missing here, we found nothing. That does not mean that it is allowed."]


def _registry_sentence(registry: Facts) -> str:
    if not registry["treatments"]:
        return "No treatment of this kind for this condition is in the registry."
    total = registry["total"]
    return (
        f"Registry: {_count(total['events'], 'case', 'cases')} in {registry['treatments']} treatments,"
        f" {total['per_1000']:.1f} per 1,000 (95 % exact Poisson {total['low']:.1f} to {total['high']:.1f});"
        f" {registry['answered']} of {registry['treatments']} treatments have an answered follow-up."
    )


def _people(totals: Facts) -> str:
    missing = totals["size_unknown"]
    if missing == totals["studies"]:
        return "an unstated number of people"
    people = _count(totals["participants"], "person", "people")
    return f"{people} ({missing} {'gives' if missing == 1 else 'give'} no number)" if missing else people


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
