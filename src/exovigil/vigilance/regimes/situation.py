"""What the router needs to know of a case; unknown is a value of each."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from exovigil.vigilance.seriousness import Answer


class Status(enum.StrEnum):
    """What the product is in law, as claimed for it."""

    LICENSED = "licensed"
    UNLICENSED = "unlicensed"
    INVESTIGATIONAL = "investigational"
    COSMETIC = "cosmetic"
    DEVICE = "device"
    NONE = "none"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """Words for people."""
        return _STATUS[self]


class Origin(enum.StrEnum):
    """Where the material comes from."""

    HUMAN = "human"
    OTHER = "other"
    UNKNOWN = "unknown"


class Claim(enum.StrEnum):
    """What the product is said to do."""

    THERAPEUTIC = "therapeutic"
    COSMETIC = "cosmetic"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """Words for people."""
        return {
            "therapeutic": "To treat, prevent or repair (a medical claim)",
            "cosmetic": "To clean, perfume, protect or change the appearance",
            "unknown": "Not known",
        }[self.value]


class RegimeRoute(enum.StrEnum):
    """How it was given, as far as a regime turns on it."""

    TOPICAL = "topical"
    BROKEN_SKIN = "broken skin"
    INJECTED = "injected"
    UNKNOWN = "unknown"


class Region(enum.StrEnum):
    """Whose law applies, by where the reaction happened."""

    GB = "GB"
    XI = "XI"
    EU = "EU"
    US = "US"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """Words for people."""
        return _REGION[self]


class ReporterRole(enum.StrEnum):
    """As what the one who reports acts in law."""

    CLINICIAN = "clinician"
    PATIENT = "patient"
    FACILITY = "facility"
    SUPPLIER = "supplier"
    HOLDER = "holder"
    MANUFACTURER = "manufacturer"
    RESPONSIBLE_PERSON = "responsible_person"
    SPONSOR = "sponsor"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """Words for people."""
        return _ROLE[self]


_STATUS = {
    Status.LICENSED: "Licensed medicine",
    Status.UNLICENSED: "Unlicensed medicine or “special”",
    Status.INVESTIGATIONAL: "Investigational, in a trial",
    Status.COSMETIC: "Notified or sold as a cosmetic",
    Status.DEVICE: "Device with a CE or UKCA mark",
    Status.NONE: "No legal basis claimed",
    Status.UNKNOWN: "Not known",
}
_REGION = {
    Region.GB: "Great Britain",
    Region.XI: "Northern Ireland",
    Region.EU: "European Union",
    Region.US: "United States",
    Region.OTHER: "Elsewhere",
    Region.UNKNOWN: "Not known",
}
_ROLE = {
    ReporterRole.CLINICIAN: "Clinic or health professional",
    ReporterRole.PATIENT: "Patient or another member of the public",
    ReporterRole.FACILITY: "US device user facility (hospital or outpatient facility, not a physician's office)",
    ReporterRole.SUPPLIER: "Supplier of an unlicensed medicine",
    ReporterRole.HOLDER: "Holder of the licence, or the firm that markets the medicine",
    ReporterRole.MANUFACTURER: "Manufacturer of the device",
    ReporterRole.RESPONSIBLE_PERSON: "Responsible person or distributor of the cosmetic",
    ReporterRole.SPONSOR: "Sponsor of the trial",
    ReporterRole.UNKNOWN: "Not known",
}
# ISO 3166 codes of the 27 member states. XI is the code used for Northern Ireland in reports to the MHRA.
_EU = frozenset("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split())


def region_of(country: str) -> Region:
    """Region of a two-letter country code; a country without rules here is elsewhere, none is unknown."""
    code = country.strip().upper()
    if not code:
        return Region.UNKNOWN
    if code in _EU:
        return Region.EU
    return {"GB": Region.GB, "XI": Region.XI, "US": Region.US}.get(code, Region.OTHER)


@dataclass(frozen=True, slots=True)
class Situation:
    """One reaction as the router sees it.

    ``day_zero`` is the day on which the four minimum criteria were first known. ``answers`` holds the ICH criteria and
    the regimes' own questions by code; ``unexpected`` says whether the declared information does not list the reaction.
    """

    day_zero: dt.date
    status: Status = Status.UNKNOWN
    origin: Origin = Origin.UNKNOWN
    claim: Claim = Claim.UNKNOWN
    route: RegimeRoute = RegimeRoute.UNKNOWN
    region: Region = Region.UNKNOWN
    role: ReporterRole = ReporterRole.UNKNOWN
    unexpected: Answer = Answer.UNKNOWN
    answers: Mapping[str, Answer] = field(default_factory=dict)
