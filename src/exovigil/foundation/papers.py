"""Papers: PDF by typst, from a template file and plain data.

Data reach the template as JSON (``sys.inputs.data``), never as markup, so that a patient's words cannot become
typesetting commands.
"""

import json
from importlib.abc import Traversable
from importlib.resources import as_file
from typing import Any

import typst


def print_pdf(template: Traversable, data: dict[str, Any]) -> bytes:
    """Typeset ``template`` with ``data`` and return a PDF/A-2b file."""
    with as_file(template) as path:
        pdf = typst.compile(
            str(path),
            format="pdf",
            sys_inputs={"data": json.dumps(data, default=str)},
            pdf_standards=["a-2b"],
        )
    if not isinstance(pdf, bytes):
        raise TypeError("a paper must be one file")
    return pdf
