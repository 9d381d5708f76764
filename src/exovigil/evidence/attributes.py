"""What the harms literature says beside one level of an attribute; which words of a source mean which level.

The literature names few of these attributes, and hardly ever how many were treated, so it can stand beside a rate but
give none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exovigil.evidence.harms import Harm, exosome_harms

#: Of each attribute: the field of a published harm that can name it, and the words that name a level.
_SAID: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "source_tissue": (
        "source_claim",
        {
            "adipose_msc": ("adipose",),
            "umbilical_msc": ("umbilical",),
            "wharton_msc": ("wharton",),
            "placental_msc": ("placenta",),
            "foreskin_msc": ("foreskin",),
            "platelet": ("platelet",),
            "amniotic_fluid": ("amniotic",),
        },
    ),
    "formulation": (
        "product",
        {"lyophilised": ("lyophilised", "freeze-dried"), "gel": (" gel",), "ointment": ("ointment",)},
    ),
    "route": (
        "route",
        {
            "intradermal": ("intradermal", "injection"),
            "subcutaneous": ("subcutaneous", "injection"),
            "microneedling": ("microneedling",),
            "topical": ("topical",),
            "laser": ("laser",),
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Literature:
    """Published harms by level, and those that do not say which level it was."""

    by_level: dict[str, tuple[Harm, ...]]
    not_said: tuple[Harm, ...]


def literature(attribute: str, levels: Iterable[str]) -> Literature:
    """Put published harms after exosome products beside the levels of an attribute."""
    found = {
        level: tuple(row for row in exosome_harms() if _names(row, attribute, level)) for level in levels
    }
    told = {row.key for rows in found.values() for row in rows}
    return Literature(found, tuple(row for row in exosome_harms() if row.key not in told))


def _names(row: Harm, attribute: str, level: str) -> bool:
    if attribute == "source_species":
        return level in {str(source) for source in row.source_classes}
    field, words = _SAID.get(attribute, ("", {}))
    text = f" {getattr(row, field)}".casefold() if field else ""
    return any(word in text for word in words.get(level, ()))
