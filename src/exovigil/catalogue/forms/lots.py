"""Forms for lots and their certificates."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from exovigil.catalogue import certificate
from exovigil.catalogue.actions import CertificateEntry
from exovigil.catalogue.models import ReleaseTest
from exovigil.catalogue.release import ReleaseTest as Test
from exovigil.catalogue.release import release_tests
from exovigil.foundation.forms import ActionForm, DayField

EXPIRY_HELP = "If the label shows only a month, enter the last day of that month."


@dataclass(frozen=True, slots=True)
class Row:
    """One test of the certificate with its three fields."""

    test: Test
    fields: tuple[BoundField, ...]


class LotForm(ActionForm):
    """A lot with its whole certificate: one row for each mandatory and expected test."""

    number = forms.CharField(
        label="Lot number",
        max_length=35,
        help_text="As it stands on the vial.",
        error_messages={"required": "Enter the lot number as it stands on the vial."},
    )
    expires_on = DayField(
        label="Expiry date",
        allow_future=True,
        required=False,
        help_text=f"{EXPIRY_HELP} Without it the lot is blocked.",
    )
    made_on = DayField(label="Date of manufacture", required=False)
    certificate_issuer = forms.CharField(
        label="Certificate issued by", max_length=120, required=False, help_text="The maker or a laboratory."
    )
    certificate_issued_on = DayField(label="Certificate dated", required=False)
    certificate_file = forms.FileField(
        label="Certificate",
        required=False,
        allow_empty_file=False,
        help_text="The file is not kept. Its fingerprint (SHA-256) is, so that the paper can be proved the same.",
        error_messages={
            "empty": "This file is empty. Choose the certificate again.",
            "invalid": "The file did not arrive. Choose it again.",
        },
    )
    about_lot = ("number", "expires_on", "made_on")
    about_paper = ("certificate_issuer", "certificate_issued_on", "certificate_file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for test in _asked():
            self.fields[f"outcome_{test.code}"] = forms.ChoiceField(
                label="Outcome",
                choices=[("", "Not stated"), *ReleaseTest.Outcome.choices],
                required=False,
            )
            self.fields[f"result_{test.code}"] = _result_field(test)
            self.fields[f"tested_on_{test.code}"] = DayField(label="Tested on", required=False)

    def lot_fields(self) -> Iterator[BoundField]:
        """Fields about the lot itself."""
        return (self[name] for name in self.about_lot)

    def paper_fields(self) -> Iterator[BoundField]:
        """Fields about the certificate."""
        return (self[name] for name in self.about_paper)

    def rows(self, level: str) -> list[Row]:
        """Rows of the certificate at one level."""
        return [
            Row(test, tuple(self[f"{part}_{test.code}"] for part in ("outcome", "result", "tested_on")))
            for test in _asked()
            if test.level == level
        ]

    def mandatory(self) -> list[Row]:
        """Tests without which a lot is blocked."""
        return self.rows("mandatory")

    def expected(self) -> list[Row]:
        """Tests whose absence is said but does not block."""
        return self.rows("expected")

    def clean(self) -> dict[str, Any]:
        """Refuse a result without an outcome: nothing is concluded from a figure alone."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for test in _asked():
            has_more = cleaned.get(f"result_{test.code}") or cleaned.get(f"tested_on_{test.code}")
            if has_more and not cleaned.get(f"outcome_{test.code}"):
                message = f"{test.label}: choose the outcome that the certificate gives."
                self.add_error(f"outcome_{test.code}", message)
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return the lot, the certificate with its fingerprint, and the entries that the certificate has."""
        given = super().values()
        entries = [
            CertificateEntry(test.code, outcome, result, tested_on)
            for test in _asked()
            for outcome, result, tested_on in [
                tuple(given.pop(f"{part}_{test.code}") for part in ("outcome", "result", "tested_on"))
            ]
            if outcome
        ]
        paper = given.pop("certificate_file")
        given["certificate_sha256"] = _fingerprint(paper) if paper else ""
        return {**given, "release_tests": entries}


class ReleaseTestForm(ActionForm):
    """One more result of a lot."""

    test = forms.ChoiceField(label="Release test", error_messages={"required": "Choose the test."})
    outcome = forms.ChoiceField(
        choices=ReleaseTest.Outcome.choices,
        widget=forms.RadioSelect,
        help_text="For a figure that is only reported, choose passed.",
        error_messages={"required": "Choose passed, failed or not done."},
    )
    result = forms.CharField(
        max_length=120, required=False, help_text="In the test's unit, such as 0.05 or <0.05 for endotoxin."
    )
    tested_on = DayField(label="Tested on", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["test"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "Choose…"), *_grouped()]


class ExpiryForm(ActionForm):
    """The expiry date of a lot, once it is known."""

    expires_on = DayField(label="Expiry date", allow_future=True, help_text=EXPIRY_HELP)


def _asked() -> list[Test]:
    return [test for test in release_tests() if test.level != "report"]


def _grouped() -> list[tuple[str, list[tuple[str, str]]]]:
    titles = {
        "mandatory": "Mandatory: missing or failed blocks the lot",
        "expected": "Expected: failed blocks the lot",
        "report": "Reported: never blocks",
    }
    return [
        (title, [(test.code, _with_unit(test)) for test in release_tests() if test.level == level])
        for level, title in titles.items()
    ]


def _with_unit(test: Test) -> str:
    return f"{test.label} ({test.unit})" if test.unit else test.label


def _result_field(test: Test) -> forms.CharField:
    numeric = certificate.is_numeric(test)
    return forms.CharField(
        label=f"Result, {test.unit}" if test.unit else "Result",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"} if numeric else {}),
    )


def _fingerprint(paper: Any) -> str:
    digest = hashlib.sha256()
    for chunk in paper.chunks():
        digest.update(chunk)
    return digest.hexdigest()
