"""Where a product was given and why: regions of the body map and indications, as short cited lists."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.foundation.content import Source, load_toml

PACKAGE = "exovigil.clinic"


@dataclass(frozen=True, slots=True)
class Region:
    """One region of the map; left and right are the patient's own."""

    code: str
    label: str
    view: Literal["face", "body front", "body back"]
    side: Literal["left", "right", "middle"]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Indication:
    """Why a product is given; being listed is no sign that it works."""

    key: str
    label: str
    sources: tuple[Source, ...]


@cache
def regions() -> tuple[Region, ...]:
    """Load the regions, the face first."""
    return load_toml(PACKAGE, "body_regions.toml", "region", Region)


@cache
def indications() -> tuple[Indication, ...]:
    """Load the indications; keys are those of the evidence map, and ``other``."""
    return load_toml(PACKAGE, "indications.toml", "indication", Indication)
