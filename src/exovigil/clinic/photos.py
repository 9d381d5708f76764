"""A photograph from a phone, made safe to keep: checked, redrawn upright, without metadata, of a modest size.

Only the picture itself survives: place, time, device, embedded thumbnails, comments and anything hidden behind the
image are gone, because a new file is drawn from the pixels.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

LONG_SIDE = 2048  # pixels; enough to see a papule on a face, small enough to keep for years
MAX_PIXELS = 60_000_000  # more would need several hundred megabytes to draw
QUALITY = 88
FORMATS = ("JPEG", "PNG", "WEBP")
ACCEPT = "image/jpeg,image/png,image/webp"
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}


class NotAPhotograph(ValueError):
    """The file cannot be taken as a photograph; the message says why and what to send instead."""


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A JPEG file without metadata, in sRGB, its long side at most ``LONG_SIDE`` pixels."""

    jpeg: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """Digest of the file, to notice when what is read is not what was kept."""
        return hashlib.sha256(self.jpeg).hexdigest()


def clean(file: IO[bytes]) -> CleanPhoto:
    """Redraw an uploaded JPEG, PNG or WebP; raises NotAPhotograph with the way out."""
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    if not head:
        raise NotAPhotograph("This file is empty. Choose the photograph again.")
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        raise NotAPhotograph(
            "This photograph is in the HEIC form, which cannot be read here. Send it as JPEG: "
            "take a screenshot of it and send that, or set the camera to “Most compatible”."
        )
    return _encode(_upright(_open(file)))


def _open(file: IO[bytes]) -> Image.Image:
    """Read the pixels, refusing what is not a picture, is damaged, or is far too large to draw."""
    too_many = NotAPhotograph(
        f"This photograph has more than {MAX_PIXELS // 1_000_000} million pixels. "
        "Take it again at a lower resolution, or send a screenshot of it."
    )
    try:
        image = Image.open(file, formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise too_many
        image.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG is then read at a half or a quarter at once
        image.load()
    except UnidentifiedImageError as error:
        raise NotAPhotograph(
            "This is not a photograph that can be read here. Send a JPEG, PNG or WebP picture."
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many from error
    except NotAPhotograph:
        raise
    except (
        Exception
    ) as error:  # damaged files fail in many ways: OSError, SyntaxError, ValueError, struct.error
        raise NotAPhotograph("This photograph is damaged or incomplete. Send it again.") from error
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Turn as the camera was held, in true colours, on white where it was see-through."""
    profile = image.info.get("icc_profile")
    see_through = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    image = image.convert("RGBA" if see_through else "RGB")
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)
    if see_through:
        layer, image = image, Image.new("RGB", image.size, "white")
        image.paste(layer, mask=layer.getchannel("A"))
    return _srgb(image, profile)


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert from the embedded colour profile, since redness matters; a bad profile is passed over."""
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return image
    return converted or image


def _encode(image: Image.Image) -> CleanPhoto:
    fresh = Image.new("RGB", image.size)
    fresh.paste(image)  # pixels only: ``info`` with EXIF, XMP, profile and comment stays behind
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=QUALITY, optimize=True)
    return CleanPhoto(out.getvalue(), fresh.width, fresh.height)
