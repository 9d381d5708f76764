"""Writes of the vigilance room: cases, work-up, judgement and reports."""

from exovigil.vigilance.actions.cases import (
    open_case,
    record_outcome,
    record_seriousness,
    record_what_happened,
)
from exovigil.vigilance.actions.coding import code_reaction, import_meddra
from exovigil.vigilance.actions.duties import (
    judge_news,
    read_proof,
    record_duty_facts,
    record_submission,
    remind,
)
from exovigil.vigilance.actions.judgement import assess_causality, write_narrative
from exovigil.vigilance.actions.pathway import change_step, record_lesions, record_step
from exovigil.vigilance.actions.reports import hand_out_form, hand_out_report, record_export, write_report
from exovigil.vigilance.actions.versions import make_version, nullify_case
from exovigil.vigilance.actions.workup import record_investigation, record_management

__all__ = [
    "assess_causality",
    "change_step",
    "code_reaction",
    "hand_out_form",
    "hand_out_report",
    "import_meddra",
    "judge_news",
    "make_version",
    "nullify_case",
    "open_case",
    "read_proof",
    "record_duty_facts",
    "record_export",
    "record_investigation",
    "record_lesions",
    "record_management",
    "record_outcome",
    "record_seriousness",
    "record_step",
    "record_submission",
    "record_what_happened",
    "remind",
    "write_narrative",
    "write_report",
]
