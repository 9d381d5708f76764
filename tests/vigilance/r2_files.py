"""E2B(R2) files of our own making."""

from lxml import etree

DOCTYPE = '<!DOCTYPE ichicsr SYSTEM "http://127.0.0.1:9/ich-icsr-v2-1.dtd">'

REPORT = {
    "safetyreportid": "GB-CLINIC-7",
    "primarysourcecountry": "GB",
    "occurcountry": "GB",
    "transmissiondate": "20260318101500+0000",
    "reporttype": "1",
    "serious": "1",
    "seriousnesshospitalization": "1",
    "seriousnessdeath": "2",
    "receivedate": "20260312",
    "receiptdate": "20260317",
    "additionaldocument": "2",
    "fulfillexpeditecriteria": "1",
    "companynumb": "GB-CLINIC-7",
    "primarysource": {"reportergivename": "PRIVACY", "qualification": "1"},
    "sender": {"sendertype": "3", "senderorganization": "Clinic", "sendertel": "123", "sendertelcountrycode": "44"},
    "patient": {
        "patientinitial": "AB",
        "patientsex": "2",
        "patientmedicalhistorytext": "none",
        "reaction": {
            "primarysourcereaction": "lump under the skin",
            "reactionmeddraversionllt": "11.0",
            "reactionmeddrallt": "12345678",
            "reactionstartdate": "202602",
            "reactionoutcome": "6",
        },
        "test": {"testdate": "20260301", "testname": "culture", "testresult": "no growth"},
        "drug": {
            "drugcharacterization": "1",
            "medicinalproduct": "Exosome serum",
            "drugbatchnumb": "LOT-7",
            "drugstructuredosagenumb": "5",
            "drugstructuredosageunit": "012",
            "drugseparatedosagenumb": "3",
            "drugintervaldosageunitnumb": "1",
            "drugintervaldosagedefinition": "804",
            "drugadministrationroute": "023",
            "drugstartperiod": "3",
            "drugstartperiodunit": "803",
            "actiondrug": "5",
            "drugrecurreadministration": "2",
            "drugreactionrelatedness": {
                "drugreactionasses": "lump under the skin",
                "drugassessmentsource": "reporter",
                "drugassessmentmethod": "global",
                "drugresult": "possible",
            },
        },
        "summary": {"narrativeincludeclinical": "A lump three weeks after the third session."},
    },
}  # fmt: skip
HEADER = {
    "messagetype": "ichicsr",
    "messagenumb": "B-1",
    "messagesenderidentifier": "CLINIC",
    "messagereceiveridentifier": "AUTHORITY",
    "messagedate": "20260318101500+0000",
}


def add(parent, content):
    for name, value in content.items():
        for item in value if isinstance(value, list) else [value]:
            node = etree.SubElement(parent, name)
            if isinstance(item, dict):
                add(node, item)
            else:
                node.text = item


def r2(report=REPORT, *, doctype=DOCTYPE, lang="en", **changes):
    """An R2 file of our own making."""
    root = etree.Element("ichicsr", lang=lang)
    add(root, {"ichicsrmessageheader": HEADER, "safetyreport": report | changes})
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}\n'.encode() + etree.tostring(root)
