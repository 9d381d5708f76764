"""Unknown is a value: not known, not asked and refused are kept apart from "no" and from each other."""

import enum


class Missing(enum.StrEnum):
    """Why there is no answer."""

    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """Words for people."""
        return {"unknown": "Not known", "not_asked": "Not asked", "refused": "Did not want to say"}[
            self.value
        ]


MISSING_CHOICES = tuple((m.value, m.label) for m in Missing)
KNOWN_OR_MISSING = (("known", "Known"), *MISSING_CHOICES)
