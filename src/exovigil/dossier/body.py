"""The body of an edition: facts, how they came about, and the digests that let anybody check both."""

import datetime as dt
import hashlib
import json
from importlib import resources
from typing import Any

from django.conf import settings

import exovigil
from exovigil.dossier import plain, published, registry, standing
from exovigil.evidence import queries as evidence
from exovigil.evidence.queries import ProductClass

METHOD = "dossier 1"
WORDING = {
    "question",
    "direction",
    "unknown",
    "clinicians",
    "patients",
}  # made from the other facts, by the method
Facts = dict[str, Any]
Body = dict[str, Any]


def current_facts(condition: str, product_class: ProductClass, seen: registry.Registry) -> Facts:
    """Everything known now about one pair; holds no date of today, so that the same facts have the same digest."""
    shown = evidence.condition(condition)
    facts: Facts = {
        "question": {
            "condition": shown.key,
            "condition_name": shown.name,
            "condition_plain": shown.plain,
            "of_the_twelve": shown.of_the_twelve,
            "product_class": product_class.key,
            "product_class_name": product_class.label,
            "text": plain.question(shown, product_class),
        },
        **published.facts(condition, product_class),
        "registry": registry.facts(seen, condition, product_class),
        "legal": standing.facts(product_class),
    }
    facts["unknown"] = plain.unknown(facts)
    facts["clinicians"] = plain.for_clinicians(facts)
    facts["patients"] = plain.for_patients(facts, shown, product_class, settings.COUNTRY)
    return facts


def compose(facts: Facts, on: dt.date) -> Body:
    """Put facts beside the day, the versions and the digests of their inputs."""
    asked = facts["question"]
    return {
        "title": f"{asked['condition_name']} × {asked['product_class_name'].lower()}",
        "facts": facts,
        "built": {
            "on": on.isoformat(),
            "method": METHOD,
            "program": exovigil.__version__,
            "facts_sha256": digest(_inputs(facts)),
            "registry_sha256": facts["registry"]["sha256"],
            "files": [
                {"name": row.name, "sha256": row.sha256} for row in (*evidence.content_files(), _legal())
            ],
        },
    }


def digest(value: Any) -> str:
    """SHA-256 of a value written as canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def changes(older: Body, newer: Body) -> list[str]:
    """Say what differs between two editions, section by section; empty when only words of the program differ."""
    was, now = older["facts"], newer["facts"]
    lists = {
        "Studies": (was["studies"] + was["set_aside"], now["studies"] + now["set_aside"]),
        "Published harms": (was["harms"]["clinical"], now["harms"]["clinical"]),
        "Registered trials": (was["trials"], now["trials"]),
        "Reviews": (was["reviews"], now["reviews"]),
        "Legal statements": (_statements(was), _statements(now)),
        "Alarms": (was["registry"]["alarms"], now["registry"]["alarms"]),
    }
    found = [line for name, (before, after) in lists.items() for line in _difference(name, before, after)]
    numbers = {
        "treatments": "Treatments",
        "answers": "Answered follow-ups",
        "treatments_any": "Treatments of the class",
    }
    for key, name in numbers.items():
        before, after = was["registry"][key], now["registry"][key]
        if before != after:
            found.append(f"{name} in the registry: {before}, now {after}.")
    if was["registry"]["cases_any"] != now["registry"]["cases_any"]:
        before, after = (sum(x["registry"]["cases_any"].values()) for x in (was, now))
        found.append(f"Cases of the class in the registry: {before}, now {after}.")
    if was["flags"] != now["flags"]:
        found.append(f"Questions about published numbers: {len(was['flags'])}, now {len(now['flags'])}.")
    return found or ["Wording only."]


def _inputs(facts: Facts) -> Facts:
    """What decides whether a new edition is due: the facts and the method, not the sentences made of them."""
    return {"method": METHOD, "facts": {key: value for key, value in facts.items() if key not in WORDING}}


def _difference(name: str, before: list[Facts], after: list[Facts]) -> list[str]:
    old, new = ({row["key"]: row for row in rows} for rows in (before, after))
    parts = {
        "added": [_name(new[key]) for key in new if key not in old],
        "removed": [_name(old[key]) for key in old if key not in new],
        "changed": [_name(new[key]) for key in new if key in old and new[key] != old[key]],
    }
    return [f"{name} {what}: {', '.join(rows)}." for what, rows in parts.items() if rows]


def _name(row: Facts) -> str:
    return str(row.get("label") or row.get("event") or row["key"])


def _statements(facts: Facts) -> list[Facts]:
    return [
        {**row, "key": f"{place['place']} {row['key']}"}
        for place in facts["legal"]
        for row in place["statements"]
    ]


def _legal() -> evidence.ContentFile:
    data = (resources.files("exovigil.catalogue") / "content" / "legal.toml").read_bytes()
    return evidence.ContentFile("catalogue/legal.toml", hashlib.sha256(data).hexdigest())
