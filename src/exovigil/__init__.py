"""Exovigil: a living evidence and vigilance registry for exosome therapies in dermatology.

The package is a house of rooms; each room's docstring says what lives there, and
``docs/architecture.md`` has the plan. Imports go down this list only:

``web`` · ``cli`` · ``dossier`` · ``evidence`` · ``signals`` · ``vigilance`` · ``clinic`` ·
``catalogue`` · ``governance`` · ``foundation`` · ``statistics``
"""

__version__ = "0.1.0"
