"""An invented dictionary in the MedAscii layout: no term, code or grouping of it is MedDRA's."""

import io
import zipfile

TERMS = (  # LLT code, name, currency, PT code
    ("90000001", "Blue lumps", "Y", "90000001"),
    ("90000002", "Blue lump of cheek", "Y", "90000001"),
    ("90000003", "Lumps, blue (old name)", "N", "90000001"),
    ("90000004", "Green glow", "Y", "90000004"),
    ("90000005", "Glowing, greenish", "Y", "90000004"),
)
PREFERRED = {"90000001": ("Blue lumps", "91000001"), "90000004": ("Green glow", "91000002")}
CLASSES = {"91000001": "Invented lump disorders", "91000002": "Invented light disorders"}


def files(version="90.1", terms=TERMS, preferred=PREFERRED, language="English") -> dict[str, str]:
    """The four files that are read, as text."""
    return {
        "llt.asc": "".join(f"{c}${n}${pt}$$$$$$${cur}$$\r\n" for c, n, cur, pt in terms),
        "pt.asc": "".join(f"{c}${n}$${soc}$$$$$$$$\r\n" for c, (n, soc) in preferred.items()),
        "mdhier.asc": "".join(
            f"{c}$92000001$93000001${soc}${n}$Some group$Some larger group${CLASSES[soc]}$Inv$${soc}$Y$\r\n"
            for c, (n, soc) in preferred.items()
        ),
        "meddra_release.asc": f"{version}${language}$$$$",
    }


def packed(held=None, folder="MedAscii/", **more) -> bytes:
    """A zip of the files; ``more`` are those of ``files``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (files(**more) if held is None else held).items():
            archive.writestr(f"{folder}{name}", text)
    return buffer.getvalue()
