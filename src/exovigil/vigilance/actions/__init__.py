"""Writes of the vigilance room: cases, work-up, judgement and reports."""

from exovigil.vigilance.actions.acknowledgements import receive_acknowledgement
from exovigil.vigilance.actions.cases import (
    open_case,
    record_outcome,
    record_seriousness,
    record_what_happened,
)
from exovigil.vigilance.actions.chasing import read_reporter, record_chase
from exovigil.vigilance.actions.coding import code_reaction, import_meddra
from exovigil.vigilance.actions.deciding import (
    add_report_to_case,
    open_case_from_report,
    set_report_aside,
    take_report_up_again,
)
from exovigil.vigilance.actions.duties import (
    judge_news,
    read_proof,
    record_duty_facts,
    record_submission,
    remind,
)
from exovigil.vigilance.actions.intake import (
    bring_in_file,
    complete_incoming,
    record_literature,
    tell_from_outside,
)
from exovigil.vigilance.actions.judgement import assess_causality, write_narrative
from exovigil.vigilance.actions.linking import link_cases, unlink_cases
from exovigil.vigilance.actions.pathway import change_step, record_lesions, record_step
from exovigil.vigilance.actions.reports import hand_out_form, hand_out_report, record_export, write_report
from exovigil.vigilance.actions.versions import make_version, nullify_case
from exovigil.vigilance.actions.workup import record_investigation, record_management

__all__ = [
    "add_report_to_case",
    "assess_causality",
    "bring_in_file",
    "change_step",
    "code_reaction",
    "complete_incoming",
    "hand_out_form",
    "hand_out_report",
    "import_meddra",
    "judge_news",
    "link_cases",
    "make_version",
    "nullify_case",
    "open_case",
    "open_case_from_report",
    "read_proof",
    "read_reporter",
    "receive_acknowledgement",
    "record_chase",
    "record_duty_facts",
    "record_export",
    "record_investigation",
    "record_lesions",
    "record_literature",
    "record_management",
    "record_outcome",
    "record_seriousness",
    "record_step",
    "record_submission",
    "record_what_happened",
    "remind",
    "set_report_aside",
    "take_report_up_again",
    "tell_from_outside",
    "unlink_cases",
    "write_narrative",
    "write_report",
]
