"""Writes of the vigilance room: cases, work-up, judgement and reports."""

from exovigil.vigilance.actions.cases import (
    open_case,
    record_outcome,
    record_seriousness,
    record_what_happened,
)
from exovigil.vigilance.actions.duties import read_proof, record_duty_facts, record_submission, remind
from exovigil.vigilance.actions.judgement import assess_causality, write_narrative
from exovigil.vigilance.actions.reports import hand_out_report, record_export, write_report
from exovigil.vigilance.actions.workup import record_investigation, record_management

__all__ = [
    "assess_causality",
    "hand_out_report",
    "open_case",
    "read_proof",
    "record_duty_facts",
    "record_export",
    "record_investigation",
    "record_management",
    "record_outcome",
    "record_seriousness",
    "record_submission",
    "record_what_happened",
    "remind",
    "write_narrative",
    "write_report",
]
