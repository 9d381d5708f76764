"""MedDRA from the site's own licensed files: unpacking, reading, and comparing releases.

Nothing of MedDRA is shipped or shown to a site that did not import it. The files come from outside and are hostile
until they are read: sizes are bounded, paths are not followed, and one wrong line refuses the whole.
"""

from exovigil.vigilance.meddra.ascii import Release, Term, read_release
from exovigil.vigilance.meddra.unpack import MeddraError, from_folder, from_zip

__all__ = ["MeddraError", "Release", "Term", "from_folder", "from_zip", "read_release"]
