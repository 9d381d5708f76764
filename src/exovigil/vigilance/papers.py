"""A case printed in the order of an authority's form."""

from importlib.resources import files
from itertools import groupby
from typing import Any

from exovigil.foundation.content import Source
from exovigil.foundation.papers import print_pdf
from exovigil.vigilance.authority_forms import NOT_OFFICIAL, FormField, fields_of, form
from exovigil.vigilance.form_facts import form_facts
from exovigil.vigilance.models import Case


def form_paper(case: Case, code: str) -> bytes:
    """Give a PDF of the case in the order of form ``code``; raises KeyError for a form that there is not."""
    return print_pdf(files("exovigil.vigilance") / "documents" / "form.typ", form_data(case, code))


def form_data(case: Case, code: str) -> dict[str, Any]:
    """Everything that the paper says."""
    chosen, facts = form(code), form_facts(case)
    boxes = fields_of(code)
    sources = list(dict.fromkeys([chosen.source, *(box.source for box in boxes)]))
    return {
        "title": chosen.title,
        "subject": chosen.subject,
        "goes_to": chosen.goes_to,
        "number": case.number,
        "site": case.site.name,
        "made_on": facts["made_on"],
        "not_official": NOT_OFFICIAL,
        "warning": "This case was nullified: send this only to withdraw an earlier report."
        if case.state == Case.State.NULLIFIED
        else "",
        "sections": [
            {"title": title, "rows": [_row(box, facts, sources) for box in rows]}
            for title, rows in groupby(boxes, key=lambda box: box.section)
        ],
        "sources": [_cite(source) for source in sources],
    }


def _row(box: FormField, facts: dict[str, str], sources: list[Source]) -> dict[str, Any]:
    value = facts[box.value] if box.value else ""
    mark = sources.index(box.source) + 1
    return {"number": box.number, "label": box.label, "value": value, "mark": mark if mark > 1 else None}


def _cite(source: Source) -> str:
    depth = "read: " if source.verified else "unverified: "
    return ". ".join(p for p in (source.citation, source.link) if p) + f" ({depth}{source.read_depth})"
